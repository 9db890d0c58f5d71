"""The longer study of the vocoder changes the number of steps, and nothing else of the training."""

from dataclasses import replace

from dla.chapters.adversarial_diffusion_differentiable import vocoder_long_study, vocoder_study


def test_only_the_number_of_steps_differs():
    long, short = vocoder_long_study.STUDY, vocoder_study.STUDY
    assert long.recipe == replace(short.recipe, steps=5 * short.recipe.steps)
    for part in ("model", "draw", "loss"):
        assert getattr(long, part) is getattr(short, part)
    assert long.keep == short.keep


def test_pitch_and_voicing_are_measured_for_both_speakers():
    values = vocoder_long_study.measured(vocoder_study.network(0))
    assert {"pitch, june, cents", "pitch, carlo, cents"} < set(values)
    assert all(0 <= values[f"voicing, {name}"] <= 1 for name in ("june", "carlo"))
