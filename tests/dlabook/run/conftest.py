"""The small book that is executed here."""

import py_compile

import pytest
from executing_book import write


@pytest.fixture
def book(tmp_path):
    """A book of two chapters, a library file and a data file."""
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/a\nchapters:\n- file: book/b\n- file: book/plain\n"
    )
    (tmp_path / "requirements.txt").write_text("torch==1\n")
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "plain.md").write_text("# No code\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "used.py").write_text("x = 1\n")
    py_compile.compile(str(tmp_path / "lib" / "used.py"))  # Python will open the .pyc only
    (tmp_path / "lib" / "unused.py").write_text("x = 1\n")
    (tmp_path / "lib" / "data.txt").write_text("7\n")
    write(tmp_path, "a", "import sys\nsys.path.insert(0, '../lib')\nimport used\nprint(used.x)")
    write(tmp_path, "b", "print(open('../lib/data.txt').read())")
    return tmp_path
