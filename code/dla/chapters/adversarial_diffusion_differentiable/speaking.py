"""From the pieces of a word to mel levels, and from these to sound.

The network, what it is compared with, and how far a said word is from
the recorded one.

Explained in synthesis/adversarial-diffusion-differentiable/speaking.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from dla.alignment.dtw import dtw
from dla.chapters.adversarial_diffusion_differentiable import (
    vocoder_study,
)
from dla.chapters.adversarial_diffusion_differentiable.aligning import (
    PAUSE,
    Word,
)
from dla.chapters.adversarial_diffusion_differentiable.vocoder import (
    BANDS,
    SPREAD,
    Vocoder,
    speak,
)
from dla.chapters.adversarial_diffusion_differentiable.words import (
    INVENTORY,
    number_of_edits,
    pieces_of,
)
from dla.protocol import study
from dla.train import Recipe, train

SHARED = {p: k for k, p in enumerate((PAUSE, *INVENTORY))}
CODES = 360  # more than any arm needs, so that all have one shape
CODE, HIDDEN = 12, 64  # features
BATCH = 256  # frames
LEARNING_RATE = 1e-2
TENTH = 10  # frames; brings durations to about one


def division(
    words: Sequence[str], *, held_out: int, seed: int, least: int = 2
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words for training, and words none of whose pieces is new.

    Words of two pieces or more are drawn in an order that the seed
    decides; one is held out if each piece of all those held out stays
    in enough words for training.

    Args:
        words: of the table.
        held_out: how many at most.
        seed: another seed, another division.
        least: words for training that have each piece.

    Raises:
        ValueError: a word that the table has not.
    """
    order = list(words)
    random.Random(seed).shuffle(order)
    held: list[str] = []
    for word in order:
        asked = [*held, word]
        left = Counter(
            p
            for other in words
            if other not in asked
            for p in set(pieces_of(other))
        )
        enough = all(
            left[p] >= least for w in asked for p in pieces_of(w)
        )
        if len(pieces_of(word)) > 1 and enough and len(held) < held_out:
            held = asked
    return tuple(w for w in words if w not in held), tuple(held)


def mean_durations(
    words: Sequence[Word], durations: Sequence[Int[Tensor, "piece"]]
) -> Callable[[Sequence[str]], Int[Tensor, "piece"]]:
    """How long a piece is on average: in the word, or as its last.

    Args:
        words: that were aligned.
        durations: of their pieces, in frames.

    Returns:
        A function from pieces, with pauses, to whole frames, one at
        least; the piece's mean over all places where the training
        words do not have it in this one.
    """
    heard = defaultdict(list)
    for word, found in zip(words, durations, strict=True):
        for k, (p, d) in enumerate(
            zip(word.pieces, found.tolist(), strict=True)
        ):
            heard[p, _place(k, len(word.pieces))].append(d)
            heard[p].append(d)

    def durations_of(pieces: Sequence[str]) -> Int[Tensor, "piece"]:
        means = []
        for k, p in enumerate(pieces):
            known = heard.get((p, _place(k, len(pieces)))) or heard[p]
            means.append(max(1, round(sum(known) / len(known))))
        return torch.tensor(means)

    return durations_of


def _place(k: int, count: int) -> str:
    """First, last or inner, pauses included."""
    return {0: "first", count - 2: "last", count - 1: "end"}.get(
        k, "inner"
    )


def frames(
    codes: Sequence[int], durations: Int[Tensor, "piece"]
) -> Float[Tensor, "frame feature"]:
    """What the network gets of each frame.

    Args:
        codes: of a word's pieces.
        durations: of these, in frames.

    Returns:
        Codes of the piece, of the one before and the one after; how far
        the frame is in its piece, from 0 to 1; the piece's duration.
    """
    c = torch.tensor(list(codes))
    piece = torch.arange(len(c)).repeat_interleave(durations)
    begin = (durations.cumsum(0) - durations)[piece]
    length = durations[piece]
    place = (torch.arange(len(piece)) - begin + 0.5) / length
    before = torch.cat([c[:1], c[:-1]])[piece]
    after = torch.cat([c[1:], c[-1:]])[piece]
    return torch.stack(
        [c[piece], before, after, place, length / TENTH], dim=1
    )


class Speaker(nn.Module):
    """Levels of a frame from its piece, its neighbours, and its place.

    Args:
        seed: of the weights at the start.
    """

    def __init__(self, seed: int):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.code = nn.Embedding(CODES, CODE)
            self.network = nn.Sequential(
                nn.Linear(3 * CODE + 5, HIDDEN),
                nn.ReLU(),
                nn.Linear(HIDDEN, HIDDEN),
                nn.ReLU(),
                nn.Linear(HIDDEN, BANDS),
            )

    def forward(
        self, x: Float[Tensor, "*batch feature"]
    ) -> Float[Tensor, "*batch band"]:
        codes = self.code(x[..., :3].long()).flatten(-2)
        place = x[..., 3:4]
        turn = math.pi * place
        where = [
            place,
            place * place,
            turn.sin(),
            turn.cos(),
            x[..., 4:],
        ]
        return self.network(torch.cat([codes, *where], dim=-1))


def shared_codes(words: Sequence[Word]) -> list[list[int]]:
    """One code a piece, whatever the word."""
    return [[SHARED[p] for p in w.pieces] for w in words]


def own_codes(words: Sequence[Word]) -> list[list[int]]:
    """A code for each piece of each word; the pause alone is shared."""
    found, new = [], len(SHARED)
    for w in words:
        inner = len(w.pieces) - 2
        found.append(
            [SHARED[PAUSE], *range(new, new + inner), SHARED[PAUSE]]
        )
        new += inner
    return found


