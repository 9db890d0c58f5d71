"""What a tempo prior buys: performances, activations, drum patterns.

Explained in analysis/beat-tracking/priors. Three kinds of material
with exact truth: beat times of a performance; an activation planted on
them, whose errors are drawn and do not depend on the tempo; a pattern
of recorded drum strokes, in which the bass drum's place is the trace Z
of `dla.experiments.confounder`.
"""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from dla.datasets import percussion
from dla.datasets.beats import tempo_points
from dla.datasets.scores import TempoCurve
from dla.spectral.novelty import compress
from dla.spectral.plp import plp
from dla.spectral.stft import stft
from dla.spectral.tempogram import fourier_tempogram

FRAME_RATE = 50.0  # per second
SAMPLE_RATE = 22050  # Hz
HOP = 441  # samples: 50 frames per second
N_FFT = 1024  # 46 ms
EDGES = (0.0, 150.0, 2000.0, SAMPLE_RATE / 2)  # Hz: low, middle, high

PULSES = torch.arange(60.0, 301.0, 2.0)  # BPM, of the pulse channel


def played(
    curve: str, *, bpm: float, beats: int, rng: np.random.Generator
) -> Float[Tensor, "beat"]:
    """Beat times of a performance, the first after half a second.

    Args:
        curve: "steady", "accelerando", "rubato", "fermata", ...: see
            `dla.datasets.beats.tempo_points`.
        bpm: tempo in beats per minute that the curve starts from.
        beats: how many.
        rng: for the curves that are random.

    Raises:
        ValueError: no such curve.

    >>> rng = np.random.default_rng(0)
    >>> played("steady", bpm=120.0, beats=3, rng=rng)
    tensor([0.5000, 1.0000, 1.5000], dtype=torch.float64)
    """
    places = np.arange(beats)
    points = tempo_points(curve, bpm, places, 1.0, rng)
    return 0.5 + torch.from_numpy(TempoCurve(points).time(places))


@dataclass(frozen=True)
class Flaws:
    """What is wrong with a planted activation. Chances per beat."""

    missing: float = 0.15  # a beat without a peak
    extra: float = 0.35  # a peak half-way to the next beat
    jitter: float = 0.01  # s, standard deviation of all peaks
    least: float = 0.35  # heights are uniform from here to 1 ...
    weaker: float = 0.8  # ... times this for extra peaks
    width: float = 0.02  # s, standard deviation of a peak's shape
    floor: float = 0.05  # standard deviation of noise everywhere


def plant_activation(
    beats: Float[Tensor, "beat"],
    *,
    generator: torch.Generator,
    flaws: Flaws = Flaws(),
    frame_rate: float = FRAME_RATE,
) -> Float[Tensor, "frame"]:
    """An activation with known errors, one second past the last beat.

    Every beat gets a peak of random height or none, every gap between
    two beats perhaps a false one in its middle. The same numbers are
    drawn for the same number of beats, whatever their times: two
    performances of one piece have the same errors.

    Args:
        beats: times in s.
        generator: source of the randomness; it advances.
        flaws: how many errors of which kind.
        frame_rate: in frames per second.

    Returns:
        Probabilities, from 0.001 to 0.999.

    Raises:
        ValueError: fewer than two beats.

    >>> g = torch.Generator().manual_seed(0)
    >>> none = Flaws(
    ...     missing=0.0, extra=0.0, jitter=0.0, least=1.0, floor=0.0
    ... )
    >>> beats = torch.tensor([0.5, 1.0])
    >>> a = plant_activation(beats, generator=g, flaws=none)
    >>> a[[25, 26, 37, 50]]
    tensor([0.999, 0.607, 0.001, 0.999])
    """
    count = len(beats)
    if count < 2:
        raise ValueError(f"{count} beats: a gap takes two")
    chance, height, late = (
        torch.rand(2, count, generator=generator, dtype=torch.float64),
        torch.rand(2, count, generator=generator, dtype=torch.float64),
        torch.randn(2, count, generator=generator, dtype=torch.float64),
    )
    height = flaws.least + (1 - flaws.least) * height
    beats = beats.double()
    middles = (beats[:-1] + beats[1:]) / 2
    there = torch.cat(
        [chance[0] >= flaws.missing, chance[1, :-1] < flaws.extra]
    )
    centres = torch.cat([beats, middles]) + flaws.jitter * torch.cat(
        [late[0], late[1, :-1]]
    )
    heights = torch.cat([height[0], flaws.weaker * height[1, :-1]])
    frames = int((float(beats[-1]) + 1.0) * frame_rate)
    times = torch.arange(frames, dtype=torch.float64) / frame_rate
    away = (times[:, None] - centres[there]) / flaws.width
    peaks = heights[there] * torch.exp(-0.5 * away.square())
    noise = torch.randn(frames, generator=generator).abs()
    whole = torch.maximum(peaks.amax(1), flaws.floor * noise)
    return whole.clamp(0.001, 0.999).float()


