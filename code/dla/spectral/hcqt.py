r"""Harmonic constant-Q transform: harmonics of one pitch on top of each other.

Explained in analysis/melody/salience. Not librosa's hybrid of several
transforms, because there each harmonic is resampled in its own way,
and no gradient passes. Windows are shorter than neighbouring bins
would ask for: a bin is then a fine step on a coarser spectrum, and
notes that change are told apart.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.spectral.cqt import (
    GROUP,
    centre_frequencies,
    correlate,
    kernels,
    q_factor,
)

HARMONICS = (0.5, 1, 2, 3, 4, 5)  # Bittner et al. (2017)
C2_HZ = 65.406  # MIDI pitch 36


def frequencies(
    *,
    harmonics: tuple[float, ...] = HARMONICS,
    f_min: float = C2_HZ,
    n_bins: int = 97,
    bins_per_octave: int = 24,
) -> Float[Tensor, "harmonic bin"]:
    r"""Frequency that each harmonic has at each bin, in Hz.

    .. math:: f_{h,k} = h f_0 \, 2^{k / B}

    Raises:
        ValueError: a harmonic that is not positive, or none.

    >>> frequencies(harmonics=(1.0, 2.0), f_min=100.0, n_bins=2, bins_per_octave=1)
    tensor([[100., 200.],
            [200., 400.]], dtype=torch.float64)
    """
    if not harmonics or min(harmonics) <= 0:
        raise ValueError(
            f"harmonics are positive factors, got {harmonics}"
        )
    factors = torch.tensor(harmonics, dtype=torch.float64)
    first = centre_frequencies(
        n_bins, f_min=f_min, bins_per_octave=bins_per_octave
    )
    return factors[:, None] * first


def hcqt(
    waveform: Float[Tensor, "*batch time"],
    *,
    sample_rate: int,
    harmonics: tuple[float, ...] = HARMONICS,
    f_min: float = C2_HZ,
    n_bins: int = 97,
    bins_per_octave: int = 24,
    resolution: int = 18,
    hop_length: int = 512,
) -> Float[Tensor, "*batch harmonic bin frame"]:
    r"""Magnitude at each harmonic of each pitch (def-melody-hcqt).

    .. math:: Y_h(m, k) = \lvert X(m, h f_0 2^{k/B}) \rvert

    with :math:`X(m, f)` the inner product of the waveform with a
    windowed tone of frequency f around sample mH. Frequencies that two
    harmonics share are computed once. A tone of amplitude one at the
    centre of a bin has magnitude one half. The defaults are four
    octaves from C2, half a semitone a bin.

    Args:
        waveform: :math:`x`.
        sample_rate: :math:`F_s` in Hz.
        harmonics: factors :math:`h`, positive; 0.5 is a subharmonic.
        f_min: :math:`f_0` in Hz.
        n_bins: number of bins.
        bins_per_octave: :math:`B`, how fine the axis of pitch is.
        resolution: bins per octave that a window could tell apart; it
            decides Q and with it the length of the windows.
        hop_length: :math:`H` in samples.

    Raises:
        ValueError: a harmonic of the highest bin would alias, a
            harmonic that is not positive, or a hop that is not.

    >>> from dla.signals import sine
    >>> tone = sine(130.81, seconds=1.0, sample_rate=8000)
    >>> Y = hcqt(tone, sample_rate=8000, harmonics=(1.0, 2.0), n_bins=40)
    >>> Y.shape, Y[0, 24, 8], Y[1, 0, 8]
    (torch.Size([2, 40, 16]), tensor(0.5000), tensor(0.5000))
    """
    grid = frequencies(
        harmonics=harmonics,
        f_min=f_min,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
    )
    top = grid.max().item() * (1 + 1 / q_factor(resolution))
    if top > sample_rate / 2:
        raise ValueError(
            f"the highest harmonic of the highest bin reaches up to {top:.0f} Hz, above half the "
            f"sampling rate of {sample_rate} Hz; take fewer bins or harmonics"
        )
    if hop_length < 1:
        raise ValueError(f"a hop of {hop_length} samples does not move")
    waveform = checks.as_sound("waveform", waveform)
    # in 1/1000 cents, so that 4 f of one harmonic is 2 f of another
    exact = (1.2e6 * grid.log2()).round()
    _, place = exact.unique(return_inverse=True)
    once = torch.empty(int(place.max()) + 1, dtype=torch.float64)
    once[place.flatten()] = grid.flatten()
    spectra = [
        correlate(
            waveform,
            kernels(
                part,
                sample_rate=sample_rate,
                bins_per_octave=resolution,
            ),
            hop_length,
        ).abs()
        for part in once.split(GROUP)
    ]
    return torch.cat(spectra, dim=-2)[..., place, :]
