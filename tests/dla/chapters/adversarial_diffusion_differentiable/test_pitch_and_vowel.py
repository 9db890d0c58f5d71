"""Design and scores of the experiment, on tones whose answers are known."""

import math
from dataclasses import replace

import pytest
import torch

from dla.chapters.adversarial_diffusion_differentiable import pitch_and_vowel as trial
from dla.chapters.adversarial_diffusion_differentiable.decoders import ARMS, RATE
from dla.chapters.adversarial_diffusion_differentiable.recorded_tones import Envelope


def straight(slope):
    return Envelope(torch.tensor([0.0, 4000.0]), torch.tensor([0.0, slope]))


ENVELOPES = [straight(-10.0 * k) for k in range(5)]


def sing(number, f0):
    return trial.sung(ENVELOPES, number, f0)


def drawn(kind, each=4, seeds=(0, 1)):
    return trial.draw([sing] * len(seeds), seeds, rho=1.0, kind=kind, each=each)


def test_tied_vowels_keep_to_their_bands_and_over_five_seeds_each_is_in_each():
    places = set()
    for seed in range(5):
        tones = drawn("train", seeds=(seed,))
        band = ((tones.f0[0] - 200) / 20).long()
        assert torch.equal(band, (tones.number[0] + seed) % 5)
        places |= set(zip(tones.number[0].tolist(), band.tolist(), strict=True))
    assert len(places) == 25


def test_flipped_vowels_are_in_the_band_of_another_and_new_ones_at_400():
    tones = drawn("flipped", seeds=(3,))
    band = ((tones.f0[0] - 200) / 20).long()
    assert (band != (tones.number[0] + 3) % 5).all() and band.min() >= 0 and band.max() <= 4
    assert (drawn("new").f0 == 400).all()


def test_train_and_test_have_no_pitch_in_common():
    learn, test = (drawn(kind, each=20).f0 for kind in ("train", "in distribution"))
    assert not torch.isin(learn, test).any()


def test_a_sung_tone_has_the_envelope_at_its_harmonics():
    tones = sing(torch.tensor([2]), torch.tensor([250.0]))
    k = torch.tensor([8, 16, 64])  # 250, 500, 2000 Hz
    torch.testing.assert_close(
        20 * tones.spectrum[0, k].log10(), -20.0 * k * 31.25 / 4000, atol=0.02, rtol=0
    )


def test_a_struck_sound_keeps_its_ratios_at_every_pitch():
    bell = Envelope(torch.tensor([1.0, 2.5]), torch.tensor([0.0, 0.0]))
    for f0 in (250.0, 500.0):
        spectrum = trial.rung([bell], torch.tensor([0]), torch.tensor([f0])).spectrum[0]
        peaks = torch.tensor([f0, 2.5 * f0]) / 31.25
        torch.testing.assert_close(spectrum[peaks.long()], torch.ones(2), atol=0.01, rtol=0)


def test_the_truth_has_no_error_and_three_decibels_are_three_at_harmonics():
    tones = drawn("in distribution")
    assert trial.envelope_error(tones.spectrum, tones).max() == 0
    louder = 10 ** (3 / 20) * tones.spectrum
    torch.testing.assert_close(
        trial.envelope_error(louder, tones), torch.full((2, 5), 3.0), atol=0.05, rtol=0
    )


def test_harmonics_above_half_the_rate_are_not_counted():
    tones = drawn("new", each=1)
    assert (~trial.off(tones.spectrum, tones).isnan()).sum(-1).eq(9).all()  # 400 to 3600 Hz


def test_the_truth_of_another_vowel_is_rendered_as_that_vowel():
    tones = drawn("flipped")
    other = (tones.number + 2) % 5
    made = trial.stack([sing(y, f) for y, f in zip(other, tones.f0, strict=True)])
    assert torch.equal(trial.rendered(made.spectrum, [sing, sing], tones), other)


@pytest.mark.parametrize("f0", [205.0, 250.0, 400.0])
def test_the_pitch_of_a_frame_is_heard_within_one_per_cent(f0):
    tones = sing(torch.tensor([1]), torch.tensor([f0]))
    assert trial.pitch_error(tones.spectrum, tones) < 0.01
    lower = replace(tones, f0=tones.f0 * 1.25)
    assert trial.pitch_error(tones.spectrum, lower).item() == pytest.approx(0.2, abs=0.01)


