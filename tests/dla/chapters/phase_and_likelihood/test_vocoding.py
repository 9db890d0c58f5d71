"""What both networks of the autoregressive page hear, and what is counted."""

import pytest
import torch

from dla.chapters.phase_and_likelihood import vocoding
from dla.coding import mu_law
from dla.models.wavenet import receptive_field
from dla.train import seeded


@pytest.mark.parametrize("speaker", ["june", "carlo"])
def test_no_sentence_is_learned_and_held_out(speaker):
    learn, test = (
        {s.text for s in vocoding.sentences(speaker, held_out=side)} for side in (False, True)
    )
    assert learn and test and not learn & test


def test_codes_condition_and_sound_are_of_one_length_and_of_one_sound():
    for s in vocoding.sentences("june", held_out=True):
        assert s.codes.shape == s.sound.shape == s.condition.shape[1:]
        assert s.sound.abs().max().item() == pytest.approx(0.9)
        decoded = mu_law.decode(s.codes, levels=vocoding.LEVELS)
        assert torch.corrcoef(torch.stack([decoded, s.sound]))[0, 1] > 0.99


def test_the_condition_is_held_for_a_frame():
    s = vocoding.sentences("june", held_out=True)[0]
    frames = s.condition.unflatten(1, (-1, vocoding.GRID["hop_length"]))
    assert (frames == frames[..., :1]).all()
    assert frames[..., 0].std(1).min() > 0.1


@pytest.mark.parametrize("heard", [True, False])
def test_only_the_network_that_is_told_hears_the_levels(heard):
    model = seeded(lambda: vocoding.Vocoder(heard=heard), 0)
    inputs = vocoding.batches(0)(0)[0][0, :1, :, :300]
    other = inputs.clone()
    other[:, 1:] += 1.0
    assert torch.equal(model(inputs), model(other)) is not heard


@pytest.mark.parametrize(("seed", "same"), [(0, True), (1, False)])
def test_stretches_follow_from_the_seed(seed, same):
    first, again = vocoding.batches(0)(0)[0], vocoding.batches(seed)(0)[0]
    assert torch.equal(first, again) is same


def test_targets_are_the_codes_of_the_inputs():
    inputs, codes = vocoding.batches(0)(0)
    assert torch.equal(inputs[:, :, 0].long(), codes)


def test_what_has_no_whole_field_before_it_is_not_counted():
    field = receptive_field(vocoding.SETTINGS)
    logits = torch.zeros(2, 1, 4, field + 50)
    codes = torch.zeros(2, 1, field + 50).long()
    even = vocoding.bits(logits, codes)
    torch.testing.assert_close(even, torch.tensor([2.0, 2.0]))
    logits[1, :, 0, :field] = 9.0
    torch.testing.assert_close(vocoding.bits(logits, codes), even)
    logits[1, :, 0, field] = 9.0
    assert vocoding.bits(logits, codes)[1] < even[1]
