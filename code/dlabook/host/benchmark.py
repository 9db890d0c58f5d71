"""What the builds cost: against plain ``jupyter-book build`` on the same tree, in the same run."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from dlabook.host.browser import compressed, weigh
from dlabook.run.client import ONE_THREAD
from dlabook.run.executed import load_executed
from dlabook.source.chapters import executable_chapters, topics

LEFT_OUT = shutil.ignore_patterns(
    "_build", ".venv", "node_modules", ".git", "__pycache__", ".pytest_cache", ".ruff_cache"
)


def benchmark(root: Path) -> int:
    """Print seconds of builds, seconds of chapters, and bytes of pages.

    Everything happens in a copy of the tree, so that the book in ``root``
    keeps what it has executed. Returns nonzero if a transform that has to keep
    up with librosa does not.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "book"
        shutil.copytree(root, copy, ignore=LEFT_OUT)
        if (root / "node_modules").exists():
            (copy / "node_modules").symlink_to(root / "node_modules")
        rows = _time_builds(copy)
        print_table("chapters", ("chapter", "seconds", "peak MiB"), _chapter_rows(copy))
        pages = _page_rows(copy / "_build" / "html")
        print_table("pages, gzip", ("page", "HTML KiB", "transferred KiB"), pages)
        costs = _tool_costs(copy)
        plain = _timed_plain_build(copy)
        rows.append(("plain jupyter-book build, cold", plain))
        cold = dict(rows)["cold"]
    print_table("build", ("what", "seconds"), rows)
    print(f"cold, this book's runner against plain jupyter-book: {cold / plain:.0%}")
    print_table(*cost_table(costs))
    slower = 0
    for script in sorted((root / "tools").glob("benchmark_*.py")):
        print(f"\n{script.stem.removeprefix('benchmark_')}, one thread", flush=True)
        slower |= subprocess.run([sys.executable, script], env=_one_thread(root)).returncode
    return slower


def _time_builds(copy: Path) -> list[tuple]:
    chapter = topics(copy)[0][0]
    module = copy / "code" / "dla" / "losses" / "assignment.py"
    rows = [("cold", _timed_build(copy)), ("nothing changed", _timed_build(copy))]
    chapter.path.write_text(chapter.path.read_text().replace(" the ", " that ", 1))
    rows.append(("one word of prose changed", _timed_build(copy)))
    module.write_text(module.read_text() + "\n# one comment more\n")
    rows.append((f"{module.relative_to(copy)} changed", _timed_build(copy)))
    return rows


# What the reader's tools are made of: extensions of Sphinx, and pages with those below them.
TOOLS = {
    "trainer, sheets, deck": (
        "trainer.trainer trainer.sheet",
        "book/exam/trainer book/exam/questions",
    ),
    "twenty minutes": ("brief.brief", "book/exam/brief"),
    "formula sheet, study plan": ("", "book/exam/formula-sheet book/exam/study-plan"),
    "pages of the library": ("library.pages", "book/api"),
    "citing, addresses, terms, previews, sources": (
        "cite.cite addresses.addresses glossary.terms preview.preview provenance.provenance",
        "",
    ),
    "lecturers, figures to take": ("lecture.lecture figures.figures", "book/lecturers"),
    "solutions, reading places": ("solutions.solutions place.place", ""),
    "search by symbols and names": ("search.search", ""),
    "listening tests": ("listening.listening", ""),
    "notebooks to take away": ("notebook.downloads", ""),
}
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
SITE = "import pathlib, dlabook.site.build as s; s.build(pathlib.Path.cwd(), strict=False)"
ROUNDS = 2


def _tool_costs(copy: Path) -> dict[str, float]:
    """CPU seconds of the site's build with all reader's tools, without each, and without all.

    The least of some rounds, each of which takes every variant in turn: what
    else the machine does only adds. Pictures of sounds are drawn beforehand;
    what drawing them costs is a variant of its own.
    """
    files = {name: (copy / name).read_text() for name in ("_config.yml", "_toc.yml")}
    variants = {"everything": (), "everything, sounds not drawn yet": (), "none": tuple(TOOLS)}
    variants |= {f"without {name}": (name,) for name in TOOLS}
    seconds = dict.fromkeys(variants, float("inf"))
    for _ in range(ROUNDS):
        for variant, tools in variants.items():
            leave_out(copy, tools)
            if variant.endswith("not drawn yet"):
                shutil.rmtree(copy / "_build" / "drawings", ignore_errors=True)
            seconds[variant] = min(seconds[variant], _site_seconds(copy))
            for name, text in files.items():
                (copy / name).write_text(text)
    return seconds


