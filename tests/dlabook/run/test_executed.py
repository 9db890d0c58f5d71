"""An executed chapter says of itself whether it is up to date."""

import nbformat
import pytest

from dlabook.run.executed import (
    LOCK,
    NotExecutedError,
    executed,
    executed_path,
    hash_cells,
    last_seconds,
    load_executed,
    stale_reasons,
)
from dlabook.run.proved import accept_proofs, key_of
from dlabook.source.chapters import Chapter
from dlabook.source.files import hash_file

HEADER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"
TEXT = HEADER + "# T\n\n```{code-cell} python\n%s\n```\n"
TAGGED = HEADER + "# T\n\n```{code-cell} python\n---\n%s\n---\n1\n```\n"


@pytest.fixture
def chapter(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/a.md").write_text(TEXT % "1")
    (tmp_path / LOCK).write_text("torch==1\n")
    return Chapter(tmp_path, "book/a")


def keep(chapter, **record):
    notebook = chapter.notebook()
    files = {LOCK: hash_file(chapter.root / LOCK)}
    notebook.metadata["dlabook"] = {"files": files} | record
    path = executed_path(chapter)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook))


def test_a_chapter_that_was_never_executed_is_asked_for_in_vain(chapter):
    assert (load_executed(chapter), last_seconds(chapter)) == (None, None)
    with pytest.raises(NotExecutedError, match=r"a: never executed\. Run `make book`"):
        executed(chapter)


def test_what_was_kept_is_given_back(chapter):
    keep(chapter, seconds=2.5)
    assert stale_reasons(chapter) == []
    assert executed(chapter).metadata["dlabook"]["seconds"] == last_seconds(chapter) == 2.5


def test_cells_files_and_failures_make_it_stale_and_prose_does_not(chapter):
    keep(chapter)
    chapter.path.write_text((TEXT % "1").replace("# T", "# Another title"))
    assert stale_reasons(Chapter(chapter.root, "book/a")) == []
    chapter.path.write_text(TEXT % "2")
    (chapter.root / LOCK).write_text("torch==2\n")
    changed = Chapter(chapter.root, "book/a")
    assert stale_reasons(changed) == ["its code cells changed", f"{LOCK} changed"]
    keep(changed, error=True)
    assert stale_reasons(changed) == ["its last run failed"]


def test_folding_a_cell_does_not_make_its_chapter_stale(chapter):
    keep(chapter)
    for tags in ("fold", "unfold"):
        folded = TEXT.replace("python\n%s", f"python\n:tags: [{tags}]\n%s") % "1"
        chapter.path.write_text(folded)
        assert stale_reasons(Chapter(chapter.root, chapter.docname)) == []
    chapter.path.write_text(folded.replace("unfold", "raises-exception"))
    assert stale_reasons(Chapter(chapter.root, chapter.docname)) == ["its code cells changed"]


@pytest.mark.parametrize(
    "metadata",
    ["tags: [hide-input]", "mystnb: {image: {alt: Two lines}}", "tolerance: 0.5"],
)
def test_what_no_execution_sees_executes_nothing_again_and_is_shown(chapter, metadata):
    keep(chapter)
    chapter.path.write_text(TAGGED % metadata)
    changed = Chapter(chapter.root, "book/a")
    assert stale_reasons(changed) == []
    (cell,) = (c for c in executed(changed).cells if c.cell_type == "code")
    assert cell.metadata == changed.code_cells[0][1].metadata != {}
    assert changed.code_cells[0][1].metadata != chapter.code_cells[0][1].metadata


def test_a_cell_that_becomes_a_check_is_executed_again_to_be_tried(chapter):
    keep(chapter)
    chapter.path.write_text(TAGGED % "checks: [eq-a]")
    changed = Chapter(chapter.root, "book/a")
    assert stale_reasons(changed) == ["it was not tried whether its checks can fail"]
    tried = {"assertions": [], "labels": {}}
    accept_proofs(changed, {"proofs": {key_of(changed.code_cells[0][1]): tried}})
    assert stale_reasons(changed) == []


@pytest.mark.parametrize("tag", ["raises-exception", "skip-execution"])
def test_a_tag_that_an_execution_heeds_executes_again(chapter, tag):
    keep(chapter)
    chapter.path.write_text(TAGGED % f"tags: [{tag}]")
    assert stale_reasons(Chapter(chapter.root, "book/a")) == ["its code cells changed"]


def test_the_cells_that_ran_are_those_of_the_notebook_whatever_it_says(chapter):
    keep(chapter)
    chapter.path.write_text(TEXT % "2")
    changed = Chapter(chapter.root, "book/a")
    keep(chapter, cells=hash_cells(changed))
    assert stale_reasons(changed) == ["its code cells changed"]


def test_another_kind_of_processor_executes_again(chapter, monkeypatch):
    keep(chapter)
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    assert stale_reasons(chapter) == ["ATEN_CPU_CAPABILITY changed"]
    keep(chapter, environment={"ATEN_CPU_CAPABILITY": "default"})
    assert stale_reasons(chapter) == []
