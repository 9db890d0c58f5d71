"""Everything the book has recorded, excerpts of it, and what spoils them.

Used in comparison/audio-retrieval.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import soundfile
import torch
from jaxtyping import Float
from scipy.signal import resample_poly
from torch import Tensor

from dla import checks, signals, units
from dla.acoustics import reverb
from dla.datasets import effects, percussion, piano, prompts, songs
from dla.retrieval import fingerprint

RATE = fingerprint.SAMPLE_RATE
SECONDS = 3.0  # of a query
QUIETEST = 1e-8  # power of an excerpt that is none: -80 dB
PHONE_BAND = (300.0, 3400.0)  # Hz
T60 = 0.5  # s, of the simulated room
TAIL_ENERGY = 2.0  # of the reverberation, relative to the direct sound


@dataclass(frozen=True)
class Recording:
    """One recorded sound at 8 kHz."""

    name: str
    kind: str  # song, speech, piano, percussion, effect
    group: str  # shared by takes and cuts of one recording
    waveform: Float[Tensor, "time"]

    @property
    def seconds(self) -> float:
        return len(self.waveform) / RATE


@lru_cache
def recordings() -> tuple[Recording, ...]:
    """All that the book has recorded: songs, speech, notes, hits, effects.

    >>> len(recordings())
    1113
    """
    found = [
        *((s.name, "song", s.name, s) for s in songs.table()),
        *((p.file, "speech", p.file, p) for p in prompts.table()),
        *((n.note, "piano", n.note, n) for n in piano.table()),
        *(
            (s.name, "percussion", s.group, s)
            for s in percussion.table()
        ),
        *((e.name, "effect", e.group, e) for e in effects.table()),
    ]
    return tuple(
        Recording(name, kind, f"{kind} {group}", at_rate(sound))
        for name, kind, group, sound in found
    )


def at_rate(
    sound: songs.Song
    | prompts.Prompt
    | piano.Note
    | percussion.Sample
    | effects.Effect,
) -> Float[Tensor, "time"]:
    """A recording's samples at 8 kHz."""
    waveform = sound.waveform()
    if sound.sample_rate == RATE:
        return waveform
    return signals.resample(waveform, sound.sample_rate, RATE)


@dataclass(frozen=True)
class Excerpt:
    """A query and where it comes from."""

    recording: int  # its place in `recordings()`
    start: int  # samples
    waveform: Float[Tensor, "time"]


def draw(
    generator: torch.Generator,
    *,
    count: int,
    seconds: float = SECONDS,
    kinds: Sequence[str] | None = None,
) -> list[Excerpt]:
    """Excerpts, each stretch of so many seconds equally likely.

    A recording that is too short has none; silence is drawn again.

    Args:
        generator: source of the places; it advances.
        count: number of excerpts.
        seconds: length of each.
        kinds: what to draw from; None: everything.
    """
    length = units.samples(seconds, RATE)
    places = torch.tensor(
        [
            max(len(r.waveform) - length, 0)
            if kinds is None or r.kind in kinds
            else 0
            for r in recordings()
        ]
    )
    ends = places.cumsum(0)
    found = []
    while len(found) < count:
        place = torch.randint(
            0, int(ends[-1]), (1,), generator=generator
        )
        chosen = int(torch.searchsorted(ends, place, right=True))
        start = int(place - ends[chosen] + places[chosen])
        sound = recordings()[chosen].waveform[start : start + length]
        if signals.power(sound) > QUIETEST:
            found.append(Excerpt(chosen, start, sound))
    return found


def relatives(recording: int) -> list[int]:
    """Places of what was cut from the same recording, itself included.

    >>> relatives(3)
    [3]
    """
    return families()[recordings()[recording].group]


@lru_cache
def families() -> dict[str, list[int]]:
    """Group -> places of its recordings."""
    found: dict[str, list[int]] = {}
    for place, recording in enumerate(recordings()):
        found.setdefault(recording.group, []).append(place)
    return found


def noisy(
    waveform: Float[Tensor, "time"],
    generator: torch.Generator,
    *,
    snr: float = 0.0,
) -> Float[Tensor, "time"]:
    """White noise added, `snr` dB below the sound.

    >>> tone = signals.sine(440.0, seconds=1.0)
    >>> noise = noisy(tone, torch.Generator().manual_seed(0)) - tone
    >>> signals.power(noise) / signals.power(tone)
    tensor(1.000)
    """
    waveform = checks.as_sound("waveform", waveform)
    noise = torch.randn(len(waveform), generator=generator)
    noise = noise.to(waveform)
    share = units.power_ratio(torch.tensor(-snr))
    gain = share * signals.power(waveform) / signals.power(noise)
    return waveform + signals.root(gain) * noise


