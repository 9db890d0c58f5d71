"""What the trainer is made of: each question once, in parts, and its sections by outcome."""

import json
import re

import pytest
from places import SITE

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
def test_a_question_has_all_its_parts_and_no_ids_or_permanent_links(path):
    for question in bank(path).values():
        assert set(question) == {"prompt", "model", "proof", "rubric"}
        whole = "".join([question["prompt"], question["model"], question["proof"]])
        assert not re.search(r' id="|headerlink', whole)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_its_links_work_from_the_trainers_page(path):
    for question in bank(path).values():
        for link in re.findall(r'href="(?!https?:)([^"#]*)', question["model"] + question["proof"]):
            assert not link or (BANK.parent / link).resolve().is_file(), link
