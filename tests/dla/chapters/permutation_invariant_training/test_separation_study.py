"""The study trains what the chapter's page trains, and measures what it never heard."""

import re

import pytest
import torch
from places import ROOT

from dla.chapters.permutation_invariant_training import mixtures, separation_study
from dla.datasets import prompts
from dla.protocol import study

TRANSCRIPT = ROOT / "tests/transcripts/decomposition/permutation-invariant-training/real-voices.txt"


def test_its_short_training_of_the_first_seed_is_the_page_s_live_network():
    live = float(re.search(r"glue pit-gain: (\S+)", TRANSCRIPT.read_text())[1])
    result = study.load(separation_study.STUDY)
    assert result.values(separation_study.PAGE, 1200)[0] == pytest.approx(live, abs=0.3)


def test_what_is_held_out_is_in_no_training():
    tables = [prompts.table(speakers=[name]) for name in separation_study.SPEAKERS]
    for held_out, learn, table in zip(
        separation_study.voices(held_out=True),
        separation_study.voices(held_out=False),
        tables,
        strict=True,
    ):
        whole = mixtures.voice(table)
        assert abs(len(held_out) + len(learn) - len(whole)) <= 1 and len(held_out) < len(learn)
        # a held-out second is nowhere in what is learned from
        second = held_out[8000:16000]
        cuts = learn.unfold(0, len(second), 1)
        assert (cuts[:, :8] - second[:8]).abs().sum(1).min() > 0


@pytest.mark.parametrize(("seed", "same"), [(0, True), (1, False)])
def test_mini_batches_follow_from_the_seed(seed, same):
    first = separation_study.batches(0)(0)[0]
    assert torch.equal(separation_study.batches(seed)(0)[0], first) is same
    assert first.shape[:2] == (1, 4)


def test_the_page_s_mixtures_and_the_fresh_ones_differ():
    page, fresh = map(separation_study.held_out_mixtures, separation_study.DRAWS.values())
    assert page.shape == fresh.shape == (100, 2, 24000)
    assert not torch.equal(page, fresh)
