"""Executing: only what is stale, side by side, and nothing lost when it ends badly."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from executing_book import chapter, run, write
from places import ROOT

from dlabook.run.execute import execute, place_in_queue
from dlabook.run.executed import (
    executed,
    executed_path,
    line_of_reasons,
    load_executed,
    stale_reasons,
)
from dlabook.source.files import hash_file


def test_a_chapter_is_executed_once_and_again_only_when_what_it_read_changed(book):
    assert run(book) == []
    a, b = chapter(book, "a"), chapter(book, "b")
    assert executed(a).cells[1].outputs[0].text == "1\n"
    assert stale_reasons(a) == stale_reasons(b) == []
    (book / "lib" / "unused.py").write_text("x = 2\n")
    (book / "book" / "a.md").write_text(a.path.read_text().replace("# Title", "# Words"))
    assert stale_reasons(chapter(book, "a")) == []
    (book / "lib" / "used.py").write_text("x = 2\n")
    assert stale_reasons(a) == ["lib/used.py changed"]
    assert stale_reasons(b) == []
    (book / "lib" / "data.txt").write_text("8\n")
    assert stale_reasons(b) == ["lib/data.txt changed"]
    write(book, "b", "print(1)")
    assert "its code cells changed" in stale_reasons(chapter(book, "b"))
    assert run(book) == []
    assert stale_reasons(chapter(book, "b")) == []
    (book / "requirements.txt").write_text("torch==2\n")
    assert stale_reasons(a) == ["requirements.txt changed"]


def test_which_cell_read_a_file_first_is_noted(book):
    read = "open('../lib/data.txt').read()"
    write(book, "b", "import json", f"x = 1\n{read}", read)
    assert run(book) == []
    notebook = load_executed(chapter(book, "b"))
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    number = cells.index(f"x = 1\n{read}") + 1
    assert notebook.metadata["dlabook"]["first_read"] == {"lib/data.txt": number}


def test_why_a_chapter_is_stale_is_one_line(book):
    a = chapter(book, "a")
    assert line_of_reasons(a) == f"{a.name}: never executed"
    assert run(book) == []
    assert line_of_reasons(a).startswith(f"{a.name}: fresh (took ")
    (book / "lib" / "used.py").write_text("x = 3\n")
    assert line_of_reasons(a).startswith(f"{a.name}: lib/used.py changed (took ")


def test_a_file_that_many_chapters_read_is_hashed_once(book, monkeypatch):
    assert run(book) == []
    hashed = []

    def hash_counted(path: str) -> str:
        hashed.append(path)
        return hash_file(path)

    monkeypatch.setattr("dlabook.run.execute.hash_file", hash_counted)
    assert run(book) == []
    assert hashed.count(f"{book}/requirements.txt") == 1 and len(hashed) == len(set(hashed))


def test_a_file_that_changed_while_the_chapter_ran_makes_it_stale(book):
    write(book, "b", "open('../lib/data.txt').read()\nopen('../lib/data.txt', 'w').write('9')")
    assert run(book) == []
    assert stale_reasons(chapter(book, "b")) == ["lib/data.txt changed"]


def test_a_raising_cell_is_named_and_the_other_chapters_are_executed(book, capsys):
    write(book, "a", "x = 1", "print(x)\nraise KeyError('lost')", "print('never')")
    (failure,) = run(book)
    assert (failure.chapter.name, failure.cell) == ("a", 2)
    message = capsys.readouterr().err
    assert "FAILED a, cell 2" in message
    assert "KeyError: 'lost'" in message
    assert stale_reasons(chapter(book, "b")) == []
    assert stale_reasons(chapter(book, "a")) == ["its last run failed"]


def test_a_traceback_names_the_books_files_from_its_root(book):
    (book / "lib" / "used.py").write_text("def broken():\n    raise KeyError('lost')\n")
    write(book, "a", "import sys\nsys.path.insert(0, '../lib')\nimport used\nused.broken()")
    run(book)
    (output,) = load_executed(chapter(book, "a")).cells[-1].outputs
    text = "\n".join(output.traceback)
    assert "lib/used.py:2" in text
    assert str(book) not in text


def test_a_timeout_is_named_with_its_cell(book, monkeypatch, capsys):
    monkeypatch.setattr("dlabook.run.client.CELL_TIMEOUT", 1)
    write(book, "a", "import time\ntime.sleep(60)")
    (failure,) = run(book)
    assert (failure.chapter.name, failure.cell) == ("a", 1)
    assert "time.sleep(60)" in capsys.readouterr().err


def test_a_dead_kernel_is_named_with_its_cell(book, capsys):
    write(book, "a", "import os\nos._exit(3)")
    (failure,) = run(book)
    assert failure.cell == 1
    assert "DeadKernelError" in capsys.readouterr().err


def test_a_figure_is_shown_once_and_described_in_words(book):
    code = "import matplotlib.pyplot as plt\nplt.plot([0, 2])\nplt.xlabel('time (s)');"
    write(book, "a", code)
    assert run(book) == []
    (output,) = executed(chapter(book, "a")).cells[1].outputs
    assert "time (s)" in output.data["text/plain"]
    assert output.data["image/svg+xml"].lstrip().startswith("<?xml")
    assert "<dc:date>" not in output.data["image/svg+xml"]


@pytest.fixture
def start(book):
    """Start the command in a process group of its own; it is gone when the test ends."""
    code = ROOT / "code"
    started = []

    def run_command():
        process = subprocess.Popen(
            [sys.executable, "-m", "dlabook", "execute", "--jobs", "2"],
            cwd=book,
            env={**os.environ, "PYTHONPATH": str(code)},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell that runs tests in the background lets them ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        started.append(process)
        return process

    yield run_command
    for process in started:
        process.kill()


def kernels(book):
    """Process ids of kernels that belong to this book."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_text()
            if "dlabook.run.kernel" in command and repr(str(book)) in command:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_for(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["starting", "running"])
