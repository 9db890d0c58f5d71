"""The fingerprint index of the sounds that the book's pages play.

    .venv/bin/python tools/sound_index.py FOLDER    # after `make book`

writes `sounds.bin` (the format of `dla.retrieval.compact`) and
`sounds.json` (a list, in the same order: page, cell, label) to the
folder, and says how many of the sounds are found again with white noise
of the same power. A script of a page needs these two files to answer
"which clip is this?".
"""

import base64
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import soundfile
import torch

from dla import signals
from dla.retrieval import compact, fingerprint
from dlabook.output.clip import CLIPS_MIME

ROOT = Path(__file__).parents[1]
EXECUTED = ROOT / "_build" / "executed"
SECONDS = 3.0  # of a query
QUIETEST = 1e-8  # power of a query that is none


class Sound(NamedTuple):
    """A row of a player: what it plays, as MP3, and where."""

    page: str  # below the folder of executed pages
    cell: int  # of the code cells
    label: str
    mp3: bytes

    def waveform(self) -> torch.Tensor:
        """What a browser plays, at the fingerprint's rate."""
        x, rate = soundfile.read(io.BytesIO(self.mp3), dtype="float32")
        return signals.resample(torch.from_numpy(x), rate, fingerprint.SAMPLE_RATE)


def sounds(folder: Path = EXECUTED) -> Iterator[Sound]:
    """Every sound of the executed pages, each once: equal bytes are one sound."""
    seen = set()
    for path in sorted(folder.rglob("*.ipynb")):
        page = path.relative_to(folder).with_suffix("").as_posix()
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
        for number, cell in enumerate(cells):
            for output in cell["outputs"]:
                for row in output.get("data", {}).get(CLIPS_MIME, {}).get("rows", []):
                    mp3 = base64.b64decode(row["mp3"])
                    if mp3 not in seen:
                        seen.add(mp3)
                        yield Sound(page, number, row["label"], mp3)


def index_of(played: list[Sound]) -> bytes:
    """The file that a page would load: the sounds' peaks."""
    rate = fingerprint.SAMPLE_RATE
    return compact.to_bytes([fingerprint.peaks(s.waveform(), sample_rate=rate) for s in played])


def found_again(
    played: list[Sound], file: bytes, *, snr: float, generator: torch.Generator
) -> list[tuple[bool, bool]]:
    """For an excerpt of each sound in noise: the sound itself found; one of its player found.

    An excerpt is of three seconds, of the whole sound where that is shorter; silence is left out.
    Of the same votes as the best, any may be the answer: versions of one sound are.
    """
    index, answers = compact.index(file), []
    length = round(SECONDS * fingerprint.SAMPLE_RATE)
    for place, sound in enumerate(played):
        x = sound.waveform()
        room = max(len(x) - length, 0)
        start = int(torch.randint(room + 1, (1,), generator=generator))
        x = x[start : start + length]
        if signals.power(x) < QUIETEST:
            continue
        noise = torch.randn(len(x), generator=generator)
        gain = (signals.power(x) / signals.power(noise) * 10 ** (-snr / 10)).sqrt()
        marks = fingerprint.landmarks(x + gain * noise, sample_rate=fingerprint.SAMPLE_RATE)
        found = index.search(marks)
        best = found.recordings[found.votes == found.votes.max()].tolist() if len(found) else []
        beside = [(played[b].page, played[b].cell) for b in best]
        answers.append((place in best, (sound.page, sound.cell) in beside))
    return answers


def main(folder: Path) -> None:
    played = list(sounds())
    file = index_of(played)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sounds.bin").write_bytes(file)
    names = [[s.page, s.cell, s.label] for s in played]
    (folder / "sounds.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
    seconds = sum(len(s.waveform()) for s in played) / fingerprint.SAMPLE_RATE
    print(f"{len(played)} sounds, {seconds / 60:.1f} min, {len(file)} bytes")
    for name, snr in (("clean", 200.0), ("0 dB", 0.0)):
        answers = found_again(played, file, snr=snr, generator=torch.Generator().manual_seed(0))
        itself, beside = (sum(a[k] for a in answers) for k in (0, 1))
        print(f"{name}: of {len(answers)} itself {itself}, itself or beside it {beside}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
