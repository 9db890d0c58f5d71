"""Laws of the flow: its inverse, its determinant, its density."""

import math

import pytest
import torch

from dla.models.waveglow import (
    AffineCoupling,
    InvertibleConvolution,
    WaveGlow,
    WaveGlowSettings,
    log_likelihood,
)
from dla.train import seeded

SETTINGS = [
    WaveGlowSettings(group=4, steps=3, hidden=6, layers=2),
    WaveGlowSettings(group=3, steps=2, hidden=6, layers=1, conditions=2),
    WaveGlowSettings(group=2, steps=4, hidden=8, kernel=1),
]


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def stirred(make, by: float = 0.2):
    """A module that is not as it starts: its couplings couple, its matrices are no rotations."""
    module = seeded(make, 0)
    for p in module.parameters():
        p.data = p.data + by * torch.randn(p.shape, generator=rng(p.numel()))
    return module


def condition_for(settings: WaveGlowSettings, columns: int, batch: int = 1) -> torch.Tensor | None:
    if not settings.conditions:
        return None
    return torch.randn(batch, settings.conditions, columns, generator=rng(9))


@pytest.mark.parametrize(
    ("settings", "by"), [*((s, 0.06) for s in SETTINGS), (WaveGlowSettings(), 0.02)], ids=str
)
def test_there_and_back_is_the_same_sound(settings, by):
    model = stirred(lambda: WaveGlow(settings), by=by)
    x = torch.randn(2, 40 * settings.group, generator=rng())
    condition = condition_for(settings, 40, batch=2)
    z, log_det = model(x, condition)
    assert log_det.abs().min() > 1.0  # it is no rotation
    assert (model.inverse(z, condition) - x).abs().max() < 1e-5
    again, _ = model(model.inverse(z, condition), condition)
    assert (again - z).abs().max() < 1e-4


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_log_determinant_is_that_of_autograds_jacobian(settings):
    model = stirred(lambda: WaveGlow(settings)).double()
    condition = condition_for(settings, 5)
    condition = None if condition is None else condition.double()
    x = torch.randn(5 * settings.group, generator=rng(), dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(
        lambda x: model(x[None], condition)[0].flatten(), x
    )
    expected = torch.linalg.slogdet(jacobian).logabsdet
    assert abs(expected) > 0.1
    torch.testing.assert_close(model(x[None], condition)[1][0], expected)


def test_the_matrix_counts_once_for_each_column():
    mixer = stirred(lambda: InvertibleConvolution(4)).double()
    x = torch.randn(1, 4, 6, generator=rng(), dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda x: mixer(x)[0].flatten(), x)
    expected = torch.linalg.slogdet(jacobian.reshape(24, 24)).logabsdet
    torch.testing.assert_close(mixer(x)[1][0], expected)
    one = torch.linalg.det(mixer.weight).abs().log()
    torch.testing.assert_close(expected, 6 * one)


def test_a_coupling_is_triangular_and_scales_its_second_half_only():
    coupling = stirred(lambda: AffineCoupling(SETTINGS[2])).double()
    x = torch.randn(1, 2, 3, generator=rng(), dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda x: coupling(x)[0], x)[0, :, :, 0]
    kept, other = jacobian[0].flatten(0, 0), jacobian[1]
    torch.testing.assert_close(kept[:, 0], torch.eye(3).double())
    assert (kept[:, 1] == 0).all()
    log_scale, _ = coupling.decide(x[:, :1], None)
    torch.testing.assert_close(other[:, 1], torch.diag(log_scale.exp()[0, 0]))


def test_starts_as_a_rotation():
    model = seeded(lambda: WaveGlow(WaveGlowSettings()), 3)
    x = torch.randn(2, 80, generator=rng())
    z, log_det = model(x)
    torch.testing.assert_close(z.square().sum((1, 2)), x.square().sum(1))
    torch.testing.assert_close(log_det, torch.zeros(2), atol=1e-5, rtol=0)
    for mixer in model.mixers:
        assert torch.linalg.det(mixer.weight).item() == pytest.approx(1.0, abs=1e-5)


def test_the_density_sums_to_one():
    model = stirred(lambda: WaveGlow(SETTINGS[2]), by=0.07).double()
    axis = torch.linspace(-9, 9, 181, dtype=torch.float64)
    pairs = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        density = log_likelihood(*model(pairs)).exp()
    assert density.sum().item() * (axis[1] - axis[0]).item() ** 2 == pytest.approx(1.0, abs=0.01)


def test_a_scale_never_passes_its_limit():
    coupling = stirred(lambda: AffineCoupling(SETTINGS[0]))
    log_scale, _ = coupling.decide(1e4 * torch.randn(1, 2, 50, generator=rng()), None)
    assert log_scale.abs().max() <= 3.0
    assert log_scale.abs().max() > 2.9


def test_the_likelihood_of_zeros_is_that_of_the_normal_density():
    found = log_likelihood(torch.zeros(2, 4, 5), torch.tensor([0.0, 1.5]))
    expected = -10 * math.log(2 * math.pi)
    torch.testing.assert_close(found, torch.tensor([expected, expected + 1.5]))


def test_refuses_a_length_that_does_not_fill_its_columns():
    with pytest.raises(ValueError, match="no multiple of the group of 8"):
        WaveGlow()(torch.zeros(1, 20))


def test_refuses_conditions_that_do_not_fit():
    model = WaveGlow(SETTINGS[1])
    with pytest.raises(ValueError, match="has 0 rows and 4 columns; expected 2 and 4"):
        model(torch.zeros(1, 12))
    with pytest.raises(ValueError, match="has 2 rows and 3 columns; expected 2 and 4"):
        model.inverse(torch.zeros(1, 3, 4), torch.zeros(1, 2, 3))
