"""The commands: what is wrong is one sentence and an exit status."""

import pytest
from places import ROOT

from dlabook.__main__ import main, parser


def test_every_command_of_the_makefile_is_one():
    import re

    called = re.findall(r"\$\(BOOK\) ([a-z-]+)", (ROOT / "Makefile").read_text())
    for name in called:
        assert parser().parse_args([name]).run


@pytest.mark.parametrize("arguments", [["chapter"], ["execute", "no/such/chapter"]])
def test_a_wrong_name_is_one_sentence_and_status_2(arguments, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("dlabook: ")


def test_outside_a_book_it_says_where_to_start(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == 2
    assert "start in the book's folder" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", "", "9999999", "²"])
@pytest.mark.parametrize("command", ["execute", "build", "chapter", "accept", "serve", "pdf"])
def test_a_number_of_jobs_that_is_none_is_one_sentence(command, number, capsys):
    with pytest.raises(SystemExit, match="2"):
        parser().parse_args([command, f"--jobs={number}"])
    assert f"{number!r} is no whole number from 1" in capsys.readouterr().err


def test_an_error_of_the_system_is_one_sentence(tmp_path, monkeypatch, capsys):
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/a\n")
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "a.md").write_text("# A\n")
    (tmp_path / "_build").write_text("no folder")
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "_build" in said


def test_a_page_that_is_not_utf_8_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/a\n")
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "a.md").write_bytes(b"# Fr\xe9quence\n")
    monkeypatch.chdir(tmp_path)
    assert main(["execute"]) == 2
    assert "a.md: not UTF-8 (invalid continuation byte at byte 4)" in capsys.readouterr().err
