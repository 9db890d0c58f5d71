"""From energies in mel bands back to powers in bins.

Not librosa's mel_to_stft, because the page derives least squares under a sign constraint, and shows
its iteration; the tests hold it to scipy's exact solution.

Explained in synthesis/phase-and-likelihood.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.spectral.mel import mel_matrix


def invert_mel(
    energy: Float[Tensor, "*batch mel frame"],
    *,
    sample_rate: int,
    n_fft: int = 512,
    f_min: float = 0.0,
    f_max: float | None = None,
    steps: int = 200,
) -> Float[Tensor, "*batch freq frame"]:
    r"""Powers, none negative, whose band energies are nearest.

    Solves, for each frame,

    .. math:: \min_{p \ge 0} \| \mathbf B p - E \|^2

    by accelerated projected gradient (eq-phase-projected), started
    at the pseudo-inverse (eq-phase-pseudo) with its negative powers
    set to zero. The energies of a sound can be met exactly, by more
    than one p; this one is near the smoothest that the filters allow.

    Args:
        energy: :math:`E`, from :func:`~dla.spectral.mel.mel_spectrogram`
            (energies, not decibels).
        sample_rate: in Hz.
        n_fft: window length of the transform in samples.
        f_min: as in :func:`~dla.spectral.mel.mel_matrix`.
        f_max: as in :func:`~dla.spectral.mel.mel_matrix`.
        steps: of the iteration; 0 leaves the clipped pseudo-inverse.

    Returns:
        Estimates of :math:`|X|^2`; magnitudes are their square roots.

    Raises:
        ValueError: an energy is negative or not finite, or as
            :func:`~dla.spectral.mel.mel_matrix`.

    >>> E = torch.ones(20, 3)
    >>> invert_mel(E, sample_rate=8000, n_fft=256).shape
    torch.Size([129, 3])
    """
    energy = checks.as_floats("energy", energy)
    checks.refuse_non_finite(energy=energy)
    negative = int((energy < 0).sum())
    if negative:
        raise ValueError(
            f"{negative} of {energy.numel()} energies are negative; "
            "did you pass decibels?"
        )
    matrix = mel_matrix(
        sample_rate=sample_rate,
        n_fft=n_fft,
        n_mels=energy.shape[-2],
        f_min=f_min,
        f_max=f_max,
    ).to(energy)
    power = (torch.linalg.pinv(matrix) @ energy).clamp_min(0)
    step_size = 1 / torch.linalg.matrix_norm(matrix, ord=2) ** 2
    ahead, t = power, 1.0
    for _ in range(steps):
        slope = matrix.mT @ (matrix @ ahead - energy)
        new = (ahead - step_size * slope).clamp_min(0)
        t_new = (1 + (1 + 4 * t * t) ** 0.5) / 2
        ahead = new + (t - 1) / t_new * (new - power)
        power, t = new, t_new
    return power
