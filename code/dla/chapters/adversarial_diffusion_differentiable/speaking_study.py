"""The networks of the page on speaking, trained four times as long.

Three arms: codes that words share, codes of each word's own, and, as
the oracle, shared codes with the held-out words among those trained on.
Reported in synthesis/adversarial-diffusion-differentiable/speaking.

Sizes, rate and 240 steps were chosen on the division of seed 0. The
result on the division of seed 1, at 120 and at 240 steps, had been seen
when these 1000 steps were declared.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla.chapters.adversarial_diffusion_differentiable import (
    aligning,
    speaking,
)
from dla.chapters.adversarial_diffusion_differentiable.aligning import (
    Aligner,
    Word,
)
from dla.chapters.adversarial_diffusion_differentiable.speaking import (
    BATCH,
    SHARED,
    Speaker,
    distance,
    nearest_word,
)
from dla.protocol.study import Study

DIVISION, HELD_OUT = 1, 20  # seed of the division; words


@dataclass(frozen=True, eq=False)
class Setting:
    """Which words are heard, and what the alignment made of them."""

    heard: tuple[Word, ...]
    unheard: tuple[Word, ...]  # of whose frames nothing was learned
    aligner: Aligner  # of the words that are heard
    durations: Mapping[str, Int[Tensor, "piece"]]  # of all, by name
    how_long: Callable[[Sequence[str]], Int[Tensor, "piece"]]


@cache
def setting() -> Setting:
    """The division, and the alignment of what is not held out."""
    recorded = aligning.recorded()
    sides = speaking.division(
        list(recorded), held_out=HELD_OUT, seed=DIVISION
    )
    heard, unheard = (
        tuple(recorded[t] for t in side) for side in sides
    )
    aligner = aligning.fit(heard)
    durations = {
        t: aligner.durations(w.pieces, w.level)
        for t, w in recorded.items()
    }
    how_long = speaking.mean_durations(
        heard, [durations[w.text] for w in heard]
    )
    return Setting(heard, unheard, aligner, durations, how_long)


def said(network: Speaker, text: str) -> Float[Tensor, "band frame"]:
    """Levels of a word by a network whose codes are shared."""
    pieces = aligning.with_pauses(text)
    codes = [SHARED[p] for p in pieces]
    return speaking.say(network, codes, setting().how_long(pieces))


def said_nearest(
    network: Speaker, text: str
) -> Float[Tensor, "band frame"]:
    """Levels of the nearest word that is heard, by its own codes."""
    heard = setting().heard
    texts = [w.text for w in heard]
    near = nearest_word(text, texts)
    codes = speaking.own_codes(heard)[texts.index(near)]
    return speaking.say(network, codes, setting().durations[near])


def named(level: Float[Tensor, "band frame"]) -> str:
    """The held-out word whose recording is nearest, in every fourth frame."""
    return min(
        setting().unheard,
        key=lambda w: distance(level[:, ::4], w.level[:, ::4]),
    ).text


def kept(network: Speaker) -> dict[str, float]:
    """How much of the variance of the held-out words' levels is said.

    With the durations of the recordings.
    """
    words = setting().unheard
    made = torch.cat(
        [
            speaking.say(network, codes, setting().durations[w.text])
            for codes, w in zip(
                speaking.shared_codes(words), words, strict=True
            )
        ],
        dim=1,
    )
    real = torch.cat([w.level for w in words], dim=1)
    between = [x.diff(dim=0).var(1).sum() for x in (made, real)]
    return {
        "variance kept": float(made.var(1).sum() / real.var(1).sum()),
        "between bands": float(between[0] / between[1]),
    }


def measured_own(network: Speaker) -> dict[str, float]:
    """Distance of what is said from each held-out recording, in dB."""
    return {
        w.text: distance(said_nearest(network, w.text), w.level)
        for w in setting().unheard
    }


def measured(network: Speaker) -> dict[str, float]:
    """The same with shared codes; how many are named; what is kept."""
    words = setting().unheard
    levels = {w.text: said(network, w.text) for w in words}
    far = {w.text: distance(levels[w.text], w.level) for w in words}
    right = sum(named(x) == t for t, x in levels.items())
    return far | {"named": float(right)} | kept(network)


Draw = Callable[[int], tuple[Tensor, Tensor]]


def shared(seed: int) -> Draw:
    """Frames of the words that are heard; codes are shared."""
    heard = setting().heard
    return _frames(heard, speaking.shared_codes(heard), seed)


def own(seed: int) -> Draw:
    """The same frames; each word has codes of its own."""
    heard = setting().heard
    return _frames(heard, speaking.own_codes(heard), seed)


def all_words(seed: int) -> Draw:
    """Frames of the held-out words too; codes are shared."""
    words = setting().heard + setting().unheard
    return _frames(words, speaking.shared_codes(words), seed)


def _frames(
    words: Sequence[Word], codes: Sequence[Sequence[int]], seed: int
) -> Draw:
    durations = [setting().durations[w.text] for w in words]
    target = speaking.levels(words)
    given = speaking.told(codes, durations)
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        rows = torch.randint(len(target), (BATCH,), generator=generator)
        return given[rows][None], target[rows][None]

    return draw


STUDIES = tuple(
    Study(
        name=f"speaking-{arm}",
        question=question,
        seeds=(0, 1, 2, 3, 4),
        recipe=speaking.recipe(1000),
        shorter=(240,),
        model=Speaker,
        draw=draw,
        loss=speaking.squared_error,
        measure=measure,
        digits=2,
        keep=0,
    )
    for arm, question, draw, measure in (
        (
            "shared",
            "How near comes a new word whose pieces are shared?",
            shared,
            measured,
        ),
        (
            "own",
            "How near where each word has codes of its own?",
            own,
            measured_own,
        ),
        (
            "all",
            "How near where the word itself was trained on?",
            all_words,
            measured,
        ),
    )
)
BY_ARM = dict(zip(("shared", "own", "all"), STUDIES, strict=True))