KIT = {  # recorded strokes, all CC0, and how loud each is played
    "bass": ("drum_bass_hard", 1.0),
    "snare": ("drum_snare_hard", 0.5),
    "hat": ("drum_cymbal_closed", 0.35),
}
ON_THE_BEAT, OFF_THE_BEAT, ANYWHERE = 0, 1, 2  # values of Z


@dataclass(frozen=True, eq=False)
class Pattern:
    """Strokes of a drum kit, and the beats that they are played to."""

    beats: Float[Tensor, "beat"]  # s
    strokes: Mapping[str, tuple[Float[Tensor, "n"], Float[Tensor, "n"]]]
    seconds: float  # name of the stroke -> times in s, gains

    def waveform(
        self, sample_rate: int = SAMPLE_RATE
    ) -> Float[Tensor, "time"]:
        """The pattern played on the recorded kit.

        Raises:
            ValueError: another sampling rate than the recordings'.
        """
        if sample_rate != SAMPLE_RATE:
            raise ValueError(
                f"the strokes are recorded at {SAMPLE_RATE} Hz, "
                f"got {sample_rate}"
            )
        length = round(self.seconds * SAMPLE_RATE)
        sound = torch.zeros(length)
        for name, (times, gains) in self.strokes.items():
            stroke = recorded(name)
            for time, gain in zip(times, gains, strict=True):
                start = round(float(time) * SAMPLE_RATE)
                part = stroke[: max(0, length - start)]
                sound[start : start + len(part)] += gain * part
        return sound


@functools.cache
def recorded(name: str) -> Float[Tensor, "time"]:
    """A stroke of the kit, with peak 1 times its loudness."""
    file, loudness = KIT[name]
    wave = percussion.find(file).waveform()
    return loudness * wave / wave.abs().max()


def drum_pattern(
    trace: int,
    *,
    bpm: float,
    seconds: float,
    generator: torch.Generator,
    accent: float = 1.0,
    left_out: float = 0.1,
    phase: int = 0,
) -> Pattern:
    """Hats on every half beat, and the bass drum where Z puts it.

    The hats are the content: they tell the tempo, and which of them
    are beats only if those are accented. The bass drum is the trace.
    Everything that is random is drawn whatever the trace and the
    accent: two patterns from generators in one state differ in these
    alone.

    Args:
        trace: Z; ON_THE_BEAT, OFF_THE_BEAT (half-way) or ANYWHERE
            (as many strokes, at times of their own).
        bpm: beats per minute.
        seconds: length.
        generator: source of the randomness; it advances.
        accent: gain of the hats on beats over that of the others.
        left_out: chance that a stroke is not played.
        phase: 0 if the first hat is a beat, 1 if the second is.

    Raises:
        ValueError: another trace or phase.
    """
    if trace not in (ON_THE_BEAT, OFF_THE_BEAT, ANYWHERE):
        raise ValueError(f"the trace is 0, 1 or 2, got {trace!r}")
    if phase not in (0, 1):
        raise ValueError(f"the phase is 0 or 1, got {phase!r}")
    half = 30.0 / bpm
    start = 0.1 + half * torch.rand(1, generator=generator).item()
    count = int((seconds - start - 0.1) / half)
    grid = start + half * torch.arange(count)
    on = torch.arange(count) % 2 == phase
    hats_played = torch.rand(count, generator=generator) >= left_out
    bass_played = torch.rand(count, generator=generator) >= left_out
    gains = 0.7 + 0.6 * torch.rand(2, count, generator=generator)
    anywhere = torch.rand(count, generator=generator).sort().values
    where = on if trace != OFF_THE_BEAT else ~on
    bass = where & bass_played
    times = grid[bass]
    if trace == ANYWHERE:
        times = start + anywhere[bass] * (seconds - start - 0.2)
    hats = gains[0] * torch.where(on, accent, 1.0)
    return Pattern(
        beats=grid[on],
        strokes={
            "hat": (grid[hats_played], hats[hats_played]),
            "bass": (times, gains[1][bass]),
        },
        seconds=seconds,
    )


