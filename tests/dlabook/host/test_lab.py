"""JupyterLab on copies of the pages: what a reader changed is never written over."""

import json
import re

import nbformat
import pytest
import yaml
from places import ROOT

from dlabook.host import lab
from dlabook.output.jupyter import EXECUTOR
from dlabook.run.client import kernel_environment
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


def test_a_copy_that_jupyter_wrote_again_is_not_changed_and_one_that_ran_is(book, tmp_path):
    """JupyterLab saves what was only opened: in lines, with the kernel's name, trusted."""
    folder = tmp_path / "copies"
    lab.lay_out(book, folder)
    path = folder / "a.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.language_info = {"name": "python", "version": "3"}
    for cell in notebook.cells:
        cell.metadata.trusted = True
    nbformat.write(notebook, path)
    assert lab.lay_out(book, folder) == []
    notebook.cells[-1].outputs.append(nbformat.v4.new_output("stream", text="a\nb\n"))
    nbformat.write(notebook, path)
    assert lab.lay_out(book, folder) == ["a.ipynb has your changes and stays"]


def test_a_copy_that_was_deleted_is_laid_out_again(book, tmp_path):
    lab.lay_out(book, tmp_path / "copies")
    (tmp_path / "copies/a.ipynb").unlink()
    assert lab.lay_out(book, tmp_path / "copies") == []
    assert "First words." in (tmp_path / "copies/a.ipynb").read_text()


def test_make_clean_leaves_the_copies_and_git_and_sphinx_ignore_them():
    makefile = (ROOT / "Makefile").read_text()
    (removed,) = re.findall(r"^clean:.*\n\trm -rf (.*)$", makefile, re.M)
    assert lab.COPIES not in removed.split() and not lab.COPIES.startswith("_build")
    assert f"/{lab.COPIES}/" in (ROOT / ".gitignore").read_text().split()
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    assert lab.COPIES in config["exclude_patterns"]


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
    book = kernel_environment(ROOT)
    assert spec["env"] == {name: book[name] for name in book if name != EXECUTOR}


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


def versions(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in pairs}


def test_its_lock_and_the_books_agree_where_both_have_a_package():
    own, book = versions(lab.LOCK), versions("requirements.txt")
    assert "jupyterlab" in own and "jupyterlab" not in book
    assert {name: own[name] for name in own.keys() & book} == {
        name: book[name] for name in own.keys() & book
    }
