"""Training a beat network: its loss is that of both rows, its seed decides, silence is quiet."""

import pytest
import torch

from dla.chapters.beat_tracking.batches import Item
from dla.chapters.beat_tracking.features import BANDS
from dla.chapters.beat_tracking.training import WEIGHTS, activation, fit, tolerant_loss
from dla.losses.shift_tolerant import shift_tolerant_bce
from dla.models.beat_tcn import BeatTCNSettings

SMALL = BeatTCNSettings(channels=4, layers=3)


def ticking() -> list[Item]:
    """A sound of one frame on each beat, four to a bar."""
    beats = 0.2 + torch.arange(24).double() * 0.4
    level = torch.zeros(BANDS, 500)
    level[:, (beats * 50).round().long()] = 2.0
    return [Item(level, beats, torch.arange(24) % 4 == 0, (1.0, 1.0))]


def learn(seed: int = 0, steps: int = 30):
    return fit(ticking(), steps=steps, size=2, frames=128, settings=SMALL, seed=seed)


def test_the_loss_is_the_sum_of_beats_and_downbeats_each_with_its_weight():
    g = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 2, 40, generator=g)
    targets = (torch.rand(2, 3, 2, 40, generator=g) < 0.1).float()
    by_hand = [
        sum(
            shift_tolerant_bce(logits[m, b, k], targets[m, b, k], weight=WEIGHTS[k])
            for b in range(3)
            for k in range(2)
        )
        / 3
        for m in range(2)
    ]
    torch.testing.assert_close(tolerant_loss(logits, targets), torch.stack(by_hand))


def test_the_loss_falls():
    _, history = learn(steps=60)
    assert history[-10:].mean() < 0.8 * history[:10].mean()


def test_the_seed_decides():
    one, again, other = (learn(seed)[1] for seed in (0, 0, 1))
    assert torch.equal(one, again) and not torch.allclose(one, other)


def test_an_activation_has_two_rows_of_probabilities_fifty_a_second():
    network, _ = learn(steps=1)
    found = activation(network, torch.randn(22050, generator=torch.Generator().manual_seed(0)))
    assert found.shape == (2, 51) and found.min() > 0 and found.max() < 1


def test_silence_is_refused():
    with pytest.raises(ValueError, match="silent"):
        activation(learn(steps=1)[0], torch.zeros(22050))
