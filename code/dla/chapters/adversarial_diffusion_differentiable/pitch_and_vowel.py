"""Vowels whose pitch is tied to them, several decoders that learn them, and how they are scored.

Used in synthesis/adversarial-diffusion-differentiable/pitch-and-vowel.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from dla.chapters.adversarial_diffusion_differentiable import (
    recorded_tones,
)
from dla.chapters.adversarial_diffusion_differentiable.decoders import (
    CLASSES,
    HARMONICS,
    RATE,
    SIZE,
    Arm,
    Decoder,
    frame,
    level,
    lobes,
)
from dla.protocol import confounder
from dla.protocol.crossed import crossed_bootstrap
from dla.protocol.statistics import Interval
from dla.train import Recipe, seeded, train

LOWEST, WIDTH = 200.0, 20.0  # Hz: bands 200-220, ..., 280-300
UNSEEN = 400.0  # Hz
SEEDS = range(5)
BATCH = 20  # tones a step
RECIPE = Recipe(steps=100, learning_rate=2e-2)
Envelope = recorded_tones.Envelope


@dataclass(frozen=True)
class Tones:
    """What is asked and what is right; a leading axis "model" where stacked."""

    number: Int[Tensor, "*model tone"]  # vowel or bell
    f0: Float[Tensor, "*model tone"]  # Hz
    spectrum: Float[Tensor, "*model tone bin"]  # truth, linear
    shapes: Float[Tensor, "*model tone harmonic bin"]  # of harmonics

    def asked(self) -> Float[Tensor, "*model tone two"]:
        """Input of the decoders."""
        return torch.stack([self.number.float(), self.f0], dim=-1)

    def __getitem__(self, models: slice) -> "Tones":
        """The tones of some of the models."""
        return Tones(
            self.number[models],
            self.f0[models],
            self.spectrum[models],
            self.shapes[models],
        )


def multiples(
    f0: Float[Tensor, "*batch"],
) -> Float[Tensor, "*batch harmonic"]:
    """Frequencies of the harmonics 1 to 20."""
    return f0[..., None] * torch.arange(1, HARMONICS + 1)


def pitches(
    trace: Int[Tensor, "tone"], generator: torch.Generator
) -> Float[Tensor, "tone"]:
    """A pitch within each band; band 5 is 400 Hz exactly.

    >>> pitches(torch.tensor([5, 5]), torch.Generator())
    tensor([400., 400.])
    """
    inside = torch.rand(len(trace), generator=generator)
    f0 = LOWEST + WIDTH * (trace + inside)
    return torch.where(trace < CLASSES, f0, UNSEEN)


def sung(
    envelopes: Sequence[Envelope],
    number: Int[Tensor, "tone"],
    f0: Float[Tensor, "tone"],
) -> Tones:
    """Harmonic tones whose levels lie on the envelopes (def-vowel-truth)."""
    f = multiples(f0)
    rows = [
        envelopes[n](row)
        for n, row in zip(number.tolist(), f, strict=True)
    ]
    amplitude = 10 ** (torch.stack(rows) / 20) * (f < RATE / 2)
    shapes = lobes(f)
    return Tones(
        number, f0, (amplitude[:, None] @ shapes)[:, 0], shapes
    )


def rung(
    envelopes: Sequence[Envelope],
    number: Int[Tensor, "tone"],
    f0: Float[Tensor, "tone"],
) -> Tones:
    """Struck sounds at another pitch: partials at fixed ratios to it."""
    rows = []
    for n, f in zip(number.tolist(), f0, strict=True):
        e = envelopes[n]
        where = e.frequencies * f
        amplitude = 10 ** (e.levels / 20) * (where < RATE / 2)
        rows.append(amplitude @ lobes(where))
    return Tones(number, f0, torch.stack(rows), lobes(multiples(f0)))


def bands(
    seed: int, *, rho: float, kind: str, each: int
) -> tuple[Int[Tensor, "tone"], Int[Tensor, "tone"], torch.Generator]:
    """Vowels, the bands of their pitches, and the generator that goes on.

    Vowel y goes with band (y + seed) mod 5: over five seeds each vowel
    is once in each band.

    Args:
        seed: of the training, and of its assignment.
        rho: strength of the tie.
        kind: train, in distribution, cut, flipped or new.
        each: tones of each vowel.

    >>> y, z, _ = bands(1, rho=1.0, kind="train", each=1)
    >>> y.tolist(), z.tolist()
    ([0, 1, 2, 3, 4], [1, 2, 3, 4, 0])
    """
    kinds = ("train", "in distribution", "cut", "flipped", "new")
    g = torch.Generator().manual_seed(
        len(kinds) * seed + kinds.index(kind)
    )
    y = torch.arange(CLASSES).repeat_interleave(each)
    mapping = [(k + seed) % CLASSES for k in range(CLASSES)]
    settings = {"values": CLASSES, "generator": g}
    if kind == "cut":
        return y, confounder.cut(y, **settings), g
    if kind == "new":
        return (
            y,
            confounder.new(y, seen=CLASSES, unseen=1, generator=g),
            g,
        )
    tie = confounder.flip if kind == "flipped" else confounder.plant
    return y, tie(y, rho=rho, mapping=mapping, **settings), g


def stack(tones: Sequence[Tones]) -> Tones:
    """One leading axis "model"."""
    return Tones(
        *(
            torch.stack([getattr(t, name) for t in tones])
            for name in ("number", "f0", "spectrum", "shapes")
        )
    )


def draw(
    makers: Sequence[Callable],
    seeds: Sequence[int],
    *,
    rho: float,
    kind: str,
    each: int,
) -> Tones:
    """Tones for each model, one maker and one seed a model.

    Args:
        makers: take numbers and pitches, return tones.
        seeds, rho, kind, each: as in :func:`bands`.
    """
    rows = []
    for make, seed in zip(makers, seeds, strict=True):
        y, z, g = bands(seed, rho=rho, kind=kind, each=each)
        rows.append(make(y, pitches(z, g)))
    return stack(rows)


def beside(*tones: Tones) -> Tones:
    """The models of several stacks in one."""
    return Tones(
        *(
            torch.cat([getattr(t, name) for t in tones])
            for name in ("number", "f0", "spectrum", "shapes")
        )
    )


def rings(kind: str, *, each: int, seeds: Sequence[int]) -> Tones:
    """The five struck sounds at pitches of all bands, or at 400 Hz."""
    bells = [
        recorded_tones.struck(name) for name in recorded_tones.STRUCK
    ]
    makers = [partial(rung, bells)] * len(seeds)
    return draw(makers, seeds, rho=0.0, kind=kind, each=each)


def level_error(
    spectrum: Float[Tensor, "*batch bin"],
    target: Float[Tensor, "*batch bin"],
) -> Float[Tensor, "*batch"]:
    """Mean square of the difference in level, dB squared (def-vowel-loss)."""
    apart = level(spectrum.square()) - level(target.square())
    return apart.square().mean(-1)


def relative_error(
    spectrum: Float[Tensor, "*batch bin"],
    target: Float[Tensor, "*batch bin"],
) -> Float[Tensor, "*batch"]:
    """Energy of the difference over that of the target (def-vowel-relative)."""
    apart = (spectrum - target).square().sum(-1)
    return apart / target.square().sum(-1)


def learn(
    arm: Arm,
    tones: Tones,
    seeds: Sequence[int],
    *,
    error: Callable = level_error,
    recipe: Recipe = RECIPE,
    watch: Callable | None = None,
) -> tuple[list[Decoder], Float[Tensor, "step model"]]:
    """Train one decoder for each model's tones, all side by side.

    Each model's tones are shuffled once and dealt into batches of 20,
    which take turns.

    Args:
        arm: what the decoders are told, and give.
        tones: stacked; a multiple of 20 a model.
        seeds: of the models' starts.
        error: of spectra, one number a tone.
        recipe: the same for all.
        watch: looks at the models while they learn, as in
            :func:`dla.train.train`.

    Returns:
        The models, and the loss of each before every step.
    """
    g = torch.Generator().manual_seed(0)
    count = tones.f0.shape[1]
    order = torch.stack(
        [torch.randperm(count, generator=g) for _ in seeds]
    )

    def dealt(x: Tensor) -> Tensor:
        shuffled = torch.stack(
            [row[o] for row, o in zip(x, order, strict=True)]
        )
        return torch.stack(shuffled.split(BATCH, dim=1))

    asked, target, shapes, f0 = (
        dealt(x)
        for x in (tones.asked(), tones.spectrum, tones.shapes, tones.f0)
    )

    def batch(step: int) -> tuple[Tensor, Tensor]:
        turn = step % len(asked)
        return asked[turn], torch.tensor(turn)

    def loss(levels: Tensor, turn: Tensor) -> Tensor:
        spectrum = frame(arm, levels, f0[int(turn)], shapes[int(turn)])
        return error(spectrum, target[int(turn)]).mean(-1)

    models = [seeded(lambda: Decoder(arm), seed) for seed in seeds]
    return train(models, batch, loss, recipe, watch=watch)


@torch.no_grad()
def levels(
    models: Sequence[Decoder], tones: Tones
) -> Float[Tensor, "model tone level"]:
    """What the models give for tones, in dB."""
    return torch.stack(
        [m(x) for m, x in zip(models, tones.asked(), strict=True)]
    )


def made(
    arm: Arm, models: Sequence[Decoder], tones: Tones
) -> Float[Tensor, "model tone bin"]:
    """Spectra that the models give for tones."""
    return frame(arm, levels(models, tones), tones.f0, tones.shapes)


def off(
    spectrum: Float[Tensor, "*batch bin"], tones: Tones
) -> Float[Tensor, "*batch harmonic"]:
    """Level at the bin nearest to each harmonic minus the truth's, in dB.

    NaN where a harmonic would lie above 4 kHz.
    """
    f = multiples(tones.f0)
    bins = (f * SIZE / RATE).round().long()
    inside = f < RATE / 2
    bins = torch.where(inside, bins, 0)
    apart = level(spectrum.square()) - level(tones.spectrum.square())
    return torch.where(inside, apart.gather(-1, bins), torch.nan)


def envelope_error(
    spectrum: Float[Tensor, "*batch tone bin"], tones: Tones
) -> Float[Tensor, "*batch vowel"]:
    """Root mean square over harmonics in dB, mean over a vowel's tones."""
    error = off(spectrum, tones).square().nanmean(-1).sqrt()
    return error.unflatten(-1, (CLASSES, -1)).mean(-1)


