"""Laws of studies: nothing is shown that the script does not declare, and what is committed is
not believed for ever."""

import functools
import importlib.util
import json
import platform
import sys
from dataclasses import replace
from importlib.metadata import version

import pytest
import torch

from dla.protocol import study
from dla.protocol.study import StudyError
from dla.train import Recipe, train

SCRIPT = '''
"""A study that takes a moment."""

import torch
from torch import nn

from dla.protocol.study import Study
from dla.train import Recipe, seeded

GAIN = 2.0


def network(seed):
    return seeded(lambda: nn.Linear(3, 1), seed)


def batches(seed):
    """Sums of three numbers."""
    generator = torch.Generator().manual_seed(seed)

    def draw(step):
        inputs = torch.randn(1, 8, 3, generator=generator)
        return inputs, amplified(inputs)

    return draw


def amplified(inputs):
    return GAIN * inputs.sum(-1, keepdim=True)


def squared_error(outputs, targets):
    return (outputs - targets).square().mean((1, 2))


@torch.no_grad()
def bias(model):
    return {"bias": model.bias.item()}


STUDY = Study(
    name="toy",
    question="Does a line find a sum?",
    seeds=(3, 5),
    recipe=Recipe(steps=60),
    shorter=(10,),
    model=network,
    draw=batches,
    loss=squared_error,
    measure=bias,
    digits=2,
    keep=5,
)
'''


@pytest.fixture
def declare(tmp_path, monkeypatch):
    """From the text of a script to the study that it declares."""

    def from_text(text: str = SCRIPT, folder: str = "first") -> study.Study:
        path = tmp_path / folder / "toy_study.py"
        path.parent.mkdir()
        path.write_text(text)
        spec = importlib.util.spec_from_file_location("dla.toy_study", path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "dla.toy_study", module)
        spec.loader.exec_module(module)
        return module.STUDY

    return from_text


@pytest.fixture
def toy(declare, tmp_path):
    """A study that was run, and the folder of its result."""
    declared = declare()
    study.run(declared, folder=tmp_path, tell=lambda line: None)
    return declared, tmp_path


def fitted(declared, seed: int, steps: int):
    """What one training by itself gives."""
    (model,), _ = train(
        [declared.model(seed)],
        declared.draw(seed),
        declared.loss,
        replace(declared.recipe, steps=steps),
    )
    return model


def edit(folder, **changes) -> None:
    path = folder / "toy.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_what_is_loaded_is_what_training_each_seed_gives(toy):
    declared, folder = toy
    result = study.load(declared, folder=folder)
    for steps in (10, 60):
        alone = [fitted(declared, seed, steps).bias.item() for seed in (3, 5)]
        assert result.values("bias", steps) == pytest.approx(alone)
    assert len(result.trace) == study.TRACED and result.changed() == []


def test_a_printed_result_shows_each_seed_spread_steps_processor_date_and_seconds(toy):
    declared, folder = toy
    result = study.load(declared, folder=folder)
    fixed = replace(
        result,
        processor="a processor",
        versions={"torch": "2"},
        trainings=tuple(
            study.Training(seed, steps, {"bias": seed / steps}, cpu_seconds=steps / 10)
            for seed in (3, 5)
            for steps in (10, 60)
        ),
    )
    assert str(fixed).splitlines() == [
        "bias",
        "                       10 steps     60 steps",
        "seed 3                     0.30         0.05",
        "seed 5                     0.50         0.08",
        "mean ± deviation    0.40 ± 0.14  0.07 ± 0.02",
        "CPU seconds each              1            6",
        f"computed {result.computed} on one core of",
        "a processor, torch 2",
    ]


def test_a_missing_result_is_refused_and_the_command_named(declare, tmp_path):
    message = r"no file toy\.json; expected 2 seeds of 60 steps\. .*make study S=toy"
    with pytest.raises(StudyError, match=message):
        study.load(declare(), folder=tmp_path)


def test_a_run_that_is_interrupted_leaves_a_result_that_is_refused(declare, tmp_path):
    declared, lines = declare(), []

    def interrupt(line):
        lines.append(line)
        if len(lines) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.run(declared, folder=tmp_path, tell=interrupt)
    message = (
        "holds 10 steps of seeds 5, 60 steps of seeds 5; "
        "expected 10 steps of seeds 3 5, 60 steps of seeds 3 5"
    )
    with pytest.raises(StudyError, match=message):
        study.load(declared, folder=tmp_path)


def test_a_file_that_ends_in_the_middle_is_refused(toy):
    declared, folder = toy
    path = folder / "toy.json"
    path.write_text(path.read_text()[:500])
    with pytest.raises(StudyError, match="toy.json is no whole result.*make study S=toy"):
        study.load(declared, folder=folder)


@pytest.mark.parametrize(
    "change", [{"recipe": Recipe(steps=80)}, {"seeds": (3, 5, 7)}, {"shorter": ()}], ids=str
)
def test_other_seeds_or_steps_than_declared_are_refused(toy, change):
    declared, folder = toy
    with pytest.raises(StudyError, match=r"holds .*; expected .*make study S=toy"):
        study.load(replace(declared, **change), folder=folder)


