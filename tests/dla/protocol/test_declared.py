import sys

import pytest

from dla.protocol import declared


class Kept:
    """One that is declared."""

    def __init__(self, name):
        self.name, self.question = name, f"Why {name}?"


@pytest.fixture
def rooms(tmp_path, monkeypatch):
    """A room with a script of one trial and a script of two."""
    monkeypatch.setitem(sys.modules, "dla.chapters.room", type(sys)("dla.chapters.room"))
    for script, content in (
        ("a_trial", {"TRIAL": Kept("a")}),
        ("b_trial", {"TRIALS": (Kept("b"), Kept("c"))}),
    ):
        (tmp_path / "room").mkdir(exist_ok=True)
        (tmp_path / "room" / f"{script}.py").touch()
        module = type(sys)(f"dla.chapters.room.{script}")
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return tmp_path


def test_one_and_several_are_found_by_name(rooms):
    assert list(declared.find_declared(rooms, "trial", "trials")) == ["a", "b", "c"]


def test_two_of_one_name_are_refused_with_the_file(rooms):
    sys.modules["dla.chapters.room.b_trial"].TRIALS = (Kept("a"),)
    with pytest.raises(ValueError, match=r"two trials are called 'a'; one is .*b_trial\.py"):
        declared.find_declared(rooms, "trial", "trials")


def test_a_state_says_when_or_what_is_wrong():
    class Result:
        computed, processor = "2026-11-29", "a processor"

        def __init__(self, *changed):
            self.changed = lambda: list(changed)

    def refuse():
        raise LookupError("cut short")

    state = declared.describe_state
    assert state(Result, LookupError) == "computed 2026-11-29, a processor"
    assert state(lambda: Result("f", "g"), LookupError).endswith("(the tests replay it): f, g")
    assert state(refuse, LookupError) == "cut short"
    with pytest.raises(LookupError):
        state(refuse, KeyError)


def test_without_names_they_are_listed_with_them_run_and_unknown_ones_refused(capsys):
    there = {"a": Kept("a"), "b": Kept("b")}
    ran = []

    def run(one, tell):
        tell("begun")
        ran.append(one.name)
        return "done"

    call = {"kind": "trial", "state": lambda one: f"state of {one.name}", "run": run}
    assert declared.list_or_run([], there, **call) == 0
    assert capsys.readouterr().out == "a: Why a?\n    state of a\nb: Why b?\n    state of b\n"
    assert declared.list_or_run(["b", "a"], there, **call) == 0
    assert ran == ["b", "a"]
    assert capsys.readouterr().out == "begun\ndone\n" * 2
    assert declared.list_or_run(["a", "x"], there, **call) == 2
    assert ran == ["b", "a"]
    assert "'x'" in capsys.readouterr().out


def test_a_processor_has_a_name():
    assert declared.processor_name().strip()
