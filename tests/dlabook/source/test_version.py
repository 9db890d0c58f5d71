"""The version that a citation names is that of the commit, and CITATION.cff agrees with it."""

import subprocess

import pytest
from places import ROOT

from dlabook.source.version import (
    Version,
    VersionError,
    book_version,
    citation_data,
    disagreements,
    write_version,
)

CFF = 'title: "A book"\nversion: 0.1.0\ndate-released: 2026-03-01\nauthors:\n  - name: "Us"\n'
NOON = "2026-03-01T12:00:00+0000"


@pytest.fixture
def book(tmp_path):
    (tmp_path / "CITATION.cff").write_text(CFF)
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.1.0"\n')
    return tmp_path


def git(root, *arguments, date=NOON):
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(
        ["git", "-C", str(root), *identity, *arguments],
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_COMMITTER_DATE": date, "HOME": str(root)},
    )


def commit(root, **options):
    if not (root / ".git").exists():
        git(root, "init")
    git(root, "add", ".", **options)
    git(root, "commit", "--allow-empty", "-m", "x", **options)


def test_a_tagged_commit_is_the_release(book):
    commit(book)
    git(book, "tag", "v0.1.0")
    assert book_version(book) == Version("0.1.0", "2026-03-01", "git")
    assert disagreements(book) == []


def test_a_commit_before_the_first_tag_prepares_the_version_of_the_citation_file(book):
    commit(book)
    version = book_version(book)
    assert version.number.startswith("0.1.0.dev+") and not version.is_release


def test_a_commit_after_a_tag_counts_from_it(book):
    commit(book)
    git(book, "tag", "v0.1.0")
    commit(book, date="2026-03-04T12:00:00+0000")
    version = book_version(book)
    assert version.number.startswith("0.1.0.post1+") and version.date == "2026-03-04"


def test_the_date_is_that_of_the_commit_in_utc(book):
    commit(book, date="2026-03-01T01:30:00+0500")
    assert book_version(book).date == "2026-02-28"


def test_what_is_not_committed_shows(book):
    commit(book)
    git(book, "tag", "v0.1.0")
    (book / "CITATION.cff").write_text(CFF + "message: changed\n")
    assert book_version(book) == Version("0.1.0+changed", "2026-03-01", "git")
    assert not book_version(book).is_release


def test_without_a_repository_it_is_no_release(book):
    assert book_version(book) == Version("0.1.0.dev", "2026-03-01", "CITATION.cff")
    git(book, "init")  # and no commit
    assert book_version(book) == Version("0.1.0.dev", "2026-03-01", "CITATION.cff")


def test_git_that_refuses_or_is_not_there_is_an_error_that_says_so(book, monkeypatch, tmp_path):
    commit(book)
    (book / ".git" / "config").write_text("[core\n")
    with pytest.raises(VersionError, match="bad config"):
        book_version(book)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(VersionError, match="git could not be started"):
        book_version(book)


def test_the_repository_of_a_hook_is_not_taken_for_the_books(book, monkeypatch, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    for root in (book, other):
        commit(root)
    git(other, "tag", "v9.9.9")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert book_version(book).number.startswith("0.1.0.dev+")


def test_an_archive_inside_another_repository_does_not_take_its_version(book):
    commit(book)
    inside = book / "unpacked"
    inside.mkdir()
    (inside / "CITATION.cff").write_text(CFF)
    assert book_version(inside).source == "CITATION.cff"


def test_neither_git_nor_a_date_is_an_error(tmp_path):
    (tmp_path / "CITATION.cff").write_text("version: 1\n")
    with pytest.raises(ValueError, match="date-released"):
        book_version(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("version: 0.1.0", "version: 0.2.0", "pyproject.toml has 0.1.0"),
        ("2026-03-01", "2026-03-02", "tag v0.1.0 is of 2026-03-01"),
        ("2026-03-01", "March", "expected year-month-day"),
    ],
)
def test_a_contradiction_is_said(book, old, new, found):
    commit(book)
    git(book, "tag", "v0.1.0")
    (book / "CITATION.cff").write_text(CFF.replace(old, new))
    assert any(found in line for line in disagreements(book))


def test_a_version_in_preparation_is_not_dated_after_its_last_commit(book):
    commit(book, date="2026-02-01T12:00:00+0000")
    assert "after the last commit (2026-02-01)" in disagreements(book)[0]


def test_the_citation_file_of_this_book_agrees():
    assert disagreements(ROOT) == []


def test_only_the_script_knows_the_commit(book, tmp_path):
    commit(book)
    write_version(book, tmp_path / "site")
    script = (tmp_path / "site/_static/version.js").read_text()
    assert script.startswith("window.bookCitation = {") and "0.1.0.dev+" in script
    assert citation_data(book)["authors"] == [{"name": "Us"}]


def test_a_doi_is_cited_where_the_citation_file_has_one(book):
    commit(book)
    assert "doi" not in citation_data(book)
    (book / "CITATION.cff").write_text(CFF + "doi: 10.5281/zenodo.1\n")
    assert citation_data(book)["doi"] == "10.5281/zenodo.1"
