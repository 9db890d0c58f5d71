"""The site as one zip that is read from a disk, without a server."""

from __future__ import annotations

import zipfile
from pathlib import Path

from dlabook.source.version import book_version

LEFT_OUT = ("404.html", "objects.inv")  # of use to a server, and to other books, only
PACKED = (".mp3", ".jpg", ".png", ".woff", ".woff2")  # compressed already
DATE = (1980, 1, 1, 0, 0, 0)  # the earliest of a zip: the same site gives the same bytes


def offline(root: Path) -> Path:
    """Write ``_build/dla-book-<version>.zip`` from ``_build/html``; returns its path.

    Raises:
        FileNotFoundError: there is no site yet.
    """
    site = root / "_build" / "html"
    if not (site / "index.html").exists():
        raise FileNotFoundError(f"no site in {site}: run `make book` first")
    name = f"dla-book-{book_version(root).number}"
    target = root / "_build" / f"{name}.zip"
    partial = target.with_suffix(".partial")
    try:
        pack(site, name, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def pack(site: Path, name: str, target: Path, left_out: tuple[str, ...] = LEFT_OUT) -> None:
    """Every file of a folder, but those left out, below one folder of a zip."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(site.rglob("*")):
            inside = path.relative_to(site).as_posix()
            if path.is_file() and inside not in left_out:
                entry = zipfile.ZipInfo(f"{name}/{inside}", DATE)
                stored = path.suffix in PACKED
                entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())
