"""What a room without walls must do."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from dla.acoustics.reverb import energy_decay, response, reverberate

RATE = 16000


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("t60", [0.2, 0.5, 1.0])
def test_the_decay_loses_60_db_in_t60(t60):
    tail = response(rng(), t60=t60, sample_rate=RATE, seconds=1.5 * t60)[1:]
    times = np.arange(1, len(tail) + 1) / RATE
    level = energy_decay(tail.double()).numpy()
    part = (level < -5) & (level > -35)  # the range of the standard T30
    slope = np.polyfit(times[part], level[part], 1)[0]
    assert slope == pytest.approx(-60 / t60, rel=0.05)


def test_the_tail_has_exactly_the_energy_asked_for():
    for energy in (0.0, 0.1, 2.0):
        h = response(rng(), t60=0.3, sample_rate=RATE, tail_energy=energy)
        assert h[0] == 1
        assert_close(h[1:].square().sum(), torch.tensor(energy))


def test_the_same_seed_is_the_same_room():
    assert torch.equal(*(response(rng(3), t60=0.3, sample_rate=RATE) for _ in range(2)))
    other = response(rng(4), t60=0.3, sample_rate=RATE)
    assert not torch.equal(response(rng(3), t60=0.3, sample_rate=RATE), other)


def test_is_the_convolution():
    x = torch.randn(2, 300, generator=rng(), dtype=torch.float64)
    h = torch.randn(70, generator=rng(1), dtype=torch.float64)
    wanted = [np.convolve(row, h)[:300] for row in x.numpy()]
    np.testing.assert_allclose(reverberate(x, h).numpy(), wanted, atol=1e-12)


def test_energy_still_to_come_as_a_loop():
    h = torch.randn(50, generator=rng(2), dtype=torch.float64)
    energy = h.numpy() ** 2
    wanted = [10 * np.log10(energy[n:].sum() / energy.sum()) for n in range(50)]
    np.testing.assert_allclose(energy_decay(h).numpy(), wanted, atol=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"t60": 0.0}, "t60 is a time in seconds above 0, got 0.0"),
        ({"t60": 0.3, "tail_energy": -10.0}, "tail_energy is a ratio of energies, got -10.0"),
        ({"t60": 1e-5}, "a response of 0 samples has no room for a tail"),
    ],
)
def test_refuses_what_is_no_room(options, message):
    with pytest.raises(ValueError, match=message):
        response(rng(), sample_rate=RATE, **options)
