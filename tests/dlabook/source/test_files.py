"""Files: told apart by their content, and there whole or not at all."""

import os

import pytest

from dlabook.source.files import fingerprint, hash_file, write_whole


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
