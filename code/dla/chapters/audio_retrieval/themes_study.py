"""Themes and the settings that they are the tune of: is learned better?

Reported in comparison/audio-retrieval/embeddings. A work is a chorale
tune; the theme is its soprano alone, the setting all voices, each
played on an instrument and in a tempo of its own, without a hall. Fewer
dimensions than the shingle has: by principal axes, by discriminant
axes, by a network. The settings of this study were chosen on the tunes
of `embeddings.WORKS`; those of THEMES were scored once, in this run.
"""

from collections.abc import Callable
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import normalize, pad

from dla import scores, signals
from dla.chapters.audio_retrieval.embeddings import (
    HOP,
    INSTRUMENTS,
    LEVEL,
    N_FFT,
    SAMPLE_RATE,
    SHINGLE,
    SPARE,
    WORKS,
    ShingleEncoder,
    copies,
    features,
    opening_pitch,
    principal,
    reciprocal_ranks,
    shingle,
    transposed,
)
from dla.losses.contrast import contrast
from dla.protocol.statistics import paired_bootstrap
from dla.protocol.study import Study
from dla.scores.tables import Score, from_notes
from dla.train import Recipe, seeded

SIZES = (4, 8, 16)
FOLDS = 3  # who learns two is tested on the third
BATCH = 32  # works of a mini-batch
TEMPERATURE = 0.1
RIDGE = 0.1  # of discriminant axes: share of the mean variance
DRAWN = 60  # mini-batches that the axes are computed from
# Chorales with a soprano from the first bar, no two of one tune, none of
# a tune of WORKS (by the pairwise rule of `scores.sections.families`).
THEMES = (
    "bwv10.7", "bwv108.6", "bwv11.6", "bwv115.6", "bwv120.6",
    "bwv121.6", "bwv122.6", "bwv133.6", "bwv14.5", "bwv140.7",
    "bwv145-a", "bwv145.5", "bwv162.6-lpz", "bwv165.6", "bwv177.5",
    "bwv18.5-lz", "bwv180.7", "bwv229.2", "bwv24.6", "bwv245.15",
    "bwv245.28", "bwv248.53-5", "bwv253", "bwv255", "bwv26.6",
    "bwv262", "bwv263", "bwv265", "bwv266", "bwv267", "bwv268",
    "bwv269", "bwv272", "bwv274", "bwv275", "bwv281", "bwv284",
    "bwv285", "bwv286", "bwv288", "bwv291", "bwv293", "bwv294",
    "bwv295", "bwv296", "bwv297", "bwv298", "bwv299", "bwv306",
    "bwv308", "bwv309", "bwv310", "bwv313", "bwv315", "bwv316",
    "bwv317", "bwv320", "bwv321", "bwv322", "bwv328", "bwv329",
    "bwv330", "bwv332", "bwv333", "bwv335", "bwv336", "bwv337",
    "bwv338", "bwv343", "bwv344", "bwv345", "bwv346", "bwv349",
    "bwv350", "bwv351", "bwv355", "bwv357", "bwv36.8-2", "bwv361",
    "bwv363", "bwv364", "bwv366", "bwv367", "bwv368", "bwv370",
    "bwv372", "bwv373", "bwv374", "bwv378", "bwv38.6", "bwv381",
    "bwv384", "bwv387", "bwv391", "bwv396", "bwv40.6", "bwv400",
    "bwv401", "bwv403", "bwv405", "bwv406", "bwv407", "bwv411",
    "bwv412", "bwv413", "bwv423", "bwv424", "bwv425", "bwv426",
    "bwv432", "bwv433", "bwv435", "bwv437", "bwv438", "bwv46.6",
    "bwv56.5", "bwv57.8", "bwv60.5", "bwv65.2", "bwv66.6", "bwv85.6",
)  # fmt: skip