def rendered(
    spectrum: Float[Tensor, "model tone bin"],
    makers: Sequence[Callable],
    tones: Tones,
) -> Int[Tensor, "model tone"]:
    """The vowel whose truth at the asked pitch is nearest, at harmonics."""
    apart = []
    for vowel in range(CLASSES):
        number = torch.full_like(tones.number, vowel)
        other = stack(
            [
                m(y, f)
                for m, y, f in zip(
                    makers, number, tones.f0, strict=True
                )
            ]
        )
        apart.append(off(spectrum, other).square().nanmean(-1))
    return torch.stack(apart).argmin(0)


def covered(
    f: Float[Tensor, "*batch"], low: float, high: float
) -> Bool[Tensor, "*batch"]:
    r"""Whether a frequency is a multiple of a pitch in a band.

    :math:`\lceil f / b \rceil \le \lfloor f / a \rfloor`
    (eq-vowel-covered).

    >>> covered(torch.tensor([300.0, 410.0, 415.0]), 200.0, 220.0)
    tensor([False,  True,  True])
    """
    return (f / high).ceil() <= (f / low).floor()


def heard_pitch(
    spectrum: Float[Tensor, "*batch bin"],
    *,
    low: float = 150.0,
    high: float = 600.0,
) -> Float[Tensor, "*batch"]:
    """The lag at which a frame is most like itself, as a frequency.

    The maximum of the autocorrelation, which is the inverse transform
    of the power, over lags half a per cent apart; it falls with the
    lag as the window's does, so the shortest of several periods wins.
    """
    count = round(torch.tensor(high / low).log().item() / 0.005)
    f = low * (high / low) ** (torch.arange(count + 1) / count)
    k = torch.arange(spectrum.shape[-1])
    wave = torch.cos(2 * torch.pi * k[:, None] * RATE / SIZE / f)
    weight = torch.full((len(k), 1), 2.0)
    weight[0] = weight[-1] = 1.0
    return f[(spectrum.square() @ (weight * wave)).argmax(-1)]


