"""Laws of the autoregressive network: what it may see, what its cache changes (only time)."""

import math

import numpy as np
import pytest
import torch

from dla.models.wavenet import (
    WaveNet,
    WaveNetSettings,
    bits_per_sample,
    cached,
    receptive_field,
    sample,
)
from dla.train import seeded

SMALL = WaveNetSettings(levels=16, channels=6, skip=7, layers=3, stacks=2)
SIZES = [
    SMALL,
    WaveNetSettings(levels=16, channels=6, skip=7, kernel=3, layers=3, conditions=2),
    WaveNetSettings(),
]


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def network(settings: WaveNetSettings) -> WaveNet:
    """With weights that tell their places apart, which the start's do not: biases are not small."""
    model = seeded(lambda: WaveNet(settings), 0)
    for p in model.parameters():
        p.data = p.data + 0.1 * torch.randn(p.shape, generator=rng(p.numel()))
    return model.eval()


def condition_for(settings: WaveNetSettings, steps: int) -> torch.Tensor | None:
    if not settings.conditions:
        return None
    return torch.randn(settings.conditions, steps, generator=rng(3))


@pytest.mark.parametrize("kernel", [2, 3])
def test_a_prediction_depends_on_the_receptive_field_before_it_and_on_nothing_else(kernel):
    settings = WaveNetSettings(
        levels=16, channels=6, skip=7, kernel=kernel, layers=3, stacks=2, conditions=1
    )
    model, steps = network(settings).double(), 60
    codes = torch.randint(16, (1, steps), generator=rng())
    nothing = torch.zeros(1, 1, steps).double()
    before = model(codes, nothing)[0, :, 45]
    changed = []
    for n in range(steps):
        other = codes.clone()
        other[0, n] = (other[0, n] + 5) % 16
        if not torch.equal(model(other, nothing)[0, :, 45], before):
            changed.append(n)
    assert changed == list(range(45 - receptive_field(settings), 45))


def test_ten_layers_of_two_taps_see_1024_samples_and_three_stacks_3070():
    assert receptive_field(WaveNetSettings(layers=10)) == 1024
    assert receptive_field(WaveNetSettings(layers=10, stacks=3)) == 3070
    assert receptive_field(WaveNetSettings(layers=4, kernel=3)) == 31


@pytest.mark.parametrize("settings", SIZES, ids=str)
def test_the_cache_changes_nothing(settings):
    model, steps = network(settings), 150
    condition = condition_for(settings, steps)
    codes = torch.randint(settings.levels, (steps,), generator=rng(1))
    batched = None if condition is None else condition[None]
    whole = model(codes[None], batched)[0].mT.detach().numpy()
    predict = cached(model, time=steps, condition=condition)
    one_by_one = [predict(k) for k in [settings.levels // 2, *codes[:-1].tolist()]]
    assert np.abs(np.stack(one_by_one) - whole).max() < 1e-5
    assert whole.std(0).min() > 0.001  # they do change from sample to sample


def test_samples_are_those_of_the_slow_way():
    model, steps = network(SMALL), 80
    fast = sample(model, time=steps, generator=rng(5))
    draws = torch.rand(steps, generator=rng(5), dtype=torch.float64)
    slow = torch.zeros(0).long()
    for u in draws:
        codes = torch.cat([slow, torch.zeros(1).long()])
        p = model(codes[None])[0, :, -1].double().softmax(0)
        slow = torch.cat([slow, (p.cumsum(0) < u).sum()[None]])
    assert torch.equal(fast, slow)
    assert len(fast.unique()) > 4


def test_samples_are_as_frequent_as_they_are_probable():
    model = network(WaveNetSettings(levels=4, channels=4, skip=4, layers=1))
    first = torch.stack([sample(model, time=1, generator=rng(k))[0] for k in range(2000)])
    p = model(torch.zeros(1, 1).long())[0, :, 0].softmax(0)
    share = torch.bincount(first, minlength=4) / 2000
    assert (share - p).abs().max() < 4 * math.sqrt(0.25 / 2000)


def test_at_temperature_zero_the_most_probable_is_taken():
    model = network(SMALL)
    codes = sample(model, time=40, generator=rng(), temperature=0.0)
    best = model(codes[None])[0].argmax(0)
    assert torch.equal(codes, best)


def test_twice_the_samples_take_twice_the_time_and_4_khz_is_faster_than_real_time(cpu_seconds):
    model = network(WaveNetSettings())

    def seconds(steps: int) -> float:
        return cpu_seconds(lambda: sample(model, time=steps, generator=rng()))

    short, long = seconds(600), seconds(2400)
    assert long / short < 6  # 4 if linear, 16 if quadratic
    assert 2400 / long > 4000


def test_a_uniform_guess_costs_the_logarithm_of_the_levels():
    codes = torch.arange(8)[None]
    torch.testing.assert_close(bits_per_sample(torch.zeros(1, 256, 8), codes), torch.tensor([8.0]))


def test_bits_are_the_mean_of_the_logarithms():
    logits = torch.randn(2, 5, 7, generator=rng())
    codes = torch.randint(5, (2, 7), generator=rng(1))
    for k, row in enumerate(bits_per_sample(logits, codes)):
        p = [logits[k, :, t].softmax(0)[codes[k, t]].item() for t in range(7)]
        assert row.item() == pytest.approx(-sum(math.log2(q) for q in p) / 7, rel=1e-5)


def test_refuses_conditions_that_do_not_fit():
    with pytest.raises(ValueError, match="0 rows, the model expects 2"):
        network(SIZES[1])(torch.zeros(1, 5).long())
    with pytest.raises(ValueError, match="3 rows, the model expects 0"):
        network(SMALL)(torch.zeros(1, 5).long(), torch.zeros(1, 3, 5))
    with pytest.raises(ValueError, match="4 columns for 5 samples"):
        sample(network(SIZES[1]), time=5, generator=rng(), condition=torch.zeros(2, 4))


def test_refuses_a_negative_temperature():
    with pytest.raises(ValueError, match="temperature must not be negative"):
        sample(network(SMALL), time=5, generator=rng(), temperature=-1.0)
