"""The chapter's beat network: five seeds, eight test sets.

Reported in analysis/beat-tracking/network, whose network, data, loss
and recipe these are.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from dla.chapters.beat_tracking.bands import kit, with_band
from dla.chapters.beat_tracking.batches import (
    Item,
    batch,
    item,
    to_tempi,
)
from dla.chapters.beat_tracking.excerpts import (
    Excerpt,
    corpus,
    unfamiliar,
)
from dla.chapters.beat_tracking.features import (
    FRAME_RATE,
    levels,
    with_rise,
)
from dla.chapters.beat_tracking.training import (
    activation,
    tolerant_loss,
)
from dla.datasets import percussion, songs
from dla.decoders.bar_pointer import BarPointerSettings, decode
from dla.measures.beats import beat_scores, kind_of_error
from dla.models.beat_tcn import BeatTCN, BeatTCNSettings
from dla.protocol.study import Study
from dla.scores.sections import beats_per_bar
from dla.train import Recipe, seeded

SETTINGS = BeatTCNSettings(channels=32)
ONE = BarPointerSettings(beats_per_bar=(1,))  # beats only
BARS = BarPointerSettings(beats_per_bar=(2, 3, 4))


def with_drums(
    excerpts: Sequence[Excerpt],
    samples: Sequence[percussion.Sample],
    seed: int,
) -> list[Excerpt]:
    """Each excerpt with a band of the given strokes."""
    rng = np.random.default_rng(seed)
    return [with_band(e, kit(samples), rng) for e in excerpts]


@cache
def training_items(*, drums: bool) -> tuple[Item, ...]:
    """What is drawn from; one in four with a band, or none."""
    learn = corpus("train")
    plain = [item(e) for e in learn]
    if not drums:
        return tuple(plain)
    played, _ = percussion.split(percussion.table(), seed=0)
    band = [
        item(e, stretch=to_tempi(e.bpm))
        for e in with_drums(learn, played, seed=1)
    ]
    return (*plain, *plain, *plain, *band)


@cache
def test_sets() -> dict[str, tuple[Excerpt, ...]]:
    """Excerpts by what is new about them."""
    held_out = corpus("test")
    _, unheard = percussion.split(percussion.table(), seed=0)
    return {
        "held out": held_out,
        "other instruments": unfamiliar(instruments=True, tempi=False),
        "other tempi": unfamiliar(instruments=False, tempi=True),
        "both": unfamiliar(instruments=True, tempi=True),
        "with drums": tuple(with_drums(held_out[::2], unheard, seed=3)),
    }


def network(seed: int) -> BeatTCN:
    """The network at its start."""
    return seeded(lambda: BeatTCN(SETTINGS), seed)


def batches(
    seed: int, *, drums: bool = True
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Eight altered cuts of ten seconds for every step."""
    items = training_items(drums=drums)
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        inputs, targets = batch(items, generator, size=8, frames=512)
        return inputs[None], targets[None]

    return draw


@torch.no_grad()
def read_at(
    model: BeatTCN, excerpt: Excerpt, bpm: float
) -> tuple[Tensor, Tensor]:
    """Beats and answer, the frames read so that the tempo is this."""
    factor = excerpt.bpm / bpm  # new frames per old frame
    level = torch.nn.functional.interpolate(
        levels(excerpt.waveform)[None],
        scale_factor=factor,
        mode="linear",
    )
    beat = torch.sigmoid(model(with_rise(level)))[0, 0]
    found = decode(beat, frame_rate=FRAME_RATE, settings=ONE)
    return excerpt.beats * factor, found.times


def measured(model: BeatTCN) -> dict[str, float]:
    """Mean scores of the bar pointer on each set, beats and bars."""
    model = model.eval()
    values = {}
    for name, excerpts in test_sets().items():
        rows = [activation(model, e.waveform) for e in excerpts]
        marks = [
            beat_scores(
                e.beats,
                decode(
                    row[0], frame_rate=FRAME_RATE, settings=ONE
                ).times,
            )
            for e, row in zip(excerpts, rows, strict=True)
        ]
        f, cmlt, amlt, _ = np.mean(marks, 0)
        values |= {
            f"{name}: F": f,
            f"{name}: CMLt": cmlt,
            f"{name}: AMLt": amlt,
        }
        if name == "held out":
            values |= _downbeats(excerpts, rows)
    for bpm in (120.0, 180.0):
        pairs = [
            read_at(model, e, bpm) for e in test_sets()["with drums"]
        ]
        name = f"drums, read at {bpm:.0f} BPM"
        values[f"{name}: F"] = np.mean(
            [beat_scores(*pair).f_measure for pair in pairs]
        )
        values[f"{name}: half tempo"] = np.mean(
            [kind_of_error(*pair) == "half" for pair in pairs]
        )
    marks = [
        beat_scores(
            song.beats(shifted=True),
            decode(
                activation(model, song.waveform())[0],
                frame_rate=FRAME_RATE,
                settings=ONE,
            ).times,
        )
        for song in songs.table()
    ]
    f, cmlt, amlt, _ = np.mean(marks, 0)
    values |= {"songs: F": f, "songs: CMLt": cmlt, "songs: AMLt": amlt}
    return {name: round(float(x), 4) for name, x in values.items()}


def _downbeats(
    excerpts: Sequence[Excerpt], rows: Sequence[Tensor]
) -> dict[str, float]:
    """F of downbeats, the metre decoded or told."""
    found = {"downbeats": [], "downbeats, told the metre": []}
    for e, row in zip(excerpts, rows, strict=True):
        told = BarPointerSettings(
            beats_per_bar=(beats_per_bar(e.meter),)
        )
        for name, settings in zip(found, (BARS, told), strict=True):
            bars = decode(row, frame_rate=FRAME_RATE, settings=settings)
            found[name].append(
                beat_scores(e.downbeats, bars.downbeats).f_measure
            )
    return {f"{name}: F": np.mean(x) for name, x in found.items()}


STUDY = Study(
    name="beats",
    question="What does the beat network score over five seeds?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=900),
    model=network,
    draw=batches,
    loss=tolerant_loss,
    measure=measured,
    digits=2,
    keep=0,
)