def test_another_recipe_is_refused(toy):
    declared, folder = toy
    other = replace(declared.recipe, learning_rate=1e-3)
    with pytest.raises(StudyError, match="'learning_rate': 0.003.*expected .*: 0.001"):
        study.load(replace(declared, recipe=other), folder=folder)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("GAIN = 2.0", "GAIN = 3.0", "toy_study.GAIN"),
        ("square()", "abs()", "toy_study.squared_error"),
        ("inputs.sum", "2 * inputs.sum", "toy_study.amplified"),
    ],
)
def test_the_result_of_another_script_is_refused(toy, declare, old, new, named):
    _, folder = toy
    other = declare(SCRIPT.replace(old, new), "second")
    with pytest.raises(StudyError, match=rf"another script .*: {named} changed .*make study S=toy"):
        study.load(other, folder=folder)


def test_comments_docstrings_and_line_breaks_make_no_other_script(toy, declare):
    declared, folder = toy
    text = SCRIPT.replace('"""Sums of three numbers."""', '"""Other words."""  # why')
    text = text.replace("return (outputs - targets)", "return (\n        outputs - targets\n    )")
    assert text != SCRIPT
    other = declare(text, "second")
    assert study.digests(other) == study.digests(declared)
    assert (
        study.load(other, folder=folder).trainings == study.load(declared, folder=folder).trainings
    )


def test_a_definition_of_the_library_that_changed_is_named_and_left_to_the_replay(toy):
    declared, folder = toy
    digests = study.digests(declared)
    assert {"train.train", "train.clip_each", "train.Recipe", "train.seeded"} <= set(digests)
    edit(folder, digests=digests | {"train.clip_each": "another"})
    assert study.load(declared, folder=folder).changed() == ["train.clip_each"]
    assert "changed since (the tests replay it): train.clip_each" in study.state(
        declared, folder=folder
    )


def test_replay_gives_the_committed_losses(toy):
    declared, folder = toy
    again = study.replay(declared, folder=folder)
    assert again == pytest.approx(study.load(declared, folder=folder).trace)


def test_replay_detects_another_learning_rate_of_the_library(toy, monkeypatch):
    declared, folder = toy
    committed, rate = study._rates(declared.recipe), Recipe.rate
    monkeypatch.setattr(Recipe, "rate", lambda self, step: 1.05 * rate(self, step))
    with pytest.raises(StudyError, match="committed learning rates"):
        study.replay(declared, folder=folder)
    monkeypatch.setattr(study, "_rates", lambda recipe: committed)  # and by the trace alone
    with pytest.raises(StudyError, match=r"committed loss .* of seed 5; expected"):
        study.replay(declared, folder=folder)


def test_replay_detects_learning_rates_that_change_after_the_steps_that_it_trains(toy, monkeypatch):
    declared, folder = toy
    rate = Recipe.rate
    monkeypatch.setattr(
        Recipe, "rate", lambda self, step: rate(self, step) * (0.9 if step > 50 else 1.0)
    )
    with pytest.raises(StudyError, match="committed learning rates"):
        study.replay(declared, folder=folder)


def test_replay_detects_other_data(toy, monkeypatch):
    declared, folder = toy
    monkeypatch.setattr(sys.modules["dla.toy_study"], "GAIN", 2.1)
    monkeypatch.setattr(study, "digests", lambda _: json.loads(before)["digests"])
    before = (folder / "toy.json").read_text()
    with pytest.raises(StudyError, match="committed loss .* at step 0"):
        study.replay(declared, folder=folder)


def test_weights_are_kept_in_half_precision_where_no_printed_digit_changes(toy):
    declared, folder = toy
    trained = fitted(declared, 5, 60)
    loaded = study.load_network(declared, folder=folder)
    torch.testing.assert_close(
        loaded.state_dict(),
        {name: t.half().float() for name, t in trained.state_dict().items()},
    )
    result = study.load(declared, folder=folder)
    assert result.weights["precision"] == "half"
    assert declared.measure(loaded) == pytest.approx(result.weights["values"])
    assert loaded.weight.dtype == torch.float32


def test_weights_stay_as_they_are_where_half_precision_would_show(declare, tmp_path):
    exact = replace(declare(), digits=7)
    result = study.run(exact, folder=tmp_path, tell=lambda line: None)
    trained = fitted(exact, 5, 60)
    assert result.weights["precision"] == "single"
    loaded = study.load_network(exact, folder=tmp_path)
    torch.testing.assert_close(loaded.state_dict(), trained.state_dict())


def test_weights_that_are_too_large_are_refused_and_not_written(declare, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "LARGEST", 100)
    with pytest.raises(StudyError, match=r"half precision have \d+ bytes; at most 100 are"):
        study.run(declare(), folder=tmp_path, tell=lambda line: None)
    assert list(tmp_path.glob("toy*.*")) == []