def test_covered_frequencies_are_multiples_of_a_pitch_in_the_band():
    g = torch.Generator().manual_seed(0)
    f0 = 240 + 20 * torch.rand(2000, generator=g)
    f = (f0[:, None] * torch.arange(1, 16)).flatten()
    assert trial.covered(f, 240.0, 260.0).all()
    assert not trial.covered(torch.tensor([239.0, 370.0, 521.0]), 240.0, 260.0).any()


def test_relative_error_is_one_for_silence_and_a_hundredth_for_a_tenth_more():
    x = torch.rand(3, 129, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(trial.relative_error(0 * x, x), torch.ones(3))
    torch.testing.assert_close(trial.relative_error(1.1 * x, x), torch.full((3,), 0.01))


def test_nothing_is_below_the_least_possible_which_harmonic_tones_reach():
    tones = drawn("in distribution")
    floor = trial.least_possible(tones)
    assert floor.max() < -60
    bell = Envelope(torch.tensor([1.0, 2.5]), torch.tensor([0.0, 0.0]))

    def ring(number, f0):
        return trial.rung([bell] * 5, number, f0)

    tones = trial.draw([ring], [0], rho=0.0, kind="cut", each=2)
    floor = trial.least_possible(tones)
    torch.testing.assert_close(
        floor, torch.full((1, 5), 10 * math.log10(0.5)), atol=0.3, rtol=0
    )  # one of two partials is caught
    f = trial.multiples(tones.f0)
    first = (f == tones.f0[..., None]).float()
    caught = (first[..., None, :] @ tones.shapes)[..., 0, :]
    assert (trial.relative_level(caught, tones) >= floor - 1e-3).all()


def test_a_few_steps_of_learning_lower_the_error_of_every_model():
    tones = drawn("train", each=20)
    recipe = replace(trial.RECIPE, steps=30)
    models, curve = trial.learn(ARMS["source-filter"], tones, (0, 1), recipe=recipe)
    assert curve.shape == (30, 2) and (curve[-5:].mean(0) < curve[:5].mean(0) / 3).all()
    made = trial.made(ARMS["source-filter"], models, tones)
    assert made.shape == tones.spectrum.shape


def test_tables_by_model_become_tables_by_training_and_item():
    error = torch.arange(50.0).view(10, 5)  # two voices of five seeds
    table = trial.crossed(error)
    assert table.shape == (5, 10)
    assert table[1].tolist() == [*error[1].tolist(), *error[6].tolist()]


def test_what_is_equal_has_no_interval_above_zero():
    g = torch.Generator().manual_seed(0)
    a, b = (torch.rand(5, 10, generator=g) for _ in range(2))
    alone, more = trial.compare({"first": a, "same": b, "worse": a + 3})
    assert 0.3 < alone.low < alone.high < 0.7
    assert 0 in more["same"] and more["worse"].low > 2


def test_harmonics_are_whole_multiples():
    f = trial.multiples(torch.tensor([200.0]))[0]
    assert f[0] == 200 and f[-1] == 20 * 200 and f[-1] == RATE / 2


def test_one_maker_and_one_seed_for_each_training_of_each_voice():
    makers, seeds = trial.side_by_side(("carlo", "june"))
    assert seeds == [0, 1, 2, 3, 4] * 2
    a, b = (makers[k](torch.tensor([0]), torch.tensor([250.0])) for k in (0, 5))
    assert not torch.allclose(a.spectrum, b.spectrum)


def test_stacks_beside_each_other_keep_their_models():
    a, b = drawn("train", seeds=(0, 1)), drawn("train", seeds=(2,))
    both = trial.beside(a, b)
    assert torch.equal(both[:2].spectrum, a.spectrum) and torch.equal(both[2:].f0, b.f0)


def test_struck_sounds_ring_in_all_bands_or_at_400():
    assert (trial.rings("new", each=1, seeds=[0]).f0 == 400).all()
    tones = trial.rings("cut", each=20, seeds=[0, 1])
    assert tones.f0.shape == (2, 100) and tones.f0.min() < 220 and tones.f0.max() > 280


def test_who_watches_sees_the_models_before_they_have_learned_and_later():
    tones, seen = drawn("train", each=4), {}

    def look(step, predict):
        made = trial.frame(ARMS["wavetable"], predict(tones.asked()), tones.f0, tones.shapes)
        seen[step] = trial.level_error(made, tones.spectrum).mean()

    recipe = replace(trial.RECIPE, steps=21)
    trial.learn(ARMS["wavetable"], tones, (0, 1), recipe=recipe, watch=look)
    assert len(seen) == 21 and seen[20] < seen[0] / 2
