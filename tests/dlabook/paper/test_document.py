"""The document around the book."""


def test_macros_are_defined_once_from_the_book_s_file(tex):
    assert tex.count(r"\newcommand{\E}{\operatorname{E}}") == 1
    assert r"\newcommand{\booktitle}{T\_1}" in tex
    assert r"\newcommand{\bookauthor}{A \& B}" in tex
