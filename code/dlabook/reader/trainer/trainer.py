"""Sphinx extension that collects the oral questions of all chapters for the trainer.

Each page's questions are kept, rendered, beside the doctrees when the page
is written; so an incremental build has those of the pages that it leaves
alone. When the build ends, the trainer's data are made of them: one script
per chapter, which also a page read from ``file://`` can load, and an index.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dlabook.reader.prediction.prediction import decided_predictions
from dlabook.reader.study.study import topic_pages
from dlabook.reader.trainer.anki import Card, with_tex, write_deck
from dlabook.site.directives import (
    FULL_TITLE,
    KIND_TITLES,
    OUTLINE_TITLE,
    SPOKEN_TITLE,
    details_of,
)
from dlabook.site.record import record_of
from dlabook.site.static import publish
from dlabook.site.translator import quote
from dlabook.source.chapters import ORAL_KINDS, RUBRIC, OralQuestion, topics
from dlabook.source.outcomes import learning_outcomes
from dlabook.source.pages import BANK, DECK, TRAINER
from dlabook.source.version import book_time


class oral_list(nodes.General, nodes.Element):
    """Links to all questions, by chapter; filled when the page is written."""


class OralTrainer(SphinxDirective):
    """The place of the trainer, and links to all questions for readers without scripts."""

    def run(self):
        return [oral_list()]


def _questions_by_topic(app: Sphinx) -> list[tuple[str, str, list[tuple[str, OralQuestion]]]]:
    """Of each chapter with questions: its page, its title, and (page, question) in order."""
    record = record_of(app.env)
    found = []
    for pages in topics(Path(app.srcdir)):
        questions = [
            (page.docname, question)
            for page in pages
            for question in record.get(page.docname).questions.values()
        ]
        if questions:
            main = pages[0].docname
            questions.sort(key=lambda item: ORAL_KINDS.index(item[1].kind))
            found.append((main, app.env.titles[main].astext(), questions))
    return found


def _slug(docname: str) -> str:
    return docname.removeprefix("book/").replace("/", "-")


# ---------------------------------------------------------------- keeping what was rendered


def store(app: Sphinx, docname: str) -> Path:
    return Path(app.doctreedir, "oral", f"{docname}.json")


def keep_questions(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """Keep the questions of a page that is being written, as seen from the trainer."""
    questions = record_of(app.env).get(pagename).questions
    if doctree is None or not questions:
        return
    kept = {}
    for box in doctree.findall(_has_class("oral")):
        label = next(name for name in box["ids"] if name in questions)
        names, pieces = parts_of(box)
        cards = [with_tex(piece, app.typesetter.macros) for piece in pieces]
        kept[label] = _name_parts(names, _write_pieces(app, pieces, TRAINER)) | {
            "anki": _name_parts(names, _write_pieces(app, cards, pagename))
        }
    path = store(app, pagename)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept), encoding="utf-8")


def _has_class(name: str):
    return lambda node: isinstance(node, nodes.container) and name in node["classes"]


PARTS = ("prompt", "outline", "spoken", "model", "proof")


def parts_of(box: nodes.Element) -> tuple[list[str], list[list[nodes.Node]]]:
    """Those of the `PARTS` that a question has; the contents of each, and of the rubric's lines."""
    found = {name: next(box.findall(_has_class(f"oral-{name}")), None) for name in PARTS}
    found = {name: part.children for name, part in found.items() if part is not None}
    (rubric,) = box.findall(_has_class("oral-rubric"))
    lines = next(rubric.findall(nodes.bullet_list))
    return list(found), [*found.values(), *(item.children for item in lines)]


def _name_parts(names: list[str], pieces: list[str]) -> dict:
    """The pieces as `parts_of` orders them."""
    return dict(zip(names, pieces, strict=False)) | {"rubric": pieces[len(names) :]}


def _write_pieces(app: Sphinx, pieces: list[list[nodes.Node]], page: str) -> list[str]:
    """HTML of each piece as a page shows it."""
    translator = quote(app.builder, shown_on=page)
    copies = (nodes.compound("", *[node.deepcopy() for node in piece]) for piece in pieces)
    return [translator.write(copy.children).strip() for copy in copies]


# ---------------------------------------------------------------- the trainer's page


def _visit_oral_list(translator, node) -> None:
    app = translator.builder.app
    translator.body.append(
        '<div id="trainer" class="trainer"></div>\n<noscript><p>Training needs JavaScript. '
        "Without it, follow a question to its chapter: the model answer opens below it."
        "</p></noscript>\n"
    )
    for main, title, questions in _questions_by_topic(app):
        place = translator.builder.get_relative_uri(TRAINER, main)
        items = "".join(
            f'<li><a href="{_question_place(app, page, question)}">'
            f"{KIND_TITLES[question.kind]}</a> "
            f'<span class="oral-details">{details_of(question)}</span></li>'
            for page, question in questions
        )
        translator.body.append(
            f'<p class="oral-chapter"><a href="{place}">{escape(title)}</a></p>\n<ul>{items}</ul>\n'
        )
    raise nodes.SkipNode


