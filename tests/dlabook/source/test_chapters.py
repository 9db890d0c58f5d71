"""What is read off a chapter's source."""

import pytest

from dlabook.source.chapters import Chapter, SourceError, parse_oral

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


def test_an_oral_question_has_three_parts_and_its_options(chapter):
    (question,) = chapter.oral_questions
    assert (question.label, question.kind, question.difficulty) == ("oral-a", "define", 2)
    assert question.outcomes == ("LO1", "LO3")
    assert question.proof == ("eq-a",)
    assert question.answer == "**That**."


@pytest.mark.parametrize(
    ("options", "body", "message"),
    [
        ({"kind": "why"}, "q\n+++\na", "found 2 parts, expected three"),
        ({"kind": "what"}, "q\n+++\na\n+++\nr", "kind 'what'"),
        ({"kind": "why", "difficulty": "9"}, "q\n+++\na\n+++\nr", "difficulty '9'"),
        ({"kind": "why", "difficulty": "1"}, "q\n+++\na\n+++\nr", "rubric lacks definition"),
    ],
)
def test_a_malformed_oral_question_is_refused(options, body, message):
    with pytest.raises(SourceError, match=message):
        parse_oral("oral-a", options, body)


def test_a_label_that_does_not_begin_with_oral_is_refused():
    with pytest.raises(SourceError, match="must begin with 'oral-'"):
        parse_oral("pit-why", {}, "")
