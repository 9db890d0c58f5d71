"""A part as a standard MIDI file, and a MIDI file as sound.

The soundfont comes with pretty_midi; the synthesiser is midirenderer.
"""

import importlib.util
import io
import math
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

RATE = 48000  # Hz, of the synthesiser
TICKS = 24000  # per quarter of half a second: a tick is a sample
BLOCK = 64  # samples: the synthesiser looks for events once a block
VOLUME, PAN, FINE_PAN, REVERB, CHORUS = 7, 10, 42, 91, 93
RPN = (101, 100, 6, 38)  # parameter's number, then its value
MASTER_FINE_TUNING = 1  # 8192 is in tune, 0 is 100 cents flat
# Of a note panned to one side, a few instruments leave a 60th on the
# other, which the synthesiser drops if it is faint: play quietly.
QUIET = 64
# Instruments made of layers that a pan spreads over both channels.
SPREAD = frozenset(
    (2, 3, 4, 5, 13, 17, 18, 19, 21, 23, 27, 44, 46, 48, 49, 50, 51,
     52, 56, 60, 63, 64, 65, 66, 67, 73, 81, 87, 88, 89, 90, 92, 93,
     95, 97, 98, 100, 103, 119, 126, 127)
)  # fmt: skip


def soundfont() -> bytes:
    """TimGM6mb.sf2, from the folder of the installed pretty_midi."""
    found = importlib.util.find_spec("pretty_midi")
    if found is None:
        raise ImportError(
            "pretty_midi brings the soundfont: install it"
        )
    return Path(found.origin).with_name("TimGM6mb.sf2").read_bytes()


def events(
    notes: Sequence[tuple[float, float, int, int]],
    *,
    channel: int,
    program: int,
    cents: float,
    pan: int,
) -> list[tuple[int, bytes]]:
    """Messages of one part as (tick, bytes), in the order of playing.

    Args:
        notes: onset and offset in s, MIDI pitch, velocity.
        cents: how much higher than 440 Hz to tune, within 100.
        pan: 0 left, 64 middle, 127 right.
    """
    detuned = min(round(8192 * (1 + cents / 100)), 16383)
    controls = [
        (REVERB, 0),
        (CHORUS, 0),
        (VOLUME, QUIET),
        (PAN, pan),
        (FINE_PAN, 127 if pan == 127 else 0),
        *zip(
            RPN,
            (0, MASTER_FINE_TUNING, detuned >> 7, detuned & 127),
            strict=True,
        ),
    ]
    messages = [
        (0, 0, bytes([0xB0 + channel, *control]))
        for control in controls
    ]
    messages.append((0, 0, bytes([0xC0 + channel, program])))
    for onset, offset, pitch, velocity in notes:
        on = bytes([0x90 + channel, pitch, velocity])
        off = bytes([0x80 + channel, pitch, 0])
        messages.append((round(onset * RATE), 2, on))
        messages.append((round(offset * RATE), 1, off))
    messages.sort(key=lambda message: message[:2])
    return [(tick, data) for tick, _, data in messages]


def file(messages: list[tuple[int, bytes]], *, seconds: float) -> bytes:
    """A standard MIDI file of format 0 that lasts so long."""
    track, last = [], 0
    tempo = (0, bytes([0xFF, 0x51, 3]) + (500_000).to_bytes(3, "big"))
    end = (math.ceil(seconds * RATE), bytes([0xFF, 0x2F, 0]))
    ordered = sorted(messages, key=lambda message: message[0])
    for tick, data in (tempo, *ordered, end):
        track += [_variable_length(tick - last), data]
        last = tick
    body = b"".join(track)
    header = (6).to_bytes(4, "big") + bytes([0, 0, 0, 1])
    return (
        b"MThd"
        + header
        + TICKS.to_bytes(2, "big")
        + b"MTrk"
        + len(body).to_bytes(4, "big")
        + body
    )


def synthesise(
    midi: bytes, soundfont: bytes
) -> Float[ndarray, "2 time"]:
    """Left and right channel at 48 kHz, full scale 1.

    Raises:
        ValueError: the sound exceeds full scale.
    """
    import midirenderer

    sound = midirenderer.render_wave_from(soundfont, midi)
    with wave.open(io.BytesIO(sound)) as file:
        frames = file.readframes(file.getnframes())
    samples = np.frombuffer(frames, "<i2").reshape(-1, 2)
    if samples.max() == 32767 or samples.min() == -32768:
        raise ValueError("too loud: ask for a lower velocity")
    # An event waits for the next block, half a block on average.
    left_right = samples[BLOCK // 2 :].T.astype(np.float32, order="C")
    return left_right * np.float32((127 / QUIET) ** 2 / 32768)


def _variable_length(number: int) -> bytes:
    """Seven bits to a byte, the last one without the eighth bit."""
    data = [number & 127]
    while number := number >> 7:
        data.insert(0, 128 | number & 127)
    return bytes(data)
