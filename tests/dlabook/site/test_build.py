"""When the site is built again, and what a failed installation says."""

import os
import subprocess

import pytest

from dlabook.site import build as site


@pytest.fixture
def tree(tmp_path):
    for name in ("book/a.md", "code/dla/x.py", "code/dla/y.flac", "_toc.yml", "package-lock.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize("name", ["book/a.md", "book/new.md", "code/dla/x.py", "_toc.yml"])
def test_a_changed_or_new_source_asks_for_a_new_site(tree, name):
    before = site.build_key(tree)
    (tree / name).write_text("changed")
    assert site.build_key(tree) != before


def test_what_the_site_does_not_show_does_not(tree):
    before = site.build_key(tree)
    (tree / "code" / "dla" / "y.flac").write_text("changed")
    (tree / "code" / "dla" / "__pycache__").mkdir()
    (tree / "code" / "dla" / "__pycache__" / "x.pyc").write_text("changed")
    assert site.build_key(tree) == before


def test_nothing_is_built_when_nothing_changed(tree, monkeypatch, capsys):
    site.write_whole(tree / "_build" / "html" / "index.html", "")
    site.seal(tree, site.build_key(tree), site.frame_key(tree))
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("ran a command"))
    assert site.build(tree)
    assert "nothing changed" in capsys.readouterr().out


def damage(path, how):
    state = path.stat()
    if how == "deleted":
        path.unlink()
    elif how == "truncated":
        path.write_text("")
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    elif how == "edited":
        path.write_text(path.read_text()[::-1])
    else:
        (path.parent / "other.html").write_text("")


@pytest.mark.parametrize("how", ["deleted", "truncated", "edited", "more"])
def test_a_site_that_is_not_as_it_was_left_is_built_again_from_nothing(tree, monkeypatch, how):
    (tree / "_toc.yml").write_text("format: jb-book\nroot: book/a\n")
    monkeypatch.setattr(site, "install_browser_parts", lambda root: None)
    page = tree / "_build" / "html" / "book" / "a.html"
    commands = []

    def run(command, **options):
        commands.append(command)
        for path in (page, tree / "_build" / "html" / "index.html"):
            site.write_whole(path, "made")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(site.subprocess, "run", run)
    assert site.build(tree) and site.build(tree)
    assert len(commands) == 1
    damage(page, how)
    assert site.build(tree) and site.build(tree)
    assert len(commands) == 2 and "--all" in commands[1]
    assert page.read_text() == "made"


@pytest.mark.parametrize("returncode", [1, 0], ids=["fails", "leaves no site"])
def test_a_build_that_fails_or_leaves_no_site_is_not_remembered_as_built(
    tree, monkeypatch, returncode
):
    (tree / "_toc.yml").write_text("format: jb-book\nroot: book/a\n")
    monkeypatch.setattr(site, "install_browser_parts", lambda root: None)
    ended = subprocess.CompletedProcess([], returncode)
    monkeypatch.setattr(site.subprocess, "run", lambda *a, **k: ended)
    assert not site.build(tree)
    assert not (tree / "_build" / "html.key").exists()


def test_all_pages_are_built_unless_only_pages_changed_since_a_build_without_warnings(
    tree, monkeypatch
):
    (tree / "_toc.yml").write_text("format: jb-book\nroot: book/a\n")
    monkeypatch.setattr(site, "install_browser_parts", lambda root: None)
    commands = []

    def run(command, **options):
        commands.append(command)
        site.write_whole(tree / "_build" / "html" / "index.html", "")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(site.subprocess, "run", run)

    def builds_all(name, *, strict=True):
        (tree / name).write_text((tree / name).read_text() + " ")
        (tree / "_build" / "html").mkdir(parents=True, exist_ok=True)
        kept = tree / "_build" / ".doctrees" / "kept"
        site.write_whole(kept, "")
        site.build(tree, strict=strict)
        assert ("--all" in commands[-1]) == (not kept.exists())
        return "--all" in commands[-1]

    assert builds_all("book/a.md")
    assert not builds_all("book/a.md")
    assert not builds_all("code/dla/x.py")
    assert builds_all("package-lock.json")
    assert builds_all("book/a.md", strict=False)
    assert builds_all("book/a.md")


def test_a_failed_download_gets_one_clear_sentence(tree, monkeypatch):
    refused = subprocess.CompletedProcess([], 1, stdout="", stderr="ECONNREFUSED")
    monkeypatch.setattr(site.subprocess, "run", lambda *a, **k: refused)
    with pytest.raises(RuntimeError, match=r"could not be installed .*(?s:.*)ECONNREFUSED"):
        site.install_browser_parts(tree)


def test_browser_parts_are_installed_once_per_lock(tree, monkeypatch):
    calls = []

    def run(command, **options):
        calls.append(command)
        (tree / "node_modules").mkdir(exist_ok=True)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(site.subprocess, "run", run)
    site.install_browser_parts(tree)
    site.install_browser_parts(tree)
    assert len(calls) == 1
    (tree / "package-lock.json").write_text("changed")
    site.install_browser_parts(tree)
    assert len(calls) == 2


def test_without_node_on_the_machine_the_one_from_pypi_is_used(monkeypatch):
    monkeypatch.setattr(site.shutil, "which", lambda name: None)
    result = subprocess.run(
        [*site.npm_command(), "--version"], env={"PATH": ""}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()[0].isdigit()
