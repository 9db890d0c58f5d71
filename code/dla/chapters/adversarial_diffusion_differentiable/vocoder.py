"""Sentences at 16 kHz with their mel levels, and a vocoder that is told only these.

What the study of the vocoder and the page on speaking share. Reported
in synthesis/adversarial-diffusion-differentiable/source-filter.
"""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn
from torch.nn import functional

from dla.datasets import prompts
from dla.losses.multi_scale_spectral import multi_scale_spectral
from dla.measures.log_spectral_distance import log_spectral_distance
from dla.measures.perceptual import mel_cepstral_distance
from dla.models.harmonic_noise import harmonic_plus_noise
from dla.spectral.griffin_lim import griffin_lim
from dla.spectral.mel import hz_to_mel, log_mel, mel_centres, mel_matrix
from dla.spectral.mel_inversion import invert_mel
from dla.spectral.stft import stft
from dla.spectral.yin import VOICED, yin

RATE = 16000  # Hz
GRID = {"n_fft": 512, "hop_length": 128}  # 32 ms, 8 ms
HOP = GRID["hop_length"]
BANDS = 80
DIVISION = 0  # seed of the division of the prompts
CENTRE, SPREAD = -30.0, 20.0  # dB; brings levels to about one
LOOKED_AT = (
    4  # held-out sentences, the first, on which the design was decided
)
SCORED, SECONDS = (
    6,
    2,
)  # of the others, so many, so long from their beginning
FLOOR = 1e-6  # energy that stands for silence in a band


@dataclass(frozen=True)
class Sentence:
    """One prompt, as the networks get it."""

    text: str  # name of the prompt
    sound: Float[Tensor, "time"]  # at 16 kHz, peak 0.9, whole hops
    level: Float[Tensor, "band frame"]  # as of :func:`level`


@cache
def sentences(speaker: str, *, held_out: bool) -> tuple[Sentence, ...]:
    """A quarter of a speaker's prompts, or the other three.

    >>> len(sentences("june", held_out=True))
    10
    """
    table = prompts.table(speakers=[speaker], kinds=["prompt"])
    side = prompts.split(table, seed=DIVISION)[int(held_out)]
    return tuple(_sentence(p) for p in side)


@cache
def tested(speaker: str) -> tuple[Sentence, ...]:
    """Beginnings of held-out sentences that no decision has seen.

    >>> [len(s.sound) / RATE for s in tested("june")]
    [2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    """
    whole = sentences(speaker, held_out=True)[LOOKED_AT:][:SCORED]
    cut = [s.sound[: SECONDS * RATE] for s in whole]
    return tuple(
        Sentence(s.text, x, level(x))
        for s, x in zip(whole, cut, strict=True)
    )


def _sentence(prompt: prompts.Prompt) -> Sentence:
    sound = prompt.waveform()
    whole = len(sound) // HOP * HOP
    sound = 0.9 * sound[:whole] / sound.abs().max()
    return Sentence(prompt.text, sound, level(sound))


def level(
    sound: Float[Tensor, "time"],
) -> Float[Tensor, "band frame"]:
    """Mel levels of a sound, centred and scaled, one frame a hop.

    Args:
        sound: at 16 kHz.
    """
    decibels = log_mel(
        sound, sample_rate=RATE, n_mels=BANDS, offset=FLOOR, **GRID
    )
    frames = sound.shape[-1] // HOP
    return (decibels[..., :frames] - CENTRE) / SPREAD


def energy(
    level: Float[Tensor, "*batch band frame"],
) -> Float[Tensor, "*batch band frame"]:
    """Energies in the bands, of levels as :func:`level` gives them."""
    decibels = SPREAD * level + CENTRE
    return (10 ** (decibels / 10) - FLOOR).clamp_min(0)


def from_magnitudes(
    level: Float[Tensor, "band frame"],
    *,
    generator: torch.Generator,
    steps: int = 32,
) -> Float[Tensor, "time"]:
    """Griffin and Lim's sound of the same levels: nothing is learned.

    Least squares for the bins, random phases, the fast iteration
    (synthesis/phase-and-likelihood). The last frame is held, since a
    sound of M hops has M + 1.
    """
    magnitude = least_squares(level)
    turn = torch.rand(magnitude.shape, generator=generator)
    return griffin_lim(
        magnitude,
        length=level.shape[-1] * HOP,
        steps=steps,
        momentum=0.99,
        phase=2 * math.pi * turn,
        **GRID,
    )


