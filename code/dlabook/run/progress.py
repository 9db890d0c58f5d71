"""What is running, for one who waits.

Not tqdm, because several chapters run at a time on one line, and a log gets plain lines.
"""

from __future__ import annotations

import os
import time

from dlabook.source.chapters import Chapter


class Progress:
    """Which chapter is at which cell: one moving line on a terminal, plain lines in a log."""

    def __init__(self, stream):
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.running: dict[str, dict] = {}

    def line(self, text: str) -> None:
        if self.is_terminal:
            self.stream.write("\r\x1b[K")
        self.stream.write(f"{text}\n")
        self._redraw()

    def start(self, chapter: Chapter, cells: int, last: float | None) -> None:
        self.running[chapter.name] = {
            "cell": 0,
            "cells": cells,
            "last": last,
            "from": time.monotonic(),
        }
        expected = f", {last:.0f} s last time" if last else ""
        self.line(f"execute {chapter.name}: started, {cells} cells{expected}")

    def cell(self, chapter: Chapter, number: int) -> None:
        self.running[chapter.name]["cell"] = number
        self._redraw()

    def finish(self, chapter: Chapter, seconds: float, *, failed: bool) -> None:
        state = self.running.pop(chapter.name)
        end = f"FAILED in cell {state['cell']} of {state['cells']}" if failed else "done"
        self.line(f"execute {chapter.name}: {end}, {seconds:.1f} s")

    def _redraw(self) -> None:
        if self.is_terminal:
            now = time.monotonic()
            parts = [
                f"{name.rsplit('/', 1)[-1]} cell {s['cell']}/{s['cells']}, "
                f"{now - s['from']:.0f} s" + (f" of {s['last']:.0f}" if s["last"] else "")
                for name, s in self.running.items()
            ]
            width = os.get_terminal_size(self.stream.fileno()).columns - 1
            self.stream.write("\r\x1b[K" + " | ".join(parts)[:width])
        self.stream.flush()
