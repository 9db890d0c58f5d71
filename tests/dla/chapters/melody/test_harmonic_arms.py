"""The tones and the four arms: what is shared commutes with a shift."""

import pytest
import torch
from torch.testing import assert_close

from dla.chapters.melody import harmonic_arms as h
from dla.train import seeded


def rng():
    return torch.Generator().manual_seed(0)


def test_partials_lie_where_the_formula_says():
    one = torch.zeros(1, h.PARTIALS)
    one[0, 1] = 1.0
    x = h.spectra(torch.tensor([30.0]), one, rng())
    assert int(x.argmax()) == 30 + h.PER_OCTAVE
    stretched = h.spectra(torch.tensor([30.0]), one, rng(), stretch=0.2)
    assert int(stretched.argmax()) > 30 + h.PER_OCTAVE + 5


def test_stack_brings_the_partials_onto_the_pitch():
    x = torch.zeros(1, h.BINS)
    x[0, [40, 64, 78]] = 1.0  # partials 1, 2, 3
    stack = h.stacked(x)[0]
    assert stack[h.STACK.index(1.0), 40] == stack[h.STACK.index(2.0), 40] == 1
    assert stack[h.STACK.index(3.0), 40] == 1
    assert stack[h.STACK.index(0.5), 64] == 1  # an octave down


@pytest.mark.parametrize("name", ["wide", "plain", "harmonic"])
def test_shared_arms_commute_with_a_shift_inside(name):
    network = seeded(lambda: h.arm(name), 0)
    x = torch.zeros(2, h.BINS)
    x[0, 60:70] = torch.rand(10, generator=rng())
    x[1, 65:75] = x[0, 60:70]
    a, b = network(x)
    assert_close(b[45:90], a[40:85], rtol=1e-4, atol=1e-5)


def test_the_plain_arm_sees_less_than_an_octave():
    network = seeded(lambda: h.arm("plain"), 0)
    x = torch.rand(1, h.BINS, requires_grad=True)
    network(x)[0, 50].backward()
    seen = x.grad[0].nonzero()[:, 0]
    assert int(seen.max() - seen.min()) + 1 == 15 < h.PER_OCTAVE


def test_sets_have_one_thing_new():
    missing = h.tone_set("missing", count=50)
    at = missing.pitch.round().long()
    seen = h.tone_set("seen", count=50)
    first = missing.spectra.gather(1, at[:, None]).mean()
    assert first < 0.5 * seen.spectra.gather(1, seen.pitch.round().long()[:, None]).mean()
    outside = h.tone_set("octaves", count=50).pitch
    assert ((outside < h.SEEN[0]) | (outside > h.SEEN[1])).all()
    with pytest.raises(ValueError, match="test set"):
        h.tone_set("octave")


def test_accuracies_count_a_bin_as_right_and_forgive_octaves():
    class Constant(torch.nn.Module):
        def forward(self, x):
            return torch.eye(h.PITCHES)[[30] * len(x)]

    tones = h.Tones(torch.zeros(4, h.BINS), torch.tensor([30.9, 31.2, 54.5, 40.0]))
    assert h.tone_accuracies(Constant(), tones) == (0.25, 0.5)


def test_refuses_an_arm_that_there_is_not():
    with pytest.raises(ValueError, match="no arm .harmonics."):
        h.arm("harmonics")
