"""Sphinx extension of the book's own directives: prediction, oral, execution-report.

It also marks each displayed equation as checked (with a link to the cell
that checks it) or as a definition.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dlabook.run.executed import executed_record, load_as_it_ran
from dlabook.run.proved import count_proved
from dlabook.run.transcript import outcomes
from dlabook.site.record import declare_kind, record_of, shows
from dlabook.source.chapters import (
    Chapter,
    OralQuestion,
    executable_chapters,
    find_root,
    parse_oral,
)
from dlabook.source.labels import link_to
from dlabook.source.memo import known

KIND_TITLES = {
    "present": "Present",
    "define": "Define",
    "compute": "Compute",
    "why": "Why",
    "break": "Break it",
    "transfer": "Transfer",
}
OUTLINE_TITLE, SPOKEN_TITLE, FULL_TITLE = "Outline for the board", "In sixty seconds", "In full"


class BookDirective(SphinxDirective):
    has_content = True
    required_arguments = 1
    final_argument_whitespace = False

    def parse_text(self, text: str, parent: nodes.Element) -> None:
        """Parse MyST text into a node."""
        lines = type(self.content)(text.splitlines(), source=self.get_source_info()[0])
        self.state.nested_parse(lines, self.content_offset, parent)

    def target(self, node: nodes.Element, title: str) -> None:
        """Give a node its label, so that ``{ref}`` finds it under a title."""
        label = self.arguments[0]
        node["ids"].append(label)
        node["names"].append(label)
        domain = self.env.get_domain("std")
        domain.anonlabels[label] = (self.env.docname, label)
        domain.labels[label] = (self.env.docname, label, title)


class Prediction(BookDirective):
    """A prediction, with its criterion; after execution also its outcome."""

    def run(self):
        label = self.arguments[0]
        box = nodes.admonition(classes=["prediction"])
        box += nodes.title("", "Prediction")
        self.target(box, "Prediction")
        self.parse_text("\n".join(self.content), box)
        _, outcome = _decided_on_page(self.env).get(label, (None, None))
        line = nodes.paragraph(classes=["outcome"])
        if outcome is None:
            line += nodes.Text("Not decided yet.")
        else:
            verdict = "Held" if outcome["held"] else "Failed"
            line["classes"].append(verdict.lower())  # not the box's: it may be closed
            record_of(self.env).of(self.env.docname).predictions[label] = outcome["held"]
            line += nodes.strong("", verdict)
            line += nodes.Text(f": {outcome['value']} (")
            line += nodes.reference("", "decided here", refid=f"decides-{label}", internal=True)
            line += nodes.Text(").")
        box += line
        return [box]


def _empty_notebook():
    import nbformat

    return nbformat.v4.new_notebook()


class Oral(BookDirective):
    """A question of the oral block: outline, spoken and full answer, rubric, proving links."""

    option_spec = dict.fromkeys(("kind", "difficulty", "outcomes", "proof"), str)

    def run(self):
        question = parse_oral(self.arguments[0], self.options, "\n".join(self.content))
        self.record(question)
        title = KIND_TITLES[question.kind]
        box = nodes.container(classes=["oral", f"oral-{question.kind}"])
        self.target(box, title)
        heading = nodes.paragraph(classes=["oral-kind"])
        heading += nodes.strong("", title)
        heading += nodes.inline("", f" {details_of(question)}", classes=["oral-details"])
        box += heading
        box += self.part("prompt", question.question)
        if question.outline:
            outline = self.part("outline", question.outline)
            box += closed(OUTLINE_TITLE, outline)
        answer: list[nodes.Node] = []
        if question.spoken:
            answer += [part_title(SPOKEN_TITLE), self.part("spoken", question.spoken)]
            answer += [part_title(FULL_TITLE)]
        answer += [
            self.part("model", question.answer),
            self.part("proof", f"Proved by {', '.join(map(link_to, question.proof))}."),
            part_title("Grade yourself"),
            self.part("rubric", question.rubric),
        ]
        box += closed("Model answer and rubric", *answer)
        return [box]

    def part(self, name: str, text: str) -> nodes.container:
        """A part of the question that `dlabook.reader.trainer.trainer` finds again."""
        box = nodes.container(classes=[f"oral-{name}"])
        self.parse_text(text, box)
        return box

    def record(self, question: OralQuestion) -> None:
        """Keep the question in the environment, where later tools collect it."""
        record_of(self.env).of(self.env.docname).questions[question.label] = question


def details_of(question: OralQuestion) -> str:
    """What stands beside a question's kind."""
    return f"difficulty {question.difficulty} of 3, {', '.join(question.outcomes)}"


def part_title(title: str) -> nodes.paragraph:
    return nodes.paragraph("", "", nodes.strong("", title), classes=["part-title"])


def closed(title: str, *content: nodes.Node) -> nodes.container:
    """What is shown when the reader opens it; on paper it is open."""
    opening = _raw_html(f"<details><summary>{title}</summary>")
    return nodes.container("", opening, *content, _raw_html("</details>"), classes=["oral-answer"])


def _raw_html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


class ExecutionReport(BookDirective):
    """Tables of what was executed, how long it took, and on what."""

    required_arguments = 0
    has_content = False

    def run(self):
        root = find_root(Path(self.env.srcdir))
        shows(self.env, "execution")
        box = nodes.container(classes=["execution-report"])
        self.parse_text(_execution_report(root), box)
        return box.children


