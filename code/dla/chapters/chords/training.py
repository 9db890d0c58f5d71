"""How the chapter's chord networks learn, and what is measured of them.

Explained in analysis/chords/network.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from dla import checks
from dla.chapters.chords.corpus import (
    BINS,
    FRAME_RATE,
    OCTAVES,
    Excerpt,
)
from dla.decoders import chain
from dla.decoders.hmm import sticky
from dla.measures.chords import (
    IGNORED,
    NONE,
    Chords,
    Recall,
    from_classes,
    pooled,
    weighted_recall,
)
from dla.models.chord_templates import binary_patterns, template_scores
from dla.models.deep_chroma import (
    GAMMA,
    QUIETEST,
    on_ring,
    transpose,
    transpose_classes,
)
from dla.spectral.chroma import CLASSES, fold

STAY = 0.7  # of the decoder: chosen on the validation side
FRAMES = 64  # of a training cut: six seconds
CUTS = 8  # in a step


class Item(NamedTuple):
    """What a network learns from: input and class of each frame."""

    ring: Float[Tensor, "252 frame"]
    classes: Int[Tensor, "frame"]  # -1 where none is scored


def item(excerpt: Excerpt) -> Item:
    """An excerpt as a network meets it, with the rule's chords."""
    return Item(on_ring(excerpt.spectrum()), excerpt.classes())


def batch(
    items: Sequence[Item],
    generator: torch.Generator,
    *,
    transposed: bool,
    size: int = CUTS,
    frames: int = FRAMES,
) -> tuple[
    Float[Tensor, "cut 252 frame"],
    Int[Tensor, "cut frame"],
]:
    """Cuts of six seconds, each from an item drawn by chance.

    Args:
        items: to draw from.
        generator: decides; as often with transposition as without.
        transposed: by -6 to 5 semitones, each as likely.
        size: cuts.
        frames: of each; a shorter item is filled up with what is not
            scored.
    """
    rings, classes = [], []
    for _ in range(size):
        which, where, step = torch.rand(3, generator=generator).tolist()
        ring, truth = items[int(which * len(items))]
        start = int(where * max(1, ring.shape[-1] - frames + 1))
        ring = ring[:, start : start + frames]
        truth = truth[start : start + frames]
        if transposed:
            up = int(step * CLASSES) - CLASSES // 2
            ring, truth = (
                transpose(ring, up),
                transpose_classes(truth, up),
            )
        missing = frames - ring.shape[-1]
        rings.append(functional.pad(ring, (0, missing)))
        classes.append(
            functional.pad(truth, (0, missing), value=IGNORED)
        )
    return torch.stack(rings), torch.stack(classes)


def batches_of(
    items: Sequence[Item], seed: int, *, transposed: bool
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches by step, as `dla.train.train` takes them."""
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        rings, classes = batch(items, generator, transposed=transposed)
        return rings[None], classes[None]

    return draw


def chord_loss(
    logits: Float[Tensor, "model cut 25 frame"],
    classes: Int[Tensor, "model cut frame"],
) -> Float[Tensor, "model"]:
    """Cross-entropy of the frames that are scored, in nat.

    Args:
        logits: of the vocabulary.
        classes: -1 where none is scored.
    """
    each = functional.cross_entropy(
        logits.flatten(0, 1),
        classes.flatten(0, 1),
        ignore_index=IGNORED,
        reduction="none",
    ).unflatten(0, logits.shape[:2])
    scored = classes != IGNORED
    return each.sum((1, 2)) / scored.sum((1, 2)).clamp_min(1)


def plain_chroma(
    spectrum: Float[Tensor, "216 frame"],
    *,
    compressed: bool,
    octaves: int = OCTAVES,
) -> Float[Tensor, "12 frame"]:
    """Bins of one pitch class summed, of magnitudes or their logarithm.

    Args:
        spectrum: of `Excerpt.spectrum`.
        compressed: as the networks' input is.
        octaves: from the lowest; the level is that of all.
    """
    spectrum = checks.as_floats("spectrum", spectrum)
    if compressed:
        power = spectrum.square().mean().clamp_min(QUIETEST)
        spectrum = torch.log1p(GAMMA * spectrum / power.sqrt())
    return fold(spectrum[: octaves * BINS], bins_per_octave=BINS)


def by_templates(
    spectrum: Float[Tensor, "216 frame"],
    *,
    octaves: int = 5,
    price: float = 0.5,
    quiet: float = 0.8,
    patterns: Float[Tensor, "mode 12"] | None = None,
    compressed: bool = False,
) -> Chords:
    """Templates on a plain chroma, and a price for each change.

    Octaves and price are those that are best on the validation side.

    Args:
        spectrum: of `Excerpt.spectrum`.
        octaves: from the lowest, that are folded.
        price: of a change of chord, in units of the cosine.
        quiet: factor on the cosine of "no chord".
        patterns: of the modes on C; binary ones if left out.
        compressed: logarithms of the magnitudes, as of the networks.
    """
    cosines = template_scores(
        plain_chroma(spectrum, compressed=compressed, octaves=octaves),
        binary_patterns() if patterns is None else patterns,
        no_chord=quiet,
    )
    path = chain.viterbi(cosines, price * torch.eye(NONE + 1)).states
    return from_classes(path, frame_rate=FRAME_RATE)


def decoded(
    emission: Float[Tensor, "frame 25"], stay: float = STAY
) -> Chords:
    """The best path of the chain that knows only that chords last."""
    path = sticky(NONE + 1, stay).decode(emission)
    return from_classes(path, frame_rate=FRAME_RATE)


@torch.no_grad()
def by_network(
    network: nn.Module,
    spectrum: Float[Tensor, "216 frame"],
    stay: float = STAY,
) -> Chords:
    """What a network says, through the same chain."""
    logits = network(on_ring(spectrum)[None])[0]
    return decoded(logits.T.log_softmax(-1), stay)


def recall_of(
    recognise: Callable[[Excerpt], Chords],
    excerpts: Sequence[Excerpt],
    *,
    analyst: bool = False,
) -> list[Recall]:
    """Weighted recall of each excerpt, major, minor and no chord.

    Args:
        recognise: from an excerpt to chords.
        excerpts: what is recognised.
        analyst: against a person's chords, where there are some;
            otherwise against the rule's.
    """
    return [
        weighted_recall(e.analyst if analyst else e.rule, recognise(e))
        for e in excerpts
        if e.analyst is not None or not analyst
    ]


def network_recall(
    network: nn.Module,
    excerpts: Sequence[Excerpt],
    *,
    analyst: bool = False,
) -> float:
    """Recall of a collection, every second the same."""
    each = recall_of(
        lambda e: by_network(network, e.spectrum()),
        excerpts,
        analyst=analyst,
    )
    return pooled(each).score


def recall_by_piece(
    network: nn.Module, excerpts: Sequence[Excerpt], name: str
) -> dict[str, float]:
    """Recall of a collection and of each piece in it, under one name.

    Args:
        network: from rings to logits.
        excerpts: one of each piece.
        name: of the collection; "name: piece" is that of a piece.
    """
    each = recall_of(
        lambda e: by_network(network, e.spectrum()), excerpts
    )
    pieces = {
        f"{name}: {e.name}": r.score
        for e, r in zip(excerpts, each, strict=True)
    }
    return {name: pooled(each).score, **pieces}
