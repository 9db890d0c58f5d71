"""What a built corpus is, how it is written, and how it is compared with what is there."""

import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from recordings.sound import pack, pcm_hash

CORPORA = Path(__file__).parents[2] / "code/dla/datasets/corpora"
LICENCES = {
    "CC0-1.0", "CC-BY-3.0", "CC-BY-SA-3.0", "CC-BY-SA-3.0-IT", "MIT", "LicenseRef-armelle",
}  # fmt: skip


@dataclass
class Built:
    """A corpus in memory: what its rule gives."""

    columns: list[str]
    rows: list[dict] = field(default_factory=list)
    flacs: dict[str, bytes] = field(default_factory=dict)  # file -> content
    licences: dict[str, bytes] = field(default_factory=dict)  # name in LICENSES -> content
    tables: dict[str, bytes] = field(default_factory=dict)  # other files -> content

    def add(self, row: dict, samples: np.ndarray) -> None:
        """A recording; hashes and duration are filled in.

        A second recording with the same samples is not added.
        """
        row["pcm_sha256"] = pcm_hash(samples)
        if any(row["pcm_sha256"] == other["pcm_sha256"] for other in self.rows):
            return
        if row["licence"] not in LICENCES:
            raise SystemExit(f"{row['file']}: licence {row['licence']} is not one we may use")
        content = pack(samples, row["sample_rate"])
        row["sha256"] = hashlib.sha256(content).hexdigest()
        row["seconds"] = len(samples) / row["sample_rate"]
        self.flacs[row["file"]] = content
        self.rows.append(row)

    def notice(self, name: str, content: bytes) -> None:
        """A licence text; one name has one text."""
        if self.licences.setdefault(name, content) != content:
            raise SystemExit(f"LICENSES/{name}: its notice differs from its siblings'")

    def files(self) -> dict[str, bytes]:
        """Everything but the FLAC files, by path in the corpus."""
        files = {f"LICENSES/{name}": text for name, text in self.licences.items()}
        return files | self.tables | {"manifest.csv": table(self.columns, self.rows)}


@dataclass(frozen=True)
class Corpus:
    """A corpus's name and the function that builds it from a folder of packages."""

    name: str
    build: Callable[[Path], Built]

    @property
    def folder(self) -> Path:
        return CORPORA / self.name


def table(columns: list[str], rows: list[dict]) -> bytes:
    """CSV with a header line."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def write(folder: Path, built: Built) -> None:
    """Write everything; remove FLAC files that are no longer chosen."""
    for path in folder.rglob("*.flac"):
        if path.relative_to(folder).as_posix() not in built.flacs:
            path.unlink()
    for name, content in (built.flacs | built.files()).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def differences(folder: Path, built: Built) -> tuple[list[str], list[str], list[str]]:
    """What is wrong, what is only packed differently, what is only rounded differently."""
    wrong, packed, rounded = [], [], []
    with open(folder / "manifest.csv", encoding="utf-8", newline="") as file:
        there = {row["file"]: row for row in csv.DictReader(file)}
    for row in built.rows:
        name = row["file"]
        old = there.pop(name, None)
        if old is None:
            wrong.append(f"{name}: missing from the manifest")
            continue
        path = folder / name
        if not path.exists():
            wrong.append(f"{name}: listed, but not there")
            continue
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != old["sha256"]:
            wrong.append(f"{name}: does not have the manifest's SHA-256")
        changed = {c for c in built.columns if old.get(c) != str(row[c])} - {"sha256"}
        if content != built.flacs[name]:
            steps = distance(content, built.flacs[name])
            if steps == 0:
                packed.append(f"{name}: other FLAC bytes")
            elif steps == 1 and row["path"].endswith(".ogg"):
                rounded.append(f"{name}: some samples differ by one step of 16 bits")
                changed -= {"pcm_sha256"}
            else:
                wrong.append(f"{name}: other samples")
        if changed:
            wrong.append(f"{name}: {', '.join(sorted(changed))} differ")
    wrong += [f"{name}: in the manifest, but not chosen by the rule" for name in there]
    on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*.flac")}
    wrong += [
        f"{name}: there, but not chosen by the rule" for name in sorted(on_disk - set(built.flacs))
    ]
    for name, text in built.files().items():
        path = folder / name
        if name != "manifest.csv" and (not path.exists() or path.read_bytes() != text):
            wrong.append(f"{name}: missing or changed")
    return wrong, packed, rounded


def distance(one: bytes, other: bytes) -> float:
    """The largest difference between the samples of two FLAC files, in steps of 16 bits."""
    a, b = (soundfile.read(io.BytesIO(c), dtype="int16")[0].astype(int) for c in (one, other))
    return np.abs(a - b).max(initial=0) if a.shape == b.shape else np.inf
