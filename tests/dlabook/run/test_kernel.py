"""The kernel's report: the book's own sources, without what is generated, installed or gone."""

import json
import sys

from dlabook.run import kernel


def test_the_books_own_files_are_kept_relative_to_its_root(tmp_path):
    names = ("code/a.py", "book/x.md", "_build/b.py", ".venv/c.py", "code/__pycache__/a.pyc")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    files = {str(tmp_path / name) for name in (*names, "code/gone.py")} | {sys.executable, "<x>"}
    assert kernel.below(tmp_path, files) == {"code/a.py", "book/x.md"}


def test_the_report_names_what_was_opened_and_what_it_ran_on(tmp_path):
    (tmp_path / "data.txt").write_text("7")
    kernel._note_opened_file("open", (str(tmp_path / "data.txt"), "r", 0))
    kernel._note_opened_file("import", (str(tmp_path / "other.txt"), "r", 0))
    found = json.loads(kernel.report(str(tmp_path)))
    kernel._opened.discard(str(tmp_path / "data.txt"))
    assert found["files"] == ["data.txt"]
    assert found["peak_memory_mib"] > 10
    assert found["python"] == sys.version.split()[0]
    assert found["processor"]
