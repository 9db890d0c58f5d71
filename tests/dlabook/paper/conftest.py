"""The small book, set once."""

from pathlib import Path

import pytest
from paper_book import HTML, LATEX, build_alone, config, make_book


@pytest.fixture(scope="package")
def book(tmp_path_factory) -> Path:
    root = make_book(tmp_path_factory.mktemp("book"))
    build_alone(LATEX, root, config())
    return root


@pytest.fixture(scope="package")
def tex(book) -> str:
    return (book / "_build/pdf/latex/book.tex").read_text(encoding="utf-8")


@pytest.fixture(scope="package")
def site(book) -> dict[str, str]:
    """The pages of the small book as HTML."""
    settings = config()
    settings["extensions"][-1] = "dlabook.site.outputs"
    build_alone(HTML, book, settings)
    pages = (book / "_build/html").rglob("book/**/*.html")
    return {path.stem: path.read_text(encoding="utf-8") for path in pages}
