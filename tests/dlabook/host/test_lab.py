"""JupyterLab on copies of the pages: what a reader changed is never written over."""

import json

import nbformat
import pytest
from places import ROOT

from dlabook.host import lab
from dlabook.run.executed import executed_path
from dlabook.source.chapters import Chapter

HEADER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"
TEXT = HEADER + "(ch-a)=\n# A\n\n%s\n\n```{code-cell} python\n1\n```\n"


@pytest.fixture
def book(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/a\n")
    write(tmp_path, "First words.")
    return tmp_path


def write(root, words):
    (root / "book/a.md").write_text(TEXT % words)
    chapter = Chapter(root, "book/a")
    executed_path(chapter).parent.mkdir(parents=True, exist_ok=True)
    executed_path(chapter).write_text(nbformat.writes(chapter.notebook()))


def test_a_copy_that_was_left_alone_follows_the_book(book, tmp_path):
    folder = tmp_path / "copies"
    assert lab.lay_out(book, folder) == []
    write(book, "Other words.")
    assert lab.lay_out(book, folder) == []
    assert "Other words." in (folder / "a.ipynb").read_text()
    assert not (folder / "a.new.ipynb").exists()


def test_a_copy_that_was_changed_stays_and_the_present_page_is_beside_it(book, tmp_path):
    folder = tmp_path / "copies"
    lab.lay_out(book, folder)
    (folder / "a.ipynb").write_text("mine")
    assert lab.lay_out(book, folder) == ["a.ipynb has your changes and stays"]
    write(book, "Other words.")
    (said,) = lab.lay_out(book, folder)
    assert said.endswith("the present page is a.new.ipynb")
    assert (folder / "a.ipynb").read_text() == "mine"
    assert "Other words." in (folder / "a.new.ipynb").read_text()
    (folder / "a.new.ipynb").write_text("mine too")
    write(book, "Third words.")
    lab.lay_out(book, folder)
    assert (folder / "a.new.ipynb").read_text() == "mine too"


def test_a_file_that_was_there_before_is_the_readers(book, tmp_path):
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies/a.ipynb").write_text("mine")
    lab.lay_out(book, tmp_path / "copies")
    assert (tmp_path / "copies/a.ipynb").read_text() == "mine"


def test_the_kernel_has_the_name_that_notebooks_ask_for_and_this_python(tmp_path):
    import sys

    lab.write_kernel(ROOT, tmp_path)
    spec = json.loads((tmp_path / "kernels" / "python3" / "kernel.json").read_text())
    assert spec["argv"][0] == sys.executable
    assert spec["env"]["OMP_NUM_THREADS"] == "1"
    assert spec["env"]["MATPLOTLIBRC"] == str(ROOT / "book" / "matplotlibrc")


def test_jupyter_leaves_nothing_at_home(tmp_path):
    found = lab.lab_environment(tmp_path)
    own = {name: place for name, place in found.items() if name.startswith("JUPYTER")}
    assert len(own) >= 5
    assert all(place.startswith(str(tmp_path)) for place in own.values())


def test_an_install_that_fails_is_one_clear_error(tmp_path, monkeypatch):
    import subprocess

    (tmp_path / "tools").mkdir()
    (tmp_path / lab.LOCK).write_text("jupyterlab==0\n")
    failed = subprocess.CompletedProcess([], 1, "", "no such version")
    monkeypatch.setattr(lab.venv, "create", lambda *_, **__: None)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(RuntimeError, match=r"is the network there\?\):\nno such version"):
        lab.install_lab(tmp_path, tmp_path / "environment")


def test_its_lock_pins_versions_and_names_no_address():
    lines = (ROOT / lab.LOCK).read_text().splitlines()
    assert all("==" in line for line in lines if not line.startswith("#"))
    assert not any("://" in line or " @ " in line for line in lines)
