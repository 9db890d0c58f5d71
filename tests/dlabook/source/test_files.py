"""Files: told apart by their content, and there whole or not at all."""

import os
from pathlib import Path

import pytest

from dlabook.source.files import (
    MISSING,
    fingerprint,
    hash_file,
    hash_importable,
    hash_names,
    remove_scratch,
    write_whole,
)


def test_a_fingerprint_knows_names_and_contents_and_no_order(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("1"), b.write_text("2")
    before = fingerprint(tmp_path, [a, b])
    assert fingerprint(tmp_path, [b, a]) == before
    a.write_text("2"), b.write_text("1")
    assert fingerprint(tmp_path, [a, b]) != before


def test_names_and_contents_do_not_run_into_each_other(tmp_path):
    def of(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return fingerprint(tmp_path, [tmp_path / name])

    assert of("a", "bc") != of("ab", "c")


def test_a_file_that_changed_since_a_time_or_is_gone_has_no_fingerprint(tmp_path):
    path = tmp_path / "a"
    path.write_text("1")
    os.utime(path, (100, 100))
    assert hash_file(path, before=200) == hash_file(path)
    assert hash_file(path, before=50) == "changed while the chapter ran"
    assert hash_file(tmp_path / "gone") == "missing"


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "folder" / "a"
    write_whole(path, "first")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, "second")
    assert path.read_text() == "first"
    assert [p.name for p in path.parent.iterdir()] == ["a"], "a scratch file stays"


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    for name in (".a.ipynb.123", ".a.ipynb", "a.1", "folder/.b.json.7"):
        write_whole(tmp_path / name, "")
    remove_scratch(tmp_path)
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {".a.ipynb", "a.1"}


def test_a_file_that_cannot_be_read_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("1")

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PermissionError):
        hash_file(tmp_path / "a")


def test_the_names_in_a_folder_count_and_neither_contents_nor_generated_files(tmp_path):
    write_whole(tmp_path / "a", "1")
    before = hash_names(tmp_path)
    for name in ("a", ".hidden", "__pycache__/x.pyc", "_build/y"):
        write_whole(tmp_path / name, "2")
    assert hash_names(tmp_path) == before
    write_whole(tmp_path / "b", "")
    assert hash_names(tmp_path) != before
    assert hash_names(tmp_path / "gone") == MISSING


def test_of_a_search_path_what_can_be_imported_counts(tmp_path):
    before = hash_importable(tmp_path)
    write_whole(tmp_path / "page.md", "")
    write_whole(tmp_path / "folder" / "page.md", "")
    assert hash_importable(tmp_path) == before
    found = {before}
    for name in ("dla.py", "fast.cpython-311-x86_64-linux-gnu.so", "package/__init__.py"):
        write_whole(tmp_path / name, "")
        found.add(hash_importable(tmp_path))
    assert len(found) == 4
