"""Laws of comparisons: nothing is shown that the script does not declare, and what is committed is
computed again where the systems are installed."""

import importlib.util
import json
import math
import sys
from dataclasses import replace

import pytest

from dla.protocol import comparison
from dla.protocol.comparison import ComparisonError

SCRIPT = '''
"""Two systems that measure a tone's level."""

import torch

from dla.protocol.comparison import Comparison
from dla.signals import rms, sine

GAIN = 2.0


def pieces():
    return [("low", 0.1), ("high", 0.4)]


def name_of(piece):
    return {"name": piece[0]}


def sound_of(piece):
    return piece[1] * sine(440.0, seconds=0.5, sample_rate=8000), 8000


def right(waveform, *, sample_rate):
    return float(rms(waveform)) * 2**0.5


def wrong(waveform, *, sample_rate):
    return GAIN * right(waveform, sample_rate=sample_rate)


def error_of(piece, found):
    return {"error": abs(found - piece[1])}


def keep(piece, found):
    return {"level": [round(found, 3)]}


COMPARISON = Comparison(
    name="toy",
    question="Who measures a level?",
    pieces=pieces,
    describe=name_of,
    sound=sound_of,
    systems={"right": right, "wrong": wrong},
    packages={"right": ("numpy",), "wrong": ("numpy", "torch")},
    measure=error_of,
    keep=keep,
)
'''


@pytest.fixture
def declare(tmp_path, monkeypatch):
    """From the text of a script to the comparison that it declares."""

    def from_text(text: str = SCRIPT, folder: str = "first") -> comparison.Comparison:
        path = tmp_path / folder / "toy_comparison.py"
        path.parent.mkdir()
        path.write_text(text)
        spec = importlib.util.spec_from_file_location("dla.toy_comparison", path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "dla.toy_comparison", module)
        spec.loader.exec_module(module)
        return module.COMPARISON

    return from_text


@pytest.fixture
def toy(declare, tmp_path):
    """A comparison that was run, and the folder of its result."""
    declared = declare()
    comparison.run(declared, folder=tmp_path, tell=lambda line: None)
    return declared, tmp_path


def edit(folder, **changes) -> None:
    path = folder / "toy.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_what_is_loaded_is_what_each_system_gives(toy):
    declared, folder = toy
    result = comparison.load(declared, folder=folder)
    assert result.values("right", "error") == pytest.approx([0.0, 0.0], abs=1e-4)
    assert result.values("wrong", "error") == pytest.approx([0.1, 0.4], abs=1e-4)
    assert result.mean("wrong", "error") == pytest.approx(0.25, abs=1e-4)
    assert [t.kept for t in result.of("wrong")] == [{"level": [0.2]}, {"level": [0.8]}]
    assert result.worst("wrong", "error") == "low"  # the smallest number
    assert [p["seconds"] for p in result.pieces] == [0.5, 0.5]
    assert result.changed() == []


def test_a_system_that_says_a_text_is_given_the_text_alone(toy, tmp_path):
    declared, _ = toy
    saying = replace(
        declared,
        systems={"right": lambda text: len(text) / 10, "wrong": lambda text: 0.0},
        given=lambda piece: piece[0],
    )
    folder = tmp_path / "said"
    result = comparison.run(saying, folder=folder, tell=lambda line: None)
    assert result.values("right", "error") == pytest.approx([0.2, 0.0])
    assert result.values("wrong", "error") == pytest.approx([0.1, 0.4])


def test_speed_is_sound_over_computing_of_all_pieces(toy):
    declared, folder = toy
    result = comparison.load(declared, folder=folder)
    timed = tuple(replace(t, cpu_seconds=0.25 if t.piece == "low" else 0.15) for t in result.trials)
    assert replace(result, trials=timed).times_real_time("right") == pytest.approx(1.0 / 0.4)


def test_a_printed_result_shows_systems_means_speed_date_processor_and_versions(toy):
    declared, folder = toy
    result = comparison.load(declared, folder=folder)
    fixed = replace(
        result,
        processor="a processor",
        versions={"numpy": "1", "torch": "2"},
        trials=tuple(
            comparison.Trial(s, p, {"error": value}, cpu_seconds=0.01)
            for s, value in (("right", 0.0), ("wrong", 0.25))
            for p in ("low", "high")
        ),
    )
    assert str(fixed).splitlines() == [
        "          error  x real time",
        "right     0.000           50",
        "wrong     0.250           50",
        f"mean of 2 pieces, computed {result.computed} on one core of",
        "a processor, numpy 1, torch 2",
    ]


def test_a_mean_is_weighted_where_the_comparison_says_so(toy):
    declared, folder = toy
    result = comparison.load(replace(declared, weights={"error": "seconds"}), folder=folder)
    weighed = tuple(
        replace(t, values={"error": error, "seconds": seconds})
        for t, error, seconds in zip(result.trials, (0.0, 1.0) * 2, (3.0, 1.0) * 2, strict=True)
    )
    result = replace(result, trials=weighed)
    assert result.mean("right", "error") == pytest.approx(0.25)
    assert "seconds" not in str(result) and "0.250" in str(result)
    nothing = tuple(replace(t, values={"error": 0.0, "seconds": 0.0}) for t in weighed)
    assert math.isnan(replace(result, trials=nothing).mean("right", "error"))


