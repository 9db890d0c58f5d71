"""Short-time Fourier transform and its inverse, from the definition.

Not torch.stft, because each sign, phase and factor is derived on the page and has to stand in the
code.

Explained in overview/speech.
"""

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn.functional import pad

from dla import checks

MIN_OVERLAP = 1e-11  # sum of squared windows that still divides


def stft(
    waveform: Float[Tensor, "*batch time"],
    *,
    n_fft: int = 256,
    hop_length: int = 128,
    window: Float[Tensor, "n_fft"] | None = None,
) -> Complex[Tensor, "*batch freq frame"]:
    r"""Short-time Fourier transform (def-speech-stft).

    .. math::
        X(m, k) = \sum_n x(n + mH)\, w(n)\, e^{-2\pi i kn / N}

    Frame m is centred on sample mH; the ends are padded with zeros.
    At 8 kHz the defaults are 32 ms every 16 ms, bins 31.25 Hz apart.

    Args:
        waveform: :math:`x`.
        n_fft: window length :math:`N` in samples.
        hop_length: :math:`H` in samples.
        window: :math:`w`; a periodic Hann window if none is given.

    Raises:
        ValueError: the window has another length, or the hop is not
            positive.

    >>> stft(torch.zeros(2, 8000)).shape
    torch.Size([2, 129, 63])
    """
    waveform = checks.as_sound("waveform", waveform)
    w = window_or_hann(window, n_fft, hop_length, waveform)
    padded = pad(waveform, (n_fft // 2, n_fft // 2))
    frames = cut(padded, n_fft, hop_length) * w
    return torch.fft.rfft(frames).mT


def istft(
    spectrum: Complex[Tensor, "*batch freq frame"],
    *,
    length: int,
    n_fft: int = 256,
    hop_length: int = 128,
    window: Float[Tensor, "n_fft"] | None = None,
) -> Float[Tensor, "*batch time"]:
    r"""Waveform whose transform is nearest in squares.

    Weighted overlap-add (Griffin and Lim, 1984; eq-speech-inverse),
    with :math:`y_m` the inverse transform of frame m:

    .. math::
        y(n) = \frac{\sum_m w(n - mH)\, y_m(n - mH)}
                    {\sum_m w^2(n - mH)}

    Args:
        spectrum: from :func:`stft`, possibly masked.
        length: of the waveform in samples (the frames alone do not
            tell it).
        n_fft: as in :func:`stft`.
        hop_length: as in :func:`stft`.
        window: as in :func:`stft`.

    Raises:
        ValueError: a spectrum that is not complex, or whose number of
            bins does not fit ``n_fft``; or there is a sample that no frame has seen: the sum of the
            squared windows is zero there.

    >>> x = torch.linspace(-1.0, 1.0, 1000)
    >>> torch.allclose(istft(stft(x), length=1000), x, atol=1e-6)
    True
    """
    spectrum = checks.as_floats("spectrum", spectrum)
    bins = n_fft // 2 + 1
    if spectrum.shape[-2] != bins:
        raise ValueError(
            f"spectrum {tuple(spectrum.shape)} has "
            f"{spectrum.shape[-2]} bins, n_fft={n_fft} makes {bins}; "
            "was it made with another n_fft, or are the axes swapped?"
        )
    w = window_or_hann(window, n_fft, hop_length, spectrum.real)
    frames = torch.fft.irfft(spectrum.mT, n=n_fft)
    inside = slice(n_fft // 2, n_fft // 2 + length)
    squares = w.square().expand(frames.shape[-2:])
    overlap = overlap_add(squares, hop_length)[inside]
    reached = pad(overlap, (0, length - len(overlap)))
    unseen = (reached <= MIN_OVERLAP).nonzero()
    if len(unseen):
        raise ValueError(
            f"{len(unseen)} of {length} samples cannot be restored, "
            f"the first is sample {unseen[0].item()}: the squared "
            f"windows of {frames.shape[-2]} frames (n_fft={n_fft}, "
            f"hop_length={hop_length}) sum to zero there; take a "
            "shorter hop, or check length"
        )
    summed = overlap_add(frames * w, hop_length)
    return summed[..., inside] / overlap


def project_consistent(
    spectrum: Complex[Tensor, "*batch freq frame"],
    *,
    length: int,
    n_fft: int = 256,
    hop_length: int = 128,
    window: Float[Tensor, "n_fft"] | None = None,
) -> Complex[Tensor, "*batch freq frame"]:
    r"""Nearest array that is the transform of a waveform.

    The orthogonal projector :math:`P_C` onto consistent spectrograms
    in the two-sided norm (eq-speech-projector).

    Args:
        spectrum: any array of the shape of a transform.
        length: of the waveform in samples.
        n_fft: as in :func:`stft`.
        hop_length: as in :func:`stft`.
        window: as in :func:`stft`.

    Raises:
        ValueError: as :func:`istft`.

    >>> once = project_consistent(torch.ones(9, 6) + 0j, length=40,
    ...                           n_fft=16, hop_length=8)
    >>> twice = project_consistent(once, length=40,
    ...                            n_fft=16, hop_length=8)
    >>> torch.allclose(once, twice, atol=1e-6)
    True
    """
    grid = {
        "n_fft": n_fft,
        "hop_length": hop_length,
        "window": window,
    }
    return stft(istft(spectrum, length=length, **grid), **grid)


def cut(
    waveform: Float[Tensor, "*batch time"], n_fft: int, hop_length: int
) -> Float[Tensor, "*batch frame n_fft"]:
    r"""Frames that start every hop: :math:`x_m(n) = x(n + mH)`.

    The adjoint of :func:`overlap_add`, made of the same pieces. (A
    view by ``Tensor.unfold`` would do, but for its gradient under
    ``torch.vmap``.)

    Args:
        waveform: :math:`x`.
        n_fft: length of a frame.
        hop_length: :math:`H` in samples.

    >>> cut(torch.arange(6.0), 4, hop_length=2)
    tensor([[0., 1., 2., 3.],
            [2., 3., 4., 5.]])
    """
    time = waveform.shape[-1]
    count = (time - n_fft) // hop_length + 1
    pieces = -(-n_fft // hop_length)  # in a frame, rounded up
    whole = (count + pieces - 1) * hop_length
    split = pad(waveform, (0, whole - time))
    split = split.unflatten(-1, (-1, hop_length))
    rows = [split[..., j : j + count, :] for j in range(pieces)]
    return torch.cat(rows, dim=-1)[..., :n_fft]


def overlap_add(
    frames: Float[Tensor, "*batch frame n_fft"], hop_length: int
) -> Float[Tensor, "*batch time"]:
    r"""Put frame m at sample mH and add: :math:`\sum_m f_m(n - mH)`.

    Cut into pieces of one hop, the first pieces of all frames lie side
    by side, and so do the second ones, one hop later.

    Args:
        frames: :math:`f_m`.
        hop_length: :math:`H` in samples.

    >>> overlap_add(torch.ones(3, 4), hop_length=2)
    tensor([1., 1., 2., 2., 2., 2., 1., 1.])
    """
    count, n_fft = frames.shape[-2:]
    pieces = -(-n_fft // hop_length)  # in a frame, rounded up
    whole = pad(frames, (0, pieces * hop_length - n_fft))
    split = whole.unflatten(-1, (pieces, hop_length))
    rows = [
        pad(split[..., j, :], (0, 0, j, pieces - 1 - j))
        for j in range(pieces)
    ]
    time = (count - 1) * hop_length + n_fft
    return sum(rows[1:], rows[0]).flatten(-2)[..., :time]


def window_or_hann(
    window: Float[Tensor, "n_fft"] | None,
    n_fft: int,
    hop_length: int,
    like: Float[Tensor, "..."],
) -> Float[Tensor, "n_fft"]:
    """The window given, or a Hann window in the precision of ``like``.

    Raises:
        ValueError: the window has another length, or the hop is not
            positive.
    """
    if hop_length < 1:
        raise ValueError(
            f"hop_length must be positive, got {hop_length}"
        )
    if window is None:
        return hann(n_fft, like)
    if window.shape != (n_fft,):
        raise ValueError(
            f"window {tuple(window.shape)} does not fit n_fft={n_fft}"
        )
    return window


def hann(
    n_fft: int, like: Float[Tensor, "..."]
) -> Float[Tensor, "n_fft"]:
    r"""Periodic Hann window, precision and device as ``like``.

    .. math:: w(n) = \tfrac12 - \tfrac12 \cos(2 \pi n / N)

    >>> hann(4, torch.zeros(1))
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    n = torch.arange(n_fft, dtype=like.dtype, device=like.device)
    return 0.5 - 0.5 * torch.cos(2 * torch.pi * n / n_fft)
