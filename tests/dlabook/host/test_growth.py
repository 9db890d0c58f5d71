"""A larger book: every chapter again, under labels of its own, with what was executed."""

import json
import subprocess
import sys

import nbformat
import pytest
import yaml

from dlabook.host.growth import (
    copied,
    cpu_of_processes,
    cpu_when_at_rest,
    enlarge,
    enlarge_to,
    run_measured,
)
from dlabook.run.executed import executed_path, load_executed, stale_reasons
from dlabook.run.proved import committed_proofs, keys_of_checks, mutants_path
from dlabook.source.chapters import Chapter, book_chapters, topics
from dlabook.source.files import hash_file

HEADER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"
PAGE = (
    "(ch-a)=\n# A\n\nSee {ref}`sec-a-b`, {ref}`sec-notation` and {eq}`eq-a-x`.\n\n"
    "(sec-a-b)=\n## B\n\n"
    "$$x$$ (eq-a-x)\n\n```{code-cell} python\n---\nchecks: [eq-a-x]\n---\nassert True\n```\n"
)


@pytest.fixture
def book(tmp_path):
    (tmp_path / "book/part/a").mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nparts:\n- caption: P\n  chapters:\n"
        "  - file: book/part/a\n    sections:\n    - file: book/part/a/more\n"
        "  - file: book/notation\n"
    )
    (tmp_path / "book/index.md").write_text("# I\n")
    (tmp_path / "book/notation.md").write_text("(sec-notation)=\n# N\n")
    (tmp_path / "book/part/a.md").write_text(HEADER + PAGE)
    (tmp_path / "book/part/a/more.md").write_text("(sec-a-more)=\n# More\n")
    (tmp_path / "requirements.txt").write_text("")
    chapter = Chapter(tmp_path, "book/part/a")
    notebook = chapter.notebook()
    lock = {"requirements.txt": hash_file(tmp_path / "requirements.txt")}
    notebook.metadata["dlabook"] = {"files": lock}
    executed_path(chapter).parent.mkdir(parents=True)
    executed_path(chapter).write_text(nbformat.writes(notebook))
    proof = {"assertions": [["assert True", ["True -> False"]]], "labels": {"eq-a-x": ["x -> y"]}}
    keys = [key for _, key in keys_of_checks(chapter)]
    mutants_path(chapter).parent.mkdir(parents=True)
    mutants_path(chapter).write_text(json.dumps(dict.fromkeys(keys, proof)))
    return tmp_path


def test_each_chapter_is_there_as_often_as_asked_and_other_pages_once(book):
    enlarge(book, 3)
    names = [chapter.docname for chapter in book_chapters(book)]
    assert sorted(names) == sorted(
        ["book/index", "book/notation"]
        + [f"book/part/a{k}{page}" for k in ("", "-2", "-3") for page in ("", "/more")]
    )
    assert [len(pages) for pages in topics(book)] == [2, 2, 2]
    assert yaml.safe_load((book / "_toc.yml").read_text())["root"] == "book/index"


@pytest.mark.parametrize(("pages", "copies"), [(4, 0), (5, 1), (6, 1), (7, 2)])
def test_chapters_are_copied_whole_until_the_book_has_so_many_pages(book, pages, copies):
    assert len(book_chapters(book)) == 4
    enlarge_to(book, pages)
    names = {chapter.docname for chapter in book_chapters(book)}
    assert len(names) == 4 + 2 * copies
    assert {f"book/part/a-{k}/more" for k in range(2, 2 + copies)} <= names


def test_a_book_does_not_get_smaller(book):
    with pytest.raises(ValueError, match="a book of 3 pages: expected 4 or more"):
        enlarge_to(book, 3)


def test_a_copy_has_labels_of_its_own_and_refers_to_other_pages_as_they_are(book):
    enlarge(book, 2)
    text = (book / "book/part/a-2.md").read_text()
    assert "(ch-ax2)=" in text and "{eq}`eq-ax2-x`" in text and "checks: [eq-ax2-x]" in text
    assert "{ref}`sec-notation`" in text
    assert (book / "book/part/a.md").read_text() == HEADER + PAGE


def test_nothing_of_it_has_to_be_executed(book):
    enlarge(book, 2)
    copy = Chapter(book, "book/part/a-2")
    assert stale_reasons(copy) == []
    (proof,) = committed_proofs(copy).values()
    assert list(proof["labels"]) == ["eq-ax2-x"]
    (cell,) = [c for c in load_executed(copy).cells if c.cell_type == "code"]
    assert cell.metadata.checks == ["eq-ax2-x"]


def test_where_a_copy_is():
    assert copied("book/p/a", "book/p/a", 2) == "book/p/a-2"
    assert copied("book/p/a/b", "book/p/a", 3) == "book/p/a-3/b"


def test_a_command_is_measured_with_its_children(tmp_path):
    program = (
        "import subprocess, sys, time\n"
        "subprocess.run([sys.executable, '-c', 'x = bytearray(60_000_000); "
        "[i*i for i in range(3_000_000)]; import time; time.sleep(.3)'])\n"
    )
    cost = run_measured([sys.executable, "-c", program], tmp_path)
    assert cost.wall > 0.3
    assert 0.02 < cost.cpu < cost.wall + 5
    assert cost.memory > 60


def test_a_command_that_fails_is_said(tmp_path):
    with pytest.raises(RuntimeError, match="not so"):
        run_measured([sys.executable, "-c", "raise SystemExit('not so')"], tmp_path)


def test_the_work_of_a_process_counts_where_it_runs_whoever_started_it(tmp_path):
    program = "sum(i * i for i in range(2_000_000)); print('done', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "done\n"
        used = cpu_of_processes(tmp_path)
        process.communicate("\n")
    assert list(used) == [process.pid] and used[process.pid] > 0.02
    assert cpu_of_processes(tmp_path) == {}


def test_a_make_serve_that_ended_is_said(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
        with pytest.raises(RuntimeError, match="did not get ready"):
            cpu_when_at_rest(tmp_path, ended)