def phone(waveform: Float[Tensor, "time"]) -> Float[Tensor, "time"]:
    """A mobile telephone: 300 to 3400 Hz, then GSM full rate at 13 kbit/s.

    The codec is that of ETSI GSM 06.10, as libsndfile has it.

    Args:
        waveform: at 8 kHz; louder than full scale is turned down.
    """
    waveform = checks.as_sound("waveform", waveform)
    spectrum = torch.fft.rfft(waveform)
    frequency = torch.fft.rfftfreq(len(waveform), 1 / RATE)
    low, high = PHONE_BAND
    spectrum = spectrum * ((frequency >= low) & (frequency <= high))
    band = torch.fft.irfft(spectrum, len(waveform))
    return coded(band, container="WAV", subtype="GSM610")


def mp3(waveform: Float[Tensor, "time"]) -> Float[Tensor, "time"]:
    """MPEG layer III at the lowest quality that libsndfile gives."""
    return coded(waveform, container="MP3", subtype="MPEG_LAYER_III")


def coded(
    waveform: Float[Tensor, "time"], *, container: str, subtype: str
) -> Float[Tensor, "time"]:
    """Encoded and decoded again by libsndfile, at 8 kHz and half scale."""
    waveform = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=waveform)
    peak = waveform.abs().max().detach().clamp_min(1e-9)
    file = io.BytesIO()
    options = {"compression_level": 0.9} if container == "MP3" else {}
    soundfile.write(
        file,
        (0.5 * waveform / peak).detach().numpy(),
        RATE,
        format=container,
        subtype=subtype,
        **options,
    )
    file.seek(0)
    sound, _ = soundfile.read(file, dtype="float32")
    return 2 * peak * torch.from_numpy(sound)


def room(
    waveform: Float[Tensor, "time"], generator: torch.Generator
) -> Float[Tensor, "time"]:
    """Reverberation of 0.5 s whose tail has twice the direct energy."""
    response = reverb.response(
        generator, t60=T60, sample_rate=RATE, tail_energy=TAIL_ENERGY
    )
    return reverb.reverberate(waveform, response)


def faster(
    waveform: Float[Tensor, "time"], factor: float
) -> Float[Tensor, "shorter"]:
    """Played faster: durations divided, frequencies times `factor`.

    >>> tone = signals.sine(440.0, seconds=1.0)
    >>> len(faster(tone, 1.25))
    6400
    """
    waveform = checks.as_sound("waveform", waveform)
    ratio = Fraction(factor).limit_denominator(1000)
    sound = resample_poly(
        waveform.detach().numpy(), ratio.denominator, ratio.numerator
    )
    return torch.from_numpy(sound).to(waveform)


@lru_cache
def index() -> fingerprint.Index:
    """The fingerprint index of everything that the book has recorded."""
    return fingerprint.build(
        [
            fingerprint.landmarks(r.waveform, sample_rate=RATE)
            for r in recordings()
        ]
    )


@dataclass(frozen=True)
class Answer:
    """What the index says of an excerpt, and what it should say."""

    excerpt: Excerpt
    matches: fingerprint.Matches

    @property
    def votes(self) -> int:
        """For the best recording; 0 if there is none."""
        return int(self.matches.votes[0]) if len(self.matches) else 0

    @property
    def right(self) -> bool:
        """Whether the best recording is the excerpt's, or a take of it."""
        if not len(self.matches):
            return False
        best = recordings()[int(self.matches.recordings[0])]
        return best.group == recordings()[self.excerpt.recording].group

    @property
    def votes_if_unknown(self) -> int:
        """The best votes if the index lacked the excerpt's recording."""
        others = self.matches.without(relatives(self.excerpt.recording))
        return int(others.votes[0]) if len(others) else 0


def ask(
    excerpts: Sequence[Excerpt],
    spoil: Callable[[Tensor], Tensor] = lambda x: x,
) -> list[Answer]:
    """Search for each excerpt after `spoil` has been at it."""
    found = []
    for excerpt in excerpts:
        marks = fingerprint.landmarks(
            spoil(excerpt.waveform), sample_rate=RATE
        )
        found.append(Answer(excerpt, index().search(marks)))
    return found