CHANNELS, BLOCKS = 96, 5  # of the network over frames
POINTS = 65  # of each envelope, from 0 to 8 kHz: every 125 Hz
WIDTH = 96  # of the correction's hidden layers
MIDDLE = 200.0  # Hz; pitch is counted in octaves from here
LOWEST, HIGHEST = 70.0, 420.0  # Hz, of pitch
BINS = GRID["n_fft"] // 2 + 1
# Powers: a Hann window of N samples has sum of squares 3 N / 8; the area
# of each mel filter is one over bins that lie F_s / N apart.
BIN_GAIN = RATE / GRID["n_fft"]  # |X|^2 per energy
HARMONIC_GAIN = 32 / (
    3 * GRID["n_fft"] ** 2
)  # times f0: A^2 per energy
NOISE_GAIN = 8 * RATE / (3 * GRID["n_fft"] ** 2)  # power per energy
LARGEST = 5.0  # of a correction, in nepers: where bands are silent no loss holds it
FITS, QUIET = 3, 1e-9  # steps to the band energies; least power
TURNS, MOMENTUM = 32, 0.99  # steps of Griffin and Lim at the end
TRAINED_TURNS = 2  # of these steps, while training
FRAMES = 64  # of a stretch in training: half a second
STRETCHES = 4  # in a mini-batch


