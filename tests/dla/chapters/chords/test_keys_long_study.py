"""The longer trainings differ from the shorter ones in their steps only."""

from dla.chapters.chords import keys_long_study, keys_study


def test_only_the_number_of_steps_differs():
    shorter = {s.name: s for s in keys_study.STUDIES}
    for study in keys_long_study.STUDIES:
        other = shorter[study.name.removesuffix("-long")]
        for name in ("seeds", "model", "draw", "loss", "keep"):
            assert getattr(study, name) == getattr(other, name)
        assert study.recipe.steps > other.recipe.steps
        assert study.recipe.learning_rate == other.recipe.learning_rate
