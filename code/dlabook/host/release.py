"""What a repository for DOIs takes of a version: archives, how to cite them, their fingerprints.

Nothing is sent anywhere: who releases the book uploads the folder.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from dlabook.host.offline import offline, pack
from dlabook.paper.latex import missing, pdf
from dlabook.source.version import book_version, disagreements, git

FOLDER = "_build/release"
SUMS = "SHA256SUMS"
BESIDE = ("CITATION.cff", "LICENSE", "LICENSE-book", "README.md")


def release(root: Path, *, jobs: int = 1) -> Path:
    """Write ``_build/release/dla-book-<version>/`` of a built book; returns its path.

    The served site, the site for a disk, the notebooks, the sources, the PDF, CITATION.cff, the
    licences, and ``SHA256SUMS`` of all these. Where the programs that set the PDF are missing it
    is left out, and said.

    Args:
        root: the book's; its site is built.
        jobs: side by side, of what the PDF needs.

    Raises:
        RuntimeError: not a commit as it stands, or CITATION.cff contradicts it.
        FileNotFoundError: there is no site yet.
    """
    version = book_version(root)
    if version.source != "git" or version.number.endswith("changed"):
        raise RuntimeError(
            f"version {version.number} is no commit: commit what changed, then release"
        )
    if wrong := disagreements(root):
        raise RuntimeError("; ".join(wrong))
    zipped = offline(root)
    name = zipped.stem
    target, partial = root / FOLDER / name, root / FOLDER / f"{name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    site = root / "_build" / "html"
    pack(site, name, partial / f"{name}-site.zip", left_out=())
    shutil.copyfile(zipped, partial / f"{name}-offline.zip")
    pack(site / "_notebooks", f"{name}-notebooks", partial / f"{name}-notebooks.zip")
    git(root, "archive", f"--prefix={name}/", f"--output={partial / name}-source.tar.gz", "HEAD")
    if absent := missing():
        print(f"release: without the PDF. {absent}")
    else:
        shutil.copyfile(pdf(root, jobs=jobs), partial / f"{name}.pdf")
    for beside in BESIDE:
        shutil.copyfile(root / beside, partial / beside)
    (partial / SUMS).write_text(sums(partial))
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    return target


def sums(folder: Path) -> str:
    """As ``sha256sum`` prints and ``sha256sum --check`` reads."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    return "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in files)


def listing(folder: Path) -> str:
    """Names and megabytes, a line each."""
    files = sorted(folder.iterdir())
    return "\n".join(f"  {path.name}  {path.stat().st_size / 1e6:.1f} MB" for path in files)
