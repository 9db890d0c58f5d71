"""A release is one folder that is whole, of one commit, and says what is in it."""

import subprocess
import tarfile
import zipfile

import pytest

from dlabook.host import release as releasing
from dlabook.host.release import BESIDE, SUMS, release

CFF = 'title: "A book"\nversion: 0.1.0\ndate-released: 2026-03-01\nauthors:\n  - name: "Us"\n'
DAY = "2026-03-01T12:00:00+0000"


def git(root, *arguments):
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(root)}
    dates = {"GIT_COMMITTER_DATE": DAY, "GIT_AUTHOR_DATE": DAY}
    subprocess.run(
        ["git", "-C", str(root), *identity, *arguments], check=True, env=environment | dates
    )


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.setattr(releasing, "missing", lambda: "The PDF needs xelatex.")
    files = dict.fromkeys(BESIDE, "text\n") | {"CITATION.cff": CFF, ".gitignore": "_build\n"}
    files |= {"pyproject.toml": '[project]\nversion = "0.1.0"\n'}
    files |= {f"_build/html/{name}": name for name in ("index.html", "404.html")}
    files |= {"_build/html/_notebooks/book/a.ipynb": "{}"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "--quiet", "-m", "x")
    git(tmp_path, "tag", "v0.1.0")
    return tmp_path


def test_it_holds_what_a_repository_takes(book, capsys):
    folder = release(book)
    name = "dla-book-0.1.0"
    assert folder == book / "_build/release" / name
    archives = {f"{name}-{kind}.zip" for kind in ("site", "offline", "notebooks")}
    assert {path.name for path in folder.iterdir()} == (
        archives | {f"{name}-source.tar.gz", SUMS, *BESIDE}
    )
    inside = {a: set(zipfile.ZipFile(folder / a).namelist()) for a in archives}
    assert f"{name}/404.html" in inside[f"{name}-site.zip"]
    assert f"{name}/404.html" not in inside[f"{name}-offline.zip"]
    assert inside[f"{name}-notebooks.zip"] == {f"{name}-notebooks/book/a.ipynb"}
    with tarfile.open(folder / f"{name}-source.tar.gz") as sources:
        assert f"{name}/CITATION.cff" in sources.getnames()
    assert "without the PDF. The PDF needs xelatex." in capsys.readouterr().out


def test_its_sums_are_those_that_others_compute(book):
    folder = release(book)
    check = ["sha256sum", "--check", "--strict", "--quiet", SUMS]
    assert subprocess.run(check, cwd=folder).returncode == 0
    (folder / "CITATION.cff").write_text("changed")
    assert subprocess.run(check, cwd=folder, capture_output=True).returncode == 1


def test_what_is_no_commit_is_not_released(book):
    (book / "README.md").write_text("changed")
    with pytest.raises(RuntimeError, match=r"0\.1\.0\+changed is no commit"):
        release(book)


def test_a_contradiction_stops_it(book):
    git(book, "tag", "-d", "v0.1.0")
    git(book, "tag", "v0.2.0")
    with pytest.raises(RuntimeError, match=r"tagged v0\.2\.0, CITATION\.cff says 0\.1\.0"):
        release(book)


def test_without_a_site_nothing_is_written(book):
    (book / "_build/html/index.html").unlink()
    with pytest.raises(FileNotFoundError, match="make book"):
        release(book)
    assert not (book / "_build/release").exists()
