"""What happens to a page happens in the order that is written down, for what is loaded."""

from types import SimpleNamespace

import yaml
from places import DLABOOK, ROOT

from dlabook import pipeline
from dlabook.pipeline import STEPS, connect_steps


def connected(*extensions: str) -> list[tuple]:
    found = []
    app = SimpleNamespace(
        extensions=dict.fromkeys(extensions),
        connect=lambda event, step, priority: found.append((event, step, priority)),
    )
    connect_steps(app, None)
    return found


def test_only_the_steps_of_loaded_extensions_are_taken_in_their_order():
    names = ("dlabook.reader.search.search", "dlabook.site.numbers")
    steps = [step for event, step, _ in connected(*names) if event == "doctree-read"]
    assert steps == [s for s in pipeline.DOCTREE_READ if s.__module__ in names]
    assert len(steps) == 2


def test_every_step_comes_after_those_of_others_with_one_priority():
    every = {step.__module__ for steps in STEPS.values() for step in steps}
    assert {priority for *_, priority in connected(*every)} == {pipeline.AFTER_ALL_OTHERS}
    assert pipeline.AFTER_ALL_OTHERS > 500  # Sphinx's own, if none is said


def test_a_step_is_there_once_and_belongs_to_an_extension_of_the_book():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    loaded = set(config["sphinx"]["extra_extensions"])
    for steps in STEPS.values():
        assert len(steps) == len(set(steps))
        assert {step.__module__ for step in steps} <= loaded


def test_no_tool_connects_to_these_events_by_itself():
    """But for what is said of one file: Sphinx's collector, and a scheduler of configuration."""
    allowed = {"pipeline.py", "numbers.py", "record.py"}
    for path in DLABOOK.rglob("*.py"):
        if path.name in allowed or "paper" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert not [event for event in STEPS if f'connect("{event}"' in text], path


def test_sounds_are_copied_before_the_scripts_that_hold_them_and_the_theme_ends():
    names = [f"{s.__module__.rsplit('.', 1)[-1]}.{s.__name__}" for s in pipeline.BUILD_FINISHED]
    assert names.index("outputs.publish_files") < names.index("player.write_sound_scripts")
    assert names[-1] == "theme.finish_site"
