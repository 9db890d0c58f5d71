"""An outcome is closed until the reader has said what to expect; what was said is kept."""

import json
import re

import nbformat
import pytest
from small_site import UNEXECUTED, build, configure, visitor, write

from dlabook.output.results import outcome
from dlabook.run.executed import executed_path
from dlabook.source.chapters import executable_chapters

PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
---

(ch-a)=
# Page

```{prediction} pred-a-gain
It rises. *Decided by*: more than 3 dB.
```

```{code-cell} python
gain()
```

```{prediction} pred-constructor
It falls. *Decided by*: less.
```

```{code-cell} python
loss()
```

```{prediction} pred-a-open
Nobody decides it.
```

See {ref}`the first <pred-a-gain>`.
"""
RESULTS = [
    outcome("pred-a-gain", held=False, value="gain 2.0 dB"),
    outcome("pred-constructor", held=True, value="loss 1.0 dB"),
]
VERDICT = re.compile(r"\b(held|failed)\b", re.IGNORECASE)
REFUSE = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }})"
# The trainer's page in miniature: the script of predictions, and what it needs of the trainer.
TRAINER = """<!doctype html><title>Trainer</title><body><script>
const chapters = new Map([["a", {title: "Page", href: "x"}], ["b", {title: "Other", href: "y"}]]);
const predictions = [
  {id: "pred-a-gain", chapter: "a", held: false},
  {id: "pred-constructor", chapter: "a", held: true},
  {id: "pred-b", chapter: "b", held: true}];
