"""The commands behind the Makefile: ``python -m dlabook <command>``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from dlabook.source.chapters import executable_chapters, find_root
from dlabook.source.lock import locked


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        return options.run(find_root(), options)
    except KeyboardInterrupt:
        print("\ninterrupted; finished chapters are kept, the next run resumes", file=sys.stderr)
        return 130
    except (ValueError, RuntimeError, OSError) as error:  # what is wrong is outside this code
        print(f"dlabook: {error}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m dlabook", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="command")

    def command(name, run, help, *, chapters=False):
        sub = commands.add_parser(name, help=help)
        sub.set_defaults(run=run)
        if chapters:
            sub.add_argument("chapters", nargs="*", help="part/chapter; all of them if none")
            sub.add_argument("--force", action="store_true", help="even if nothing changed")
        sub.add_argument(
            "--jobs", type=jobs, default=cores(), help="kernels at a time (%(default)s)"
        )
        return sub

    command("execute", _run_execute, "execute the stale chapters", chapters=True)
    command("build", _run_build, "execute what is stale, then build the site")
    command("chapter", _run_chapter, "execute and build some chapters", chapters=True)
    command("accept", _run_accept, "make the present outputs the expected ones")
    asked = command(
        "why", _run_why, "say of each chapter in a line why it is stale, or that it is not"
    )
    asked.add_argument("chapters", nargs="*", help="part/chapter; all of them if none")
    served = command("serve", _run_serve, "build, serve locally, rebuild on change")
    served.add_argument("--port", type=port, default=8000, help="of 127.0.0.1 (%(default)s)")
    command("lab", _run_lab, "JupyterLab on the executed pages")
    command("offline", _run_offline, "build, then zip the site to be read from a disk")
    printed = command("pdf", _run_pdf, "execute what is stale, then set the book as a PDF")
    printed.add_argument(
        "--without-solutions", action="store_true", help="in _build/pdf-without-solutions"
    )
    command(
        "release", _run_release, "build, then write the archives of this version and their sums"
    )
    command("benchmark", _run_benchmark, "time the builds, weigh the pages")
    grown = command("growth", _run_growth, "time the builds, also with four times the chapters")
    grown.add_argument("--pages", type=jobs, help="of the larger book, instead of four times")
    return top


def jobs(text: str) -> int:
    return _whole_number(text, 1, 1000)


def port(text: str) -> int:
    return _whole_number(text, 1, 65535)


def _whole_number(text: str, least: int, most: int) -> int:
    """The number that a text is.

    Raises:
        ArgumentTypeError: it is none, or out of bounds.
    """
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
    return int(text)


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run_execute(root: Path, options) -> int:
    from dlabook.run.execute import execute

    chapters = executable_chapters(root, options.chapters)
    return 1 if execute(chapters, jobs=options.jobs, force=options.force) else 0


def _run_why(root: Path, options) -> int:
    from functools import cache

    from dlabook.run.executed import line_of_reasons
    from dlabook.source.files import hash_file

    hash_once = cache(hash_file)
    for chapter in executable_chapters(root, options.chapters):
        print(line_of_reasons(chapter, hash_once))
    return 0


def _run_build(root: Path, options) -> int:
    from dlabook.run.execute import execute
    from dlabook.site.build import build

    with locked(root):
        failures = execute(executable_chapters(root), jobs=options.jobs)
        built = build(root, jobs=options.jobs)
    return 1 if failures or not built else 0


def _run_chapter(root: Path, options) -> int:
    from dlabook.site.build import build

    if not options.chapters:
        raise ValueError("name a chapter: make chapter C=part/chapter")
    with locked(root):
        failed = _run_execute(root, options)
        built = build(root, strict=False, jobs=options.jobs)
    return 1 if failed or not built else 0


def _run_accept(root: Path, options) -> int:
    from dlabook.reader.addresses.addresses import accept_addresses
    from dlabook.run.execute import execute
    from dlabook.run.executed import executed, executed_record
    from dlabook.run.proved import accept_proofs, mutants_path
    from dlabook.run.transcript import accept, transcript_path

    chapters = executable_chapters(root)
    failures = execute(chapters, jobs=options.jobs)
    failed = {failure.chapter for failure in failures}
    for chapter in chapters:
        if chapter in failed:
            continue
        if accept(chapter, executed(chapter)):
            print(f"accepted {transcript_path(chapter).relative_to(root)}")
        if accept_proofs(chapter, executed_record(chapter)):
            print(f"accepted {mutants_path(chapter).relative_to(root)}")
    print(accept_addresses(root))
    print("review with: git diff tests/transcripts tests/mutants tests/anchors.txt")
    return 1 if failures else 0


def _run_serve(root: Path, options) -> int:
    from contextlib import closing

    from dlabook.host.serve import Rebuilder, serve

    with closing(Rebuilder(root, options.jobs)) as rebuild:
        return serve(root, rebuild, port=options.port)


def _run_lab(root: Path, options) -> int:
    from dlabook.host.lab import lab

    failed = _run_execute(root, argparse.Namespace(chapters=[], jobs=options.jobs, force=False))
    return failed or lab(root)


def _run_offline(root: Path, options) -> int:
    from dlabook.host.offline import offline

    with locked(root):
        failed = _run_build(root, options)
        if not failed:
            print(f"offline: {offline(root)}")
    return failed


def _run_pdf(root: Path, options) -> int:
    from dlabook.paper.latex import missing, pdf, summary
    from dlabook.run.execute import execute

    solutions = not options.without_solutions
    if absent := missing():
        raise RuntimeError(absent)
    with locked(root):
        if execute(executable_chapters(root), jobs=options.jobs):
            return 1
        print(f"pdf: {summary(pdf(root, jobs=options.jobs, solutions=solutions))}")
    return 0


def _run_release(root: Path, options) -> int:
    from dlabook.host.release import listing, release

    with locked(root):
        failed = _run_build(root, options)
        if not failed:
            folder = release(root, jobs=options.jobs)
            print(f"release: {folder}\n{listing(folder)}")
    return failed


def _run_benchmark(root: Path, options) -> int:
    from dlabook.host.benchmark import benchmark

    return benchmark(root)


def _run_growth(root: Path, options) -> int:
    from dlabook.host.growth import measure_growth
    from dlabook.run.execute import execute

    if execute(executable_chapters(root), jobs=options.jobs):
        return 1
    return measure_growth(root, options.pages)


if __name__ == "__main__":
    sys.exit(main())