def test_killed_at_any_moment_it_leaves_no_kernel_and_resumes(book, start, kill, moment):
    write(book, "a", "open('../began', 'w').close()\nimport time\ntime.sleep(600)")
    process = start()
    done = executed_path(chapter(book, "b"))
    if moment == "starting":
        wait_for(lambda: kernels(book))
    else:
        wait_for(lambda: (book / "began").exists() and done.exists())
    process.send_signal(kill)
    assert process.wait(timeout=20) != 0
    wait_for(lambda: not kernels(book), seconds=5)
    finished = done.read_bytes() if done.exists() else None
    write(book, "a", "print('short')")
    assert run(book) == []
    assert executed(chapter(book, "a")).cells[1].outputs[0].text == "short\n"
    if finished is not None:
        assert done.read_bytes() == finished, "a finished chapter ran again"


def test_a_broken_record_counts_as_never_executed(book):
    run(book)
    executed_path(chapter(book, "a")).write_text('{"cells": [')
    assert load_executed(chapter(book, "a")) is None
    assert stale_reasons(chapter(book, "a")) == ["never executed"]


def test_the_command_exits_1_when_a_chapter_fails(book, start):
    write(book, "a", "1/0")
    process = start()
    _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "FAILED a, cell 1" in message
    assert "ZeroDivisionError" in message


def test_the_slowest_chapters_start_first_and_unknown_ones_by_whether_they_train(book):
    write(book, "short", "1")
    write(book, "long", "1", "2", "3")
    write(book, "trains", "from dla.train import train")
    names = ["short", "long", "trains", "a", "b"]
    for name, seconds in (("a", 2.0), ("b", 70.0)):
        notebook = chapter(book, name).notebook()
        notebook.metadata["dlabook"] = {"seconds": seconds}
        path = executed_path(chapter(book, name))
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
    queue = sorted((chapter(book, name) for name in names), key=place_in_queue)
    assert [c.name for c in queue] == ["trains", "long", "short", "b", "a"]


def test_a_figure_is_svg_whatever_an_import_did_to_the_format(book):
    write(
        book,
        "a",
        "%config InlineBackend.figure_format = 'retina'",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    )
    assert run(book) == []
    kinds = [set(output.data) for output in executed(chapter(book, "a")).cells[2].outputs]
    assert kinds == [{"image/svg+xml", "text/plain"}]


def test_nothing_of_who_starts_it_reaches_a_kernel_but_what_is_listed(book, monkeypatch):
    (book / "foreign").mkdir()
    (book / "foreign" / "dlabook.py").write_text("raise SystemExit('a foreign dlabook')")
    for name, value in {
        "PYTHONOPTIMIZE": "1",
        "PYTHONPATH": str(book / "foreign"),
        "PYTHONWARNINGS": "error",
        "TZ": "Asia/Tokyo",
        "SOMETHING": "1",
    }.items():
        monkeypatch.setenv(name, value)
    write(book, "a", "import os\nprint([n for n in ('TZ', 'SOMETHING') if n in os.environ])")
    write(book, "b", "assert 1 == 2, 'the equation is wrong'")
    (failure,) = run(book)
    assert failure.chapter.name == "b" and "the equation is wrong" in failure.traceback
    assert executed(chapter(book, "a")).cells[1].outputs[0].text == "[]\n"


def test_an_execution_leaves_the_environment_as_it_is(book):
    before = dict(os.environ)
    assert run(book) == []
    assert dict(os.environ) == before


def test_a_full_disk_is_one_sentence_and_loses_no_other_chapter(book):
    write(book, "a", "import time\ntime.sleep(2)\nprint('slow')")
    write(book, "b", "print('x' * 400_000)")
    limited = subprocess.run(
        ["bash", "-c", 'ulimit -f 200; exec "$@"', "-", sys.executable, "-m", "dlabook", "execute"],
        cwd=book,
        env={**os.environ, "PYTHONPATH": str(ROOT / "code")},
        capture_output=True,
        text=True,
    )
    assert limited.returncode == 1
    assert "FAILED b: its outputs could not be kept:" in limited.stderr
    assert "Traceback" not in limited.stderr
    assert executed(chapter(book, "a")).cells[1].outputs[0].text == "slow\n"
    assert [p.name for p in (book / "_build/executed").rglob(".*")] == []
    assert stale_reasons(chapter(book, "b")) == ["never executed"]


def test_no_kernel_at_a_time_is_an_error(book):
    with pytest.raises(ValueError, match="0 kernels at a time"):
        execute([chapter(book, "a")], jobs=0)


def test_a_page_with_a_byte_order_mark_is_executed_as_without(book):
    path = chapter(book, "a").path
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert run(book) == []
    assert executed(chapter(book, "a")).cells[1].outputs[0].text == "1\n"
