"""Constant-Q transform: a spectrum on the axis of musical pitch.

Not librosa's cqt, because that resamples and thins its kernels out, and no gradient passes it.

Written to be read, and exact: every coefficient is the inner product
of the waveform with its own kernel, no resampling, no thinned-out
kernels. Explained in overview/music.
"""

import math

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from dla import checks

A4_PITCH, A4_HZ = 69, 440.0  # MIDI number of the tuning note; ISO 16
C1_HZ = A4_HZ * 2 ** ((24 - A4_PITCH) / 12)  # 32.70 Hz, MIDI pitch 24
GROUP = 24  # bins padded to one length: some zeros are multiplied, but
# the matrix products are large enough to be fast (measured)


def pitch_to_hz(
    pitch: Float[Tensor, "*shape"] | float, *, tuning: float = A4_HZ
) -> Float[Tensor, "*shape"]:
    r"""Frequency of a pitch (def-music-pitch).

    .. math:: F(p) = 440 \cdot 2^{(p - 69) / 12}

    Args:
        pitch: :math:`p` in semitones, 69 is A4 (MIDI's numbers); not
            necessarily whole.
        tuning: frequency of A4 in Hz.

    >>> pitch_to_hz(torch.tensor([57.0, 60.0, 69.0]))
    tensor([220.00, 261.63, 440.00])
    """
    pitch = as_tensor(pitch)
    return tuning * 2 ** ((pitch - A4_PITCH) / 12)


def hz_to_pitch(
    frequency: Float[Tensor, "*shape"] | float, *, tuning: float = A4_HZ
) -> Float[Tensor, "*shape"]:
    r"""Pitch of a frequency, in semitones (eq-music-pitch-inverse).

    .. math:: p = 69 + 12 \log_2 (F / 440)

    Args:
        frequency: in Hz, positive.
        tuning: frequency of A4 in Hz.

    >>> hz_to_pitch(torch.tensor([220.0, 261.63, 440.0]))
    tensor([57.00, 60.00, 69.00])
    """
    frequency = as_tensor(frequency)
    return A4_PITCH + 12 * torch.log2(frequency / tuning)


def as_tensor(
    value: Float[Tensor, "*shape"] | float,
) -> Float[Tensor, "*shape"]:
    """A tensor as it is, a number in double precision."""
    if isinstance(value, Tensor):
        return value
    return torch.tensor(value, dtype=torch.float64)


def q_factor(bins_per_octave: int) -> float:
    r"""Centre frequency over bandwidth, the same in each bin.

    The bandwidth is the distance to the next bin (eq-music-q):

    .. math:: Q = \frac{1}{2^{1/B} - 1}

    Args:
        bins_per_octave: :math:`B`.

    >>> round(q_factor(12), 2)
    16.82
    """
    return 1 / (2 ** (1 / bins_per_octave) - 1)


def centre_frequencies(
    n_bins: int, *, f_min: float = C1_HZ, bins_per_octave: int = 12
) -> Float[Tensor, "bin"]:
    r"""Centres of the bins in Hz, evenly spaced in the logarithm.

    .. math:: f_k = f_0 \, 2^{k / B}

    Args:
        n_bins: how many.
        f_min: :math:`f_0` in Hz.
        bins_per_octave: :math:`B`.

    >>> centre_frequencies(3, f_min=440.0, bins_per_octave=1)
    tensor([ 440.,  880., 1760.], dtype=torch.float64)
    """
    steps = torch.arange(n_bins, dtype=torch.float64) / bins_per_octave
    return f_min * 2**steps


def kernel_lengths(
    frequencies: Float[Tensor, "bin"],
    *,
    sample_rate: int,
    bins_per_octave: int = 12,
) -> Float[Tensor, "bin"]:
    r"""Length of each kernel in samples: Q periods of its bin.

    .. math:: N_k = Q F_s / f_k

    Not rounded: a fraction of a sample is a fraction of the window
    (eq-music-kernel-length).

    Args:
        frequencies: :math:`f_k` in Hz.
        sample_rate: :math:`F_s` in Hz.
        bins_per_octave: :math:`B`, which decides :math:`Q`.

    >>> octave = torch.tensor([110.0, 220.0])
    >>> kernel_lengths(octave, sample_rate=22050)
    tensor([3371.1, 1685.5])
    """
    return q_factor(bins_per_octave) * sample_rate / frequencies


