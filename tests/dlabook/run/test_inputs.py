"""What a chapter read is in its list, whoever opened it: C code, another process, a listing."""

import os
import sys

import pytest
from executing_book import chapter, run, write
from places import ROOT

from dlabook.run import inputs
from dlabook.run.executed import executed, stale_reasons


def put_sound(path, level):
    import numpy
    import soundfile

    soundfile.write(path, numpy.full(800, level), 8000)


HOW_SOUNDS_ARE_READ = {
    "read": "import soundfile\nx = soundfile.read(path)[0]",
    "object": "with soundfile.SoundFile(path) as f:\n    x = f.read()",
    "blocks": "x = next(soundfile.blocks(path, blocksize=800))",
    "librosa": "import librosa\nx = librosa.load(path, sr=None)[0]",
    "scipy": "from scipy.io import wavfile\nx = wavfile.read(path)[1]",
    "numpy": "import numpy\nx = numpy.fromfile(path)",
    "descriptor": "import os\nx = os.read(os.open(path, os.O_RDONLY), 9999)",
    "program": "import subprocess\nsubprocess.run(['cat', path], capture_output=True, check=True)",
    "shell": "subprocess.run(f'cat {path} | wc -c', shell=True, check=True)",
    "system": "os.system(f'wc -c {path}');",
    "line": "!wc -c $path",
    "lines": "lines = !wc -c $path",
    "database": "import sqlite3\nx = sqlite3.connect(path)",
    "elsewhere": "os.chdir('..')\nx = open('elsewhere.wav', 'rb').read()\nos.chdir('book')",
}


def test_a_file_is_an_input_however_it_is_opened(book):
    # no string of a cell names a file as it is: only who opens it knows
    cells = [
        f"path = '/'.join(('..', '{n}' + '.wav'))\n{c}" for n, c in HOW_SOUNDS_ARE_READ.items()
    ]
    for name in HOW_SOUNDS_ARE_READ:
        put_sound(book / f"{name}.wav", 0.25)
    (book / "_build").mkdir()
    (book / "_build/numba").symlink_to(ROOT / "_build/numba")  # librosa's functions, compiled
    write(book, "a", *cells)
    assert run(book) == []
    assert stale_reasons(chapter(book, "a")) == []
    for name in HOW_SOUNDS_ARE_READ:
        put_sound(book / f"{name}.wav", 0.5)
    assert sorted(stale_reasons(chapter(book, "a"))) == sorted(
        f"{name}.wav changed" for name in HOW_SOUNDS_ARE_READ
    )


HOW_FOLDERS_ARE_LISTED = {
    "listdir": "import os\nprint(sorted(os.listdir(path)))",
    "scandir": "print(sorted(e.name for e in os.scandir(path)))",
    "glob": "import glob\nprint(sorted(glob.glob(path + '/*.txt')))",
    "rglob": "from pathlib import Path\nprint(sorted(Path(path).rglob('*.txt')))",
    "walk": "print(list(os.walk(path)))",
    "here": "os.chdir(path)\nprint(sorted(os.listdir()))\nos.chdir('../book')",
    "ls": "!ls $path",
}


def test_a_folder_is_an_input_however_it_is_listed(book):
    cells = [f"path = '/'.join(('..', '{n}'))\n{c}" for n, c in HOW_FOLDERS_ARE_LISTED.items()]
    for name in HOW_FOLDERS_ARE_LISTED:
        (book / name).mkdir()
    write(book, "a", *cells)
    assert run(book) == []
    assert stale_reasons(chapter(book, "a")) == []
    for name in HOW_FOLDERS_ARE_LISTED:
        (book / name / "more.txt").write_text("")
    assert sorted(stale_reasons(chapter(book, "a"))) == sorted(
        f"the names in {name} changed" for name in HOW_FOLDERS_ARE_LISTED
    )
    for name in HOW_FOLDERS_ARE_LISTED:
        (book / name / "more.txt").unlink()
    assert stale_reasons(chapter(book, "a")) == []


def test_importing_lists_no_folder(book):
    assert run(book) == []
    (book / "lib" / "data2.txt").write_text("")
    (book / "book" / "new-page.md").write_text("# New\n")
    assert stale_reasons(chapter(book, "a")) == []


def test_a_module_that_would_be_found_earlier_makes_it_stale(book):
    (book / "first").mkdir()
    write(
        book, "a", "import sys\nsys.path[:0] = ['../first', '../lib']\nimport used\nprint(used.x)"
    )
    assert run(book) == []
    (book / "first" / "used.py").write_text("x = 5\n")
    assert stale_reasons(chapter(book, "a")) == ["what can be imported from first changed"]
    assert run(book) == []
    assert executed(chapter(book, "a")).cells[-1].outputs[0].text == "5\n"
    (book / "book" / "used").mkdir()
    (book / "book" / "used" / "__init__.py").write_text("x = 6\n")
    assert "what can be imported from book changed" in stale_reasons(chapter(book, "a"))


def test_a_file_that_was_looked_for_in_vain_makes_it_stale_when_it_is_there(book):
    write(
        book, "a", "try:\n    print(open('../lib/none.txt').read())\nexcept OSError:\n    print(0)"
    )
    assert run(book) == []
    assert stale_reasons(chapter(book, "a")) == []
    (book / "lib" / "none.txt").write_text("1")
    assert stale_reasons(chapter(book, "a")) == ["lib/none.txt changed"]


def test_a_file_that_a_string_of_a_cell_names_is_an_input_whoever_opens_it(book):
    write(book, "a", "name = '../lib/data.txt'")
    assert run(book) == []
    (book / "lib" / "data.txt").write_text("8\n")
    assert stale_reasons(chapter(book, "a")) == ["lib/data.txt changed"]


def test_what_only_observes_is_in_no_list():
    assert ROOT.joinpath("code/dlabook/run/inputs.py").exists()
    before = dict(inputs.__dict__)
    try:
        inputs._root = str(ROOT)
        found = inputs.report(str(ROOT))
    finally:
        inputs._root = before["_root"]
        inputs._importable.clear()
    assert "code/dlabook/run/inputs.py" not in found
    assert "code/dlabook/source/files.py" not in found


@pytest.mark.parametrize("path", ["/", "code/../..", b"\xff", 3.5, None, 10**9, sys.executable])
def test_what_lies_outside_or_is_no_path_is_not_noted(path, monkeypatch):
    monkeypatch.setattr(inputs, "_root", os.path.realpath(ROOT / "code"))
    monkeypatch.chdir(ROOT)
    assert inputs.inside(path) is None
