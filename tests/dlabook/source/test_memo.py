"""What was worked out is kept by content: of data and of code, and of nothing else."""

import importlib.util
import pickle

from dlabook.source import memo

CODE = "calls = []\n\ndef double(x):\n    calls.append(x)\n    return %s * x\n"


def module(folder, factor=2):
    path = folder / "work.py"
    path.write_text(CODE % factor)
    spec = importlib.util.spec_from_file_location("work", path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    memo._code.cache_clear()
    return found


def test_the_same_content_is_worked_out_once(tmp_path):
    work = module(tmp_path)
    assert [memo.known(tmp_path, work.double, "a", 3) for _ in range(3)] == [6, 6, 6]
    assert work.calls == [3]
    assert memo.known(tmp_path, work.double, "b", 4) == 8
    assert work.calls == [3, 4]


def test_another_code_works_it_out_again(tmp_path):
    memo.known(tmp_path, module(tmp_path).double, "a", 3)
    assert memo.known(tmp_path, module(tmp_path, factor=5).double, "a", 3) == 15


def test_a_damaged_result_is_worked_out_again(tmp_path):
    work = module(tmp_path)
    memo.known(tmp_path, work.double, "a", 3)
    (path,) = (tmp_path / memo.FOLDER / "double").iterdir()
    for damage in (b"", b"\x80", pickle.dumps(6)[:-2]):
        path.write_bytes(damage)
        assert memo.known(tmp_path, work.double, "a", 3) == 6
    assert len(work.calls) == 4


def test_the_folder_does_not_grow_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(memo, "MOST", 5)
    work = module(tmp_path)
    for k in range(20):
        memo.known(tmp_path, work.double, str(k), k)
    assert len(list((tmp_path / memo.FOLDER / "double").iterdir())) <= 6


def test_a_file_that_changed_has_another_digest_and_one_that_is_gone_has_none(tmp_path):
    path = tmp_path / "a"
    path.write_text("one")
    first = memo.digest_of_file(path)
    path.write_text("other")
    assert first and memo.digest_of_file(path) not in ("", first)
    path.unlink()
    assert memo.digest_of_file(path) == ""