def band_flux(
    waveform: Float[Tensor, "time"], *, gamma: float = 10.0
) -> Float[Tensor, "band frame"]:
    """Half-wave rectified flux in three bands, 50 frames a second.

    Below 150 Hz, up to 2 kHz, above: where bass drum, snare and hats
    have most of their energy. Each band is divided by its largest
    value, so that one loud stroke sets the scale: see the failures.

    Args:
        waveform: at 22050 Hz.
        gamma: of the compression (def-music-compress).

    >>> band_flux(torch.zeros(22050)).shape
    torch.Size([3, 51])
    """
    magnitude = stft(waveform, n_fft=N_FFT, hop_length=HOP).abs()
    rise = compress(magnitude, gamma=gamma).diff(dim=-1).clamp_min(0)
    rise = torch.nn.functional.pad(rise, (1, 0))
    centres = torch.arange(N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT
    bands = [
        rise[(centres >= low) & (centres < high)].sum(0)
        for low, high in pairwise(EDGES)
    ]
    flux = torch.stack(bands)
    return flux / flux.amax(-1, keepdim=True).clamp_min(1e-6)


def small_network(channels: int, hidden: int = 12) -> nn.Sequential:
    """Features to one logit a frame, from 0.4 s on either side.

    Two convolutions over time, the second with gaps of four frames:
    it hears one or two beats, not the tempo of the piece.

    >>> sum(p.numel() for p in small_network(5).parameters())
    1873
    """
    return nn.Sequential(
        nn.Conv1d(channels, hidden, 9, padding=4),
        nn.ReLU(),
        nn.Conv1d(hidden, hidden, 9, padding=16, dilation=4),
        nn.ReLU(),
        nn.Conv1d(hidden, 1, 1),
        nn.Flatten(-2),
    )


def targets(
    beats: Float[Tensor, "beat"], frames: int, *, widen: int = 1
) -> Float[Tensor, "frame"]:
    """1 at each beat's frame and its neighbours, 0 elsewhere.

    Args:
        beats: times in s; those outside are left out.
        frames: how many there are, 50 a second.
        widen: neighbours on either side.

    >>> targets(torch.tensor([0.04]), 6)
    tensor([0., 1., 1., 1., 0., 0.])
    """
    marked = torch.zeros(frames)
    centre = (beats * FRAME_RATE).round().long()
    for shift in range(-widen, widen + 1):
        there = centre + shift
        marked[there[(there >= 0) & (there < frames)]] = 1.0
    return marked


def geometric_lambda(mean_change: float, interval: float) -> float:
    r"""Maximum-likelihood lambda on an endless grid of intervals.

    .. math:: \hat\lambda = \tau \operatorname{asinh}
        \frac{1}{\tau \bar d}

    (eq-beat-lambda-grid). Without any change it is infinite.

    Args:
        mean_change: :math:`\bar d`, mean of |next/this - 1|.
        interval: :math:`\tau`, frames per beat.

    >>> geometric_lambda(0.01, 25.0), geometric_lambda(0.0, 25.0)
    (52.4, inf)
    """
    if mean_change <= 0:
        return math.inf
    return interval * math.asinh(1 / (interval * mean_change))


def grid_hits(period: float, window: float) -> float:
    r"""Expected F-measure of a pulse of the right period, random phase.

    :math:`\min(1, 2w/T)` (eq-beat-steady).

    Args:
        period: T, of the beats, in s.
        window: w, tolerance on either side, in s.

    >>> round(grid_hits(0.3, 0.07), 2)
    0.47
    """
    return min(1.0, 2 * window / period)


ARMS = {  # bands (low, middle, high) kept, and whether with a pulse
    "black box": ((1.0, 1.0, 1.0), False),
    "with pulse": ((1.0, 1.0, 1.0), True),
    "high band": ((0.0, 0.0, 1.0), True),
}


def as_heard(
    flux: Float[Tensor, "band frame"], arm: str
) -> Float[Tensor, "channel frame"]:
    """Four channels: the bands an arm keeps, and their local pulse.

    What an arm is not given is zero, so that all have one shape. The
    pulse is that of the kept bands' sum, largest value one.

    Args:
        flux: of `band_flux`.
        arm: one of ARMS.

    Raises:
        ValueError: another arm.

    >>> as_heard(torch.ones(3, 200), "black box").sum(1)
    tensor([200., 200., 200.,   0.])
    """
    if arm not in ARMS:
        raise ValueError(f"an arm is one of {', '.join(ARMS)}: {arm!r}")
    weights, periodic = ARMS[arm]
    kept = flux * torch.tensor(weights)[:, None]
    pulse = torch.zeros_like(flux[0])
    if periodic:
        novelty = kept.sum(0)
        pulse = plp(
            novelty - novelty.mean(),
            frame_rate=FRAME_RATE,
            bpm=PULSES,
            seconds=4.0,
        )
        pulse = pulse / pulse.max().clamp_min(1e-6)
    return torch.cat([kept, pulse[None]])


def local_tempo(
    activation: Float[Tensor, "frame"],
    intervals: Tensor,
    *,
    seconds: float = 4.0,
    sharpness: float = 4.0,
) -> Float[Tensor, "frame interval"]:
    """Weights of the intervals by a local tempogram, for `decode`.

    The magnitude at the tempo of each interval, relative to the
    frame's largest, to a power, plus a thousandth.

    Args:
        activation: at 50 frames a second.
        intervals: in frames, shape (interval,).
        seconds: length of the window.
        sharpness: the power.
    """
    strength = fourier_tempogram(
        activation - activation.mean(),
        frame_rate=FRAME_RATE,
        bpm=60 * FRAME_RATE / intervals.float(),
        seconds=seconds,
    ).abs()
    relative = strength / strength.amax(0, keepdim=True)
    return (relative**sharpness + 1e-3).mT


def backbeat(
    frames: float, *, seconds: float, generator: torch.Generator
) -> Pattern:
    """Bass drum and snare in turn, hats between: two per bar.

    `beats[::2]` are those of the bass drum: the beats of a listener
    who taps at half the tempo.

    Args:
        frames: interval of the beats in frames of 20 ms.
        seconds: length.
        generator: source of the randomness; it advances.
    """
    offset = torch.randint(5, 15, (1,), generator=generator).item()
    count = int((seconds - 0.1) * FRAME_RATE - offset) // frames
    beats = (offset + frames * torch.arange(count)) / FRAME_RATE
    gains = 0.7 + 0.6 * torch.rand(3, len(beats), generator=generator)
    late = beats + frames / 2 / FRAME_RATE
    heard = torch.rand(len(beats), generator=generator) > 0.1
    hats = torch.cat([beats, late[heard]])
    return Pattern(
        beats=beats,
        strokes={
            "bass": (beats[::2], gains[0, ::2]),
            "snare": (beats[1::2], gains[1, 1::2]),
            "hat": (hats, torch.cat([gains[2], gains[2, heard]])),
        },
        seconds=seconds,
    )


def log_odds(
    activation: Float[Tensor, "*shape"],
    observation_lambda: float = 16.0,
) -> Float[Tensor, "*shape"]:
    r"""What a frame is worth to a path that has a beat there, in nat.

    .. math:: L(a) = \log \frac{(\Lambda - 1)\, a}{1 - a}

    (def-beat-odds). Zero at :math:`a = 1/\Lambda` (eq-beat-neutral).

    >>> log_odds(torch.tensor([1 / 16, 0.5]))
    tensor([0.0000, 2.7081])
    """
    return torch.logit(activation) + math.log(observation_lambda - 1)


def critical_activation(
    strong: float,
    interval: int,
    observation_lambda: float = 16.0,
) -> float:
    r"""Weak-beat activation at which the decoder changes level.

    Below it the path of half the tempo is the more probable one
    (eq-beat-octave-point):

    .. math:: L(a^*) = \frac{W_{2\tau} - W_\tau}{W_\tau}
        \, L(s)

    Args:
        strong: :math:`s`, activation around strong beats.
        interval: :math:`\tau`, of the faster path, in frames.
        observation_lambda: :math:`\Lambda`.

    >>> round(critical_activation(0.95, 18), 2)
    0.53
    """
    width = math.ceil(interval / observation_lambda)
    double = math.ceil(2 * interval / observation_lambda)
    worth = float(log_odds(torch.tensor(strong), observation_lambda))
    needed = (double - width) / width * worth
    odds = math.exp(needed) / (observation_lambda - 1)
    return odds / (1 + odds)