def _question_place(app: Sphinx, page: str, question: OralQuestion) -> str:
    return f"{app.builder.get_relative_uri(TRAINER, page)}#{question.label}"


def pages_that_collect(app: Sphinx, env) -> list[str]:
    """The trainer's page, if the questions are others than when it was written."""
    record = record_of(env)
    before, record.trained = record.trained, repr([page.questions for _, page in record.each()])
    return [TRAINER] if TRAINER in env.all_docs and before != record.trained else []


def add_scripts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    if pagename != TRAINER:
        return
    app.add_css_file("trainer.css")
    index = posixpath.relpath(f"{BANK}/index.js", "_static")
    for name in ("ts-fsrs/index.umd.js", index, "trainer.js", "examination.js"):
        app.add_js_file(name, loading_method="defer")


# ---------------------------------------------------------------- the trainer's data


def write_bank(app: Sphinx, exception: Exception | None) -> None:
    """One script of questions per chapter, and the index that the trainer starts from."""
    if exception or app.builder.format != "html" or TRAINER not in app.env.all_docs:
        return
    folder = Path(app.outdir, BANK)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    chapters, index, sections = [], [], _sections_by_topic(app)
    cards: list[Card] = []
    for main, title, questions in _questions_by_topic(app):
        name, content = _slug(main), {}
        for page in dict.fromkeys(page for page, _ in questions):
            content |= json.loads(store(app, page).read_text(encoding="utf-8"))
        for _, question in questions:
            texts = content[question.label].pop("anki")
            cards.append(
                Card(
                    question.label,
                    main,
                    title,
                    question.kind,
                    KIND_TITLES[question.kind],
                    question.outcomes,
                    texts["prompt"],
                    texts["model"],
                    tuple(texts["rubric"]),
                    texts["proof"],
                    texts.get("outline", ""),
                    texts.get("spoken", ""),
                )
            )
        _write_script(folder / f"{name}.js", f"dlaOralBank({json.dumps(name)}, %s);", content)
        href = app.builder.get_relative_uri(TRAINER, main)
        chapters.append(
            {
                "id": name,
                "title": title,
                "part": main.split("/")[1],
                "href": href,
                "bank": f"bank/{name}.js",
                "sections": sections.get(main, []),
            }
        )
        index += [
            {
                "id": question.label,
                "chapter": name,
                "kind": question.kind,
                "difficulty": question.difficulty,
                "outcomes": question.outcomes,
                "href": _question_place(app, page, question),
            }
            for page, question in questions
        ]
    outcomes = learning_outcomes(Path(app.srcdir))
    content = {
        "predictions": [p | {"chapter": _slug(p["chapter"])} for p in decided_predictions(app)],
        "outcomes": outcomes,
        "kinds": KIND_TITLES,
        "titles": {"outline": OUTLINE_TITLE, "spoken": SPOKEN_TITLE, "model": FULL_TITLE},
        "rubric": RUBRIC,
        "chapters": chapters,
        "questions": index,
    }
    _write_script(folder / "index.js", "window.dlaOral = %s;", content)
    _copy_scheduler(app)
    key = Path(app.doctreedir, "oral", "deck.key")
    write_deck(cards, Path(app.outdir, DECK), key, book_time(Path(app.srcdir)))


def _sections_by_topic(app: Sphinx) -> dict[str, list[dict]]:
    """Of each chapter's page, the chapter's sections that say which outcomes they practise."""
    labels = app.env.domaindata["std"]["labels"]
    found = {}
    for pages in topic_pages(Path(app.srcdir)):
        marked = [s for page in pages for s in page.sections if s.outcomes and s.label in labels]
        found[pages[0].chapter.docname] = [
            {
                "title": labels[section.label][2],
                "href": app.builder.get_relative_uri(TRAINER, section.docname)
                + f"#{labels[section.label][1]}",
                "outcomes": section.outcomes,
                "further": section.further,
            }
            for section in sorted(marked, key=lambda section: section.further)
        ]
    return found


def _write_script(path: Path, statement: str, content: dict) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    path.write_text(statement % text + "\n", encoding="utf-8")


def _copy_scheduler(app: Sphinx) -> None:
    source = Path(app.srcdir, "node_modules", "ts-fsrs")
    target = Path(app.outdir, "_static", "ts-fsrs")
    target.mkdir(parents=True, exist_ok=True)
    script = (source / "dist" / "index.umd.js").read_text(encoding="utf-8")
    script = re.sub(r"\n//# sourceMappingURL=.*", "", script)
    (target / "index.umd.js").write_text(script, encoding="utf-8")
    shutil.copyfile(source / "LICENSE", target / "LICENSE")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    app.setup_extension("dlabook.site.mathematics")
    app.setup_extension("dlabook.site.translator")
    publish(app, __file__, "trainer.js", "examination.js", "trainer.css")
    app.add_node(oral_list, html=(_visit_oral_list, None))
    app.add_directive("oral-trainer", OralTrainer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