def test_weights_that_are_missing_or_not_those_that_were_measured_are_refused(toy):
    declared, folder = toy
    path = folder / "toy.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(StudyError, match="has digest .*; expected .* which was measured"):
        study.load_network(declared, folder=folder)
    path.unlink()
    with pytest.raises(StudyError, match="no file toy.safetensors; expected weights of seed 5"):
        study.load_network(declared, folder=folder)


def test_only_a_declared_seed_can_be_kept(declare):
    with pytest.raises(ValueError, match=r"weights of seed 4 are to be kept, its seeds are \(3, 5"):
        replace(declare(), keep=4)


def test_computes_on_one_core_and_leaves_the_number_of_threads(toy, monkeypatch):
    declared, folder = toy
    before, seen = torch.get_num_threads(), []
    torch.set_num_threads(3)

    def measure(model):
        seen.append(torch.get_num_threads())
        return {"bias": 0.0}

    measure.__module__ = "dla.toy_study"
    monkeypatch.setattr(study, "digests", lambda _: {})
    try:
        study.run(replace(declared, measure=measure), folder=folder, tell=lambda line: None)
        assert set(seen) == {1} and torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


DIGESTS_ONCE = functools.cache(study.digests)


@pytest.fixture
def digests_once(monkeypatch):
    """Definitions of the book's own studies stay the same, and each is loaded several times."""
    monkeypatch.setattr(study, "digests", DIGESTS_ONCE)


@pytest.mark.usefixtures("digests_once")
def test_the_command_lists_the_studies_and_refuses_a_name_that_is_none(capsys):
    assert study.main([]) == 0
    assert "separation: How far" in capsys.readouterr().out
    assert study.main(["seperation"]) == 2
    refused = capsys.readouterr().out.strip()
    assert refused.startswith("no study 'seperation'; did you mean 'separation'?")


@pytest.fixture(params=study.all_studies())
def committed(request, digests_once):
    return study.all_studies()[request.param]


def test_a_committed_study_is_whole_and_its_first_steps_are_those_of_today(committed):
    assert study.replay(committed)
    assert study.load(committed).weights["seed"] == committed.keep


def measuring(declared) -> frozenset[str]:
    """Digests of all definitions that build a study's network and measure it."""
    to_measure = replace(declared, draw=declared.measure, loss=declared.measure)
    return frozenset(study.digests(to_measure).values())


def measured_for_all(measured_by: dict[str, frozenset[str]]) -> set[str]:
    """Names of studies whose measurement shows any change of a definition that some study uses.

    None uses only what another one uses as well: the same definitions, called with the same
    constants, change alike for the weights of both.
    """
    chosen: dict[str, frozenset[str]] = {}
    for name, definitions in sorted(measured_by.items(), key=lambda n: (-len(n[1]), n[0])):
        if not any(definitions <= others for others in chosen.values()):
            chosen[name] = definitions
    return set(chosen)


@functools.cache
def to_be_measured() -> set[str]:
    """Names of studies whose weights are measured again: for all, and those that can differ.

    Weights are those that were measured (`load_network` compares their digest), so their score
    differs only by what was changed since: a definition, or a library that is installed.
    """
    studies = study.all_studies()
    other = {
        name
        for name, declared in studies.items()
        if study.load(declared).changed() or study.load(declared).versions != installed(declared)
    }
    return other | measured_for_all({name: measuring(s) for name, s in studies.items()})


def installed(declared) -> dict[str, str]:
    """Versions here of what a study's result names."""
    named = study.load(declared).versions
    return {
        name: platform.python_version() if name == "python" else version(name) for name in named
    }


def test_committed_weights_reach_their_committed_score(committed):
    """Another processor rounds otherwise, by far less than a printed digit."""
    network, result = study.load_network(committed), study.load(committed)
    kept = result.weights["values"]
    if committed.name in to_be_measured():
        tolerance = 0.1 * 10**-committed.digits
        assert committed.measure(network) == pytest.approx(kept, abs=tolerance)
    index = committed.seeds.index(committed.keep)
    for measured, value in kept.items():
        trained = result.values(measured, committed.recipe.steps)[index]
        assert value == pytest.approx(trained, abs=10**-committed.digits)


def test_a_study_that_is_measured_by_another_s_definitions_alone_is_not_measured_twice():
    sets = {"whole": "abc", "same": "abc", "part": "ab", "own": "ad"}
    assert measured_for_all({name: frozenset(s) for name, s in sets.items()}) == {"same", "own"}


@pytest.mark.parametrize(
    ("old", "new", "alike"),
    [
        ("GAIN = 2.0", "GAIN = 3.0", True),  # of the mini-batches
        ("model.bias.item()", "GAIN * model.bias.item()", False),
        ("nn.Linear(3, 1)", "nn.Linear(3, 1, bias=True)", False),
    ],
)
def test_what_measures_is_told_from_what_only_trains(declare, old, new, alike):
    there = measuring(declare(SCRIPT.replace(old, new), "second"))
    assert (there == measuring(declare())) is alike
