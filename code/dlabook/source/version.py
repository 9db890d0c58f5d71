"""Version and date of the book, from git; without git, from CITATION.cff.

A commit with the tag ``v0.1.0`` is version 0.1.0. Twelve commits after it
the version is ``0.1.0.post12+4f2a91c0de``; before any tag it is the version
that CITATION.cff prepares, as ``0.1.0.dev+4f2a91c0de``. What was changed
and not committed adds ``.changed``. The date is the commit's, in UTC.
"""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DESCRIBE = ("describe", "--tags", "--match", "v[0-9]*", "--long", "--always", "--dirty=.changed")
DESCRIBED = re.compile(
    r"(?:(?P<tag>v\d[^ ]*)-(?P<after>\d+)-g)?(?P<commit>[0-9a-f]{7,40})(?P<changed>\.changed)?"
)


@dataclass(frozen=True)
class Version:
    """What a citation names: the version, its date, and where both come from."""

    number: str
    date: str  # year-month-day
    source: str  # "git", or the file that stands in for it

    @property
    def is_release(self) -> bool:
        return self.source == "git" and re.fullmatch(r"[\d.]+", self.number) is not None


def book_version(root: Path) -> Version:
    """The version of the book that is in ``root``.

    Raises:
        ValueError: there is no git and CITATION.cff has no version or date.
    """
    described, date = git(root, *DESCRIBE, "--abbrev=10"), commit_date(root)
    match = DESCRIBED.fullmatch(described or "")
    planned = citation(root)
    if not match or not date:
        missing = [key for key in ("version", "date-released") if key not in planned]
        if missing:
            raise ValueError(f"CITATION.cff lacks {', '.join(missing)}, and there is no git here")
        return Version(str(planned["version"]), str(planned["date-released"]), "CITATION.cff")
    commit = match["commit"] + (match["changed"] or "")
    if not match["tag"]:
        return Version(f"{planned.get('version', '0')}.dev+{commit}", date, "git")
    number = match["tag"].removeprefix("v")
    if match["after"] != "0":
        number += f".post{match['after']}+{commit}"
    elif match["changed"]:
        number += "+changed"
    return Version(number, date, "git")


def commit_date(root: Path, commit: str = "HEAD") -> str | None:
    """Day of a commit, in UTC."""
    seconds = git(root, "log", "-1", "--format=%ct", commit)
    if not seconds:
        return None
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).date().isoformat()


def book_time(root: Path) -> int:
    """When the version was committed, in s since 1970; without git, the day of CITATION.cff."""
    seconds = git(root, "log", "-1", "--format=%ct")
    if seconds:
        return int(seconds)
    day = datetime.date.fromisoformat(book_version(root).date)
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp())


def git(root: Path, *arguments: str) -> str | None:
    """What git answers; None if there is no git, or ``root`` is not the top of its tree."""
    if not (root / ".git").exists():  # an unpacked archive inside another repository
        return None
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def citation(root: Path) -> dict:
    """CITATION.cff as a dictionary; dates as text."""
    path = root / "CITATION.cff"
    return dict(_citation(path, path.stat().st_mtime_ns)) if path.exists() else {}


@cache
def _citation(path: Path, changed: int) -> dict:
    import yaml

    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)


def disagreements(root: Path) -> list[str]:
    """Where CITATION.cff, pyproject.toml and git contradict each other, in words.

    The released version is tagged on the day that CITATION.cff gives. While
    a version is being prepared, its date is not later than the last commit.
    """
    planned, found = citation(root), []
    number, released = planned.get("version"), planned.get("date-released")
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    if number != project:
        found.append(f"CITATION.cff has version {number}, pyproject.toml has {project}")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", released or ""):
        return [*found, f"CITATION.cff has date-released {released!r}, expected year-month-day"]
    tagged, last = commit_date(root, f"v{number}"), commit_date(root)
    if tagged and tagged != released:
        found.append(f"tag v{number} is of {tagged}, CITATION.cff says {released}")
    if last and not tagged and released > last:
        found.append(f"CITATION.cff is dated {released}, after the last commit ({last})")
    if last and (version := book_version(root)).is_release and version.number != number:
        found.append(f"this commit is tagged v{version.number}, CITATION.cff says {number}")
    return found


VERSION_SCRIPT = "version.js"


def citation_data(root: Path) -> dict[str, str | list[dict[str, str]]]:
    """What every reference to the book contains."""
    known, version = citation(root), book_version(root)
    return {
        "title": str(known.get("title", "")),
        "authors": [cited(entry) for entry in known.get("authors", [])],
        "version": version.number,
        "date": version.date,
        "source": version.source,
    }


def cited(entry: dict) -> dict[str, str]:
    """An author of CITATION.cff as references name one: a body by its name, a person by two."""
    keys = {"name": "name", "given": "given-names", "family": "family-names"}
    return {key: entry[name] for key, name in keys.items() if name in entry}


def write_version(root: Path, site: Path) -> None:
    """``_static/version.js``: also when nothing but the commit changed."""
    data = json.dumps(citation_data(root), ensure_ascii=False, indent=1)
    path = site / "_static" / VERSION_SCRIPT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"window.bookCitation = {data};\n", encoding="utf-8")