def leave_out(copy: Path, tools: tuple[str, ...]) -> None:
    """Take tools' extensions out of the configuration and their pages out of the contents."""
    extensions = {f"dlabook.reader.{name}" for tool in tools for name in TOOLS[tool][0].split()}
    pages = {name for tool in tools for name in TOOLS[tool][1].split()}
    config, contents = (yaml.safe_load((copy / n).read_text()) for n in ("_config.yml", "_toc.yml"))
    loaded = config["sphinx"]["extra_extensions"]
    missing = extensions - set(loaded)
    if missing:
        raise RuntimeError(f"{', '.join(sorted(missing))}: in TOOLS, not in _config.yml")
    config["sphinx"]["extra_extensions"] = [name for name in loaded if name not in extensions]
    for part in contents["parts"]:
        part["chapters"] = [entry for entry in part["chapters"] if entry["file"] not in pages]
    contents["parts"] = [part for part in contents["parts"] if part["chapters"]]
    (copy / "_config.yml").write_text(yaml.safe_dump(config, sort_keys=False))
    (copy / "_toc.yml").write_text(yaml.safe_dump(contents, sort_keys=False))


def _site_seconds(copy: Path) -> float:
    """CPU seconds, of the children too, of building the site from nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    timed([sys.executable, "-c", SITE], copy, environment(copy))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cost_table(seconds: dict[str, float]) -> tuple[str, tuple, list[tuple]]:
    """What each tool adds to the build without it; the last row, all to the build without any."""
    everything, none = seconds["everything"], seconds["none"]
    rows = [
        (tool, f"{everything - without:.1f}", f"{(everything - without) / without:.0%}")
        for tool, without in ((tool, seconds[f"without {tool}"]) for tool in TOOLS)
    ]
    drawn = seconds["everything, sounds not drawn yet"] - everything
    rows.append(("pictures of sounds, the first time", f"{drawn:.1f}", f"{drawn / everything:.0%}"))
    together = everything - none
    rows.append(("all but the pictures", f"{together:.1f}", f"{together / none:.0%}"))
    title = f"reader's tools, CPU seconds of a site build ({everything:.1f}; without: {none:.1f})"
    return title, ("what", "adds", "share"), rows


def environment(copy: Path, *, cache: str = "cache") -> dict[str, str]:
    """The copy's packages, and caches of rendered scores and compiled functions of its own."""
    folder = copy.parent / cache
    return {
        **os.environ,
        "PYTHONPATH": str(copy / "code"),
        "DLA_CACHE": str(folder / "dla"),
        "NUMBA_CACHE_DIR": str(folder / "numba"),
    }


def _one_thread(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root / "code"), **ONE_THREAD}


def _timed_build(copy: Path) -> float:
    return timed([sys.executable, "-m", "dlabook", "build"], copy, environment(copy))


def _timed_plain_build(copy: Path) -> float:
    """``jupyter-book build`` with its own execution, from nothing, with default threads.

    Raises:
        RuntimeError: it did not execute every chapter to its end.
    """
    shutil.rmtree(copy / "_build")
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", ".", "--quiet"]
    seconds = timed(command, copy, environment(copy, cache="cache of the plain build"))
    executed = len(list((copy / "_build" / ".jupyter_cache" / "executed").glob("*/base.ipynb")))
    wanted = len(executable_chapters(copy))
    if executed != wanted:
        raise RuntimeError(f"plain jupyter-book executed {executed} of {wanted} chapters")
    return seconds


def timed(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    started = time.monotonic()
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    seconds = time.monotonic() - started
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{result.stderr[-3000:]}")
    return round(seconds, 1)


def _chapter_rows(root: Path) -> list[tuple]:
    rows = []
    for chapter in executable_chapters(root):
        record = load_executed(chapter)
        if record is not None:
            facts = record.metadata["dlabook"]
            rows.append((chapter.name, facts["seconds"], facts["peak_memory_mib"]))
    return rows


def _page_rows(site: Path) -> list[tuple]:
    """Of each page the KiB of its HTML, and of all that it transfers before a sound is played."""
    pages = [path.relative_to(site).as_posix() for path in sorted(site.glob("book/**/*.html"))]
    weights = weigh(site, pages)
    return [
        (
            page,
            f"{len(compressed(site / page)) / 1024:.1f}",
            f"{weights[page] / 1024:.0f}" if weights else "no Chromium",
        )
        for page in pages
    ]


def print_table(title: str, header: tuple, rows: list[tuple]) -> None:
    print(f"\n{title}")
    table = [tuple(map(str, row)) for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
