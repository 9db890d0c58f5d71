"""Version and date of the book, from git; where there is no repository, from CITATION.cff.

Not setuptools-scm, because without a repository that knows what an archive's metadata say: here it
is CITATION.cff, which readers cite.

A commit with the tag ``v0.1.0`` is version 0.1.0. Twelve commits after it
the version is ``0.1.0.post12+4f2a91c0de``; before any tag it is the version
that CITATION.cff prepares, as ``0.1.0.dev+4f2a91c0de``. What was changed
and not committed adds ``.changed``. The date is the commit's, in UTC.

Without a repository nobody knows whether CITATION.cff's version was released:
it is ``0.1.0.dev``. A repository that git does not open is an error.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DESCRIBE = ("describe", "--tags", "--match", "v[0-9]*", "--long", "--always", "--dirty=.changed")
INHERITED = ("PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
DESCRIBED = re.compile(
    r"(?:(?P<tag>v\d[^ ]*)-(?P<after>\d+)-g)?(?P<commit>[0-9a-f]{7,40})(?P<changed>\.changed)?"
)


class VersionError(RuntimeError):
    """There is a repository, and git does not open it."""


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
        ValueError: there is no repository, and CITATION.cff has no version or date.
        VersionError: there is one, and git does not open it.
    """
    date, planned = _commit_date(root), citation(root)
    if not date:
        missing = [key for key in ("version", "date-released") if key not in planned]
        if missing:
            raise ValueError(f"CITATION.cff lacks {', '.join(missing)}, and there is no git here")
        return Version(f"{planned['version']}.dev", str(planned["date-released"]), "CITATION.cff")
    described = git(root, *DESCRIBE, "--abbrev=10")
    match = DESCRIBED.fullmatch(described or "")
    if not match:
        raise VersionError(f"git describes the commit in {root} as {described!r}")
    commit = match["commit"] + (match["changed"] or "")
    if not match["tag"]:
        return Version(f"{planned.get('version', '0')}.dev+{commit}", date, "git")
    number = match["tag"].removeprefix("v")
    if match["after"] != "0":
        number += f".post{match['after']}+{commit}"
    elif match["changed"]:
        number += "+changed"
    return Version(number, date, "git")


def _commit_date(root: Path, commit: str = "HEAD") -> str | None:
    """Day of a commit, in UTC; None if there is none of this name."""
    seconds = _commit_time(root, commit)
    if seconds is None:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date().isoformat()


def _commit_time(root: Path, commit: str = "HEAD") -> int | None:
    """When a commit was made, in s since 1970; None if there is none of this name."""
    found = git(root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    return int(git(root, "show", "--no-patch", "--format=%ct", found)) if found else None


def book_time(root: Path) -> int:
    """When the version was committed, in s since 1970; without git, the day of CITATION.cff."""
    seconds = _commit_time(root)
    if seconds is not None:
        return seconds
    day = datetime.date.fromisoformat(book_version(root).date)
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp())


def git(root: Path, *arguments: str) -> str | None:
    """What git answers; None if ``root`` is not the top of a repository, or there is no answer.

    Of the caller's variables git finds those in `INHERITED`: in a hook, ``GIT_DIR`` and others
    name the repository of the hook.

    Raises:
        VersionError: git is not there, or refuses; the message says why.
    """
    if not (root / ".git").exists():  # an unpacked archive inside another repository
        return None
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            env={**environment, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
        )
    except OSError as error:
        raise VersionError(
            f"{root} is a git repository, and git could not be started ({error.strerror}): "
            "without it nobody knows which version this is"
        ) from error
    if answer.returncode == 1 and not answer.stderr:  # `rev-parse --verify`: no such commit
        return None
    if answer.returncode:
        raise VersionError(f"git does not tell the version in {root}: {answer.stderr.strip()}")
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
    tagged, last = _commit_date(root, f"v{number}"), _commit_date(root)
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
        **({"doi": known["doi"]} if known.get("doi") else {}),
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
