r"""Chord templates: a classifier of chroma that nobody trained.

Explained in analysis/chords. A chord is a pattern of pitch classes;
each frame goes to the pattern that it has the smallest angle to
(Fujishima, 1999). Twelve rotations of two patterns are one linear
layer with tied weights.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.spectral.chroma import CLASSES, normalise

TRIADS = ((0, 4, 7), (0, 3, 7))  # major, minor: semitones above root
PARTIALS = 8  # of a tone with harmonics


def binary_patterns() -> Float[Tensor, "mode 12"]:
    """One where a triad on C has a note: major, minor.

    >>> binary_patterns()[1].nonzero()[:, 0].tolist()
    [0, 3, 7]
    """
    patterns = torch.zeros(len(TRIADS), CLASSES)
    for row, steps in zip(patterns, TRIADS, strict=True):
        row[list(steps)] = 1.0
    return patterns


def harmonic_patterns(decay: float = 0.6) -> Float[Tensor, "mode 12"]:
    r"""The chroma of a triad on C of tones with partials.

    Partial h of each note has the magnitude :math:`s^{h-1}` and falls
    into the class :math:`12 \log_2 h` above it, rounded
    (eq-music-chroma-harmonics; Papadopoulos and Peeters, 2007).

    Args:
        decay: s, between 0 (then the binary patterns) and 1.

    Raises:
        ValueError: a decay outside of 0 to 1.

    >>> harmonic_patterns(0.0).equal(binary_patterns())
    True
    """
    if not 0 <= decay <= 1:
        raise ValueError(f"decay is between 0 and 1, got {decay}")
    h = torch.arange(1, PARTIALS + 1)
    steps = (CLASSES * h.double().log2()).round().long()
    tone = torch.zeros(CLASSES).index_add(
        0, steps % CLASSES, decay ** (h - 1.0)
    )
    return torch.stack(
        [
            torch.stack([tone.roll(step) for step in steps]).sum(0)
            for steps in TRIADS
        ]
    )


def templates(
    patterns: Float[Tensor, "mode 12"],
) -> Float[Tensor, "chord 12"]:
    r"""All chords of the vocabulary as rows of length one.

    .. math:: W_{(\mu, r)}(q) = t_\mu\bigl((q - r) \bmod 12\bigr)

    (eq-chords-tied). Twelve major chords, twelve minor ones, as
    in `dla.measures.chords.VOCABULARY`; the last row is "N", the
    uniform vector, to which silence is normalised.

    Args:
        patterns: of the triads on C, one row a mode.

    Raises:
        ValueError: another number of modes or of classes, or a pattern
            of zeros.

    >>> w = templates(binary_patterns())
    >>> (w @ w[0]).topk(3).indices.tolist()  # C major; C minor, E minor
    [0, 12, 16]
    """
    if patterns.shape != (len(TRIADS), CLASSES):
        raise ValueError(
            f"patterns {tuple(patterns.shape)}: expected "
            f"({len(TRIADS)}, {CLASSES}), major and minor on C"
        )
    patterns = checks.as_floats("patterns", patterns)
    if (patterns == 0).all(1).any():
        raise ValueError("a pattern without classes has no direction")
    rotated = torch.cat(
        [
            torch.stack([p.roll(root) for root in range(CLASSES)])
            for p in patterns
        ]
    )
    rows = torch.cat([rotated, torch.ones_like(rotated[:1])])
    return rows / rows.norm(dim=1, keepdim=True)


def template_scores(
    chroma: Float[Tensor, "*batch 12 frame"],
    patterns: Float[Tensor, "mode 12"],
    *,
    no_chord: float = 1.0,
) -> Float[Tensor, "*batch frame chord"]:
    r"""Cosine of the angle between each frame and each chord.

    .. math:: \frac{\langle t, c \rangle}{\|t\| \|c\|}

    (eq-chords-cosine). Silence (norm below 1e-8) is uniform.

    Args:
        chroma: not negative; its level does not matter.
        patterns: of major and minor on C.
        no_chord: factor on the cosine of "N": below one, a frame has to
            be the flatter to be none.

    >>> c = binary_patterns()[0].roll(7)[:, None]
    >>> int(template_scores(c, binary_patterns()).argmax())  # G major
    7
    """
    chroma = normalise(chroma)
    weights = templates(patterns).to(chroma.dtype)
    scores = (weights @ chroma).mT
    factor = torch.ones(scores.shape[-1], dtype=scores.dtype)
    factor[-1] = no_chord
    return scores * factor