def recording(
    name: str, *, theme: bool, shift: int, seed: int
) -> Float[Tensor, "12 frame"]:
    """Chroma of a chorale's first twelve seconds, or of its soprano's."""
    score = scores.load(name)
    notes = score.notes[score.notes["onset"] < 20]
    if theme:
        notes = notes[notes["part"] == score.parts.index("Soprano")]
    g = torch.Generator().manual_seed(seed)
    names = [name for some in INSTRUMENTS for name in some]
    instrument = names[int(torch.randint(len(names), (), generator=g))]
    rows = [
        (float(n["onset"]), float(n["duration"]), pitch + shift)
        for n, pitch in zip(notes, notes["pitch"].tolist(), strict=True)
    ]
    played = from_notes(rows)
    sound = scores.render(
        played,
        instruments=instrument,
        tempo=80.0 + 8.0 * torch.rand((), generator=g).item(),
        seed=seed,
        jitter=0.02,
        dynamics=10.0,
        end=min(17.0, played.duration),
        sample_rate=SAMPLE_RATE,
    ).mixture
    length = N_FFT + (SHINGLE + SPARE - 1) * HOP
    sound = pad(sound, (0, length))[:length]
    return features(sound * 10 ** (LEVEL / 20) / signals.rms(sound))[0]


def sings(score: Score) -> bool:
    """Whether there is a soprano, and it does not rest at first."""
    if "Soprano" not in score.parts:
        return False
    part = score.notes["part"] == score.parts.index("Soprano")
    return bool(score.notes["onset"][part].min() < 3)


@cache
def themes() -> Float[Tensor, "2 work 12 frame"]:
    """The theme of each work, and its setting."""
    rows = [
        [
            recording(name, theme=kind == 0, shift=0, seed=2 * i + kind)
            for i, name in enumerate(THEMES)
        ]
        for kind in (0, 1)
    ]
    return torch.stack([torch.stack(row) for row in rows])


@cache
def versions() -> Float[Tensor, "3 work 12 frame"]:
    """Of each tune of WORKS: theme, its setting, the other setting.

    Both are in one key; only tunes whose two settings have a soprano.
    """
    rows = []
    for i, pair in enumerate(WORKS):
        pieces = [scores.load(name) for name in pair]
        if not all(sings(piece) for piece in pieces):
            continue
        first = [opening_pitch(piece) for piece in pieces]
        shift = (first[0] - first[1] + 6) % 12 - 6
        rows.append(
            torch.stack(
                [
                    recording(
                        pair[k],
                        theme=theme,
                        shift=k * shift,
                        seed=5000 + 3 * i + j,
                    )
                    for j, (k, theme) in enumerate(
                        ((0, True), (0, False), (1, False))
                    )
                ]
            )
        )
    return torch.stack(rows, 1)


def fold(k: int) -> tuple[Int[Tensor, "work"], Int[Tensor, "work"]]:
    """Works to learn from, and works to be tested on."""
    works = torch.arange(len(THEMES))
    return works[works % FOLDS != k], works[works % FOLDS == k]


def pairs(
    works: Int[Tensor, "work"], g: torch.Generator
) -> Float[Tensor, "2 item input"]:
    """Theme and setting of some works, in one key, any of twelve."""
    some = works[torch.randperm(len(works), generator=g)[:BATCH]]
    shift = torch.randint(12, (BATCH,), generator=g)
    x = transposed(themes()[:, some], shift)
    return torch.stack([copies(x[kind], g) for kind in (0, 1)])


class Encoders(nn.Module):
    """One encoder for each fold and size, trained in one go.

    Output is filled with zeros to the largest size, which changes no
    cosine. They share only the norm at which a gradient is shortened.
    """

    def __init__(self):
        super().__init__()
        self.each = nn.ModuleList(
            ShingleEncoder(12 * SHINGLE, size)
            for _ in range(FOLDS)
            for size in SIZES
        )

    def encoder(self, k: int, size: int) -> nn.Module:
        """That of fold k."""
        return self.each[k * len(SIZES) + SIZES.index(size)]

    def forward(
        self, x: Float[Tensor, "fold 2 item input"]
    ) -> Float[Tensor, "fold size 2 item feature"]:
        return torch.stack(
            [
                torch.stack(
                    [
                        pad(
                            self.encoder(k, d)(x[k]), (0, SIZES[-1] - d)
                        )
                        for d in SIZES
                    ]
                )
                for k in range(FOLDS)
            ]
        )


def network(seed: int) -> Encoders:
    """All encoders at their start."""
    return seeded(Encoders, seed)


def batches(seed: int) -> Callable[[int], tuple[Tensor, Tensor]]:
    """New copies of 32 works for each fold."""
    g = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        x = torch.stack([pairs(fold(k)[0], g) for k in range(FOLDS)])
        return x[None], x.new_zeros(1)

    return draw


