"""What a pitch period is, before a generator is asked for one."""

import pytest
import torch
from torch.testing import assert_close

from dla.chapters.adversarial_diffusion_differentiable import pitch_periods
from dla.datasets import prompts


def test_a_period_of_a_held_out_prompt_is_not_among_those_that_are_learned():
    table = prompts.table(speakers=["june"], kinds=["prompt"])
    learn, test = prompts.split(table, seed=pitch_periods.DIVISION)
    assert not {p.text for p in learn} & {p.text for p in test}
    rows = [pitch_periods.periods("june", held_out=side) for side in (False, True)]
    assert torch.cdist(rows[1], rows[0]).min() > 1e-3


@pytest.mark.parametrize("speaker", ["june", "carlo"])
def test_periods_have_mean_zero_mean_square_one_and_a_cosine_as_fundamental(speaker):
    rows = pitch_periods.periods(speaker, held_out=True)
    assert len(rows) > 500
    assert rows.mean(1).abs().max() < 1e-5
    assert_close(rows.square().mean(1), torch.ones(len(rows)))
    first = torch.fft.rfft(rows)[:, 1]
    assert (first.imag.abs() < 1e-4 * first.real).all()


def test_alignment_forgets_where_a_period_began_and_how_loud_it_was():
    rows = pitch_periods.periods("carlo", held_out=True)[:20]
    assert_close(pitch_periods.aligned(3 * rows.roll(11, dims=-1)), rows, atol=1e-4, rtol=0)


def test_a_period_once_aligned_stays():
    rows = pitch_periods.periods("june", held_out=True)[:20]
    assert_close(pitch_periods.aligned(rows), rows, atol=1e-5, rtol=0)


def test_the_one_who_cuts_finds_the_period_of_a_tone():
    time = torch.arange(8000) / pitch_periods.RATE
    tone = torch.cos(2 * torch.pi * 201.3 * time) + 0.5 * torch.cos(2 * torch.pi * 402.6 * time)
    rows = pitch_periods._cut(tone, "june")
    n = 2 * torch.pi * torch.arange(64) / 64
    share = rows[2:-2] @ torch.cos(n) / 64 * 2
    assert len(rows) > 20
    assert_close(share, torch.full_like(share, (2 / 1.25) ** 0.5), atol=0.03, rtol=0)


def test_a_buzz_says_each_period_at_250_a_second():
    rows = pitch_periods.periods("june", held_out=True)[:1]
    sound = pitch_periods.buzz(rows, seconds=1.0)
    assert_close(sound, 0.1 * rows[0].repeat(250))
