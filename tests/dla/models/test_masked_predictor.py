"""Laws of the masked predictor: what is hidden cannot be seen."""

import torch
from torch.testing import assert_close

from dla.models.masked_predictor import MaskedPredictor, MaskedPredictorSettings
from dla.train import seeded

SMALL = MaskedPredictorSettings(features=6, answers=5)


def frames(seed: int = 0) -> torch.Tensor:
    x = torch.randn(2, 9, 6, generator=torch.Generator().manual_seed(seed))
    flags = torch.zeros(2, 9, 1)
    flags[:, 3:5] = 1
    return torch.cat([x, flags], -1)


def test_answers_do_not_depend_on_hidden_frames_and_do_on_others():
    network, x = seeded(lambda: MaskedPredictor(SMALL), 0), frames()
    hidden, seen = x.clone(), x.clone()
    hidden[:, 3:5, :-1] += 1
    seen[:, 7, :-1] += 1
    assert_close(network(hidden), network(x))
    assert (network(seen) - network(x))[:, 3].abs().max() > 1e-4
    assert network(x).shape == (2, 9, 5)


def test_contrast_gives_the_guess_and_the_projection_of_the_frame_itself():
    network, x = seeded(lambda: MaskedPredictor(SMALL, contrast=True), 0), frames()
    guess, truth = network(x).chunk(2, -1)
    assert_close(truth, network.truth(x[..., :-1]))
    assert_close(guess, network.answer(network.embed(x)))


def test_places_are_marked():
    network, x = seeded(lambda: MaskedPredictor(SMALL), 0), frames()
    turned = network.embed(x.flip(1)).flip(1)
    assert (turned - network.embed(x)).abs().max() > 0.01


def test_depth_counts_blocks():
    network, x = seeded(lambda: MaskedPredictor(SMALL), 0), frames()
    assert_close(network.embed(x), network.embed(x, 1))
    assert (network.embed(x, 0) - network.embed(x, 1)).abs().max() > 0.01
