"""Percussion and ambience, the samples of Sonic Pi, from an npm package; all CC0.

The written rule
----------------
1. *Kinds.* The prefix of a file's name is its kind. Taken are the kinds that name a sound:
   bass drums (bd), snares (sn), hi-hats (hat), rides (ride), drum kit (drum), tabla,
   percussion (perc), electronic percussion (elec), loops (loop) and ambience (ambi). Left
   out are prefixes that name a donor (arovane, mehackit, tbd), pitched material (bass,
   guit), and rests (misc, glitch, vinyl).
2. *Unclear origin.* Left out are loops that are, or by their name may be, cut from a
   record: whoever uploaded them could not give away the rights in the recording
   (UNCLEAR). Left out too is what the package's list PROVENANCE.md does not name.
3. *Sound.* Mean of the channels, resampled to 22.05 kHz, not trimmed. All are 6 dB lower,
   because the resampled ones would overshoot full scale; levels among them stay.
4. *Groups.* Takes of one event (names that differ in a final number) and sounds from one
   source recording share a group (groups.py).
"""

import re
import tempfile
from pathlib import Path

from recordings.groups import event, group
from recordings.packages import Package
from recordings.sound import RATE, mono, read
from recordings.store import Built

COLUMNS = [
    "file", "sha256", "pcm_sha256", "seconds", "sample_rate", "name", "kind", "group", "author",
    "origin", "licence", "licence_file", "package", "version", "path",
]  # fmt: skip
PACKAGE = Package(
    "npm", "supersonic-scsynth-samples", "0.84.2",
    "aff0b03208adb5dc7612dc7a4e86d55161188326bcff4dbc2d20ce9e1b94238c",
)  # fmt: skip
KINDS = {"ambi", "bd", "drum", "elec", "hat", "loop", "perc", "ride", "sn", "tabla"}
UNCLEAR = {"loop_amen", "loop_amen_full", "loop_breakbeat"}
LINE = re.compile(r"\* `:(\w+)`\s*-\s*(https?://\S*?/people/([^/]+)/sounds/\d+)/?", re.IGNORECASE)


def provenance(text: str) -> dict[str, tuple[str, str]]:
    """Name without underscores -> (author, address of the source recording)."""
    found = {}
    for name, origin, author in LINE.findall(text):
        author = author.replace("%20", " ")
        found[name.replace("_", "")] = author, origin
    return found


def build(packages: Path) -> Built:
    """The corpus, from the packages in a folder."""
    built = Built(COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        root = PACKAGE.unpack(packages, Path(folder))
        listed = (root / "package/PROVENANCE.md").read_bytes()
        built.notice("supersonic-scsynth-samples-PROVENANCE.txt", listed)
        notice = (root / "package/LICENSE").read_bytes()
        built.notice("supersonic-scsynth-samples-LICENSE.txt", notice)
        origins = provenance(listed.decode())
        paths = {
            path.stem: path
            for path in sorted((root / "package/samples").glob("*.flac"))
            if path.stem.partition("_")[0] in KINDS
            and path.stem not in UNCLEAR
            and path.stem.replace("_", "") in origins
        }
        known = {name: origins[name.replace("_", "")] for name in paths}
        groups = group({name: (event(name), origin) for name, (_, origin) in known.items()})
        for name, path in paths.items():
            kind = name.partition("_")[0]
            row = {
                "file": f"{kind}/{name}.flac",
                "sample_rate": RATE,
                "name": name,
                "kind": kind,
                "group": groups[name],
                "author": known[name][0],
                "origin": known[name][1],
                "licence": "CC0-1.0",
                "licence_file": "supersonic-scsynth-samples-LICENSE.txt",
                "package": PACKAGE.name,
                "version": PACKAGE.version,
                "path": path.relative_to(root).as_posix(),
            }
            built.add(row, mono(*read(path), halvings=1))
    built.rows.sort(key=lambda row: row["file"])
    return built
