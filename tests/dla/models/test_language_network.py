"""Laws of the language network and of the mean that is taken out."""

import torch

from dla.models.language_network import LanguageNetwork, LanguageNetworkSettings, without_mean
from dla.train import seeded

SMALL = LanguageNetworkSettings(bands=6, channels=5, classes=3)


def network():
    return seeded(lambda: LanguageNetwork(SMALL), 0).double()


def sound(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_names_each_stretch_by_itself():
    x = sound(4, 6, 60)
    together = network()(x)
    assert together.shape == (4, 3)
    for k in range(4):
        torch.testing.assert_close(network()(x[k : k + 1])[0], together[k])


def test_decides_linearly_on_what_it_embeds():
    x, model = sound(4, 6, 60), network()
    embedded = model.embed(x)
    assert embedded.shape == (4, 10)
    assert (embedded[:, 5:] > 0).all()  # deviations
    torch.testing.assert_close(model.decide(embedded), model(x))


def test_the_second_half_of_the_embedding_is_the_deviation_over_time():
    x, model = sound(2, 6, 60), network()
    hidden = torch.relu(model.second(torch.relu(model.first(x))))
    expected = (hidden.var(-1, correction=0) + 1e-4).sqrt()
    torch.testing.assert_close(model.embed(x)[:, 5:], expected)
    torch.testing.assert_close(model.embed(x)[:, :5], hidden.mean(-1))


def test_its_gradient_is_finite_where_nothing_changes():
    x = torch.zeros(1, 6, 60, dtype=torch.float64, requires_grad=True)
    network()(x).sum().backward()
    assert x.grad.isfinite().all()


def test_without_the_mean_a_constant_per_band_is_invisible():
    x, colour = sound(3, 6, 60), sound(6, 1)
    torch.testing.assert_close(without_mean(x + colour), without_mean(x))
    torch.testing.assert_close(without_mean(x).mean(-1), torch.zeros(3, 6, dtype=torch.float64))
    torch.testing.assert_close(without_mean(without_mean(x)), without_mean(x))
