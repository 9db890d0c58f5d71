"""Sentences at 16 kHz with their mel levels, and a vocoder that is told only these.

What the study of the vocoder and the page on speaking share. Reported
in synthesis/adversarial-diffusion-differentiable/source-filter.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from dla.datasets import prompts
from dla.losses.multi_scale_spectral import multi_scale_spectral
from dla.measures.log_spectral_distance import log_spectral_distance
from dla.measures.perceptual import mel_cepstral_distance
from dla.models.harmonic_noise import harmonic_plus_noise
from dla.spectral.griffin_lim import griffin_lim
from dla.spectral.mel import hz_to_mel, log_mel, mel_centres
from dla.spectral.mel_inversion import invert_mel
from dla.spectral.stft import istft, stft
from dla.spectral.yin import VOICED, yin

RATE = 16000  # Hz
GRID = {"n_fft": 512, "hop_length": 128}  # 32 ms, 8 ms
HOP = GRID["hop_length"]
BANDS = 80
DIVISION = 0  # seed of the division of the prompts
CENTRE, SPREAD = -30.0, 20.0  # dB; brings levels to about one
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
    whole = torch.cat([level, level[:, -1:]], dim=-1)
    magnitude = invert_mel(energy(whole), sample_rate=RATE).sqrt()
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
WIDTH = 128  # of the correction's hidden layers
MIDDLE = 200.0  # Hz; pitch is counted in octaves from here
LOWEST, HIGHEST = 70.0, 420.0  # Hz, of pitch
# Powers: a Hann window of N samples has sum of squares 3 N / 8; the area
# of each mel filter is one over bins that lie F_s / N apart.
HARMONIC_GAIN = 32 / (3 * GRID["n_fft"] ** 2)  # times f0: A^2 per energy
NOISE_GAIN = 8 * RATE / (3 * GRID["n_fft"] ** 2)  # power per energy
FRAMES = 64  # of a stretch in training: half a second
STRETCHES = 4  # in a mini-batch


class SourceFilter(nn.Module):
    """Pitch, voicing and two envelopes from mel levels; then a sound.

    A convolutional network over frames says, for each of them, the
    pitch in octaves from MIDDLE, the logit of being voiced, and how
    far the envelopes of harmonics and noise are from the mel levels.
    :func:`harmonic_plus_noise` makes a sound of it. A second network
    sees this sound's spectrum, and changes its magnitudes; the phases
    stay.

    Args:
        corrected: whether the second network is there.
    """

    def __init__(self, *, corrected: bool):
        super().__init__()
        self.corrected = corrected
        self.entry = nn.Conv1d(BANDS, CHANNELS, 5, padding=2)
        self.blocks = nn.ModuleList(
            nn.Conv1d(
                CHANNELS, CHANNELS, 3, dilation=2**i, padding=2**i
            )
            for i in range(BLOCKS)
        )
        self.pitch = nn.Conv1d(CHANNELS, 2, 1)
        self.envelopes = nn.Conv1d(CHANNELS, 2 * POINTS, 1)
        bins = GRID["n_fft"] // 2 + 1
        self.correction = nn.Sequential(
            nn.Conv1d(bins + CHANNELS, WIDTH, 3, padding=1),
            nn.GELU(),
            nn.Conv1d(WIDTH, WIDTH, 3, padding=1),
            nn.GELU(),
            nn.Conv1d(WIDTH, bins, 1),
        )
        for last in (self.envelopes, self.correction[-1]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(
        self, inputs: Float[Tensor, "batch row frame"]
    ) -> Float[Tensor, "batch row frame"]:
        """For training: rows as :func:`batches` gives them.

        The pitch that the recording has is what is sung; the
        network's own is only compared with it.

        Returns:
            HOP rows of sound, one of pitch, one of voicing.
        """
        level, octave, noise = inputs.split([BANDS, 1, HOP], dim=1)
        hidden = self.listen(level)
        sound = self.sing(
            level, hidden, octave[:, 0], noise.mT.flatten(1)
        )
        rows = sound.unflatten(1, (-1, HOP)).mT
        return torch.cat([rows, self.pitch(hidden)], dim=1)

    def listen(
        self, level: Float[Tensor, "batch band frame"]
    ) -> Float[Tensor, "batch channel frame"]:
        """What surrounds each frame, in CHANNELS numbers."""
        hidden = functional.gelu(self.entry(level))
        for block in self.blocks:
            hidden = hidden + functional.gelu(block(hidden))
        return hidden

    def sing(
        self,
        level: Float[Tensor, "batch band frame"],
        hidden: Float[Tensor, "batch channel frame"],
        octave: Float[Tensor, "batch frame"],
        noise: Float[Tensor, "batch time"],
    ) -> Float[Tensor, "batch time"]:
        """Sound of a pitch that is given, in octaves from MIDDLE."""
        frequency = MIDDLE * 2**octave
        decibels = spread_bands() @ (SPREAD * level + CENTRE)
        own = 10 * self.envelopes(hidden)
        voiced, breath = (
            decibels + part for part in own.split(POINTS, dim=1)
        )
        gate = functional.logsigmoid(self.pitch(hidden)[:, 1:])
        count = int(RATE / 2 / frequency.min())
        amplitude = at_harmonics(voiced, frequency, count)
        scale = HARMONIC_GAIN * frequency[:, None]
        sound = harmonic_plus_noise(
            frequency,
            10 ** (amplitude / 20) * scale.sqrt() * gate.exp(),
            noise,
            10 ** (breath / 20) * NOISE_GAIN**0.5,
            sample_rate=RATE,
            hop_length=HOP,
        )
        return self.correct(sound, hidden) if self.corrected else sound

    def correct(
        self,
        sound: Float[Tensor, "batch time"],
        hidden: Float[Tensor, "batch channel frame"],
    ) -> Float[Tensor, "batch time"]:
        """The sound with other magnitudes, and the same phases."""
        X = stft(sound, **GRID)
        square = X.real.square() + X.imag.square()
        seen = torch.log(square + 1e-6) / 5
        last = torch.cat([hidden, hidden[..., -1:]], dim=-1)
        gain = self.correction(torch.cat([seen, last], dim=1))
        return istft(
            X * torch.exp(gain), length=sound.shape[-1], **GRID
        )


def spread_bands() -> Float[Tensor, "point band"]:
    """Interpolates levels in bands, linearly in mel, at POINTS frequencies."""
    centre = hz_to_mel(mel_centres(sample_rate=RATE, n_mels=BANDS))
    point = hz_to_mel(torch.linspace(0, RATE / 2, POINTS))
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
def speak(
    network: SourceFilter,
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
    level = level[None]
    hidden = network.listen(level)
    octave = network.pitch(hidden)[:, 0]
    octave = octave.clamp(
        math.log2(LOWEST / MIDDLE), math.log2(HIGHEST / MIDDLE)
    )
    noise = torch.randn(
        1, level.shape[-1] * HOP, generator=generator
    )
    return network.sing(level, hidden, octave, noise)[0]


@cache
def pitch(
    speaker: str, *, held_out: bool
) -> tuple[Float[Tensor, "octave_voiced frame"], ...]:
    """Pitch of each sentence by YIN: octaves from MIDDLE, and one where voiced.

    Between voiced stretches the pitch is a straight line.
    """
    return tuple(
        _pitch(s.sound) for s in sentences(speaker, held_out=held_out)
    )


def _pitch(
    sound: Float[Tensor, "time"],
) -> Float[Tensor, "octave_voiced frame"]:
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
    line = np.interp(
        np.arange(frames), where.numpy(), octave[voiced].numpy()
    )
    return torch.stack(
        [torch.from_numpy(line).float(), voiced.float()]
    )


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
        noise = torch.randn(
            STRETCHES, HOP, FRAMES, generator=generator
        )
        inputs = torch.cat([heard, told[:, :1], noise], dim=1)
        targets = torch.cat([sound[place].mT, told], dim=1)
        return inputs[None], targets[None]

    return draw


def loss(
    outputs: Float[Tensor, "model batch row frame"],
    targets: Float[Tensor, "model batch row frame"],
) -> Float[Tensor, "model"]:
    """Multi-scale spectral loss, and what pitch and voicing miss."""
    (made, octave, logit), (sound, truth, voiced) = (
        (rows[..., :HOP, :], rows[..., HOP, :], rows[..., HOP + 1, :])
        for rows in (outputs, targets)
    )
    spectral = multi_scale_spectral(
        made.mT.flatten(-2), sound.mT.flatten(-2)
    )
    missed = (voiced * (octave - truth).abs()).mean(-1)
    unsure = functional.binary_cross_entropy_with_logits(
        logit, voiced, reduction="none"
    ).mean(-1)
    return (spectral + 5 * missed + 0.3 * unsure).mean(-1)


Scores = dict[str, Float[Tensor, "sentence"]]
WINDOWS = (512, 2048)  # 32 ms, which is trained on; 128 ms, which is not


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
