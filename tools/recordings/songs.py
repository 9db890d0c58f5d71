"""Eight songs, guitar and rest apart, from two packages of the game Frets on Fire.

The written rule
----------------
1. *Songs.* All of both packages: a folder with `guitar.ogg`, `song.ogg` (everything but the
   guitar) and `notes.mid` (the chart, of which only the tempo map is used).
2. *Beat grid.* The quarter notes of the tempo map, counted from the start of the chart,
   which is the start of both recordings. Bars have four beats: three charts say so; for the
   others it is what MIDI assumes, `metre` is 0, and the column `beat_in_bar` stays empty.
3. *Passage.* It starts on the first beat of a bar and lasts the fewest whole bars that fill
   PASSAGE seconds. Of all such passages that lie within the recordings, the one in which
   both stems are active in the most frames of 0.1 s (active: at most 40 dB below the stem's
   loudest frame); of several, the one in which the guitar has the most energy; of several,
   the first.
4. *Sound.* Mean of the two channels, halved in level (both stems alike, so that their sum
   is the mix; at full level some samples would clip), resampled to 22.05 kHz. Both stems
   are cut at the same samples. No fade: the passages start and end abruptly.
5. *Beats* of the passage go to `beats.csv`, in seconds from its first sample.

The grid is the chart author's, drawn for a game; nobody annotated beats by ear. `shift` says
how much later the onsets of the rest lie than the grid: the delay, within half a beat, at
which the spectral flux (frames of 23 ms) summed over the beats of the passage is largest,
less the delay that the same detector shows on synthetic bursts at known times; rounded to
5 ms. Where the onsets halfway between the beats are the stronger ones (see `caveat`), it is
the nearest maximum. tests/datasets/test_songs.py repeats the measurement.
"""

import hashlib
import re
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import mido
import numpy as np

from recordings.packages import Package
from recordings.sound import RATE, mono, read
from recordings.store import Built, table

COLUMNS = [
    "file", "sha256", "pcm_sha256", "seconds", "sample_rate", "name", "title", "artist", "pack",
    "stem", "start", "tempo", "metre", "shift", "caveat", "beats", "beats_sha256", "licence",
    "licence_file", "package", "version", "path",
]  # fmt: skip
GAMES = "usr/share/games/fretsonfire/data/songs"
PASSAGE = 30  # s, at least
BAR = 4  # beats
FRAME = 4410  # samples at 44.1 kHz: 0.1 s
THRESHOLD = 10_000  # power ratio, 40 dB
STEMS = {"guitar": "guitar.ogg", "rest": "song.ogg"}
CONTEXT = 512  # samples at 44.1 kHz around a passage, more than the resampler's reach

CHART = "beats are the chart author's grid, not annotated by ear"


@dataclass(frozen=True)
class Pack:
    """One package: whose songs, and what is known of their grids."""

    package: Package
    artist: str
    licence: str
    shift: dict[str, float]  # s by which onsets are later than the grid, measured, by folder
    caveat: dict[str, str]  # beyond CHART, by folder


PACKS = (
    Pack(
        Package("debian", "fretsonfire-songs-muldjord", "2.dfsg-2.1",
                "b37adf8b08b46d4182c283e760e4f40622d83674e05803960ea1e11a92600c7b"),
        "Muldjord", "CC-BY-SA-3.0",
        dict.fromkeys(
            ("armygeddon", "chaos_god", "internal_degeneration", "mutilated_mime"), 0.005
        ),
        {},
    ),
    Pack(
        Package("debian", "fretsonfire-songs-sectoid", "1.dfsg-3.1",
                "14c1ed3e43c1a6a80eae7698f0469a0825cd1184e441968d62df89ca418aa0b4"),
        "Sectoid (Carlos Viola Iborra)", "MIT",
        {"Escape from chaosland": 0.025, "Feelings": 0.035, "Metal madness": 0.04,
         "War of freedom": 0.04},
        {
            "Escape from chaosland": "in this passage the onsets halfway between its beats are "
            "stronger than those on them",
            "Metal madness": "the onsets halfway between its beats are stronger than those on "
            "them, so the grid may be half a beat off; the chart has three tempo events",
        },
    ),
)  # fmt: skip


