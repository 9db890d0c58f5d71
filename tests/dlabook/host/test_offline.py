"""The zip of the site, unpacked and read from file://: pages, search, players."""

import hashlib
import re
import zipfile
from pathlib import Path

import pytest
from places import ROOT

from dlabook.host.offline import DATE, LEFT_OUT, offline
from dlabook.source.version import book_version


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Of the built site, made in another folder: the one in ``_build`` stays as it is."""
    root = tmp_path_factory.mktemp("root")
    (root / "_build").mkdir()
    (root / "_build" / "html").symlink_to(ROOT / "_build" / "html")
    (root / "CITATION.cff").write_bytes((ROOT / "CITATION.cff").read_bytes())
    return offline(root)


@pytest.fixture(scope="module")
def folder(archive, tmp_path_factory):
    target = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(target)
    (inside,) = target.iterdir()
    assert f"{inside.name}.zip" == archive.name
    return inside


@pytest.fixture
def tab(browser):
    """A tab that lists what is not read from the disk, and what goes wrong."""
    tab = browser.new_page()
    tab.faults = []
    tab.on(
        "request",
        lambda r: r.url.startswith(("file:", "data:", "blob:")) or tab.faults.append(r.url),
    )
    tab.on("requestfailed", lambda r: tab.faults.append(f"failed: {r.url}"))
    tab.on("console", lambda m: tab.faults.append(m.text) if m.type == "error" else None)
    tab.on("pageerror", lambda error: tab.faults.append(str(error)))
    yield tab
    tab.close()
    assert tab.faults == []


def test_the_same_site_gives_the_same_bytes(archive):
    before = archive.read_bytes()
    assert offline(archive.parents[1]).read_bytes() == before


def test_it_holds_every_file_but_those_for_servers(folder):
    assert contents(folder) == {
        name: digest
        for name, digest in contents(ROOT / "_build" / "html").items()
        if name not in LEFT_OUT
    }


def contents(folder: Path) -> dict[str, bytes]:
    """Check sum of each file."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).digest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_everybody_may_read_it_and_it_has_the_name_of_the_version(archive):
    version = book_version(archive.parents[1]).number
    with zipfile.ZipFile(archive) as opened:
        entries = opened.infolist()
    assert {entry.filename.split("/")[0] for entry in entries} == {f"dla-book-{version}"}
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}
    assert {entry.date_time for entry in entries} == {DATE}  # not the time of making it
    assert [path.name for path in archive.parent.glob("dla-book*")] == [archive.name]


def test_no_page_loads_or_links_from_the_root_of_a_server(folder):
    absolute = re.compile(r'(?:src|href|srcset)="/|<(?:script|img|audio)[^>]* src="https?:')
    pages = list(folder.rglob("*.html"))
    assert pages
    assert [p.name for p in pages if absolute.search(p.read_text(encoding="utf-8"))] == []


def test_no_site_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="run `make book` first"):
        offline(tmp_path)


def test_a_zip_that_could_not_be_finished_is_not_left(tmp_path, monkeypatch):
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "index.html").write_text("")
    (tmp_path / "CITATION.cff").write_bytes((ROOT / "CITATION.cff").read_bytes())

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    with pytest.raises(OSError, match="No space"):
        offline(tmp_path)
    assert [p.name for p in (tmp_path / "_build").iterdir()] == ["html"]


def test_the_first_page_leads_into_the_book(folder, tab):
    tab.goto((folder / "index.html").as_uri())
    tab.wait_for_url("**/book/index.html")
    tab.locator(".prev-next-area a.right-next").click()
    assert tab.locator("main h1").first.inner_text()


def test_a_player_plays(folder, tab):
    pages = (p for p in sorted(folder.rglob("*.html")) if '"clips-play"' in p.read_text())
    page = next(pages, None)
    if page is None:
        pytest.skip("no page has a sound yet")
    tab.goto(page.as_uri())
    tab.locator(".clips-play").first.click()
    tab.wait_for_function("document.querySelector('.clips').player.now() > 0.1")


def test_the_search_finds_a_page(folder, tab):
    tab.goto((folder / "search.html").as_uri() + "?q=spectrogram")
    tab.locator("#search-results li").first.wait_for()
    tab.wait_for_timeout(1000)
    tab.locator("#search-results li a").first.click()
    tab.wait_for_url(re.compile("/book/"))
    assert "spectrogram" in tab.locator("main").inner_text().lower()


def test_what_is_cited_from_a_disk_does_not_say_where_it_lies(folder, tab):
    page = "book/overview/speech.html"
    tab.goto((folder / page).as_uri())
    tab.locator(".equation-mark .cite-button").first.click()
    for kind in ("Reference", "BibTeX", "Link"):
        text = tab.locator(f"#cite-{kind}").input_value()
        assert "file:" not in text and str(folder) not in text
        assert page in text and "def-speech-stft" in text
