"""What is read off a chapter's source."""

import pytest

from dlabook.source.chapters import RUBRIC, Chapter, SourceError, parse_oral, spoken_words

SOURCE = """---
file_format: mystnb
kernelspec:
  name: python3
---

# A

$$ a = b $$ (eq-a)

$$
c
$$ (def-c)

```{prediction} pred-a
Text. *Decided by*: this.
```

```{code-cell} python
---
checks: [eq-a]
---
assert True
```

````{oral} oral-a
:kind: define
:difficulty: 2
:outcomes: LO1, LO3
:proof: eq-a

What?

+++

**That**.

+++

- definition correct: a
- assumptions named: b
- limit case: c
- failure mode: d
- link: e
````
"""


@pytest.fixture
def chapter(tmp_path):
    (tmp_path / "a.md").write_text(SOURCE)
    return Chapter(tmp_path, "a")


def test_equations_know_their_label_and_whether_they_are_derived(chapter):
    assert [(e.label, e.is_derived) for e in chapter.equations] == [
        ("eq-a", True),
        ("def-c", False),
    ]


def test_checks_map_labels_to_cells(chapter):
    assert chapter.checks == {"eq-a": [1]}
    assert chapter.cells[1].source == "assert True"


def test_directives_know_their_argument_and_place(chapter):
    (prediction,) = chapter.directives("prediction")
    assert (prediction.argument, prediction.cell) == ("pred-a", 0)
    assert prediction.body == "Text. *Decided by*: this."


def test_an_oral_question_may_have_two_parts_without_names_and_has_its_options(chapter):
    (question,) = chapter.oral_questions
    assert (question.label, question.kind, question.difficulty) == ("oral-a", "define", 2)
    assert question.outcomes == ("LO1", "LO3")
    assert question.proof == ("eq-a",)
    assert question.answer == "**That**."


@pytest.mark.parametrize(
    ("options", "body", "message"),
    [
        (
            {"kind": "why", "difficulty": "1"},
            "q\n+++\na",
            "found the parts one without a name; after the question expected spoken, answer",
        ),
        ({"kind": "what"}, "q\n+++\na\n+++\nr", "kind 'what'"),
        ({"kind": "why", "difficulty": "9"}, "q\n+++\na\n+++\nr", "difficulty '9'"),
        ({"kind": "why", "difficulty": "1"}, "q\n+++\na\n+++\nr", "rubric lacks definition"),
    ],
)
def test_a_malformed_oral_question_is_refused(options, body, message):
    with pytest.raises(SourceError, match=message):
        parse_oral("oral-a", options, body)


RUBRIC_TEXT = "\n".join(f"- {line}: x" for line in RUBRIC)
OPTIONS = {"difficulty": "1", "outcomes": "LO1", "proof": "eq-a"}
OUTLINE_TEXT = "\n".join(f"{k}. point\n   goes on" for k in range(1, 6))
SPOKEN_TEXT = "word " * 130


def oral(kind="present", **changes):
    """A question of named parts, some changed or (None) left out."""
    parts = {"outline": OUTLINE_TEXT, "spoken": SPOKEN_TEXT, "answer": "a", "rubric": RUBRIC_TEXT}
    parts |= changes
    said = [f"+++ {name}\n\n{text}\n" for name, text in parts.items() if text is not None]
    return parse_oral("oral-a", OPTIONS | {"kind": kind}, "\n".join(["Why?\n", *said]))


def test_an_oral_question_has_named_parts():
    question = oral()
    assert (question.question, question.answer) == ("Why?", "a")
    assert (question.outline, question.spoken) == (OUTLINE_TEXT, SPOKEN_TEXT.strip())
    assert question.rubric == RUBRIC_TEXT
    assert oral("why", outline=None).outline == ""


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("why", {}, "found the parts outline, spoken, answer, rubric; after the question expected"),
        ("present", {"outline": None}, "found the parts spoken, .*expected outline, spoken,"),
        ("why", {"outline": None, "spoken": None}, "found the parts answer, rubric; .*spoken,"),
        ("present", {"proof": "x"}, "found the parts outline, spoken, answer, rubric, proof;"),
        ("present", {"answer": "a\n+++\nb"}, "answer, one without a name, rubric;"),
        ("present", {"answer": ""}, "nothing stands in the part answer"),
        ("present", {"outline": "1. a\n2. b"}, "outline has 2 numbered points, .* list of 5"),
        ("present", {"outline": f"So:\n{OUTLINE_TEXT}"}, "and nothing else"),
        ("present", {"spoken": "word " * 89}, "spoken answer has 89 words, expected 90 to 150"),
        ("present", {"spoken": "word " * 151}, "spoken answer has 151 words"),
        ("present", {"spoken": f"- a\n- {SPOKEN_TEXT}"}, "has a list or a displayed formula"),
        ("present", {"spoken": f"{SPOKEN_TEXT}\n$$\na\n$$"}, "has a list or a displayed formula"),
    ],
)
def test_parts_that_do_not_fit_are_refused(kind, changes, message):
    with pytest.raises(SourceError, match=message):
        oral(kind, **changes)


@pytest.mark.parametrize(
    ("text", "count"),
    [("well-known words", 2), ("the sum $a + b$", 3), ("by {eq}`eq-a`", 2), ("a - b", 2)],
)
def test_a_formula_or_reference_counts_as_one_word(text, count):
    assert spoken_words(text) == count


def test_a_label_that_does_not_begin_with_oral_is_refused():
    with pytest.raises(SourceError, match="must begin with 'oral-'"):
        parse_oral("pit-why", {}, "")
