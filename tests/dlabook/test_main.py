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
