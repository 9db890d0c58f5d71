"""What the corpus holds out is held out, and its pitch is the score's."""

import numpy as np
import pytest
import torch

from dla.chapters.melody import corpus as c
from dla.spectral.yin import yin

TEST = c.corpus("test")


def test_no_instrument_and_no_work_is_on_two_sides():
    for field in (c.INSTRUMENTS, {s: [w for _, w in c.works()[s]] for s in c.SIDES}):
        sides = [set(field[side]) for side in c.SIDES]
        assert len(set.union(*sides)) == sum(map(len, sides))


def test_relatives_are_of_the_test_and_what_they_resemble_of_training():
    assert set(c.RELATIVES) <= set(c.INSTRUMENTS["test"])
    assert set(c.RELATIVES.values()) <= set(c.INSTRUMENTS["train"])


def test_there_are_forty_test_pieces_of_one_length_on_its_instruments_and_works():
    assert len(TEST) >= 40
    assert {len(p.waveform) for p in TEST} == {round(c.SECONDS * c.SAMPLE_RATE)}
    assert {p.instrument for p in TEST} <= set(c.INSTRUMENTS["test"])
    assert {p.work for p in TEST} <= {w for _, w in c.works()["test"]}


def test_tempi_of_chorales_are_outside_of_those_of_training():
    _, (slow, fast), _ = c.TEMPI["chorales"]
    tempi = [p.tempo for p in TEST if p.collection == "chorales"]
    assert all(not slow <= tempo <= fast for tempo in tempi)
    assert min(tempi) < slow and max(tempi) > fast


def test_one_value_a_frame_and_the_pitch_is_the_one_heard():
    chosen = [p for p in TEST if p.collection == "chorales"][:4]
    for p in chosen:
        assert len(p.f0) == len(p.times) == 1 + len(p.waveform) // c.HOP
        heard = yin(p.waveform, sample_rate=c.SAMPLE_RATE, hop_length=c.HOP).frequency
        sung = p.f0 > 0
        cents = 1200 * torch.log2(heard[sung] / p.f0[sung])
        assert cents.abs().median() < 12
        assert not p.f0[0] and not p.f0[-10:].any()


def test_balances_put_the_loudest_voice_where_they_say():
    g = torch.Generator().manual_seed(0)
    draws = {b: torch.stack([c.draw_levels(b, g) for _ in range(200)]) for b in c.BALANCES}
    assert (draws["soprano"].argmax(1) == 0).all()
    assert set(draws["inner"].argmax(1).tolist()) == {1, 2}
    assert set(draws["random"].argmax(1).tolist()) == {0, 1, 2, 3}
    for b in ("soprano", "inner"):
        assert (draws[b].sort(1).values[:, 2] <= -6).all()


def test_a_mixture_is_its_voices_at_their_levels():
    mixture = c.mixtures("validation")[0]
    assert mixture.f0s.shape[0] == 4 and (mixture.f0 == mixture.f0s[0]).all()
    alone = mixture.balanced(torch.tensor([0.0, -120, -120, -120]))
    torch.testing.assert_close(alone, mixture.stems[0], atol=1e-4, rtol=1e-3)


def test_a_balance_changes_the_sound_and_not_the_melody():
    loud, inner = (c.melodies("validation", b, copies=1) for b in ("soprano", "inner"))
    for one, other in zip(loud, inner, strict=True):
        assert (one.f0 == other.f0).all() and one.instrument == other.instrument
        assert not torch.allclose(one.waveform, other.waveform, atol=1e-3)


def test_refuses_a_side_and_a_balance_that_are_not_there():
    with pytest.raises(ValueError, match="side"):
        c.corpus("testing")
    with pytest.raises(ValueError, match="balance"):
        c.draw_levels("bass", torch.Generator())


def test_frame_times_are_hops_apart():
    assert np.allclose(np.diff(c.frame_times(5)), c.HOP / c.SAMPLE_RATE)
