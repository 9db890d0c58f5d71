"""The oral trainer: permanent labels, its data, and one chapter trained in headless Chromium."""

import json
import re
from pathlib import Path

from places import ROOT
from trainer_page import unfolded

from dlabook.source.chapters import book_chapters, topics

EXAM = ROOT / "_build" / "html" / "book" / "exam"
LABELS = [q.label for page in book_chapters(ROOT) for q in page.oral_questions]


def test_no_published_question_disappears():
    published = (ROOT / "tests" / "oral-ids.txt").read_text().split()
    assert [label for label in published if label not in LABELS] == []


def test_every_question_is_published():
    """A new question enters the list, so that its progress outlives the next edition."""
    published = (ROOT / "tests" / "oral-ids.txt").read_text().split()
    assert sorted(LABELS) == sorted(published)


def test_the_examination_pages_are_no_chapters():
    assert not [page for pages in topics(ROOT) for page in pages if "/exam/" in page.docname]


def test_the_bank_has_every_question_once():
    texts = [path.read_text() for path in EXAM.glob("bank/*.js") if path.name != "index.js"]
    banks = [
        json.loads(re.fullmatch(r'dlaOralBank\("[\w-]+", (.*)\);\n', t, re.S)[1]) for t in texts
    ]
    assert sorted(label for bank in banks for label in bank) == sorted(LABELS)
    assert all(len(question["rubric"]) == 5 for bank in banks for question in bank.values())


def test_one_chapter_is_trained_from_a_file_and_kept(browser):
    tab = unfolded(browser.new_page())
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto((EXAM / "trainer.html").as_uri())
    tab.get_by_role("button", name="Start", exact=True).click()
    for _ in range(6):
        tab.get_by_role("button", name="Show the model answer").click()
        for box in tab.locator(".trainer-marking input[type=checkbox]").all()[:4]:
            box.check()
        assert tab.get_by_role("radio", name="Good").is_checked()
        tab.get_by_role("button", name="Keep and go on").click()
    kept = json.loads(tab.evaluate("localStorage.getItem('dla-oral')"))["questions"]
    assert len(kept) == 6 and set(kept) <= set(LABELS)
    assert all(item["card"]["due"] > item["time"] for item in kept.values())
    assert errors == []


GOOD = {
    "format": "dla-book oral progress",
    "version": 1,
    "questions": {
        "oral-gone-why": {
            "card": {"due": "2026-01-02T00:00:00Z", "stability": 1, "difficulty": 5, "state": 2,
                     "reps": 1},
            "said": [True] * 5,
            "rating": 3,
            "time": "2026-01-01T00:00:00Z",
        }
    },
}  # fmt: skip


def test_progress_is_imported_exported_and_erased_and_a_foreign_file_changes_nothing(browser):
    def offer(text):
        tab.set_input_files(
            "#trainer-file", {"name": "x.json", "mimeType": "", "buffer": text.encode()}
        )

    tab = unfolded(browser.new_page())
    tab.goto((EXAM / "trainer.html").as_uri())
    status = tab.locator("#trainer [role=status]")
    offer(json.dumps(GOOD))
    tab.get_by_role("button", name="Merge").click()
    stored = tab.evaluate("localStorage.getItem('dla-oral')")
    assert json.loads(stored) == GOOD
    for bad in ("{", '{"format": "anki"}', json.dumps(GOOD).replace("2026-01-02", "soon")):
        offer(bad)
        status.filter(has_text="refused").wait_for()
        assert tab.evaluate("localStorage.getItem('dla-oral')") == stored
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Export").click()
    assert json.loads(Path(download.value.path()).read_text()) == GOOD
    tab.get_by_role("button", name="Erase").click()
    tab.locator("#trainer").get_by_role("button", name="Erase").last.click()
    assert tab.evaluate("localStorage.getItem('dla-oral')") is None


def test_a_question_is_due_again_when_its_day_has_come(browser):
    label = LABELS[0]
    progress = GOOD | {"questions": {label: GOOD["questions"]["oral-gone-why"]}}
    for day, is_due in [("2025-12-30T12:00:00Z", False), ("2026-01-03T12:00:00Z", True)]:
        tab = unfolded(browser.new_page())
        tab.clock.install(time=day)
        tab.add_init_script(f"localStorage.setItem('dla-oral', {json.dumps(progress)!r})")
        tab.goto((EXAM / "trainer.html").as_uri())
        assert tab.get_by_role("button", name="Repeat").count() == is_due
        tab.close()


CARD = GOOD["questions"]["oral-gone-why"]["card"]
CARDS = [
    {}, {"stability": 0}, {"difficulty": 0}, {"difficulty": 1e308}, {"stability": "1"},
    {"state": 0}, {"state": 1}, {"state": 3}, {"reps": 0.5}, {"last_review": "soon"},
    {"last_review": 5}, {"last_review": "2999-01-01T00:00:00Z"}, {"lapses": "x"},
    {"learning_steps": "x"}, {"learning_steps": 99}, {"due": 5}, {"due": "9999-12-31T00:00:00Z"},
]  # fmt: skip
ENTRIES = [{"said": ["x"]}, {"said": [True] * 21}, {"said": None}, {"rating": 0}, {"time": 5}]
ANSWER = """
given => {
  const text = JSON.stringify(given), refused = dlaTrainer.fault(text);
  if (refused) return "refused";
  localStorage.setItem("dla-oral", text);
  for (const rating of [1, 2, 3, 4])
    dlaTrainer.record(Object.keys(given.questions)[0], [true, false], rating);
  return dlaTrainer.fault(localStorage.getItem("dla-oral")) || "answered";
}
"""


