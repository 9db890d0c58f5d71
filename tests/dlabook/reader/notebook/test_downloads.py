"""The download menu: the notebook first, and the theme's entries by plain names."""

from types import SimpleNamespace

import pytest

from dlabook.reader.notebook import downloads


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "write_notebook", lambda app, name, target: None)
    builder = SimpleNamespace(
        get_target_uri=lambda name: f"{name}.html",
        get_relative_uri=lambda page, name: f"to/{name}.html",
    )
    return SimpleNamespace(srcdir=tmp_path, outdir=tmp_path / "html", builder=builder)


def menu() -> dict:
    button = {"label": "download-source-button", "text": ".md", "tooltip": "Download"}
    return {"header_buttons": [{"label": "download-buttons", "buttons": [button]}, {"label": "x"}]}


def test_a_page_without_code_offers_its_source_alone(app):
    context = menu()
    downloads.offer_downloads(app, "book/a", "page.html", context, None)
    (button,) = context["header_buttons"][0]["buttons"]
    assert (button["text"], button["tooltip"]) == ("Source (.md)", None)


def test_an_executed_page_offers_its_notebook_first(app, tmp_path):
    path = tmp_path / "_build/executed/book/part/a.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    context = menu()
    downloads.offer_downloads(app, "book/part/a", "page.html", context, None)
    first, *_, last = context["header_buttons"][0]["buttons"]
    assert (last["text"], last["url"]) == ("Run it yourself", "to/book/run-it-yourself.html")
    assert (first["text"], first["url"]) == (
        "Notebook (.ipynb)",
        "../../_notebooks/book/part/a.ipynb",
    )
