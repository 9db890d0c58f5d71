"""What `make newest` says before it installs anything, and what it finds changed."""

import newest
import pytest


def test_a_package_is_the_same_however_its_name_is_written():
    assert newest.versions("ruamel.yaml==1\nMarkup_Safe==2.0+cpu\npip==26\n# x==3\n") == {
        "ruamel-yaml": "1",
        "markup-safe": "2.0",
    }


def test_only_what_differs_is_news():
    lines = newest.news({"a": "1", "b": "1", "gone": "2"}, {"a": "1", "b": "1.1", "new": "0"})
    assert [line.split() for line in lines] == [
        ["b", "1", "->", "1.1"],
        ["gone", "2", "->", "-"],
        ["new", "-", "->", "0"],
    ]


def test_a_transcript_that_would_change_is_shown(tmp_path):
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/a\n")
    (tmp_path / "book").mkdir()
    page = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n# A\n\n"
    page += "```{code-cell} python\nprint(2)\n```\n"
    (tmp_path / "book" / "a.md").write_text(page)
    assert newest.changed(tmp_path) == "a: not executed\n"


def test_without_a_commit_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(newest, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="no commit to try"):
        newest.copy_commit(tmp_path / "copy")


def test_the_commit_is_copied_and_nothing_else(tmp_path):
    newest.copy_commit(tmp_path / "copy")
    assert (tmp_path / "copy" / "pyproject.toml").is_file()
    assert not (tmp_path / "copy" / "commit.tar").exists()
    assert not (tmp_path / "copy" / "_build").exists()
