r"""A path through pitches: what can follow what in a melody.

Explained in analysis/melody/paths. A tracker scores each pitch in each
frame; the best pitch of each frame alone leaps by octaves and flickers
at rests. The chain (:mod:`dla.decoders.chain`) adds what a transition
costs: a distance in cents, a leap, an entry or an end of the voice.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from dla.decoders import chain
from dla.decoders.hmm import HMM


class PitchTrack(NamedTuple):
    """One pitch per frame, and whether there is a voice."""

    pitch: Int[Tensor, "*batch frame"]  # of the grid, from 0
    voiced: Bool[Tensor, "*batch frame"]


@dataclass(frozen=True)
class PitchPrior:
    """How a melody moves, per frame."""

    step: float = 20.0  # cents between two pitches of the grid
    scale: float = 20.0  # cents: mean size of a small movement
    leap: float = 1e-3  # probability of going anywhere
    switch: float = 1e-2  # probability that a voice begins or ends


def pitch_grid(
    f_min: float, pitches: int, *, step: float = 20.0
) -> Float[Tensor, "pitch"]:
    r"""Frequencies in Hz, equally far apart in cents.

    .. math:: f_k = f_{\min}\, 2^{k \cdot \text{step} / 1200}

    Raises:
        ValueError: no pitch, or what is not positive.

    >>> pitch_grid(110.0, 3, step=600.0)
    tensor([110.0000, 155.5635, 220.0000], dtype=torch.float64)
    """
    if pitches < 1 or f_min <= 0 or step <= 0:
        raise ValueError(
            f"{pitches} pitches from {f_min} Hz, {step} cents apart: expected one pitch at least, "
            "and positive numbers"
        )
    k = torch.arange(pitches, dtype=torch.float64)
    return f_min * 2 ** (k * step / 1200)


def pitch_transition(
    pitches: int, prior: PitchPrior = PitchPrior()
) -> Float[Tensor, "state state"]:
    r"""Probabilities between pitches, and the unvoiced state.

    .. math::
        p(j \mid i) = (1 - q) \left[ (1 - \rho)
        \frac{e^{-\lvert c_i - c_j \rvert / b}}{Z_i}
        + \frac{\rho}{P} \right]

    with the cents :math:`c_i` of P pitches, the scale :math:`b`, the
    leap :math:`\rho` and the switch :math:`q`
    (def-melody-transition). The last state is "unvoiced"; a voice ends
    with :math:`q`, and begins with it, at any pitch alike.

    Returns:
        From, to; rows sum to one; P + 1 states.

    Raises:
        ValueError: no pitch, a step or scale that is not positive, or
            what is no probability.

    >>> pitch_transition(2, PitchPrior(step=20.0, scale=20.0, leap=0.0, switch=0.1))
    tensor([[0.6580, 0.2420, 0.1000],
            [0.2420, 0.6580, 0.1000],
            [0.0500, 0.0500, 0.9000]], dtype=torch.float64)
    """
    if pitches < 1 or prior.step <= 0 or prior.scale <= 0:
        raise ValueError(
            f"{pitches} pitches, step {prior.step} and scale {prior.scale} cents: expected one "
            "pitch at least, and positive cents"
        )
    if not (0 <= prior.leap <= 1 and 0 <= prior.switch <= 1):
        raise ValueError(
            f"leap {prior.leap} and switch {prior.switch}: expected probabilities"
        )
    cents = prior.step * torch.arange(pitches, dtype=torch.float64)
    near = torch.softmax(
        -(cents[:, None] - cents).abs() / prior.scale, -1
    )
    voiced = (1 - prior.leap) * near + prior.leap / pitches
    ends = torch.full((pitches, 1), prior.switch, dtype=torch.float64)
    begins = torch.full(
        (1, pitches), prior.switch / pitches, dtype=torch.float64
    )
    stays = torch.tensor([[1 - prior.switch]], dtype=torch.float64)
    return torch.cat(
        [
            torch.cat([(1 - prior.switch) * voiced, ends], 1),
            torch.cat([begins, stays], 1),
        ]
    )


def with_unvoiced(
    scores: Float[Tensor, "*batch frame pitch"],
    unvoiced: Float[Tensor, "*batch frame"] | float,
) -> Float[Tensor, "*batch frame state"]:
    """Scores of the pitches, and as the last state that of "unvoiced".

    >>> with_unvoiced(torch.tensor([[0.1, 0.2]]), -1.0)
    tensor([[ 0.1000,  0.2000, -1.0000]])
    """
    rest = torch.as_tensor(unvoiced, dtype=scores.dtype)
    rest = rest.expand(scores.shape[:-1])[..., None]
    return torch.cat([scores, rest], -1)


def pitch_hmm(pitches: int, prior: PitchPrior = PitchPrior()) -> HMM:
    """The prior as a hidden Markov model that begins anywhere.

    >>> pitch_hmm(3).initial
    tensor([0.2500, 0.2500, 0.2500, 0.2500], dtype=torch.float64)
    """
    anywhere = torch.full(
        (pitches + 1,), 1 / (pitches + 1), dtype=torch.float64
    )
    return HMM(pitch_transition(pitches, prior), anywhere)


def decode_pitch(
    scores: Float[Tensor, "*batch frame pitch"],
    unvoiced: Float[Tensor, "*batch frame"] | float,
    prior: PitchPrior = PitchPrior(),
) -> PitchTrack:
    r"""The best path through pitches and rests (Viterbi).

    Args:
        scores: of each pitch in each frame, in nat: logarithms of
            probabilities or saliences, lowest pitch first.
        unvoiced: the same of "no voice", a number or one per frame:
            in a frame alone a pitch wins if it scores more.
        prior: its step must be that of the grid.

    Returns:
        In unvoiced frames the pitch is the best of the frame alone.

    Raises:
        ValueError: NaN, or scores without frames or pitches.

    >>> scores = torch.tensor([[0.9, 0.1], [0.4, 0.6], [0.9, 0.1]]).log()
    >>> decode_pitch(scores, -9.0, PitchPrior(step=1200.0, scale=300.0)).pitch
    tensor([0, 0, 0])
    """
    if scores.ndim < 2 or not all(scores.shape[-2:]):
        raise ValueError(
            f"scores {tuple(scores.shape)}: expected (..., frame, pitch), one of each at least"
        )
    pitches = scores.shape[-1]
    transition = pitch_transition(pitches, prior).log()
    path = chain.viterbi(
        with_unvoiced(scores, unvoiced), transition
    ).states
    voiced = path < pitches
    return PitchTrack(
        torch.where(voiced, path, scores.argmax(-1)), voiced
    )
