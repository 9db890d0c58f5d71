"""Two versions of each of 51 tunes, in halls, and networks that compare them.

Explained in comparison/audio-retrieval/embeddings. A work is a chorale
tune, a version one of Bach's harmonisations of it, played on an
instrument of its own. Features are shingles: ten seconds in one vector.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import interpolate, normalize

from dla import scores, signals
from dla.acoustics.reverb import response, reverberate
from dla.losses.triplet import triplet
from dla.scores.tables import Score, from_notes
from dla.spectral.chroma import normalise
from dla.spectral.cqt import hz_to_pitch
from dla.spectral.mel import mel_matrix
from dla.spectral.stft import stft
from dla.train import Recipe, seeded, train

SAMPLE_RATE = 11025  # Hz
N_FFT, HOP = 8192, 5512  # samples; a frame every half second
SHINGLE = 20  # frames: ten seconds
SPARE = 4  # further frames, so that a shingle may begin later
BANDS = 40  # of the mel spectrum
# Of a hall, zeros at its end: sound and hall make 163840, a length whose
# transform is quick.
TAPS = 163840 + 1 - N_FFT - (SHINGLE + SPARE - 1) * HOP
LEVEL = -25.0  # dB
SIZE, HIDDEN = 8, 64  # of the embedding; of the layer before it
BATCH = 16  # works of a mini-batch
TRANSPOSED = 3  # semitones, of the queries that are transposed
STRETCH = 0.12  # most that the copies of training are slower or faster
RECIPE = Recipe(steps=200)
SEEDS = (0, 1, 2, 3, 4)
INSTRUMENTS = (  # of the first and of the second version, in turn
    ("acoustic grand piano", "reed organ", "violin", "clarinet", "koto"),
    ("harpsichord", "drawbar organ", "oboe", "trombone", "vibraphone",
     "acoustic guitar (nylon)", "recorder"),
)  # fmt: skip
# Of each tune that opens with nine intervals of its own, the two
# harmonisations that share least (`scores.sections.families`: no two
# tunes are of one family).
WORKS = (
    ("bwv101.7", "bwv90.5"), ("bwv244.25", "bwv72.6"),
    ("bwv112.5-sc", "bwv260"), ("bwv110.7", "bwv248.35-3c"),
    ("bwv168.6", "bwv48.7"), ("bwv114.7", "bwv258"),
    ("bwv155.5", "bwv9.7"), ("bwv12.7", "bwv99.6"),
    ("bwv120.8-a", "bwv137.5"), ("bwv124.6", "bwv244.29-a"),
    ("bwv125.6", "bwv382"), ("bwv126.6", "bwv42.7"),
    ("bwv245.11", "bwv97.9"), ("bwv326", "bwv389"),
    ("bwv248.64-6", "bwv270"), ("bwv136.6", "bwv188.6"),
    ("bwv139.6", "bwv377"), ("bwv195.6", "bwv376"),
    ("bwv153.1", "bwv77.6"), ("bwv153.9", "bwv3.6"),
    ("bwv156.6", "bwv339"), ("bwv277", "bwv4.8"),
    ("bwv16.6", "bwv28.6"), ("bwv164.6", "bwv96.6"),
    ("bwv84.5", "bwv88.7"), ("bwv169.7", "bwv197.5"),
    ("bwv174.5", "bwv340"), ("bwv175.7", "bwv226.2"),
    ("bwv176.6", "bwv280"), ("bwv19.7", "bwv194.6"),
    ("bwv190.7-inst", "bwv190.7"), ("bwv194.12", "bwv79.6"),
    ("bwv197.7-a", "bwv64.4"), ("bwv20.7", "bwv397"),
    ("bwv227.7", "bwv358"), ("bwv244.32", "bwv248.46-5"),
    ("bwv244.46", "bwv245.17"), ("bwv245.26", "bwv415"),
    ("bwv248.23-2", "bwv248.23-s"), ("bwv248.28", "bwv91.6"),
    ("bwv248.33-3", "bwv422"), ("bwv248.42-4", "bwv248.42-s"),
    ("bwv248.59-6", "bwv307"), ("bwv386", "bwv79.3"),
    ("bwv302", "bwv303"), ("bwv31.9", "bwv430"), ("bwv312", "bwv69.6"),
    ("bwv348", "bwv37.6"), ("bwv353", "bwv354"), ("bwv417", "bwv418"),
    ("bwv420", "bwv421"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Recordings:
    """Chroma and log-mel of one version of each work."""

    chroma: Float[Tensor, "work 12 frame"]
    mel: Float[Tensor, "work band frame"]


def tune(work: int, version: int, *, transpose: int = 0) -> Score:
    """The opening of one version, in one part, in the tune's key.

    The second version is transposed, by six semitones at most, so
    that both open on the same pitch class; then `transpose` semitones.
    """
    pair = [scores.load(name) for name in WORKS[work]]
    first = [opening_pitch(score) for score in pair]
    shift = (first[0] - first[version] + 6) % 12 - 6 + transpose
    notes = pair[version].notes
    notes = notes[notes["onset"] < 20]
    return from_notes(
        [
            (
                float(n["onset"]),
                float(n["duration"]),
                int(n["pitch"]) + shift,
            )
            for n in notes
        ]
    )


def opening_pitch(score: Score) -> int:
    """Pitch of the soprano's, or the first part's, first note."""
    rows = range(len(score.parts))
    row = max(rows, key=lambda r: (score.parts[r] == "Soprano", -r))
    return int(score.notes["pitch"][score.notes["part"] == row][0])


def dry(
    work: int, version: int, *, transpose: int = 0
) -> Float[Tensor, "time"]:
    """One version as sound, twelve seconds and a little."""
    g = torch.Generator().manual_seed(2 * work + version)
    names = INSTRUMENTS[version]
    sound = scores.render(
        tune(work, version, transpose=transpose),
        instruments=names[work % len(names)],
        tempo=80.0 + 8.0 * torch.rand((), generator=g).item(),
        seed=work,
        jitter=0.02,
        dynamics=10.0,
        end=17.0,
        sample_rate=SAMPLE_RATE,
    ).mixture
    length = N_FFT + (SHINGLE + SPARE - 1) * HOP
    sound = nn.functional.pad(sound, (0, length))[:length]
    return sound * 10 ** (LEVEL / 20) / signals.rms(sound)


def hall(work: int) -> Float[Tensor, "tap"]:
    """A hall: a reverberation and a colour, drawn for the work."""
    g = torch.Generator().manual_seed(1000 + work)
    t60 = 0.5 + 2.0 * torch.rand((), generator=g).item()
    tail = response(g, t60=t60, sample_rate=SAMPLE_RATE)
    octaves = 8 * torch.rand((), generator=g)  # where the colour is
    spectrum = torch.fft.rfft(tail)
    f = torch.linspace(0, SAMPLE_RATE / 2, len(spectrum)).clamp(min=20)
    phases = 2 * torch.pi * torch.rand(3, 1, generator=g)
    ripple = torch.arange(1, 4)[:, None] * (f / 50).log2() + phases
    gain = 8.0 * torch.sin(ripple + octaves).sum(0) / 3**0.5
    coloured = torch.fft.irfft(spectrum * 10 ** (gain / 20), len(tail))
    return nn.functional.pad(coloured, (0, TAPS - len(tail)))


def pitch_classes() -> Float[Tensor, "12 freq"]:
    """Which bins of the STFT count for a pitch class, 80 Hz to 2 kHz."""
    f = torch.arange(1, N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT
    nearest = hz_to_pitch(f).round().long() % 12
    heard = (f > 80) & (f < 2000)
    rows = (nearest == torch.arange(12)[:, None]) & heard
    return nn.functional.pad(rows.float(), (1, 0))


def features(
    waveform: Float[Tensor, "time"],
) -> tuple[Float[Tensor, "12 frame"], Float[Tensor, "band frame"]]:
    """Chroma of norm one, and the logarithm of the mel spectrum."""
    size = stft(waveform, n_fft=N_FFT, hop_length=HOP).abs()
    size = size[:, 1 : 1 + SHINGLE + SPARE]
    chroma = normalise(pitch_classes() @ (1 + size).log())
    bands = mel_matrix(
        n_mels=BANDS, n_fft=N_FFT, sample_rate=SAMPLE_RATE
    )
    return chroma, (bands @ size.square() + 1e-3).log()


@cache
def material() -> dict[str, Recordings]:
    """All recordings: what is searched, and three kinds of query.

    "second" are the second versions in the hall of their work, which
    are searched; "first" the first versions there, "elsewhere" in the
    hall of the next work, "higher" at home, transposed.
    """
    works = range(len(WORKS))
    halls = [hall(work) for work in works]
    kinds = {
        "first": (0, 0, 0),
        "second": (1, 0, 0),
        "elsewhere": (0, 1, 0),
        "higher": (0, 0, TRANSPOSED),
    }
    found = {}
    for name, (version, away, shift) in kinds.items():
        rows = [
            features(
                reverberate(
                    dry(work, version, transpose=shift),
                    halls[(work + away) % len(WORKS)],
                )
            )
            for work in works
        ]
        chroma, mel = map(torch.stack, zip(*rows, strict=True))
        found[name] = Recordings(chroma, mel)
    # Of each band its mean over all works, learned or not, is taken off.
    both = found["first"].mel, found["second"].mel
    mean = torch.stack(both).mean((0, 1, 3))[:, None]
    return {
        name: Recordings(r.chroma, r.mel - mean)
        for name, r in found.items()
    }


class ShingleEncoder(nn.Module):
    """Two layers from a shingle to a point on the sphere."""

    def __init__(self, inputs: int, size: int = SIZE):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(inputs, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, size),
        )

    def forward(
        self, shingle: Float[Tensor, "*batch input"]
    ) -> Float[Tensor, "*batch feature"]:
        return normalize(self.layers(shingle), dim=-1)


def shingle(
    x: Float[Tensor, "*batch feature frame"],
) -> Float[Tensor, "*batch input"]:
    """The first ten seconds as one vector."""
    return x[..., :SHINGLE].flatten(-2)


def transposed(
    x: Float[Tensor, "*kind item 12 frame"], shift: Int[Tensor, "item"]
) -> Float[Tensor, "*kind item 12 frame"]:
    """Each item's pitch classes moved up by its number of semitones."""
    rows = (torch.arange(12) - shift[:, None]) % 12
    return torch.gather(x, -2, rows[..., None].expand_as(x))