def test_every_entry_is_refused_or_can_be_answered_again(browser):
    """Else "Keep and go on" would do nothing, from the import of a damaged file on."""
    tab = unfolded(browser.new_page())
    tab.goto((EXAM / "trainer.html").as_uri())
    entry = GOOD["questions"]["oral-gone-why"]
    cards = [entry | {"card": CARD | change} for change in CARDS]
    found = {}
    for made in [*cards, *(entry | change for change in ENTRIES)]:
        progress = GOOD | {"questions": {"oral-gone-why": made}}
        found[json.dumps(made)] = tab.evaluate(ANSWER, progress)
    assert set(found.values()) == {"answered", "refused"}, found
    assert [found[json.dumps(made)] for made in cards[:2]] == ["answered", "refused"]
    clock_put_back = json.dumps(entry | {"card": CARD | {"last_review": "2999-01-01T00:00:00Z"}})
    assert found[clock_put_back] == "answered"


def test_newer_and_huge_files_are_refused_and_what_is_imported_is_seen_at_once_in_two_tabs(browser):
    due = GOOD | {"questions": dict.fromkeys(LABELS[:3], GOOD["questions"]["oral-gone-why"])}
    context = unfolded(browser.new_context())
    tab, other = context.new_page(), context.new_page()
    for page in (tab, other):
        page.goto((EXAM / "trainer.html").as_uri())
    other.locator("#trainer-topic").select_option(index=2)
    status = tab.locator(".trainer-said")
    huge = "x" * 5_000_000
    for text, why in [(json.dumps(GOOD | {"version": 2}), "newer version"), (huge, "5 MB")]:
        file = {"name": "x.json", "mimeType": "", "buffer": text.encode()}
        tab.set_input_files("#trainer-file", file)
        status.filter(has_text=why).wait_for()
        assert tab.evaluate("localStorage.getItem('dla-oral')") is None
    file = {"name": "x.json", "mimeType": "", "buffer": json.dumps(due).encode()}
    tab.set_input_files("#trainer-file", file)
    tab.get_by_role("button", name="Merge").click()
    for page in (tab, other):
        page.get_by_text("3 questions are due").wait_for()
    assert status.inner_text() == "Kept."
    assert other.locator("#trainer-topic").evaluate("choice => choice.selectedIndex") == 2
    tab.get_by_role("button", name="Erase").click()
    tab.locator("#trainer").get_by_role("button", name="Erase").last.click()
    for page in (tab, other):
        page.get_by_text("Begin with").wait_for()


def test_the_first_view_offers_one_thing(browser):
    tab = browser.new_page()
    tab.goto((EXAM / "trainer.html").as_uri())
    trainer = tab.locator("#trainer")
    assert trainer.get_by_role("button").filter(visible=True).all_inner_texts() == ["Begin"]
    first = tab.evaluate("dlaTrainer.book.chapters[0]")
    assert trainer.locator("p").first.inner_text().startswith(f"Begin with {first['title']}, ")
    tab.evaluate(
        """chapter => dlaTrainer.book.questions.filter(q => q.chapter === chapter)
             .forEach(q => dlaTrainer.record(q.id, [true, true, true, true, true], 4))""",
        first["id"],
    )
    tab.reload()
    second = tab.evaluate("dlaTrainer.book.chapters[1].title")
    said = trainer.locator("p").first.inner_text()
    assert said.startswith(f"Nothing is due. Next: {second}, ") and "not answered yet" in said
    trainer.get_by_role("button", name="Begin").click()
    tab.get_by_text("1 of ").first.wait_for()
    tab.close()


def test_a_part_stays_open_until_it_is_closed(browser):
    tab = browser.new_page()
    tab.goto((EXAM / "trainer.html").as_uri())
    tab.get_by_text("Your progress").click()
    tab.get_by_role("button", name="Erase").click()
    tab.get_by_role("button", name="Erase").last.click()
    tab.get_by_text("Erased.").wait_for()
    assert tab.locator("#trainer details[open] > summary").all_inner_texts() == ["Your progress"]
    tab.close()


def test_the_reader_chooses_the_scale(browser):
    tab = unfolded(browser.new_page())
    tab.goto((EXAM / "trainer.html").as_uri())
    assert tab.evaluate("[30, 27, 18, 14].map(p => dlaTrainer.grade(p, 30))") == [
        "1.0", "1.3", "3.3", "5.0",
    ]  # fmt: skip
    tab.get_by_text("How the questions are drawn, and graded").click()
    tab.locator("#trainer-scale").select_option("A to F, half of the points pass")
    assert tab.evaluate("[27, 18, 14].map(p => dlaTrainer.grade(p, 30))") == ["A", "D", "F"]
    tab.reload()
    assert tab.locator("#trainer-scale").input_value() == "A to F, half of the points pass"
    tab.get_by_text("How the questions are drawn, and graded").click()
    tab.locator("#trainer-scale").select_option("1.0 to 5.0, 60 % pass")
    assert tab.evaluate("[30, 18, 17].map(p => dlaTrainer.grade(p, 30))") == ["1.0", "4.0", "5.0"]
    tab.close()
