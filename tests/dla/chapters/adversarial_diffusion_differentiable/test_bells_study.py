"""The study of struck sounds: what it learns, what it is tested on, and how it starts."""

import torch

from dla.chapters.adversarial_diffusion_differentiable import bells_study
from dla.chapters.adversarial_diffusion_differentiable import pitch_and_vowel as trial


def test_no_pitch_is_learned_that_is_tested():
    learned = trial.rings("train", each=20, seeds=range(5)).f0
    tested = trial.rings("cut", each=4, seeds=[0]).f0
    assert not torch.isin(tested, learned).any()


def test_five_steps_show_each_tone_once():
    batch = bells_study.batches(3)
    pitches = torch.cat([batch(step)[0][0, :, 1] for step in range(5)])
    everything = trial.rings("train", each=20, seeds=[3]).f0[0]
    assert torch.equal(pitches.sort().values, everything.sort().values)
    assert torch.equal(batch(0)[0], batch(5)[0])


def test_the_truth_costs_nothing_and_silence_all():
    _, target = bells_study.batches(0)(0)
    truth = 20 * target.abs().clamp(min=1e-6).log10()
    signs = (target < 0).any()  # a magnitude cannot say them
    assert bells_study.loss(truth, target) < 0.05 + 4 * signs
    silence = torch.full_like(target, -200.0)
    torch.testing.assert_close(bells_study.loss(silence, target), torch.ones(1))


def test_seeds_start_differently():
    one, two = (bells_study.network(seed).vowel.weight for seed in (0, 1))
    assert not one.equal(two)
