"""Sounds on which the measures that people print are wrong.

The material of overview/speech/metric-and-ear, and seven further
estimates of it: some that a listener would not tell from the voice, some
that nobody would take for it (overview/speech/measures).
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dla import checks, signals, units
from dla.chapters.speech import distortions
from dla.datasets import prompts
from dla.spectral.stft import istft, stft

SAMPLE_RATE = 16000  # Hz
TALKERS = ("allison", "carlo", "june", "russian")
EACH = 6  # sentences of a talker
SECONDS = 2.5  # of each sentence
LEVEL = -23.0  # dB
LEVELS = (0.0, 5.0, 10.0)  # dB, the SI-SDR of the six kinds
MISTAKES = (
    "40 dB quieter",
    "0.1 s late",
    "one click",
    "0.3 s cut out",
    "noise with its envelopes",
    "backwards",
    "another sentence",
)
QUIETER = -40.0  # dB
LATE = 0.1  # s
CUT = (1.0, 0.3)  # s, where the gap begins and how long it is
CLICK = 1.25  # s, where it is; its peak is full scale


def sentences() -> Float[Tensor, "voice time"]:
    """Six sentences of each talker, 2.5 s of each, at one level."""
    length = round(SECONDS * SAMPLE_RATE)
    spoken = torch.stack(
        [
            p.waveform()[:length]
            for talker in TALKERS
            for p in prompts.table(
                speakers=[talker],
                languages=["en", "it", "fr", "ru"],
                kinds=["prompt"],
                min_seconds=SECONDS,
            )[:EACH]
        ]
    )
    return levelled(spoken)


def levelled(
    spoken: Float[Tensor, "voice time"],
) -> Float[Tensor, "voice time"]:
    """Centred, at -23 dB each."""
    spoken = spoken - spoken.mean(-1, keepdim=True)
    return signals.at_level(spoken, torch.full((len(spoken),), LEVEL))


def spoilt(
    voices: Float[Tensor, "voice time"],
) -> Float[Tensor, "level kind voice time"]:
    """The six kinds of error at 0, 5 and 10 dB SI-SDR, as on the page.

    Args:
        voices: of :func:`sentences`, in its order: the other talker of
            a voice is the one before.
    """
    generator = torch.Generator().manual_seed(0)
    return torch.stack(
        [
            distortions.six_estimates(
                voices,
                voices.roll(EACH, 0),
                level=level,
                sample_rate=SAMPLE_RATE,
                generator=generator,
            )[0]
            for level in LEVELS
        ]
    )


def mistakes(
    voices: Float[Tensor, "voice time"],
) -> Float[Tensor, "mistake voice time"]:
    """One estimate of each of the MISTAKES, of each voice.

    Args:
        voices: of :func:`sentences`, or others in groups of six by one
            talker: another sentence is the next of the group.

    >>> voices = sentences()
    >>> mistakes(voices).shape == (len(MISTAKES), *voices.shape)
    True
    """
    voices = checks.as_sound("voices", voices)
    late = round(LATE * SAMPLE_RATE)
    click, cut = voices.clone(), voices.clone()
    click[:, round(CLICK * SAMPLE_RATE)] = 1.0
    start, length = (round(s * SAMPLE_RATE) for s in CUT)
    cut[:, start : start + length] = 0.0
    same_talker = voices.unflatten(0, (-1, EACH))
    return torch.stack(
        [
            units.power_ratio(torch.tensor(QUIETER)).sqrt() * voices,
            torch.nn.functional.pad(voices, (late, 0))[..., :-late],
            click,
            cut,
            whispered(voices, sample_rate=SAMPLE_RATE),
            voices.flip(-1),
            same_talker.roll(-1, 1).flatten(0, 1),
        ]
    )


def whispered(
    voices: Float[Tensor, "*batch time"], *, sample_rate: int
) -> Float[Tensor, "*batch time"]:
    """Noise whose third-octave bands have the powers of the voice's.

    A noise vocoder: of each frame and band the power is kept, phases
    and fine structure are those of one noise.

    Args:
        voices: any voices.
        sample_rate: in Hz.

    >>> x = torch.sin(0.3 * torch.arange(8000.0))
    >>> whispered(x, sample_rate=16000).shape
    torch.Size([8000])
    """
    voices = checks.as_sound("voices", voices)
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(voices.shape[-1], generator=generator)
    frame = {"n_fft": 512, "hop_length": 128}
    wanted = stft(voices, **frame)
    carrier = stft(noise, **frame).to(wanted)
    frequency = torch.fft.rfftfreq(512, 1 / sample_rate)
    thirds = (3 * (frequency.clamp_min(1.0) / 150).log2()).round()
    band = thirds.clamp_min(-1).long() + 1
    members = torch.nn.functional.one_hot(band).to(voices)  # bin, band
    power, own = (
        torch.einsum(
            "kb,...km->...bm", members, x.abs().square().to(voices)
        )
        for x in (wanted, carrier)
    )
    gain = (power / own.clamp_min(1e-20)).sqrt()
    of_bins = torch.einsum("kb,...bm->...km", members, gain)
    return istft(of_bins * carrier, length=voices.shape[-1], **frame)