def copies(
    x: Float[Tensor, "item feature frame"], g: torch.Generator
) -> Float[Tensor, "item input"]:
    """Shingles that begin up to a second later, slower or faster."""
    later = int(torch.randint(3, (), generator=g))
    speed = 1 + STRETCH * (2 * torch.rand((), generator=g).item() - 1)
    frames = round(SHINGLE * speed)
    cut = x[..., later : later + frames]
    cut = interpolate(cut, size=SHINGLE, mode="linear")
    return cut.flatten(-2)


def folds() -> tuple[Int[Tensor, "work"], Int[Tensor, "work"]]:
    """Works in two halves; who learns one is tested on the other."""
    works = torch.arange(len(WORKS))
    return works[::2], works[1::2]


def batches(
    x: Float[Tensor, "version work feature frame"],
    learned: list[Int[Tensor, "work"]],
    seeds: list[int],
    *,
    keys: bool = False,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Both versions of some works, for each model its own draw.

    With `keys` each work in one of twelve keys, drawn anew.
    """
    drawn = [torch.Generator().manual_seed(s) for s in seeds]

    def draw(step: int) -> tuple[Tensor, Tensor]:
        rows = []
        for g, works in zip(drawn, learned, strict=True):
            some = works[
                torch.randperm(len(works), generator=g)[:BATCH]
            ]
            chosen = x[:, some]
            if keys:
                up = torch.randint(12, (len(some),), generator=g)
                chosen = transposed(chosen, up)
            rows.append(torch.stack([copies(v, g) for v in chosen]))
        inputs = torch.stack(rows)
        return inputs, inputs.new_zeros(len(seeds))

    return draw


def learn(
    x: Float[Tensor, "version work feature frame"],
    *,
    learned: list[Int[Tensor, "work"]],
    loss: Callable[[Tensor, Tensor], Tensor] = triplet,
    recipe: Recipe = RECIPE,
    keys: bool = False,
) -> list[list[nn.Module]]:
    """Encoders of five seeds for each set of works to learn from."""
    seeds = [s for _ in learned for s in SEEDS]
    sets = [works for works in learned for _ in SEEDS]
    inputs = x.shape[-2] * SHINGLE
    models, _ = train(
        [seeded(lambda: ShingleEncoder(inputs), s) for s in seeds],
        batches(x, sets, seeds, keys=keys),
        lambda out, _: loss(out[:, 0], out[:, 1]),
        recipe,
    )
    return [
        models[i : i + len(SEEDS)]
        for i in range(0, len(models), len(SEEDS))
    ]


def principal(
    x: Float[Tensor, "item input"], size: int = SIZE
) -> Callable[[Tensor], Tensor]:
    """Projection on the first principal axes of some shingles."""
    mean = x.mean(0)
    axes = torch.linalg.svd(x - mean, full_matrices=False).Vh[:size]
    return lambda y: (y - mean) @ axes.T


def reciprocal_ranks(
    query: Float[Tensor, "item feature"],
    base: Float[Tensor, "item feature"],
) -> Float[Tensor, "item"]:
    """One over the rank of the item's own entry; ties count against it."""
    d = torch.cdist(query, base)
    return 1.0 / (d <= d.diagonal()[:, None]).sum(1)


def shifted_ranks(
    encode: Callable[[Tensor], Tensor],
    query: Float[Tensor, "item 12 frame"],
    base: Float[Tensor, "item 12 frame"],
) -> Float[Tensor, "item"]:
    """As :func:`reciprocal_ranks`, with each query in its best key.

    All twelve rotations of a query are embedded, and the least of its
    twelve distances to an entry counts.
    """
    there = encode(shingle(base))
    d = torch.stack(
        [
            torch.cdist(encode(shingle(query.roll(r, -2))), there)
            for r in range(12)
        ]
    ).amin(0)
    return 1.0 / (d <= d.diagonal()[:, None]).sum(1)


@torch.no_grad()
def cross_ranks(
    encoders: list[list[Callable[[Tensor], Tensor]]],
    query: Float[Tensor, "work feature frame"],
    base: Float[Tensor, "work feature frame"],
    *,
    heard: bool = False,
    keys: bool = False,
) -> Float[Tensor, "seed work"]:
    """Reciprocal ranks of all works among those of their fold.

    Args:
        encoders: for each fold, in their order, five that learned it.
        query, base: of each work.
        heard: test on the works that were learned, not on the others.
        keys: embed each query in all twelve keys.
    """
    sets = folds()
    out = torch.zeros(len(encoders[0]), len(WORKS))
    for k, each in enumerate(encoders):
        works = sets[k if heard else 1 - k]
        for seed, encode in enumerate(each):
            q, b = query[works], base[works]
            if keys:
                out[seed, works] = shifted_ranks(encode, q, b)
            else:
                out[seed, works] = reciprocal_ranks(
                    encode(shingle(q)), encode(shingle(b))
                )
    return out