class Vocoder(nn.Module):
    """Mel levels to a sound, by a source, a filter and other magnitudes.

    A convolutional network over frames says, for each of them, the
    pitch in octaves from MIDDLE, the logit of being voiced, and how
    far the envelopes of harmonics and noise are from the mel levels:
    :func:`harmonic_plus_noise` makes the *source* sound of it. A
    second network sees the source's spectrum, and says with which
    magnitudes its phases are to be heard.
    """

    def __init__(self):
        super().__init__()
        self.entry = nn.Conv1d(BANDS, CHANNELS, 5, padding=2)
        self.blocks = nn.ModuleList(
            nn.Conv1d(
                CHANNELS, CHANNELS, 3, dilation=2**i, padding=2**i
            )
            for i in range(BLOCKS)
        )
        self.pitch = nn.Conv1d(CHANNELS, 2, 1)
        self.envelopes = nn.Conv1d(CHANNELS, 2 * POINTS, 1)
        self.correction = nn.Sequential(
            nn.Conv1d(BINS + CHANNELS, WIDTH, 3, padding=1),
            nn.GELU(),
            nn.Conv1d(WIDTH, WIDTH, 3, padding=1),
            nn.GELU(),
            nn.Conv1d(WIDTH, BINS, 1),
        )
        for last in (self.envelopes, self.correction[-1]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(
        self, inputs: Float[Tensor, "batch row frame"]
    ) -> Float[Tensor, "batch output frame"]:
        """For training: rows as :func:`batches` gives them.

        The recording's pitch is what the source has; the network's
        own is only compared with it.

        Returns:
            HOP rows of the sound, HOP of the source, one of pitch in
            octaves, one logit of voicing.
        """
        level, octave, noise = inputs.split([BANDS, 1, HOP], dim=1)
        hidden = self.listen(level)
        source = self.source(
            level, hidden, octave[:, 0], noise.mT.flatten(1)
        )
        spectrum = stft(source.detach(), **GRID)
        sound = with_phases(
            self.magnitude(level, hidden.detach(), spectrum),
            spectrum,
            steps=TRAINED_TURNS,
        )
        rows = [x.unflatten(1, (-1, HOP)).mT for x in (sound, source)]
        return torch.cat([*rows, self.pitch(hidden)], dim=1)

    def listen(
        self, level: Float[Tensor, "batch band frame"]
    ) -> Float[Tensor, "batch channel frame"]:
        """What surrounds each frame, in CHANNELS numbers."""
        hidden = functional.gelu(self.entry(level))
        for block in self.blocks:
            hidden = hidden + functional.gelu(block(hidden))
        return hidden

    def source(
        self,
        level: Float[Tensor, "batch band frame"],
        hidden: Float[Tensor, "batch channel frame"],
        octave: Float[Tensor, "batch frame"],
        noise: Float[Tensor, "batch time"],
    ) -> Float[Tensor, "batch time"]:
        """Harmonics of a pitch that is given, and filtered noise."""
        frequency = MIDDLE * 2**octave
        decibels = spread_bands(POINTS) @ (SPREAD * level + CENTRE)
        own = 10 * self.envelopes(hidden)
        voiced, breath = (
            decibels + part for part in own.split(POINTS, dim=1)
        )
        gate = torch.sigmoid(self.pitch(hidden)[:, 1:])
        count = int(RATE / 2 / frequency.min())
        power = 10 ** (at_harmonics(voiced, frequency, count) / 10)
        power = power * HARMONIC_GAIN * frequency[:, None]
        return harmonic_plus_noise(
            frequency,
            power.sqrt() * gate,
            noise,
            10 ** (breath / 20) * NOISE_GAIN**0.5,
            sample_rate=RATE,
            hop_length=HOP,
        )

    def magnitude(
        self,
        level: Float[Tensor, "batch band frame"],
        hidden: Float[Tensor, "batch channel frame"],
        spectrum: Complex[Tensor, "batch freq frame_and_one"],
    ) -> Float[Tensor, "batch freq frame_and_one"]:
        """What the mel levels say, times what the network adds to it."""
        power = spectrum.real.square() + spectrum.imag.square()
        level, hidden = (
            torch.cat([x, x[..., -1:]], dim=-1) for x in (level, hidden)
        )
        said = spread_bands(BINS) @ (SPREAD * level + CENTRE)
        seen = torch.log(power + 1e-6) - said * math.log(10) / 10
        change = self.correction(torch.cat([seen / 2, hidden], dim=1))
        change = change.clamp(-LARGEST, LARGEST)
        guess = 10 ** (said / 10) * BIN_GAIN * torch.exp(2 * change)
        return fit_bands(guess, energy(level)).sqrt()


def fit_bands(
    power: Float[Tensor, "*batch freq frame"],
    energy: Float[Tensor, "*batch band frame"],
    *,
    steps: int = FITS,
) -> Float[Tensor, "*batch freq frame"]:
    r"""Powers changed until their band energies are those given.

    Each power is multiplied by a mean over the bands that hold it, of
    how much too quiet they are (eq-source-fit); none becomes zero or
    negative unless its bands are silent.

    Args:
        power: a first guess.
        energy: in the bands.
        steps: how often.
    """
    matrix = mel_matrix(
        sample_rate=RATE, n_fft=GRID["n_fft"], n_mels=BANDS
    )
    weight = matrix.mT / matrix.sum(0)[:, None].clamp_min(1e-12)
    for _ in range(steps):
        power = power * (weight @ (energy / (matrix @ power + QUIET)))
    return power.clamp_min(QUIET)


def least_squares(
    level: Float[Tensor, "band frame"],
) -> Float[Tensor, "freq frame_and_one"]:
    """Magnitudes that :func:`from_magnitudes` starts from."""
    whole = torch.cat([level, level[:, -1:]], dim=-1)
    return invert_mel(energy(whole), sample_rate=RATE).sqrt()


def fitted_bands(
    level: Float[Tensor, "band frame"], *, steps: int = FITS
) -> Float[Tensor, "freq frame_and_one"]:
    """Magnitudes of :func:`fit_bands` from a first guess that nobody learned.

    The guess are the levels, interpolated over frequency: what the
    network's is when it adds nothing.

    Args:
        level: as :func:`level` gives them.
        steps: of the fit; zero leaves the guess.
    """
    whole = torch.cat([level, level[:, -1:]], dim=-1)
    said = spread_bands(BINS) @ (SPREAD * whole + CENTRE)
    guess = 10 ** (said / 10) * BIN_GAIN
    return fit_bands(guess, energy(whole), steps=steps).sqrt()


def with_phases(
    magnitude: Float[Tensor, "*batch freq frame"],
    spectrum: Complex[Tensor, "*batch freq frame"],
    *,
    steps: int = TURNS,
) -> Float[Tensor, "*batch time"]:
    """Sound of these magnitudes; the phases start as a spectrum's.

    Griffin and Lim's steps, fast, and few: what they change, the
    network that says the magnitudes has learned to expect.
    """
    return griffin_lim(
        magnitude,
        length=(spectrum.shape[-1] - 1) * HOP,
        steps=steps,
        momentum=MOMENTUM,
        phase=spectrum.angle(),
        **GRID,
    )


@cache
def spread_bands(points: int) -> Float[Tensor, "point band"]:
    """Interpolates levels in bands, linearly in mel, up to 8 kHz."""
    centre = hz_to_mel(mel_centres(sample_rate=RATE, n_mels=BANDS))
    point = hz_to_mel(torch.linspace(0, RATE / 2, points))
    width = centre[1] - centre[0]
    place = ((point - centre[0]) / width).clamp(0, BANDS - 1)
    band = torch.arange(BANDS)
    return (1 - (place[:, None] - band).abs()).clamp_min(0)


def at_harmonics(
    envelope: Float[Tensor, "batch point frame"],
    frequency: Float[Tensor, "batch frame"],
    count: int,
) -> Float[Tensor, "batch harmonic frame"]:
    """Values of an envelope at the multiples of a pitch, linearly between points."""
    number = torch.arange(1, count + 1, dtype=frequency.dtype)
    place = number[:, None] * frequency[:, None] * 2 / RATE
    place = (place * (POINTS - 1)).clamp_max(POINTS - 1.001)
    low = place.detach().long()
    share = place - low
    below, above = (envelope.gather(1, low + i) for i in (0, 1))
    return below + share * (above - below)


@torch.no_grad()
def parts(
    network: Vocoder,
    level: Float[Tensor, "band frame"],
    *,
    generator: torch.Generator,
) -> tuple[
    Float[Tensor, "time"],
    Complex[Tensor, "freq frame_and_one"],
    Float[Tensor, "freq frame_and_one"],
]:
    """The source of mel levels, its spectrum, and the magnitudes to be heard.

    Args:
        network: trained.
        level: as :func:`level` gives them, or another network does.
        generator: of the noise; it advances.
    """
    level = level[None]
    hidden = network.listen(level)
    octave = network.pitch(hidden)[:, 0]
    octave = octave.clamp(
        math.log2(LOWEST / MIDDLE), math.log2(HIGHEST / MIDDLE)
    )
    noise = torch.randn(1, level.shape[-1] * HOP, generator=generator)
    source = network.source(level, hidden, octave, noise)
    spectrum = stft(source, **GRID)
    magnitude = network.magnitude(level, hidden, spectrum)
    return source[0], spectrum[0], magnitude[0]


def speak(
    network: Vocoder,
    level: Float[Tensor, "band frame"],
    *,
    generator: torch.Generator,
) -> Float[Tensor, "time"]:
    """A sound of mel levels, and of nothing else.

    Args:
        network: trained.
        level: as :func:`level` gives them, or another network does.
        generator: of the noise; it advances.
    """
    _, spectrum, magnitude = parts(network, level, generator=generator)
    return with_phases(magnitude, spectrum)


@cache
def pitch(
    speaker: str, *, held_out: bool
) -> tuple[Float[Tensor, "octave_voiced frame"], ...]:
    """Of each sentence, :func:`recorded_pitch`."""
    return tuple(
        recorded_pitch(s.sound)
        for s in sentences(speaker, held_out=held_out)
    )


def recorded_pitch(
    sound: Float[Tensor, "time"],
) -> Float[Tensor, "octave_voiced frame"]:
    """Pitch by YIN in octaves from MIDDLE, and one where voiced, else zero.

    Between voiced stretches the pitch is a straight line.

    Raises:
        ValueError: nothing is voiced.
    """
    found = yin(
        sound,
        sample_rate=RATE,
        f_min=LOWEST,
        f_max=HIGHEST,
        frame_length=1024,
        hop_length=HOP,
    )
    frames = len(sound) // HOP
    octave = torch.log2(found.frequency / MIDDLE)[:frames]
    voiced = found.aperiodicity[:frames] < VOICED
    where = voiced.nonzero()[:, 0]
    if not len(where):
        raise ValueError(
            f"none of {frames} frames is voiced: no pitch to draw a "
            "line through"
        )
    line = np.interp(
        np.arange(frames), where.numpy(), octave[voiced].numpy()
    )
    return torch.stack([torch.from_numpy(line).float(), voiced.float()])


def batches(
    seed: int,
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Stretches of half a second of June's training sentences.

    Inputs: rows of levels, one of pitch, HOP of noise. Targets: HOP
    rows of sound, one of pitch, one of voicing.
    """
    pool = sentences("june", held_out=False)
    level = torch.cat([s.level for s in pool], dim=-1)
    sound = torch.cat([s.sound for s in pool]).unflatten(0, (-1, HOP))
    truth = torch.cat(pitch("june", held_out=False), dim=-1)
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        start = torch.randint(
            level.shape[-1] - FRAMES,
            (STRETCHES, 1),
            generator=generator,
        )
        place = start + torch.arange(FRAMES)
        heard = level[:, place].movedim(1, 0)
        told = truth[:, place].movedim(1, 0)
        noise = torch.randn(STRETCHES, HOP, FRAMES, generator=generator)
        inputs = torch.cat([heard, told[:, :1], noise], dim=1)
        targets = torch.cat([sound[place].mT, told], dim=1)
        return inputs[None], targets[None]

    return draw


def loss(
    outputs: Float[Tensor, "model batch output frame"],
    targets: Float[Tensor, "model batch row frame"],
) -> Float[Tensor, "model"]:
    """Multi-scale spectral losses of sound and source; pitch, voicing."""
    sound, truth, voiced = targets.split([HOP, 1, 1], dim=-2)
    made, source, octave, logit = outputs.split(
        [HOP, HOP, 1, 1], dim=-2
    )
    sound, made, source = (
        x.mT.flatten(-2) for x in (sound, made, source)
    )
    spectral = sum(
        multi_scale_spectral(x, sound) for x in (made, source)
    )
    missed = (voiced * (octave - truth).abs()).mean((-2, -1))
    unsure = functional.binary_cross_entropy_with_logits(
        logit, voiced, reduction="none"
    ).mean((-2, -1))
    return (spectral + 5 * missed + 0.3 * unsure).mean(-1)


Scores = dict[str, Float[Tensor, "sentence"]]
WINDOWS = (
    512,
    2048,
)  # 32 ms, which is trained on; 128 ms, which is not


def scores(
    made: Sequence[Float[Tensor, "time"]],
    pool: Sequence[Sentence],
) -> Scores:
    """Distances in dB of sounds to the recordings, one for each sentence."""
    rows = {f"LSD {1000 * n // RATE} ms": [] for n in WINDOWS}
    rows["cepstral"] = []
    for z, s in zip(made, pool, strict=True):
        for n, row in zip(WINDOWS, list(rows.values()), strict=False):
            row.append(log_spectral_distance(z, s.sound, n_fft=n))
        rows["cepstral"].append(
            mel_cepstral_distance(z, s.sound, sample_rate=RATE)
        )
    return {name: torch.stack(row) for name, row in rows.items()}


@torch.no_grad()
def pitch_errors(
    network: Vocoder,
    pool: Sequence[Sentence],
    truth: Sequence[Float[Tensor, "octave_voiced frame"]] | None = None,
) -> tuple[Float[Tensor, "sentence"], Float[Tensor, "sentence"]]:
    """How far the network's pitch and voicing are from YIN's.

    Args:
        network: trained.
        pool: sentences.
        truth: what :func:`recorded_pitch` gives for each; without it,
            it is computed.

    Returns:
        For each sentence, the median distance over voiced frames in
        cents, and the share of frames whose voicing agrees.
    """
    cents, agreed = [], []
    if truth is None:
        truth = [recorded_pitch(s.sound) for s in pool]
    for s, (octave, voiced) in zip(pool, truth, strict=True):
        said, logit = network.pitch(network.listen(s.level[None]))[0]
        off = 1200 * (said - octave).abs()
        cents.append(off[voiced > 0].median())
        agreed.append(((logit > 0) == (voiced > 0)).float().mean())
    return torch.stack(cents), torch.stack(agreed)


def measured(network: Vocoder) -> dict[str, float]:
    """Means over June's held-out sentences and over Carlo's, who is new.

    With the weights in half precision, as they are committed.
    """
    rounded = copy.deepcopy(network).half().float()
    values = {}
    for name in ("june", "carlo"):
        generator = torch.Generator().manual_seed(0)
        pool = tested(name)
        made = [
            speak(rounded, s.level, generator=generator) for s in pool
        ]
        for what, row in scores(made, pool).items():
            values[f"{what}, {name}, dB"] = row.mean().item()
    return values
