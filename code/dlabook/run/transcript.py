"""Transcripts: the text that a chapter's reader sees, and how two of them compare.

Not nbval, because that compares printed numbers as text.

Text and integers must agree exactly. A float may differ by one unit in the
last digit of the coarser of the two spellings. In ``a ± b`` (a mean over
seeds and its spread, which another processor computes differently) ``a``
may move by the committed ``b``, and ``b`` by a factor of two. A cell that
shows a single trained example, which has no spread, may state in its metadata
by how much its floats may differ: ``tolerance: 0.5``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

from dlabook.output.results import OUTCOME_MIME
from dlabook.source.chapters import Chapter
from dlabook.source.files import write_whole

FLOAT = r"[-+]?\d+\.\d+(?:e[-+]?\d+)?"
NUMBER = re.compile(
    rf"(?P<mean>[-+]?\d+(?:\.\d+)?) ± (?P<spread>\d+(?:\.\d+)?)|(?P<float>{FLOAT})", re.IGNORECASE
)
PROMPT = ">>> "
TOLERANCE = re.compile(r"^>>> .* \[tolerance (?P<value>[\d.]+)\]$")
GLUE_PREFIX = "application/papermill.record/"


def transcript_path(chapter: Chapter) -> Path:
    """Where a chapter's committed transcript is."""
    return chapter.root / "tests" / "transcripts" / f"{chapter.name}.txt"


def render(notebook: nbformat.NotebookNode) -> str:
    """Each output of an executed notebook under the last line of its cell."""
    blocks = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or not cell.outputs:
            continue
        text = "\n".join(filter(None, map(_output_text, _merge_streams(cell.outputs))))
        if text:
            tolerance = cell.metadata.get("tolerance")
            note = "" if tolerance is None else f" [tolerance {tolerance}]"
            blocks.append(f"{PROMPT}{_last_line(cell.source)}{note}\n{text}\n")
    return "\n".join(blocks)


def _merge_streams(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Outputs in which what one stream wrote in several pieces is one: when a kernel sends what
    it has printed is a matter of time."""
    merged: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == "stream" == last.output_type and output.name == last.name:
            merged[-1] = nbformat.from_dict({**last, "text": last.text + output.text})
        else:
            merged.append(output)
    return merged


def _last_line(source: str) -> str:
    """The last line that is not empty, without its indentation."""
    return source.rstrip().splitlines()[-1].strip()


def _output_text(output: nbformat.NotebookNode) -> str:
    """What an output says: its text, its error, or the number that it glues."""
    if output.output_type == "stream":
        text = output.text
    elif output.output_type == "error":
        text = f"{output.ename}: {output.evalue}"
    elif "scrapbook" in output.metadata:
        value = output.data.get(f"{GLUE_PREFIX}text/plain", "")
        text = f"glue {output.metadata['scrapbook']['name']}: {value.strip(chr(39))}"
    else:
        text = output.data.get("text/plain", "")
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def outcomes(notebook: nbformat.NotebookNode) -> dict[str, tuple[int, dict]]:
    """Prediction label -> (cell that decided it, its outcome), of an executed notebook."""
    found = {}
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            data = output.get("data", {}).get(OUTCOME_MIME)
            if data is not None:
                found[data["prediction"]] = (index, data)
    return found


def unit(spelling: str) -> float:
    """One unit in the last printed digit: 0.01 for ``3.14``, 1e-5 for ``3.14e-3``."""
    mantissa, _, exponent = spelling.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - decimals)


def agree(committed: str, actual: str, *, tolerance: float = 0.0) -> bool:
    """Whether two lines say the same, within the digits that they print.

    Args:
        committed: the line as it is expected.
        actual: the line of this run.
        tolerance: floats may differ by so much, if that is more.
    """
    if committed == actual:
        return True
    ours, theirs = _split_numbers(committed), _split_numbers(actual)
    return len(ours) == len(theirs) and all(
        _tokens_agree(one, other, tolerance) for one, other in zip(ours, theirs, strict=True)
    )


def _split_numbers(line: str) -> list[str]:
    """Text and numbers in turn; runs of blanks, which align tables, count as one."""
    parts, end = [], 0
    for match in NUMBER.finditer(line):
        parts += [line[end : match.start()], match.group()]
        end = match.end()
    return [re.sub(r"\s+", " ", part) for part in [*parts, line[end:]]]


def _tokens_agree(committed: str, actual: str, least: float) -> bool:
    if committed == actual:
        return True
    ours, theirs = NUMBER.fullmatch(committed), NUMBER.fullmatch(actual)
    if not ours or not theirs or bool(ours["mean"]) != bool(theirs["mean"]):
        return False
    if ours["mean"] is None:
        tolerance = max(unit(committed), unit(actual), least)
        return abs(float(committed) - float(actual)) <= 1.001 * tolerance
    mean, spread = float(ours["mean"]), float(ours["spread"])
    step = max(unit(ours["spread"]), least)
    new_mean, new_spread = float(theirs["mean"]), float(theirs["spread"])
    mean_agrees = abs(new_mean - mean) <= 1.001 * max(spread, unit(ours["mean"]), least)
    spread_agrees = spread / 2 - 1.001 * step <= new_spread <= 2 * spread + 1.001 * step
    return mean_agrees and spread_agrees


def settle(committed: str, actual: str) -> str:
    """The new transcript, with the committed spelling wherever the two agree."""
    ours, theirs = committed.splitlines(), actual.splitlines()
    matcher = difflib.SequenceMatcher(
        a=[shape(line) for line in ours], b=[shape(line) for line in theirs], autojunk=False
    )
    settled, tolerances = list(theirs), _line_tolerances(ours)
    for start, new_start, size in matcher.get_matching_blocks():
        for k in range(size):
            tolerance = tolerances[start + k]
            if agree(ours[start + k], theirs[new_start + k], tolerance=tolerance):
                settled[new_start + k] = ours[start + k]
    return "".join(f"{line}\n" for line in settled)


def _line_tolerances(lines: list[str]) -> list[float]:
    """For each line of a transcript the tolerance that its cell states, else 0."""
    tolerances, present = [], 0.0
    for line in lines:
        if line.startswith(PROMPT):
            stated = TOLERANCE.match(line)
            present = float(stated["value"]) if stated else 0.0
        tolerances.append(present)
    return tolerances


def shape(line: str) -> str:
    """A line with its numbers blanked, to align two transcripts."""
    return re.sub(r"\s+", " ", NUMBER.sub("#", line))


def difference(committed: str, actual: str, *, name: str) -> str:
    """Unified diff of two transcripts; empty if they agree."""
    settled = settle(committed, actual)
    return "".join(_lines_of_difference(committed, settled, name))


def _lines_of_difference(committed: str, settled: str, name: str) -> Iterator[str]:
    return difflib.unified_diff(
        committed.splitlines(keepends=True),
        settled.splitlines(keepends=True),
        fromfile=f"{name} (committed)",
        tofile=f"{name} (this run)",
    )


def accept(chapter: Chapter, notebook: nbformat.NotebookNode) -> bool:
    """Write a chapter's transcript; tell whether it changed."""
    path = transcript_path(chapter)
    committed = path.read_text(encoding="utf8") if path.exists() else ""
    settled = settle(committed, render(notebook))
    if settled == committed:
        return False
    write_whole(path, settled)
    return True
