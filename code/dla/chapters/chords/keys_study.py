"""The key as confounder: what arms that know one key signature score.

Reported in analysis/chords/keys. Three arms learn the chapter's
pieces in one key signature: dense, dense with transposed copies, and a
network that commutes with transposition. Two of them learn once more
from an eighth of the pieces. All are tested on other pieces and other
instruments at home, a tritone away, and out of tune.
"""

from collections.abc import Callable
from functools import cache, partial

from torch import Tensor, nn

from dla.chapters.chords.corpus import Excerpt
from dla.chapters.chords.keys import home_corpus, key_tests
from dla.chapters.chords.training import (
    Item,
    batches_of,
    chord_loss,
    decoded,
    item,
    network_recall,
    recall_by_piece,
    recall_of,
)
from dla.chapters.chords.tuning import estimated_cents, retuned_spectrum
from dla.measures.chords import pooled
from dla.models.deep_chroma import (
    DenseChordNetwork,
    RingChordNetwork,
    on_ring,
)
from dla.protocol.study import Study
from dla.train import Recipe, seeded

CENTS = (20, 40, 50)  # how sharp the recordings are
EIGHTH = 8  # one excerpt of so many is learned from
DENSE_STEPS, RING_STEPS = 500, 250  # longer: `keys_long_study`


@cache
def home_items() -> tuple[Item, ...]:
    """The training pieces in one key signature."""
    return tuple(item(e) for e in home_corpus())


@cache
def out_of_tune(cents: int) -> tuple[Excerpt, ...]:
    """Every second test piece at home, so many cents sharp."""
    return key_tests(
        away=False, tuning=440.0 * 2 ** (cents / 1200), every=2
    )


@cache
def in_key(*, away: bool) -> tuple[Excerpt, ...]:
    """The test pieces at home or a tritone away."""
    return key_tests(away=away)


def dense(seed: int) -> DenseChordNetwork:
    """The dense network at its start."""
    return seeded(DenseChordNetwork, seed)


def ring(seed: int) -> RingChordNetwork:
    """The network that commutes with transposition, at its start."""
    return seeded(RingChordNetwork, seed)


def batches(
    seed: int, *, transposed: bool, share: int = 1
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Cuts of one of so many pieces; which ones, the seed says."""
    items = home_items()[seed % share :: share]
    return batches_of(items, seed, transposed=transposed)


def as_they_are(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches of all pieces, in their one key signature."""
    return batches(seed, transposed=False)


def in_all_keys(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches of all pieces, transposed by chance."""
    return batches(seed, transposed=True)


def eighth_as_it_is(
    seed: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches of an eighth of the pieces."""
    return batches(seed, transposed=False, share=EIGHTH)


def eighth_in_all_keys(
    seed: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches of an eighth of the pieces, transposed by chance."""
    return batches(seed, transposed=True, share=EIGHTH)


def measured(model: nn.Module) -> dict[str, float]:
    """Weighted recall in both keys, out of tune, and put in tune."""
    model = model.eval()
    home, far = in_key(away=False), in_key(away=True)
    values = {
        **recall_by_piece(model, home, "home"),
        **recall_by_piece(model, far, "away"),
        "in tune": network_recall(model, home[::2]),
    }
    for cents in CENTS:
        sharp = out_of_tune(cents)
        values[f"{cents} cents sharp"] = network_recall(model, sharp)
    retuned = recall_of(
        partial(by_retuned, model), out_of_tune(CENTS[1])
    )
    values[f"{CENTS[1]} cents sharp, retuned"] = pooled(retuned).score
    return {name: round(value, 4) for name, value in values.items()}


def by_retuned(model: nn.Module, excerpt: Excerpt):
    """Chords of a recording after its tuning was estimated."""
    cents = estimated_cents(excerpt.spectrum())
    ring = on_ring(retuned_spectrum(excerpt, cents))
    logits = model(ring[None])[0].detach()
    return decoded(logits.T.log_softmax(-1))


STUDIES = tuple(
    Study(
        name=f"chord-keys-{name}",
        question=question,
        seeds=(0, 1, 2, 3, 4),
        recipe=Recipe(
            steps=RING_STEPS if model is ring else DENSE_STEPS
        ),
        model=model,
        draw=draw,
        loss=chord_loss,
        measure=measured,
        digits=1,  # a frame of one piece is 0.006
        keep=0,
    )
    for name, model, draw, question in (
        (
            "dense",
            dense,
            as_they_are,
            "What does a dense network score in keys it never heard?",
        ),
        (
            "augmented",
            dense,
            in_all_keys,
            "What do transposed copies give the dense network?",
        ),
        (
            "ring",
            ring,
            as_they_are,
            "What does weight sharing over transpositions give?",
        ),
        (
            "augmented-eighth",
            dense,
            eighth_in_all_keys,
            "What do transposed copies of an eighth of the pieces give?",
        ),
        (
            "ring-eighth",
            ring,
            eighth_as_it_is,
            "What does weight sharing give with an eighth of the pieces?",
        ),
    )
)
