"""Words of the glossary become links, once a page, in prose, and where they mean the term."""

import json
import re

import pytest
import small_site
from places import ROOT, SITE
from small_site import configure, write

from dlabook.reader.glossary.terms import Finder
from dlabook.source.chapters import topics

CHAPTERS = [page.docname for pages in topics(ROOT) for page in pages]
TERMS = [
    "beat",
    "mel",
    "log-mel spectrogram",
    "mask",
    "binary mask",
    "overlap-add",
    "novelty",
    "W-disjoint orthogonality",
    "constant-Q transform (CQT)",
    "information gain (of beats)",
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a beat", {"beat": "beat"}),
        ("Beats are heard", {"beat": "Beats"}),
        ("Masks", {"mask": "Masks"}),
        ("novelties", {"novelty": "novelties"}),
        ("a binary mask", {"binary mask": "binary mask"}),  # the longer of two
        ("log mel\nspectrograms", {"log-mel spectrogram": "log mel\nspectrograms"}),
        ("overlap-add", {"overlap-add": "overlap-add"}),
        ("the CQT, a constant-Q transform", {"constant-Q transform (CQT)": "constant-Q transform"}),
        ("information gain", {"information gain (of beats)": "information gain"}),
        ("W-disjoint orthogonality", {"W-disjoint orthogonality": "W-disjoint orthogonality"}),
        ("unmasked, masking, off-beat, beat-wise, beaten, BEAT, cqt, MEL, beat_times", {}),
    ],
)
def test_what_is_found(text, found):
    assert {term: text[start:stop] for start, stop, term in Finder(TERMS)(text)} == found


def test_other_words_and_phrases_that_are_none():
    find = Finder(
        ["Viterbi algorithm", "mask"], {"Viterbi algorithm": ["Viterbi"]}, ["mask of Zorro"]
    )
    text = "The mask of Zorro; Viterbi found a mask."
    assert [(text[a:b], term) for a, b, term in find(text)] == [
        ("Viterbi", "Viterbi algorithm"),
        ("mask", "mask"),
    ]


def test_no_terms_no_links():
    assert list(Finder([])("a mask")) == []


EXTENSIONS = [
    "dlabook.reader.glossary.terms",
    "dlabook.site.directives",
    "dlabook.reader.preview.preview",
    "dlabook.site.incremental",
]
GLOSSARY = """---
not_terms: [{phrase}]
---
# Glossary

```{{glossary}}
mask
  Weights, $M$.

beat
  A pulse.

hop
  A distance.

frame
  A stretch.

window
  A fade.

side lobe
  A hill.
```
"""
PAGE = """(ch-a)=
# The mask

| a mask |
|---|
| a mask |

`mask`, $mask$, [the mask](https://example.org/), a carnival mask, a
wide **mask**: the first. A second mask.

> A quoted beat.

- Beats in a list. See {term}`hop`.

The hop is marked above, and no side
lobe is.

```{note}
A window in a note.
```

```{oral} oral-a-why
:kind: why
:difficulty: 1
:outcomes: LO1
:proof: ch-a

What is a frame?

+++

A frame is a stretch.

+++

- definition correct: x
- assumptions named: x
- limit case: x
- failure mode: x
- link: x
```
"""


@pytest.fixture
def book(tmp_path):
    configure(tmp_path, EXTENSIONS)
    write(
        tmp_path,
        "_toc.yml",
        "format: jb-book\nroot: index\nchapters:\n- file: book/part/a\n- file: book/glossary\n",
    )
    write(
        tmp_path,
        "index.md",
        "# Index\n\nA mask.\n\n```{toctree}\nbook/part/a\nbook/glossary\n```\n",
    )
    write(tmp_path, "book/glossary.md", GLOSSARY.format(phrase="carnival mask"))
    write(tmp_path, "book/part/a.md", PAGE)
    build(tmp_path)
    return tmp_path


def build(root):
    assert small_site.build(root).warnings == ""


def linked(root, page="book/part/a"):
    """Terms that a page links to, and the text before each link."""
    text = (root / f"_build/html/{page}.html").read_text()
    found = re.finditer(r'(.{0,12})<a class="glossary-term[^>]*#term-([^"]*)"', text, re.DOTALL)
    return {match[2]: re.sub("<[^>]*>|<[^>]*$|^[^<>]*>", "", match[1]) for match in found}


def test_the_first_word_in_prose_is_a_link_and_others_are_none(book):
    found = linked(book)
    assert set(found) == {"mask", "beat", "side-lobe"}
    text = (book / "_build/html/book/part/a.html").read_text()
    assert re.search(r'wide <strong><a class="glossary-term[^>]*#term-mask"', text)
    assert text.count("glossary-term") == 3
    assert re.search(r'<li><p><a class="glossary-term[^>]*#term-beat"><span>Beats</span>', text)


def test_pages_that_are_no_chapters_are_left_alone(book):
    assert linked(book, "index") == linked(book, "book/glossary") == {}


def test_a_change_of_the_glossary_reaches_the_pages(book):
    write(book, "book/glossary.md", GLOSSARY.format(phrase="nothing of the kind"))
    build(book)
    text = (book / "_build/html/book/part/a.html").read_text()
    assert re.search(r'carnival <a class="glossary-term', text)
    write(book, "book/glossary.md", "# Glossary\n\n```{glossary}\nhop\n  A distance.\n```\n")
    build(book)
    assert linked(book) == {}


# ---------------------------------------------------------------- the book


def pages_with_terms():
    for docname in CHAPTERS:
        text = (SITE / f"{docname}.html").read_text(encoding="utf-8")
        yield docname, re.findall(r'class="glossary-term[^>]*glossary\.html#(term-[^"]+)"', text)


def test_every_page_of_a_chapter_shows_terms_each_once_and_each_with_a_preview():
    script = (SITE / "_previews/book/glossary.js").read_text(encoding="utf-8")
    shown = json.loads(re.fullmatch(r'bookPreviews\("book/glossary", (.*)\);\n', script, re.S)[1])
    for docname, terms in pages_with_terms():
        assert len(terms) >= 3, docname
        assert len(terms) == len(set(terms)) and set(terms) <= set(shown), docname


def test_the_header_of_the_glossary_says_nothing_that_is_not_needed():
    """A phrase that no page has any longer, or other words for a term that there is not."""
    import yaml

    text = (ROOT / "book/glossary.md").read_text(encoding="utf-8")
    header = yaml.safe_load(text.split("---\n")[1])
    assert [term for term in header["also"] if f"\n{term}\n" not in text] == []
    prose = "\n".join((ROOT / f"{name}.md").read_text(encoding="utf-8") for name in CHAPTERS)
    words = " ".join(re.sub(r"[*_]", "", prose).split())
    forms = [*header["not_terms"], *(word for also in header["also"].values() for word in also)]
    assert [form for form in forms if form not in words] == []