def kernels(
    frequencies: Float[Tensor, "bin"],
    *,
    sample_rate: int,
    bins_per_octave: int = 12,
) -> Complex[Tensor, "bin tap"]:
    r"""Conjugated kernels: windowed complex tones of Q periods.

    .. math::
        \overline{a_k(n)} = \tfrac{1}{A_k}\, h(n / N_k)\,
        e^{-2\pi i f_k n / F_s} , \qquad
        h(t) = \tfrac12 + \tfrac12 \cos 2\pi t

    for :math:`|n| < N_k / 2`, else zero; :math:`A_k` makes the window
    sum to one, so that a tone of amplitude one at the centre of a bin
    gives one half (def-music-kernel).

    Args:
        frequencies: :math:`f_k` in Hz.
        sample_rate: :math:`F_s` in Hz.
        bins_per_octave: :math:`B`, which decides :math:`Q`.

    Returns:
        An odd number of taps; the middle one is :math:`n = 0`.

    >>> taps = kernels(torch.tensor([2000.0]), sample_rate=8000)
    >>> taps.shape, taps.abs().sum()
    (torch.Size([1, 67]), tensor(1.0000, dtype=torch.float64))
    """
    frequencies = frequencies.double()
    lengths = kernel_lengths(
        frequencies,
        sample_rate=sample_rate,
        bins_per_octave=bins_per_octave,
    )[:, None]
    reach = math.ceil(lengths.max() / 2) - 1
    n = torch.arange(reach + 1, dtype=torch.float64)
    window = 0.5 + 0.5 * torch.cos(2 * math.pi * n / lengths)
    window = window * (2 * n < lengths)
    both = 2 * window.sum(-1, keepdim=True) - window[:, :1]
    phase = -2 * math.pi * frequencies[:, None] * n / sample_rate
    right = torch.polar(window / both, phase)
    left = right[:, 1:].flip(-1).conj()  # its mirror image
    return torch.cat([left, right], dim=-1)


def cqt(
    waveform: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    f_min: float = C1_HZ,
    n_bins: int = 84,
    bins_per_octave: int = 12,
    hop_length: int = 512,
) -> Complex[Tensor, "*batch bin frame"]:
    r"""Constant-Q transform (def-music-cqt).

    .. math:: X(m, k) = \sum_n x(n + mH)\, \overline{a_k(n)}

    Frame m is centred on sample mH, for each bin; the ends are padded
    with zeros. A tone of amplitude one at the centre of a bin has
    magnitude one half. The defaults are seven octaves from C1.

    Args:
        waveform: :math:`x`.
        sample_rate: :math:`F_s` in Hz.
        f_min: centre :math:`f_0` of bin 0 in Hz.
        n_bins: number of bins.
        bins_per_octave: :math:`B`.
        hop_length: :math:`H` in samples.

    Raises:
        ValueError: the kernel of the highest bin would reach above
            half the sampling rate and alias; or the hop is not
            positive.

    >>> from dla.signals import sine
    >>> tone = sine(440.0, seconds=1.0, sample_rate=8000)
    >>> X = cqt(tone, sample_rate=8000, n_bins=60, hop_length=4000)
    >>> X.shape, X[:, 1].abs().argmax(), X[45, 1].abs()
    (torch.Size([60, 3]), tensor(45), tensor(0.500))
    """
    f = centre_frequencies(
        n_bins, f_min=f_min, bins_per_octave=bins_per_octave
    )
    top = f[-1].item() * (1 + 1 / q_factor(bins_per_octave))
    if top > sample_rate / 2:
        raise ValueError(
            f"bin {n_bins - 1} at {f[-1]:.0f} Hz reaches up to "
            f"{top:.0f} Hz, above half the sampling rate of "
            f"{sample_rate} Hz; take fewer bins"
        )
    if hop_length < 1:
        raise ValueError(f"a hop of {hop_length} samples does not move")
    waveform = checks.as_sound("waveform", waveform)
    spectra = [
        correlate(
            waveform,
            kernels(
                part,
                sample_rate=sample_rate,
                bins_per_octave=bins_per_octave,
            ),
            hop_length,
        )
        for part in f.split(GROUP)
    ]
    return torch.cat(spectra, dim=-2)


def correlate(
    waveform: Float[Tensor, "*batch time"],
    taps: Complex[Tensor, "bin tap"],
    hop_length: int,
) -> Complex[Tensor, "*batch bin frame"]:
    """Inner products of kernels with the waveform around each hop.

    Waveform and kernels are cut into blocks of one hop. Frame m is
    then the sum over j of block m + j times piece j: one matrix
    product for each piece, and no sample is copied.

    Args:
        waveform: real.
        taps: an odd number of them, the middle one at the centre of
            the frame; already conjugated.
        hop_length: in samples.
    """
    pad, length = torch.nn.functional.pad, waveform.shape[-1]
    reach = taps.shape[-1] // 2
    frames = 1 + length // hop_length
    pieces = -(-taps.shape[-1] // hop_length)  # rounded up
    total = (frames + pieces - 1) * hop_length
    blocks = pad(waveform, (reach, max(0, total - reach - length)))
    blocks = blocks[..., :total].unflatten(-1, (-1, hop_length))
    real = torch.view_as_real(taps.T).flatten(1).to(waveform.dtype)
    real = pad(real, (0, 0, 0, pieces * hop_length - len(real)))
    products = sum(
        blocks[..., j : j + frames, :] @ piece
        for j, piece in enumerate(real.split(hop_length))
    )
    pairs = products.unflatten(-1, (-1, 2)).contiguous()
    return torch.view_as_complex(pairs).mT
