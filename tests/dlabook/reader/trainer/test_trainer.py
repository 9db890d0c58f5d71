"""What the trainer is made of: each question once, in parts, and its sections by outcome."""

import json
import re

import pytest
from places import ROOT, SITE

from dlabook.source.chapters import book_chapters

BANK = SITE / "book" / "exam" / "bank"


def bank(path) -> dict:
    return json.loads(re.fullmatch(r'dlaOralBank\("[\w-]+", (.*)\);\n', path.read_text(), re.S)[1])


CHAPTERS = sorted(path for path in BANK.glob("*.js") if path.name != "index.js")


def test_there_is_a_bank_for_each_chapter_of_the_index():
    text = (BANK / "index.js").read_text()
    index = json.loads(re.fullmatch(r"window\.dlaOral = (.*);\n", text, re.S)[1])
    assert sorted(chapter["bank"] for chapter in index["chapters"]) == sorted(
        f"bank/{path.name}" for path in CHAPTERS
    )


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_bank_has_the_parts_of_the_source(path):
    """Outline and spoken answer exactly where the page has them."""
    found = {label: set(question) & {"outline", "spoken"} for label, question in bank(path).items()}
    asked = [q for page in book_chapters(ROOT) for q in page.oral_questions if q.label in found]
    parts = {q.label: {n for n in ("outline", "spoken") if getattr(q, n)} for q in asked}
    assert found == parts


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_question_has_all_its_parts_and_no_ids_or_permanent_links(path):
    for question in bank(path).values():
        assert set(question) - {"outline", "spoken"} == {"prompt", "model", "proof", "rubric"}
        whole = "".join(text for name, text in question.items() if name != "rubric")
        assert not re.search(r' id="|headerlink', whole)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_its_links_work_from_the_trainers_page(path):
    for question in bank(path).values():
        for link in re.findall(r'href="(?!https?:)([^"#]*)', question["model"] + question["proof"]):
            assert not link or (BANK.parent / link).resolve().is_file(), link