def loss(
    out: Float[Tensor, "model fold size 2 item feature"], _: Tensor
) -> Float[Tensor, "model"]:
    """NT-Xent of setting among settings, summed over the encoders."""
    both = out[..., 0, :, :], out[..., 1, :, :]
    every = torch.ones(both[0].shape[:-1], dtype=torch.bool)
    lost = contrast(*both, hidden=every, temperature=TEMPERATURE)
    return lost.sum((1, 2))


def discriminant(
    x: Float[Tensor, "2 item input"], size: int
) -> Callable[[Tensor], Tensor]:
    """Axes of most variance per variance within a pair, and cosines.

    Fisher's linear discriminant with each work a class: generalised
    eigenvectors of the covariance against half the mean outer product
    of the pairs' differences, plus RIDGE of its mean diagonal.
    """
    mean = x.flatten(0, 1).mean(0)
    gap = x[0] - x[1]
    within = gap.T @ gap / (2 * len(gap))
    within = within + RIDGE * within.diagonal().mean() * torch.eye(
        len(mean)
    )
    root = torch.linalg.cholesky(within)
    half = torch.linalg.solve_triangular(
        root, x.flatten(0, 1).T.cov(), upper=False
    )
    whole = torch.linalg.solve_triangular(root, half.T, upper=False)
    vectors = torch.linalg.eigh((whole + whole.T) / 2).eigenvectors
    axes = torch.linalg.solve_triangular(
        root.T, vectors[:, -size:], upper=True
    )
    return lambda y: normalize((y - mean) @ axes, dim=-1)


@cache
def linear(k: int, size: int, kind: str) -> Callable[[Tensor], Tensor]:
    """Axes from the same copies of the same works as a network has."""
    g = torch.Generator().manual_seed(99)
    drawn = [pairs(fold(k)[0], g) for _ in range(DRAWN)]
    x = torch.cat(drawn, 1)
    if kind == "discriminant":
        return discriminant(x, size)
    return principal(x.flatten(0, 1), size)


@torch.no_grad()
def ranks(
    encode: Callable[[int], Callable[[Tensor], Tensor]],
) -> dict[str, Float[Tensor, "work"]]:
    """Reciprocal ranks of fresh works and of the tunes of WORKS.

    Args:
        encode: fold -> embedding. Tunes of WORKS, from which no fold
            learns, take the mean over folds.
    """

    def score(k, query, base):
        e = encode(k)
        return reciprocal_ranks(e(shingle(query)), e(shingle(base)))

    x, y = themes(), versions()
    every = range(FOLDS)
    fresh = [score(k, *x[:, fold(k)[1]]) for k in every]
    return {
        "theme": torch.cat(fresh),
        "other setting": torch.stack(
            [score(k, y[1], y[2]) for k in every]
        ).mean(0),
        "theme of the other": torch.stack(
            [score(k, y[0], y[2]) for k in every]
        ).mean(0),
    }


def measure(model: Encoders) -> dict[str, float]:
    """MRR of all three, and intervals over works of the differences."""
    found = {}
    for d in SIZES:
        arms = {
            "learned": ranks(lambda k, d=d: model.encoder(k, d)),
            "principal": ranks(
                lambda k, d=d: linear(k, d, "principal")
            ),
            "discriminant": ranks(
                lambda k, d=d: linear(k, d, "discriminant")
            ),
        }
        for task in arms["learned"]:
            for arm, values in arms.items():
                found[f"{task}, {d}, {arm}"] = (
                    values[task].mean().item()
                )
            for arm in ("principal", "discriminant"):
                gain = paired_bootstrap(
                    arms["learned"][task],
                    arms[arm][task],
                    generator=torch.Generator().manual_seed(0),
                )
                found[f"{task}, {d}, over {arm}"] = gain.estimate
                found[f"{task}, {d}, over {arm}, low"] = gain.low
                found[f"{task}, {d}, over {arm}, high"] = gain.high
    return found


STUDY = Study(
    name="themes",
    question="Does a learned embedding find a theme's setting better"
    " than principal axes of the same number?",
    seeds=(0, 1, 2, 3, 4),
    recipe=Recipe(steps=800),
    shorter=(400,),
    model=network,
    draw=batches,
    loss=loss,
    measure=measure,
    digits=3,
    keep=0,
)