def levels(words: Sequence[Word]) -> Float[Tensor, "frame band"]:
    """All frames of the words, one after the other."""
    return torch.cat([w.level.mT for w in words])


def told(
    codes: Sequence[Sequence[int]],
    durations: Sequence[Int[Tensor, "piece"]],
) -> Float[Tensor, "frame feature"]:
    """What the network gets of all these frames (:func:`frames`)."""
    return torch.cat(
        [frames(c, d) for c, d in zip(codes, durations, strict=True)]
    )


def squared_error(
    output: Float[Tensor, "model frame band"],
    target: Float[Tensor, "model frame band"],
) -> Float[Tensor, "model"]:
    """Mean over frames and bands."""
    return (output - target).square().flatten(1).mean(1)


def recipe(steps: int) -> Recipe:
    """AdamW for so many steps of 256 frames."""
    return Recipe(steps, learning_rate=LEARNING_RATE, weight_decay=1e-3)


def train_speakers(
    words: Sequence[Word],
    durations: Sequence[Int[Tensor, "piece"]],
    arms: Sequence[Sequence[Sequence[int]]],
    *,
    seeds: int,
    steps: int,
) -> tuple[list[list[Speaker]], Float[Tensor, "step arm"]]:
    """Networks that minimise the squared error of the levels.

    Args:
        words: for training.
        durations: of their pieces, in frames.
        arms: for each arm the codes of each word's pieces.
        seeds: networks an arm.
        steps: of 256 frames, drawn from all words.

    Returns:
        The networks, a list an arm; the mean squared error in each
        step, mean over the seeds.
    """
    target = levels(words)
    given = torch.stack([told(codes, durations) for codes in arms])
    generators = [
        torch.Generator().manual_seed(s) for s in range(seeds)
    ]

    def draw(step: int) -> tuple[Tensor, Tensor]:
        rows = torch.stack(
            [
                torch.randint(len(target), (BATCH,), generator=g)
                for g in generators
            ]
        )
        return given[:, rows].flatten(0, 1), target[rows].repeat(
            len(arms), 1, 1
        )

    networks, history = train(
        [Speaker(s) for _ in arms for s in range(seeds)],
        draw,
        squared_error,
        recipe(steps),
    )
    grouped = [
        networks[k * seeds : (k + 1) * seeds] for k in range(len(arms))
    ]
    return grouped, history.unflatten(1, (len(arms), seeds)).mean(-1)


@torch.no_grad()
def say(
    network: Speaker,
    codes: Sequence[int],
    durations: Int[Tensor, "piece"],
) -> Float[Tensor, "band frame"]:
    """Levels of a word, of these pieces with these durations."""
    return network(frames(codes, durations)).mT


def nearest_word(text: str, words: Sequence[str]) -> str:
    """The word that shares most pieces: fewest edits for its length.

    Args:
        text: of the table.
        words: to choose from.
    """
    wanted = pieces_of(text)

    def far(word: str) -> float:
        given = pieces_of(word)
        return number_of_edits(wanted, given) / max(
            len(wanted), len(given)
        )

    return min(words, key=far)


def concatenated(
    pieces: Sequence[str],
    words: Sequence[Word],
    durations: Sequence[Int[Tensor, "piece"]],
) -> Float[Tensor, "band frame"]:
    """Levels of recorded pieces, one after the other.

    Each piece is cut out of the word in which most of its neighbours
    are the same (unit selection, without a cost of the joins).

    Args:
        pieces: of a word, with pauses.
        words: to cut from.
        durations: of their pieces, in frames.

    Raises:
        ValueError: a piece that no word has.
    """
    units = defaultdict(list)
    for w, d in zip(words, durations, strict=True):
        parts = w.level.split(d.tolist(), dim=1)
        for k, (p, part) in enumerate(
            zip(w.pieces, parts, strict=True)
        ):
            units[p].append((_context(w.pieces, k), part))
    chosen = []
    for k, p in enumerate(pieces):
        if p not in units:
            raise ValueError(
                f"piece {p!r} is in none of the {len(words)} words; "
                f"there are {', '.join(sorted(units))}"
            )
        wanted = _context(pieces, k)
        alike = [
            sum(a == b for a, b in zip(wanted, context, strict=True))
            for context, _ in units[p]
        ]
        chosen.append(units[p][alike.index(max(alike))][1])
    return torch.cat(chosen, dim=1)


def _context(pieces: Sequence[str], k: int) -> tuple[str, str]:
    """The pieces before and after; none beyond the ends."""
    around = ["", *pieces, ""]
    return around[k], around[k + 2]


def distance(
    one: Float[Tensor, "band frame"], other: Float[Tensor, "band frame"]
) -> float:
    """Root mean squared difference of the levels in dB, after warping.

    Mean over the cells of the cheapest warping path (dtw).

    Args:
        one: levels as of `vocoder.level`.
        other: of any number of frames.
    """
    cost = SPREAD * torch.cdist(one.mT, other.mT) / len(one) ** 0.5
    path = dtw(cost).path
    return float(cost[path[:, 0], path[:, 1]].mean())


@cache
def trained_vocoder() -> Vocoder:
    """The network of the page before, as its study kept it."""
    return study.load_network(vocoder_study.STUDY)


@torch.no_grad()
def voice(
    level: Float[Tensor, "band frame"], *, seed: int = 0
) -> Float[Tensor, "time"]:
    """Sound of mel levels: the one place where the vocoder is chosen."""
    generator = torch.Generator().manual_seed(seed)
    return speak(trained_vocoder(), level, generator=generator)
