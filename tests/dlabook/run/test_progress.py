"""What is running: plain lines in a log, one moving line on a terminal."""

import io
import os
from pathlib import Path

from dlabook.run.progress import Progress
from dlabook.source.chapters import Chapter

CHAPTER = Chapter(Path("/book"), "book/part/a")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0


def test_a_log_has_a_line_for_each_beginning_and_end():
    log = io.StringIO()
    progress = Progress(log)
    progress.start(CHAPTER, 3, 12.4)
    progress.cell(CHAPTER, 2)
    progress.finish(CHAPTER, 5.04, failed=False)
    assert log.getvalue().splitlines() == [
        "execute part/a: started, 3 cells, 12 s last time",
        "execute part/a: done, 5.0 s",
    ]


def test_a_failure_names_its_cell():
    log = io.StringIO()
    progress = Progress(log)
    progress.start(CHAPTER, 3, None)
    progress.cell(CHAPTER, 2)
    progress.finish(CHAPTER, 1.0, failed=True)
    assert log.getvalue().splitlines()[-1] == "execute part/a: FAILED in cell 2 of 3, 1.0 s"


def test_a_terminal_has_one_line_no_wider_than_itself(monkeypatch):
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((12, 5)))
    terminal = Terminal()
    progress = Progress(terminal)
    progress.start(CHAPTER, 3, 9.0)
    progress.cell(CHAPTER, 1)
    moving = terminal.getvalue().rsplit("\r\x1b[K", 1)[-1]
    assert moving.startswith("a cell 1/3")
    assert len(moving) == 11
