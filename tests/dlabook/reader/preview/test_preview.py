"""What a link may show: the thing itself, without links, ids and answers."""

import json
import re

import pytest
from small_site import build, configure, write

EXTENSIONS = [
    "dlabook.site.outputs",
    "dlabook.site.directives",
    "dlabook.reader.preview.preview",
]
PAGE = """# Page

(sec-a)=
## Title

First, with {ref}`a link <sec-a>`.

Second.

$$
x
$$ (eq-a)

```{exercise}
:label: ex-a

Why {eq}`eq-a`?
```

```{solution} ex-a
:class: dropdown

Because.
```
"""


@pytest.fixture(scope="module")
def previews(tmp_path_factory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("book")
    configure(root, EXTENSIONS)
    write(root, "_toc.yml", "format: jb-book\nroot: index\n")
    write(root, "index.md", PAGE)
    build(root)
    text = (root / "_build/html/_previews/index.js").read_text()
    return json.loads(re.fullmatch(r'bookPreviews\("index", (.*)\);\n', text, re.S)[1])


def test_a_section_shows_its_title_and_its_first_paragraph(previews):
    assert previews["sec-a"].startswith("<p><strong>Title")
    assert "First, with" in previews["sec-a"] and "Second" not in previews["sec-a"]


def test_an_equation_is_shown_with_its_number(previews):
    assert "katex" in previews["equation-eq-a"] and "(1)" in previews["equation-eq-a"]


def test_an_exercise_is_shown_and_its_solution_is_not(previews):
    assert "Why" in previews["ex-a"]
    assert not any("Because" in markup for markup in previews.values())


def test_what_is_shown_has_nothing_to_activate_and_no_ids(previews):
    for markup in previews.values():
        assert not re.search(r"<a\b| id=", markup), markup
