"""Packages of npm that a published system needs: where, and which version."""

import json
import os
from pathlib import Path

ROOT = Path(__file__).parents[2]  # of the repository


def node_folder(name: str) -> Path | None:
    """Folder of a package of npm; None if it is not installed.

    Looked for in `NODE_PATH`, then in the repository's `node_modules`.

    >>> node_folder("@nobody/nothing") is None
    True
    """
    places = [
        p
        for p in os.environ.get("NODE_PATH", "").split(os.pathsep)
        if p
    ]
    for place in (*map(Path, places), ROOT / "node_modules"):
        if (place / name / "package.json").exists():
            return place / name
    return None


def node_version(name: str) -> str | None:
    """Version of an installed package of npm; None if it is not."""
    folder = node_folder(name)
    if folder is None:
        return None
    text = (folder / "package.json").read_text(encoding="utf-8")
    return json.loads(text)["version"]