window.dlaTrainer = {book: {predictions}, chapters, parts: []};
</script><script src="_static/prediction.js"></script><script>
document.body.append(...dlaTrainer.parts.map(part => part()));
</script>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Folder of a site whose page has two decided predictions and one that is open."""
    root = tmp_path_factory.mktemp("book")
    extensions = [
        "dlabook.site.outputs",
        "dlabook.site.directives",
        "dlabook.site.executed",
        "dlabook.reader.prediction.prediction",
        "dlabook.reader.preview.preview",
    ]
    configure(root, extensions, f"nb_execution_mode = 'cache'\n{UNEXECUTED}")
    write(root, "_toc.yml", "format: jb-book\nroot: index\n")
    write(root, "requirements.txt", "")
    write(root, "index.md", PAGE)
    (chapter,) = executable_chapters(root)
    notebook = chapter.notebook()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, result in zip(code, RESULTS, strict=True):
        data = result._repr_mimebundle_()
        cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    write(root, executed_path(chapter).relative_to(root).as_posix(), nbformat.writes(notebook))
    assert build(root).warnings == ""
    html = root / "_build/html"
    write(html, "trainer.html", TRAINER)
    return html


@pytest.fixture
def tab(browser):
    with visitor(browser, "prediction.js") as tab:
        yield tab


def visit(tab, site, page="index"):
    tab.goto((site / f"{page}.html").as_uri())


def border(tab, label):
    return tab.locator(f"#{label}").evaluate("box => getComputedStyle(box).borderLeftColor")


def verdicts(tab) -> list[str]:
    """What is seen of verdicts, without the words of what the reader said."""
    return VERDICT.findall(tab.locator("body").inner_text())


def test_before_the_reader_speaks_no_verdict_is_seen_anywhere(tab, site):
    visit(tab, site)
    assert verdicts(tab) == []
    assert tab.locator(".held, .failed").all() != []
    assert not any(place.is_visible() for place in tab.locator(".held, .failed").all())
    assert "dB" not in tab.locator(".deciding").first.inner_text()
    assert border(tab, "pred-a-gain") == border(tab, "pred-a-open")
    assert tab.get_by_text("Not decided yet.").is_visible()
    assert tab.get_by_role("button", name="Will hold").count() == 2


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("Will hold", "You said that it will hold: you were wrong."),
        ("Will fail", "You said that it will fail: you were right."),
        ("Show the outcome", "You opened the outcome without saying"),
    ],
)
def test_saying_it_by_keyboard_opens_the_outcome_at_both_places_and_is_kept(
    tab, site, choice, said
):
    visit(tab, site)
    box = tab.locator("#pred-a-gain")
    box.get_by_role("button", name=choice).focus()
    tab.keyboard.press("Enter")
    for again in (False, True):
        assert said in box.get_by_role("status").inner_text()
        assert "Failed: gain 2.0 dB" in box.inner_text()
        assert "failed: gain 2.0 dB" in tab.locator(".deciding").first.inner_text()
        assert not box.get_by_role("button", name="Will hold").is_visible()
        assert "dB" not in tab.locator(".deciding").nth(1).inner_text()  # the other stays closed
        if not again:
            assert "outcome" in tab.evaluate("document.activeElement.className")
            visit(tab, site)
    box.get_by_role("button", name="Ask me again").click()
    assert verdicts(tab) == []
    visit(tab, site)
    assert verdicts(tab) == []


def test_the_deciding_cell_opens_it_too(tab, site):
    visit(tab, site)
    tab.locator(".deciding").first.get_by_role("button", name="Show the outcome").click()
    assert "Failed: gain 2.0 dB" in tab.locator("#pred-a-gain").inner_text()


def test_without_scripts_and_in_print_every_outcome_is_there(browser, tab, site):
    visit(tab, site)
    tab.emulate_media(media="print")
    assert len(verdicts(tab)) == 4
    assert "What do you expect" not in tab.locator("body").inner_text()
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    visit(plain, site)
    assert len(verdicts(plain)) == 4
    assert border(plain, "pred-a-gain") != border(plain, "pred-a-open")
    context.close()


def test_a_preview_does_not_tell_the_outcome(site):
    text = (site / "_previews/index.js").read_text()
    assert "It rises" in text
    assert not VERDICT.search(text)


def test_refused_storage_breaks_nothing_and_is_said(tab, site):
    tab.add_init_script(REFUSE)
    visit(tab, site)
    tab.locator("#pred-a-gain").get_by_role("button", name="Will fail").click()
    said = tab.locator("#pred-a-gain").get_by_role("status").inner_text()
    assert "you were right" in said and "keeps nothing" in said


@pytest.mark.parametrize("stored", ["{", "[]", '{"format": "another"}', "null"])
def test_what_cannot_be_read_is_left_alone(tab, site, stored):
    visit(tab, site)
    tab.evaluate("text => localStorage.setItem('dla-predictions', text)", stored)
    visit(tab, site)
    assert verdicts(tab) == []
    tab.locator("#pred-a-gain").get_by_role("button", name="Will fail").click()
    assert "Failed" in tab.locator("#pred-a-gain").inner_text()
    assert tab.evaluate("localStorage.getItem('dla-predictions')") == stored


def test_names_of_javascript_s_own_properties_are_labels_like_others(tab, site):
    kept = '{"format":"dla-book predictions","version":1,"said":{"__proto__":"hold"}}'
    visit(tab, site)
    tab.evaluate("text => localStorage.setItem('dla-predictions', text)", kept)
    visit(tab, site)
    tab.evaluate("document.getElementById('pred-a-gain').id")
    tab.locator("#pred-constructor").get_by_role("button", name="Will hold").click()
    said = json.loads(tab.evaluate("localStorage.getItem('dla-predictions')"))["said"]
    assert said == {"__proto__": "hold", "pred-constructor": "hold"}


def test_the_trainer_counts_how_often_and_where_the_reader_was_right(tab, site):
    visit(tab, site, "trainer")
    assert "The chapters make 3 predictions" in tab.locator("body").inner_text()
    assert not VERDICT.search(tab.locator("body").inner_text())
    said = {
        "pred-a-gain": "hold",
        "pred-constructor": "hold",
        "pred-b": "opened",
        "pred-gone": "hold",
    }
    kept = {"format": "dla-book predictions", "version": 1, "said": said}
    tab.evaluate("text => localStorage.setItem('dla-predictions', text)", json.dumps(kept))
    visit(tab, site, "trainer")
    text = tab.locator(".trainer-predictions").inner_text()
    assert "You said of 2 of 3 predictions what to expect, and were right in 1 (50 %)." in text
    assert "1 you opened without saying" in text
    rows = [row.inner_text().split("\t") for row in tab.locator("tbody tr").all()]
    assert rows == [["Page", "2 of 2", "1, 50 %"], ["Other", "0 of 1", "-"]]
    tab.get_by_role("button", name="Forget what I said").click()
    assert "The chapters make 3 predictions" in tab.locator("body").inner_text()
    assert tab.evaluate("localStorage.getItem('dla-predictions')") is None
