"""Try the newest versions that the direct dependencies allow: ``python3 tools/newest.py FOLDER``.

The last commit is copied into the folder, with an environment of its own: the packages that
pyproject.toml names, as new as it allows (PyTorch stays pinned there), not those of the lock. Then
the tests of `dla` run, the chapters are executed, and what each would print otherwise is shown.
Nothing of the book changes; who wants the new versions writes them into requirements.txt.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def versions(text: str) -> dict[str, str]:
    """Package -> version, of lines ``name==version``; names as pip compares them.

    Without the part after a plus, which says for which machine it was built, and without pip.
    """
    found = {re.sub(r"[-_.]+", "-", name).lower(): v for name, v in PINNED.findall(text)}
    return {name: v.partition("+")[0] for name, v in found.items() if name != "pip"}


def news(locked: dict[str, str], found: dict[str, str]) -> list[str]:
    """One line for each package that is another one than in the lock, came, or is gone."""
    lines = []
    for name in sorted(locked.keys() | found.keys()):
        old, new = locked.get(name, "-"), found.get(name, "-")
        if old != new:
            lines.append(f"  {name:30} {old:>14} -> {new}")
    return lines


def copy_commit(target: Path) -> None:
    """The files of the last commit, in an empty folder.

    Raises:
        SystemExit: there is no commit, or git is not there.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    archive = target / "commit.tar"
    command = ["git", "-C", str(ROOT), "archive", f"--output={archive}", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"no commit to try: {done.stderr.strip()}")
    with tarfile.open(archive) as files:
        files.extractall(target, filter="data")
    archive.unlink()


def install(folder: Path, book: Path) -> Path:
    """An environment with the newest packages; returns its Python."""
    venv.create(folder, with_pip=True, clear=True)
    python = folder / "bin" / "python"
    command = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--upgrade",
        "--editable",
        f"{book}[book]",
    ]
    if subprocess.run(command).returncode:
        sys.exit("the newest packages do not install together: pip's message is above")
    return python


def changed(book: Path) -> str:
    """What the executed chapters print otherwise than their transcripts, as diffs."""
    from dlabook.run.executed import load_executed
    from dlabook.run.transcript import difference, render, transcript_path
    from dlabook.source.chapters import executable_chapters

    diffs = []
    for chapter in executable_chapters(book):
        path, notebook = transcript_path(chapter), load_executed(chapter)
        if notebook is None:
            diffs.append(f"{chapter.name}: not executed\n")
        else:
            name = path.relative_to(book).as_posix()
            diffs.append(difference(path.read_text(encoding="utf8"), render(notebook), name=name))
    return "".join(diffs)


def main(folder: Path) -> int:
    book = folder / "book"
    copy_commit(book)
    python = install(folder / "venv", book)
    frozen = subprocess.run(
        [python, "-m", "pip", "freeze", "--all"], capture_output=True, text=True
    )
    print("other versions than in requirements.txt:")
    print("\n".join(news(versions(LOCK.read_text()), versions(frozen.stdout))) or "  none")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    steps = {
        "tests of dla": ["-m", "pytest", "tests/dla", "-n", "auto", "-q", "--tb=short"],
        "chapters": ["-m", "dlabook", "execute"],
        "transcripts": [str(ROOT / "tools" / "newest.py"), "--compare", str(book)],
    }
    failed = []
    for name, arguments in steps.items():
        print(f"\n{name}:", flush=True)
        if subprocess.run([python, *arguments], cwd=book, env=environment).returncode:
            failed.append(name)
    print(f"\nnewest: {'; '.join(failed)} differ" if failed else "\nnewest: all as before")
    return 1 if failed else 0


def compare(book: Path) -> int:
    diffs = changed(book)
    print(diffs or "no transcript would change")
    return 1 if diffs else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--compare"]:
        sys.exit(compare(Path(sys.argv[2])))
    sys.exit(main(Path(sys.argv[1]).resolve()))