def test_names_that_are_not_there_are_refused(toy):
    declared, folder = toy
    result = comparison.load(declared, folder=folder)
    with pytest.raises(ValueError, match="no system 'left'; there are right, wrong"):
        result.of("left")
    with pytest.raises(ValueError, match="no measure 'recall'; there are error"):
        result.values("right", "recall")
    with pytest.raises(ValueError, match=r"packages of \['right'\], systems \['right', 'wrong'\]"):
        replace(declared, packages={"right": ()})


def test_a_missing_result_is_refused_and_the_command_named(declare, tmp_path):
    message = (
        r"no file toy\.json; expected right, wrong\. .*python -m dla\.protocol\.comparison toy"
    )
    with pytest.raises(ComparisonError, match=message):
        comparison.load(declare(), folder=tmp_path)


def test_a_result_that_is_cut_short_is_refused(toy):
    declared, folder = toy
    path = folder / "toy.json"
    trials = json.loads(path.read_text())["trials"]
    edit(folder, trials=trials[:3])
    with pytest.raises(ComparisonError, match="holds 3 trials of right, wrong; expected 4: 2"):
        comparison.load(declared, folder=folder)
    path.write_text(path.read_text()[:100])
    with pytest.raises(ComparisonError, match="no whole result"):
        comparison.load(declared, folder=folder)


def test_a_run_that_is_interrupted_leaves_what_is_refused(declare, tmp_path):
    declared = declare()

    def stop(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        comparison.run(declared, folder=tmp_path, tell=stop)
    with pytest.raises(ComparisonError, match="holds 2 trials of right; expected 4"):
        comparison.load(declared, folder=tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("GAIN = 2.0", "GAIN = 3.0", "GAIN"),
        ("abs(found - piece[1])", "found - piece[1]", "error_of"),
        ("440.0", "441.0", "sound_of"),
        ('("low", 0.1)', '("low", 0.2)', "pieces"),
    ],
)
def test_the_result_of_another_script_is_refused(toy, declare, old, new, name):
    _, folder = toy
    other = declare(SCRIPT.replace(old, new), "second")
    with pytest.raises(ComparisonError, match=rf"toy_comparison\.{name} changed since"):
        comparison.load(other, folder=folder)


def test_comments_and_docstrings_change_nothing(toy, declare):
    _, folder = toy
    other = declare(
        SCRIPT.replace("def pieces():", 'def pieces():  # two\n    """Two."""'), "second"
    )
    assert comparison.load(other, folder=folder).changed() == []


def test_replaying_gives_the_committed_numbers_or_refuses(toy):
    declared, folder = toy
    again = comparison.replay(replace(declared, replayed=(1,)), folder=folder)
    assert [(t.system, t.piece) for t in again] == [("right", "high"), ("wrong", "high")]
    content = json.loads((folder / "toy.json").read_text())
    content["trials"][3]["values"]["error"] += 0.03
    edit(folder, trials=content["trials"])
    with pytest.raises(ComparisonError, match=r"error 0\.4300 of wrong on high; expected 0\.4000"):
        comparison.replay(declared, folder=folder)


def test_a_piece_that_is_no_longer_there_is_refused(toy):
    declared, folder = toy
    pieces = json.loads((folder / "toy.json").read_text())["pieces"]
    pieces[0]["seconds"] = 0.6
    edit(folder, pieces=pieces)
    with pytest.raises(ComparisonError, match=r"committed piece .*0\.6.*; expected .*0\.5"):
        comparison.replay(declared, folder=folder)


def test_what_is_not_installed_is_not_replayed_and_not_run(toy, tmp_path):
    declared, folder = toy
    absent = replace(declared, packages=declared.packages | {"wrong": ("no-such-package",)})
    assert absent.installed == ["right"]
    assert {t.system for t in comparison.replay(absent, folder=folder)} == {"right"}
    with pytest.raises(ComparisonError, match=r"not installed here: wrong \(no-such-package\)"):
        comparison.run(absent, folder=tmp_path)


def test_without_arguments_all_are_listed_with_their_state(capsys):
    assert comparison.main([]) == 0
    said = capsys.readouterr().out
    for name, one in comparison.all_comparisons().items():
        assert f"{name}: {one.question}\n    " in said
    assert comparison.main(["melody-alon"]) == 2
    assert "no comparison 'melody-alon'" in capsys.readouterr().out


@pytest.mark.parametrize("name", comparison.all_comparisons())
def test_what_is_committed_is_small_whole_and_computed_again(name):
    """By the systems of this machine: on a bare one that is librosa's pYIN."""
    declared = comparison.all_comparisons()[name]
    result = comparison.load(declared)
    assert (comparison.FOLDER / f"{name}.json").stat().st_size < 600_000
    assert all(trial.cpu_seconds > 0 for trial in result.trials)
    assert len({p["name"] for p in result.pieces}) == len(result.pieces)
    again = comparison.replay(declared)
    assert {trial.system for trial in again} == set(declared.installed)