def pitch_error(
    spectrum: Float[Tensor, "*batch bin"], tones: Tones
) -> Float[Tensor, "*batch"]:
    """How far the heard pitch is from the asked one, relative to it."""
    return (heard_pitch(spectrum) / tones.f0 - 1).abs()


def side_by_side(
    voices: Sequence[str],
) -> tuple[list[Callable], list[int]]:
    """Five trainings for each voice: what sings, and the seeds."""
    makers = {
        voice: partial(
            sung,
            [
                recorded_tones.vowel(voice, letter)[1]
                for letter in recorded_tones.VOWELS
            ],
        )
        for voice in voices
    }
    pairs = [(makers[v], seed) for v in voices for seed in SEEDS]
    return [m for m, _ in pairs], [s for _, s in pairs]


def crossed(
    error: Float[Tensor, "model vowel"],
) -> Float[Tensor, "seed item"]:
    """Trainings and items of a table by models: items are voices' vowels."""
    table = error.unflatten(0, (-1, len(SEEDS)))
    return table.movedim(1, 0).flatten(1)


def interval(
    a: Float[Tensor, "seed item"],
    b: Float[Tensor, "other item"],
    level: float = 0.95,
) -> Interval:
    """Of a difference, over trainings and items; the draws repeat."""
    g = torch.Generator().manual_seed(0)
    return crossed_bootstrap(a, b, level=level, generator=g)


def compare(
    errors: Mapping[str, Float[Tensor, "seed item"]],
) -> tuple[Interval, dict[str, Interval]]:
    """The first error with 95 %, and what the others have more with 99 %."""
    (_, first), *others = errors.items()
    alone = interval(first, torch.zeros_like(first))
    return alone, {
        name: interval(error, first, 0.99) for name, error in others
    }


def relative_level(
    spectrum: Float[Tensor, "model tone bin"], tones: Tones
) -> Float[Tensor, "model bell"]:
    """Relative error in dB, mean over the tones of a struck sound."""
    error = relative_error(spectrum, tones.spectrum)
    return 10 * error.log10().unflatten(-1, (CLASSES, -1)).mean(-1)


def least_possible(
    tones: Tones,
) -> Float[Tensor, "model bell"]:
    """What the best twenty amplitudes leave, by least squares, in dB."""
    A = tones.shapes.double().mT
    best = torch.linalg.lstsq(
        A, tones.spectrum.double()[..., None], driver="gelsd"
    ).solution
    return relative_level((A @ best)[..., 0].float(), tones)
