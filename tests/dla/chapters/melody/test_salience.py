"""From sound to features and targets, and from salience to contours."""

import pytest
import torch

from dla.chapters.melody import corpus, salience
from dla.chapters.melody.salience import Item
from dla.losses.blurred_targets import blurred_targets
from dla.train import Recipe, seeded, train

PIECES = corpus.corpus("validation")[:2]


def test_features_do_not_depend_on_the_level_and_span_sixty_decibels():
    x = PIECES[0].waveform
    features = salience.heard(x)
    torch.testing.assert_close(salience.heard(0.1 * x), features, atol=2e-3, rtol=0)
    assert features.min() == 0 and features.max() == 1
    twenty = salience.compressed(torch.tensor([[[1.0, 0.1]]]))
    assert twenty[0, 0, 1].item() == pytest.approx(1 - 20 / 60)
    assert not salience.compressed(torch.zeros(1, 2, 2)).any()


def test_positions_and_frequencies_are_inverse():
    f = torch.tensor([65.406, 440.0, 1000.0])
    torch.testing.assert_close(salience.to_frequency(salience.to_position(f)), f)


def test_a_moved_item_is_the_same_music_higher():
    item = salience.items(PIECES)[0]
    for bins in (-5, 4):
        higher = salience.moved(item, bins)
        inside = slice(10, 80)
        torch.testing.assert_close(
            higher.features[:, 10 + bins : 80 + bins], item.features[:, inside]
        )
        edge = higher.features[:, :bins] if bins > 0 else higher.features[:, bins:]
        assert not edge.any()
        torch.testing.assert_close(higher.position, item.position + bins, equal_nan=True)


def test_targets_of_a_batch_lie_where_its_features_are_strong():
    pool = [Item(torch.zeros(1, salience.BINS, 60), torch.full((60,), 30.0 + k)) for k in (0, 9)]
    for item, k in zip(pool, (30, 39), strict=True):
        item.features[0, k] = 1
    draw = salience.batches(pool, torch.Generator().manual_seed(0))
    features, targets = draw(0)
    assert features.shape[1:] == (salience.SIZE, 1, salience.BINS, salience.CUT)
    assert (features[0, :, 0].argmax(1) == targets[0].argmax(1)).all()
    again, _ = salience.batches(pool, torch.Generator().manual_seed(0))(0)
    assert (again == features).all()


def test_the_contour_of_blurred_targets_is_the_pitch_and_rests_are_unvoiced():
    position = salience.to_position(PIECES[0].f0)
    found = salience.contour(blurred_targets(position, salience.BINS))
    sung = PIECES[0].f0 > 0
    assert (found.voiced == sung).all()
    cents = 1200 * torch.log2(found.frequency[sung] / PIECES[0].f0[sung])
    assert cents.abs().max() < 5
    scores = salience.piece_scores(PIECES[:1], [found])
    assert scores[0].overall == 1


def test_the_mass_of_a_salience_is_the_probability_of_a_voice_wherever_it_is():
    doubt = 0.5 * blurred_targets(torch.tensor([30.0]), salience.BINS)
    doubt = doubt + 0.25 * blurred_targets(torch.tensor([55.5]), salience.BINS)
    assert salience.voicing(doubt).item() == pytest.approx(0.75, abs=1e-3)
    assert salience.voicing(torch.ones(salience.BINS, 1)).item() == 1


def test_a_path_does_not_follow_one_frame_that_leaps():
    s = blurred_targets(torch.full((30,), 40.0), salience.BINS)
    s[:, 15] = blurred_targets(torch.tensor([64.0]), salience.BINS)[:, 0]
    s[40, 15] = 0.9
    alone = salience.contour(s).frequency
    path = salience.tracked((s + 1e-3).log(), s, unvoiced=-5.0)
    assert alone[15] / alone[14] > 1.9 and path.voiced.all()
    assert abs(path.frequency[15] / path.frequency[14] - 1) < 0.01


def test_summation_gives_magnitudes_back_and_prefers_the_fundamental():
    f = torch.zeros(6, salience.BINS, 1)
    f[1, 24], f[2, 24], f[1, 48], f[0, 48] = 1.0, 1.0, 1.0, 1.0
    total = salience.summed(f, power=1.0)
    assert total[:, 0].argmax() == 24 and total.max() == 1
    assert total[48, 0].item() == pytest.approx(1 / 1.8)
    with pytest.raises(ValueError, match="positive"):
        salience.summed(f, power=0.0)


def test_a_few_steps_of_training_lower_the_loss():
    pool = salience.items(PIECES)
    start = seeded(
        lambda: salience.SalienceNetwork(
            salience.SalienceNetworkSettings(channels=4, dilations=(1, 3), spans=(1, 1))
        ),
        0,
    )
    draw = salience.batches(pool, torch.Generator().manual_seed(0))
    (network,), history = train([start], draw, salience.loss, Recipe(steps=20, learning_rate=1e-2))
    assert history[-3:].mean() < 0.75 * history[:2].mean()
    assert salience.salience(network, pool[0].features).shape == pool[0].features.shape[1:]
