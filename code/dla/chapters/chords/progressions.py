"""Chord progressions of a chosen harmonic rhythm, and a field that learns it.

Explained in analysis/chords/sequences. Frames are cut from rendered
chords in noise and put together: all chords of a progression last the
same number of frames, so that duration is what the experiment says it
is, and no window sees two chords.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from dla import cache, scores, signals
from dla.chapters.chords.corpus import FRAME_RATE, HOP, SAMPLE_RATE
from dla.decoders import chain
from dla.models.chord_templates import TRIADS, binary_patterns
from dla.names import unknown
from dla.spectral.chroma import CLASSES, chroma

CHORDS = CLASSES * len(TRIADS)  # 24: no silence here
KINDS = ("returning", "wandering")
VOICING = (36, 52)  # MIDI: from where the bass, and the triad, lie
SUSTAIN = 3.5  # s that each chord is held in the bank
EDGE = 3  # frames left out at both ends of it
NOISE = 0.0  # dB: level of the white noise over that of the chords
PLAYED = (
    "acoustic guitar (nylon)", "reed organ", "violin", "oboe",
    "vibraphone", "trombone",
)  # fmt: skip
UNPLAYED = ("drawbar organ", "muted trumpet", "koto", "pan flute")


@dataclass(frozen=True, eq=False)
class Progression:
    """Chroma of a progression, and its chords."""

    chroma: Float[Tensor, "12 frame"]  # of norm one
    classes: Int[Tensor, "frame"]


def draw_chords(
    rng: np.random.Generator, count: int, kind: str
) -> list[int]:
    """Chords of a progression, neighbours different.

    Args:
        rng: decides.
        count: how many, two or more.
        kind: "returning" goes to and fro between two chords,
            "wandering" draws each anew and never goes straight back.

    Raises:
        ValueError: no such kind.

    >>> rng = np.random.default_rng(0)
    >>> len(set(draw_chords(rng, 6, "returning")))
    2
    """
    if kind not in KINDS:
        raise ValueError(unknown("kind", kind, KINDS))
    found = [int(k) for k in rng.choice(CHORDS, 2, replace=False)]
    while len(found) < count:
        if kind == "returning":
            found.append(found[-2])
            continue
        new = int(rng.integers(CHORDS))
        if new not in found[-2:]:
            found.append(new)
    return found[:count]


def chord_bank(
    instruments: Sequence[str] = PLAYED, *, noise: float = NOISE
) -> Float[Tensor, "instrument chord 12 frame"]:
    """Chroma of every chord, held on every instrument, in noise.

    Args:
        instruments: rendered two in one run.
        noise: level of white noise, in dB over that of the chords.
    """
    rows = [
        (k * SUSTAIN, SUSTAIN - 0.1, pitch)
        for k in range(CHORDS)
        for pitch in _voiced(k)
    ]
    made = []
    for first in range(0, len(instruments), 2):
        pair = list(instruments[first : first + 2])
        score = scores.from_notes(
            [(*row, part) for part in range(len(pair)) for row in rows],
            parts=pair,
        )  # a quarter is a second
        sound = scores.render(
            score,
            instruments=pair,
            tempo=60.0,
            end=CHORDS * SUSTAIN,
            tail=0.0,
            sample_rate=SAMPLE_RATE,
        )
        made += [_bank_of(stem, noise) for stem in sound.stems]
    return torch.stack(made)


def _voiced(number: int) -> list[int]:
    """Root in the bass and the triad above, MIDI."""
    mode, root = divmod(number, CLASSES)
    low, middle = VOICING
    return [low + root] + [
        middle + (root + step - middle) % CLASSES
        for step in TRIADS[mode]
    ]


def _bank_of(
    stem: Float[Tensor, "time"], noise: float
) -> Float[Tensor, "chord 12 frame"]:
    wave = signals.at_level(stem, torch.tensor(-25.0))
    g = torch.Generator().manual_seed(len(wave))
    hiss = torch.randn(len(wave), generator=g)
    wave = wave + signals.at_level(hiss, torch.tensor(noise - 25.0))
    key = cache.key("chords bank 1", wave.numpy().tobytes())
    if kept := cache.read(key):
        values = torch.from_numpy(
            np.frombuffer(kept, np.float32).reshape(CLASSES, -1).copy()
        )
    else:
        values = chroma(wave, sample_rate=SAMPLE_RATE, hop_length=HOP)
        cache.write(key, values.numpy().tobytes())
    inside = int(SUSTAIN * FRAME_RATE) - 2 * EDGE
    begins = [
        round(k * SUSTAIN * FRAME_RATE) + EDGE for k in range(CHORDS)
    ]
    return torch.stack([values[:, b : b + inside] for b in begins])


def draw(
    rng: np.random.Generator,
    bank: Float[Tensor, "instrument chord 12 frame"],
    *,
    frames: int,
    kind: str,
    length: int = 120,
) -> Progression:
    """Draw chords, an instrument and, for each chord, where it is cut.

    Args:
        rng: decides.
        bank: from `chord_bank`.
        frames: that each chord lasts.
        kind: as in `draw_chords`.
        length: of the whole, in frames.

    Raises:
        ValueError: chords that last longer than those of the bank.
    """
    there = bank.shape[-1]
    if not 1 <= frames <= there:
        raise ValueError(
            f"chords of {frames} frames: the bank holds them for {there}"
        )
    chords = draw_chords(rng, max(2, -(-length // frames)), kind)
    instrument = bank[int(rng.integers(len(bank)))]
    starts = rng.integers(there - frames + 1, size=len(chords))
    cut = [
        instrument[chord, :, start : start + frames]
        for chord, start in zip(chords, starts.tolist(), strict=True)
    ]
    return Progression(
        torch.cat(cut, dim=-1)[:, :length],
        torch.tensor(chords).repeat_interleave(frames)[:length],
    )


class TiedField(nn.Module):
    r"""A conditional field with 27 weights, tied over the twelve roots.

    .. math::
        \phi_n(\mu, r) = \langle w_\mu, S_{-r} c_n \rangle + b_\mu ,
        \qquad A_{ij} = \ell\, [i = j]

    Two patterns that rotate, as templates do, their two offsets, and
    one number for all transitions: what it is worth to stay.

    Args:
        stays: learn :math:`\ell`; without it, frames are independent.
    """

    def __init__(self, *, stays: bool = True):
        super().__init__()
        self.patterns = nn.Parameter(4.0 * binary_patterns())
        self.offset = nn.Parameter(torch.zeros(len(TRIADS)))
        self.stay = nn.Parameter(torch.zeros(()), requires_grad=stays)

    def scores(
        self, chroma: Float[Tensor, "*batch 12 frame"]
    ) -> Float[Tensor, "*batch frame 24"]:
        """What each chord scores in each frame, in nat."""
        q = torch.arange(CLASSES)
        rotated = self.patterns[:, (q - q[:, None]) % CLASSES]
        linear = torch.einsum("mrq,...qn->...nmr", rotated, chroma)
        return (linear + self.offset[:, None]).flatten(-2)

    def transition(self) -> Float[Tensor, "24 24"]:
        return self.stay * torch.eye(CHORDS)

    def forward(
        self,
        chroma: Float[Tensor, "*batch 12 frame"],
        classes: Int[Tensor, "*batch frame"],
    ) -> Float[Tensor, "*batch"]:
        """Log probability of the path, per frame."""
        emission, matrix = self.scores(chroma), self.transition()
        score = chain.path_score(classes, emission, matrix)
        total = chain.log_partition(emission, matrix)
        return (score - total) / classes.shape[-1]

    @torch.no_grad()
    def decode(
        self, chroma: Float[Tensor, "*batch 12 frame"]
    ) -> Int[Tensor, "*batch frame"]:
        """The most probable path."""
        return chain.viterbi(
            self.scores(chroma), self.transition()
        ).states


def fit(
    field: TiedField,
    pieces: Sequence[Progression],
    *,
    steps: int = 100,
    rate: float = 0.15,
) -> list[float]:
    """Maximise the likelihood of the paths, all pieces in each step.

    Args:
        field: trained in place.
        pieces: cut to the shortest of them.
        steps: of Adam, its rate falling to zero along half a cosine.
        rate: at the beginning.

    Returns:
        The negative log-likelihood per frame before each step, in nat.
    """
    length = min(len(p.classes) for p in pieces)
    chroma_all = torch.stack([p.chroma[:, :length] for p in pieces])
    classes = torch.stack([p.classes[:length] for p in pieces])
    optimizer = torch.optim.Adam(
        [p for p in field.parameters() if p.requires_grad], lr=rate
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, steps
    )
    history = []
    for _ in range(steps):
        loss = -field(chroma_all, classes).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        history.append(float(loss.detach()))
    return history


@torch.no_grad()
def advantage(field: TiedField, pieces: Sequence[Progression]) -> float:
    r"""Mean advantage of the true chord over the one before it.

    :math:`\Delta`, in nat a frame: over all frames but those of the
    first chord, the score of the chord that sounds minus that of the
    one that sounded last (eq-chords-crossover).
    """
    gains = []
    for piece in pieces:
        change = piece.classes.diff().nonzero()[:, 0] + 1
        lengths = change.diff(append=torch.tensor([len(piece.classes)]))
        last = piece.classes[change - 1].repeat_interleave(lengths)
        there = field.scores(piece.chroma)[
            len(piece.classes) - len(last) :
        ]
        now = piece.classes[len(piece.classes) - len(last) :]
        gains.append(
            there.gather(1, now[:, None])
            - there.gather(1, last[:, None])
        )
    return float(torch.cat(gains).mean())


@torch.no_grad()
def switch_gains(
    emission: Float[Tensor, "frame chord"],
    classes: Int[Tensor, "frame"],
) -> Float[Tensor, "inner"]:
    r"""What each inner chord brings against being left out.

    Left out, its frames go to the chord before and, from some frame
    on, to the one after, wherever that costs least. Gain over that,
    divided by the number of switches saved: two where both
    neighbours are the same chord, else one. The best path has the
    chord if this exceeds :math:`\ell`, as long as its neighbours are
    there too (eq-chords-crossover).

    Args:
        emission: in nat.
        classes: the true path.
    """
    cuts = [
        0,
        *(classes.diff().nonzero()[:, 0] + 1).tolist(),
        len(classes),
    ]
    gains, rows = [], emission.detach().numpy()
    chords = classes.tolist()
    for before, begin, end in zip(
        cuts[:-2], cuts[1:-1], cuts[2:], strict=True
    ):
        if end == len(chords):
            break
        last, now, following = (
            chords[before],
            chords[begin],
            chords[end],
        )
        here = rows[begin:end]
        head = np.append(0.0, here[:, last].cumsum())
        tail = np.append(here[::-1, following].cumsum()[::-1], 0.0)
        saved = 2 if last == following else 1
        true = here[:, now].sum()
        gains.append((true - (head + tail).max()) / saved)
    return torch.tensor(gains, dtype=emission.dtype)
