"""Short-time Fourier transform and its inverse, thin over torch's."""

import torch
from jaxtyping import Complex, Float
from torch import Tensor


def stft(
    waveform: Float[Tensor, "*batch time"],
    *,
    n_fft: int = 256,
    hop_length: int = 128,
) -> Complex[Tensor, "*batch freq frame"]:
    r"""Short-time Fourier transform with a Hann window.

    .. math::
        X(m, k) = \sum_n x(n + mH)\, w(n)\, e^{-2\pi i kn / N}

    Frame m is centred on sample mH; the ends are padded with zeros.
    At 8 kHz the defaults are 32 ms every 16 ms, bins 31.25 Hz apart.

    Args:
        waveform: :math:`x`.
        n_fft: window length :math:`N` in samples.
        hop_length: :math:`H` in samples.

    >>> stft(torch.zeros(2, 8000)).shape
    torch.Size([2, 129, 63])
    """
    spectrum = torch.stft(
        waveform.reshape(-1, waveform.shape[-1]),
        n_fft,
        hop_length,
        window=hann(n_fft, waveform),
        pad_mode="constant",
        return_complex=True,
    )
    return spectrum.reshape(waveform.shape[:-1] + spectrum.shape[-2:])


def istft(
    spectrum: Complex[Tensor, "*batch freq frame"],
    *,
    length: int,
    n_fft: int = 256,
    hop_length: int = 128,
) -> Float[Tensor, "*batch time"]:
    """Waveform whose transform is nearest in squares (overlap-add).

    Args:
        spectrum: from :func:`stft`, possibly masked.
        length: of the waveform in samples (the frames alone do not
            tell it).
        n_fft: as in :func:`stft`.
        hop_length: as in :func:`stft`.

    Raises:
        ValueError: the number of bins does not fit ``n_fft``.

    >>> x = torch.linspace(-1.0, 1.0, 1000)
    >>> torch.allclose(istft(stft(x), length=1000), x, atol=1e-6)
    True
    """
    bins = n_fft // 2 + 1
    if spectrum.shape[-2] != bins:
        raise ValueError(
            f"spectrum {tuple(spectrum.shape)} has "
            f"{spectrum.shape[-2]} bins, n_fft={n_fft} makes {bins}; "
            "was it made with another n_fft, or are the axes swapped?"
        )
    waveform = torch.istft(
        spectrum.reshape(-1, *spectrum.shape[-2:]),
        n_fft,
        hop_length,
        window=hann(n_fft, spectrum.real),
        length=length,
    )
    return waveform.reshape(*spectrum.shape[:-2], length)


def hann(
    n_fft: int, like: Float[Tensor, "..."]
) -> Float[Tensor, "n_fft"]:
    """Periodic Hann window, precision and device as ``like``."""
    return torch.hann_window(
        n_fft, dtype=like.dtype, device=like.device
    )