def _execution_report(root: Path) -> str:
    """The execution page's tables as MyST text."""
    header = (
        "| chapter | cells | seconds | peak memory (MiB) | equations derived | checked "
        "| checks that can fail |"
    )
    lines, total, proved, to_prove, versions, machines, dates = (
        [header, "|---|--:|--:|--:|--:|--:|--:|"],
        0.0,
        0,
        0,
        {},
        set(),
        set(),
    )
    for chapter in executable_chapters(root):
        record = executed_record(chapter) or {}
        cells, derived, checked = known(root, _count_equations, chapter.text, chapter)
        share = f"{checked / derived:.0%}" if derived else "none to check"
        total += record.get("seconds", 0.0)
        can_fail, of_all = count_proved(chapter, record)
        proved, to_prove = proved + can_fail, to_prove + of_all
        lines.append(
            f"| {{doc}}`/{chapter.docname}` | {cells} "
            f"| {record.get('seconds', 0.0):.1f} | {record.get('peak_memory_mib', 0)} "
            f"| {derived} | {share} | {can_fail} of {of_all} |"
        )
        versions |= record.get("versions", {}) | {"Python": record.get("python", "")}
        machines.add(record.get("processor", ""))
        dates.add(record.get("date", ""))
    rows = [f"| {name} | {versions[name]} |" for name in sorted(versions, key=str.lower)]
    days = sorted(filter(None, dates))
    span = " to ".join(dict.fromkeys(days[:1] + days[-1:]))
    return "\n".join(
        [
            *lines,
            "",
            f"Of the {to_prove} cells that check an equation {proved} were seen to fail when what "
            f"they test was changed: a share of {proved / max(to_prove, 1):.2f}.",
            "",
            f"Together {total:.0f} seconds on one core, executed on {span} "
            f"(UTC) on: {', '.join(sorted(filter(None, machines)))}. Each kernel used one thread.",
            "",
            "| library | version |",
            "|---|---|",
            *rows,
        ]
    )


def _count_equations(chapter: Chapter) -> tuple[int, int, int]:
    """Cells of code, derived equations, and those of them that a cell checks."""
    derived = [e.label for e in chapter.equations if e.is_derived]
    return len(chapter.code_cells), len(derived), sum(e in chapter.checks for e in derived)


def _digest_of_execution(root: Path) -> str:
    return hashlib.sha256(_execution_report(root).encode()).hexdigest()


def mark_equations_and_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Say at each equation that it is checked, and at each cell what it checks or decides."""
    checked = {}
    cells = code_cells(doctree)
    for cell in cells:
        metadata = cell.get("cell_metadata", {})
        for label in metadata.get("checks", []):
            if label not in checked:  # the first of several cells is the one that is linked to
                checked[label] = f"check-{label}"
                cell.insert(0, nodes.target("", "", ids=[checked[label]]))
        if metadata.get("checks"):
            place = cell.parent.index(cell)
            cell.parent.insert(place, _note_of_checks(app, metadata["checks"]))
    _mark_deciding_cells(app, cells)
    keys = app.env.temp_data.get("dlabook_keys", ())
    for equation in list(doctree.findall(nodes.math_block)):
        label = equation.get("label")
        if label:
            equation.parent.insert(
                equation.parent.index(equation) + 1, mark(label, checked, key=label in keys)
            )


def code_cells(doctree: nodes.document) -> list[nodes.container]:
    """The containers of MyST-NB's code cells; a condition on every node would cost more."""
    found = doctree.findall(nodes.container)
    return [node for node in found if node.get("nb_element") == "cell_code"]


def _note_of_checks(app: Sphinx, labels: list[str]) -> nodes.Element:
    note = nodes.paragraph(classes=["check-note"])
    note += nodes.Text("Check of ")
    for k, label in enumerate(labels):
        note += nodes.Text(", " if k else "")
        reference = addnodes.pending_xref(
            "",
            nodes.inline("", label),
            refdomain="math",
            reftype="eq",
            reftarget=label,
            refdoc=app.env.docname,
            refwarn=True,
        )
        note += reference
    return note


def mark(label: str, checked: dict[str, str], *, key: bool = False) -> nodes.Element:
    """The line under an equation: definition or checked, and whether it is on the formula sheet."""
    line = nodes.container(classes=["equation-mark"])
    paragraph = nodes.paragraph()
    if label.startswith("def-"):
        paragraph += nodes.inline("", "definition", classes=["is-definition"])
    elif label in checked:
        link = nodes.reference("", "checked", refid=checked[label], internal=True)
        link["classes"].append("is-checked")
        paragraph += link
    else:
        paragraph += nodes.inline("", "not checked", classes=["is-unchecked"])
    if key:
        paragraph += nodes.inline("", "key", classes=["is-key"])
    line += paragraph
    return line


def _mark_deciding_cells(app: Sphinx, cells: list[nodes.container]) -> None:
    deciding = {index: label for label, (index, _) in _decided_on_page(app.env).items()}
    for cell in cells:
        if cell.get("cell_index") in deciding:
            label = deciding[cell["cell_index"]]
            cell.insert(0, nodes.target("", "", ids=[f"decides-{label}"]))


def _decided_on_page(env) -> dict[str, tuple[int, dict]]:
    """Outcomes of the page that Sphinx is reading; its executed notebook is read once."""
    if "dlabook_outcomes" not in env.temp_data:
        chapter = Chapter(find_root(Path(env.srcdir)), env.docname)
        env.temp_data["dlabook_outcomes"] = outcomes(load_as_it_ran(chapter) or _empty_notebook())
    return env.temp_data["dlabook_outcomes"]


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    declare_kind("execution", _digest_of_execution)
    app.add_directive("prediction", Prediction)
    app.add_directive("oral", Oral)
    app.add_directive("execution-report", ExecutionReport)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
