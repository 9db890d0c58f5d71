"""The flow's study: its cost is a density at 16 bits, its stretches follow from the seed."""

import math

import pytest
import torch

from dla.chapters.phase_and_likelihood import flow_study, vocoding


def test_at_its_start_white_noise_costs_what_a_normal_density_does():
    model = flow_study.network(0)  # a rotation
    noise = torch.randn(1, 1, 8000, generator=torch.Generator().manual_seed(0)) / flow_study.GAIN
    inputs = torch.cat([noise, torch.zeros(1, vocoding.BANDS, 8000)], dim=1)
    with torch.no_grad():
        cost = flow_study.bits(model(inputs)[None], noise[None, :, 0])
    sigma = 1 / flow_study.GAIN / flow_study.STEP  # in steps of 16 bits
    expected = math.log2(sigma * math.sqrt(2 * math.pi * math.e))
    assert cost.item() == pytest.approx(expected, abs=0.05)


def test_the_determinant_is_divided_among_the_columns():
    model = flow_study.network(0)
    for mixer in model.network.mixers:
        mixer.weight.data *= 1.1
    inputs = torch.zeros(1, 1 + vocoding.BANDS, 80)
    total = model(inputs)[0, -1].sum().item()
    steps, group = flow_study.SETTINGS.steps, flow_study.SETTINGS.group
    assert total == pytest.approx(10 * steps * group * math.log(1.1), rel=1e-4)


@pytest.mark.parametrize(("seed", "same"), [(0, True), (1, False)])
def test_stretches_follow_from_the_seed(seed, same):
    first, again = flow_study.batches(0)(0)[0], flow_study.batches(seed)(0)[0]
    assert torch.equal(first, again) is same


def test_the_hiss_is_at_most_half_a_step_and_the_pool_stays_as_it_was():
    clean = vocoding.sentences("june", held_out=False)[0].sound.clone()
    inputs, sounds = flow_study.batches(0)(0)
    assert torch.equal(inputs[:, :, 0], sounds)
    assert torch.equal(clean, vocoding.sentences("june", held_out=False)[0].sound)
    pool = torch.cat([s.sound for s in vocoding.sentences("june", held_out=False)])
    row = sounds[0, 0]
    places = pool.unfold(0, len(row), vocoding.GRID["hop_length"])
    off = (places - row).abs().amax(1).min()
    assert 0.4 * flow_study.STEP < off <= 0.5 * flow_study.STEP + 1e-8