def chart(path: Path) -> tuple[list[Fraction], bool]:
    """Times in s of the chart's quarter notes, and whether it states four to a bar."""
    midi = mido.MidiFile(path)
    tempos, metres, end = [], [], 0
    for track in midi.tracks:
        tick = 0
        for event in track:
            tick += event.time
            if event.type == "set_tempo":
                tempos.append((tick, event.tempo))
            elif event.type == "time_signature":
                metres.append((event.numerator, event.denominator))
            end = max(end, tick)
    if set(metres) - {(BAR, 4)}:
        raise SystemExit(f"{path}: a metre other than 4/4 needs another rule")
    tempos.sort(key=lambda change: change[0])
    if not tempos or tempos[0][0] != 0:
        raise SystemExit(f"{path}: no tempo at the start")
    beats = []
    for tick in range(0, end + 1, midi.ticks_per_beat):
        time = Fraction(0)
        for (since, tempo), until in zip(tempos, [t for t, _ in tempos[1:]] + [tick], strict=True):
            time += Fraction(max(0, min(until, tick) - since) * tempo, midi.ticks_per_beat)
        beats.append(time / 10**6)
    return beats, bool(metres)


def energies(samples: np.ndarray) -> np.ndarray:
    """Energy of each frame of 0.1 s; exact, as it stays below 2^50."""
    whole = samples[: len(samples) // FRAME * FRAME] >> 8  # 16 bits suffice to compare
    return (whole**2).reshape(-1, FRAME * whole.shape[1]).sum(axis=1)


def passage(beats: list[Fraction], guitar: np.ndarray, rest: np.ndarray) -> tuple[int, int]:
    """First beat of the chosen passage, and the first after it."""
    power = energies(guitar), energies(rest)
    both = np.logical_and(*(p * THRESHOLD >= p.max() for p in power))
    frames = len(both)
    best = (-1, -1), 0, 0
    for first in range(0, len(beats), BAR):
        after = first
        while after < len(beats) and beats[after] - beats[first] < PASSAGE:
            after += BAR
        if after >= len(beats) or beats[after] * 10 > frames:
            break
        inside = slice(int(beats[first] * 10), int(beats[after] * 10))
        score = int(both[inside].sum()), int(power[0][inside].sum())
        if score > best[0]:
            best = score, first, after
    return best[1:]


def cut(samples: np.ndarray, rate: int, start: int, end: int) -> np.ndarray:
    """Samples `start` to `end` at RATE, from a recording at twice that rate."""
    if rate != 2 * RATE:
        raise SystemExit(f"a recording has {rate} Hz, the rule says {2 * RATE}")
    lead = min(2 * start, CONTEXT)
    part = samples[2 * start - lead : 2 * end + CONTEXT]
    return mono(part, rate, halvings=1)[lead // 2 :][: end - start]


def build(packages: Path) -> Built:
    """The corpus, from the packages in a folder."""
    built = Built(COLUMNS)
    for pack in PACKS:
        with tempfile.TemporaryDirectory() as folder:
            root = pack.package.unpack(packages, Path(folder))
            notice = f"{pack.package.name}.txt"
            built.notice(notice, pack.package.notice(root))
            for path in sorted(root.glob(f"{GAMES}/*/*/notes.mid")):
                add(built, pack, root, path.parent, notice)
    return built


def add(built: Built, pack: Pack, root: Path, folder: Path, notice: str) -> None:
    """One song: two stems and the beats."""
    song = folder.name.lower().replace("_", "-").replace(" ", "-")
    title = re.search(r"^name\s*=(.*)$", (folder / "song.ini").read_text("utf-8"), re.MULTILINE)
    beats, stated = chart(folder / "notes.mid")
    stems = {stem: read(folder / name) for stem, name in STEMS.items()}
    first, after = passage(beats, stems["guitar"][0], stems["rest"][0])
    start, end = int(beats[first] * RATE), -int(-beats[after] * RATE // 1)
    rows = [
        {
            "seconds": f"{float(beats[i] - Fraction(start, RATE)):.6f}",
            "beat_in_bar": (i - first) % BAR + 1 if stated else "",
        }
        for i in range(first, after)
    ]
    times = table(["seconds", "beat_in_bar"], rows)
    built.tables[f"{song}/beats.csv"] = times
    for stem, name in STEMS.items():
        row = {
            "file": f"{song}/{stem}.flac",
            "sample_rate": RATE,
            "name": song,
            "title": title[1].strip(),
            "artist": pack.artist,
            "pack": pack.package.name.rpartition("-")[2],
            "stem": stem,
            "start": start / RATE,
            "tempo": round(float(60 * (after - first) / (beats[after] - beats[first])), 3),
            "metre": BAR if stated else 0,
            "shift": pack.shift[folder.name],
            "caveat": "; ".join(filter(None, [CHART, pack.caveat.get(folder.name)])),
            "beats": f"{song}/beats.csv",
            "beats_sha256": hashlib.sha256(times).hexdigest(),
            "licence": pack.licence,
            "licence_file": notice,
            "package": pack.package.name,
            "version": pack.package.version,
            "path": (folder / name).relative_to(root).as_posix(),
        }
        built.add(row, cut(*stems[stem], start, end))
