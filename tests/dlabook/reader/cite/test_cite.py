"""What the cite buttons offer, in headless Chromium: every kind, signs of TeX, any address."""

import json
import re
import shutil
from pathlib import Path

import pytest
from places import DLABOOK
from pybtex.database import parse_string

from dlabook.source.version import cited

BOOK = {
    "title": "Sounds & Signals: 100 % {executable}",
    "authors": [{"given": "Ada B.", "family": "Muster"}, {"name": "The R&D Group"}],
    "version": "1.2.0",
    "date": "2026-03-01",
    "source": "git",
}
SIGNS = r"A & B_1 {of 5 % ~ #2 at $3 ^ \alpha “quoted” – τ"
PAGE = """<!DOCTYPE html><html data-content_root="../"><meta charset="utf-8">{canonical}
<script>window.bookCitation = {book};</script><script defer src="../cite.js"></script>
<div class="bd-sidebar-primary"><ul><li class="toctree-l1 current"><a>4. {signs}</a>
<ul><li class="toctree-l2 current"><a>4.7. Masks</a></li></ul></li></ul></div>
<article class="bd-article">
<section><span id="ch-a"></span><h1><span class="section-number">4.7. </span>Masks</h1>
<section><span id="sec-a"></span><h2><span class="section-number">4.7.1. </span>{signs}
  <a class="headerlink" href="#sec-a">#</a></h2></section>
<section id="slug"><h2>No label<a class="headerlink" href="#slug">#</a></h2></section>
<section><h3>run_me<a class="headerlink" href="#dla.a.run_me">#</a></h3></section>
<div class="math" id="equation-eq-a"><span class="eqno">(4.2)</span></div>
<div class="equation-mark"><p>definition</p></div>
<figure id="fig-a"><figcaption><p><span class="caption-number">Fig. 4.1 </span>A.</p>
</figcaption></figure>
<div class="proof theorem admonition" id="thm-a"><p class="admonition-title">
  <span class="caption-number">Theorem 4.1 </span> ({signs})</p></div>
<div class="exercise admonition" id="ex-a"><p class="admonition-title">Exercise 4.1</p></div>
<div class="prediction admonition" id="pred-a"><p class="admonition-title">Prediction</p></div>
<div class="oral" id="oral-a-why"><p class="oral-kind"><strong>Why</strong> **</p></div>
</section><p class="book-version">Version <span></span></p></article></html>
"""
CHAPTER = f"Chapter 4, {SIGNS}, Section 4.7, Masks"
NAMES = {
    "ch-a": "",
    "sec-a": f"Section 4.7.1, {SIGNS}",
    "dla.a.run_me": "dla.a.run_me",
    "eq-a": "Equation (4.2)",
    "fig-a": "Figure 4.1",
    "thm-a": f"Theorem 4.1 ({SIGNS})",
    "ex-a": "Exercise 4.1",
    "pred-a": "Prediction",
    "oral-a-why": "Oral question “Why”",
}
READ = """
() => [...document.querySelectorAll(".cite-button")].map(button => {
  button.click();
  const dialog = document.querySelector(".cite-dialog");
  const read = kind => dialog.querySelector(`#cite-${kind}`).value;
  dialog.close();
  return {bibtex: read("BibTeX"), reference: read("Reference"), link: read("Link")};
})
"""


def offered(browser, folder: Path, published: str = "") -> dict[str, dict]:
    """Label -> what its button offers."""
    canonical = f'<link rel="canonical" href="{published}">' if published else ""
    (folder / "book").mkdir()
    shutil.copyfile(DLABOOK / "reader/cite" / "cite.js", folder / "cite.js")
    text = PAGE
    for name, value in {"canonical": canonical, "book": json.dumps(BOOK), "signs": SIGNS}.items():
        text = text.replace(
            f"{{{name}}}", value.replace("&", "&amp;") if name == "signs" else value
        )
    (folder / "book/a.html").write_text(text, encoding="utf-8")
    tab = browser.new_page()
    tab.goto((folder / "book/a.html").as_uri())
    found = {entry["link"].partition("#")[2]: entry for entry in tab.evaluate(READ)}
    tab.close()
    return found


def text_of(tex: str) -> str:
    """What TeX makes of a field: an own oracle for the signs that are escaped."""
    names = {"backslash": "\\", "braceleft": "{", "braceright": "}", "asciitilde": "~"}
    names["asciicircum"] = "^"
    tex = tex.replace("``", "“").replace("''", "”")
    sign = re.compile(r"\\text([a-z]+)\{\}|\\([&%$#_])")
    bare = sign.sub("", tex)
    assert not re.search(r"[&%$#_\\{}~^]", bare), f"TeX would read a sign of {bare!r}"
    return sign.sub(lambda match: names[match[1]] if match[1] else match[2], tex)


def test_every_kind_of_thing_is_cited_and_what_has_no_label_is_not(browser, tmp_path):
    address = "https://example.org/book/a.html"
    found = offered(browser, tmp_path, address)
    assert set(found) == set(NAMES)
    for label, entry in found.items():
        ((key, parsed),) = parse_string(entry["bibtex"], "bibtex").entries.items()
        assert key == f"dla-{label}" and parsed.type == "misc"
        place = ", ".join(filter(None, [CHAPTER, NAMES[label]]))
        suffix = "" if label.startswith("dla.") else f", label {label}"
        assert text_of(parsed.fields["note"]) == f"Version 1.2.0, 2026-03-01. {place}{suffix}"
        assert text_of(parsed.fields["title"].removeprefix("{").removesuffix("}")) == BOOK["title"]
        assert parsed.fields["year"] == "2026"
        assert parsed.fields["url"] == entry["link"] == f"{address}#{label}"
        ada, group = parsed.persons["author"]
        assert (ada.last_names, ada.first_names) == (["Muster"], ["Ada"])
        assert [text_of(name.strip("{}")) for name in group.last_names] == ["The R&D Group"]
        suffix = "" if label.startswith("dla.") else f" [{label}]"
        assert entry["reference"] == (
            f"Ada B. Muster and The R&D Group (2026). {BOOK['title']}. Version 1.2.0, 2026-03-01. "
            f"{place}{suffix}. {address}#{label}"
        )


def test_a_doi_stands_in_both_forms(browser, tmp_path, monkeypatch):
    monkeypatch.setitem(BOOK, "doi", "10.5281/zenodo.1")
    for entry in offered(browser, tmp_path, "https://example.org/book/a.html").values():
        ((_, parsed),) = parse_string(entry["bibtex"], "bibtex").entries.items()
        assert parsed.fields["doi"] == "10.5281/zenodo.1"
        assert ". https://doi.org/10.5281/zenodo.1. " in entry["reference"]


def test_no_address_of_this_computer_is_cited(browser, tmp_path):
    for label, entry in offered(browser, tmp_path).items():
        assert "file:" not in entry["bibtex"] + entry["reference"]
        ((_, parsed),) = parse_string(entry["bibtex"], "bibtex").entries.items()
        assert "url" not in parsed.fields
        assert parsed.fields["note"].endswith(". Page book/a.html")
        assert entry["reference"].endswith(f". book/a.html#{label}")
        assert entry["link"] == f"book/a.html#{label}"


@pytest.mark.parametrize(
    ("entry", "author"),
    [
        ({"name": "Us", "website": "x"}, {"name": "Us"}),
        ({"given-names": "A.", "family-names": "B", "orcid": "x"}, {"given": "A.", "family": "B"}),
    ],
)
def test_authors_are_bodies_or_persons(entry, author):
    assert cited(entry) == author
