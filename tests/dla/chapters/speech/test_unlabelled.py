"""What is learned from, what is hidden, and who is asked: no stranger in training."""

import math

import pytest
import torch
from torch.testing import assert_close

from dla.chapters.speech import unlabelled
from dla.chapters.speech.unlabelled import (
    CLUSTERS,
    FRAMES,
    SPAN,
    contrast_loss,
    excerpts,
    hide,
    name_loss,
    pooled,
)
from dla.models.quantiser import nearest
from dla.protocol.probe import linear_probe


def test_no_stranger_is_among_the_teachers_or_the_fitted():
    strangers = set(unlabelled.STRANGERS)
    assert not strangers & set(unlabelled.TEACHERS)
    assert not strangers & set(unlabelled.FITTED)


def test_frames_are_pairs_of_neighbours():
    x = 0.1 * torch.randn(8000, generator=torch.Generator().manual_seed(0))
    frames = unlabelled.frames(x)
    assert frames.shape == (50, 80)
    later = unlabelled.frames(x[80:])  # ten milliseconds
    assert_close(later[3:20, :40], frames[3:20, 40:], atol=1e-4, rtol=1e-3)


def test_hides_spans_and_something_in_each_excerpt(monkeypatch):
    flags = hide(200, torch.Generator().manual_seed(0))
    assert flags.shape == (200, FRAMES) and set(flags.unique().tolist()) == {0.0, 1.0}
    assert (flags.sum(1) > 0).all() and 0.2 < flags.mean() < 0.6
    monkeypatch.setattr(unlabelled, "SHARE", 0.0)
    alone = hide(5, torch.Generator().manual_seed(0))
    assert_close(alone.sum(1), torch.full((5,), float(SPAN)))


def test_targets_are_the_clusters_of_the_frames():
    inputs, targets = excerpts(0, contrast=False)(0)
    assert inputs.shape == (1, 8, FRAMES, 81) and targets.shape == (1, 8, FRAMES, 2)
    assert_close(targets[..., 0], inputs[..., -1])
    codes = nearest(inputs[..., :-1], unlabelled.clusters())
    assert_close(targets[..., 1], codes.float())
    other, flags = excerpts(0, contrast=True)(0)
    assert_close(other, inputs)
    assert_close(flags, inputs[..., -1])


def test_naming_without_knowledge_costs_the_logarithm_of_the_clusters():
    _, targets = excerpts(0, contrast=False)(0)
    outputs = torch.zeros(1, 8, FRAMES, CLUSTERS)
    assert_close(name_loss(outputs, targets), torch.tensor([math.log(CLUSTERS)]))
    outputs[targets[..., 0] == 0] = 100.0 * torch.randn(CLUSTERS)  # not asked
    assert_close(name_loss(outputs, targets), torch.tensor([math.log(CLUSTERS)]))


def test_contrasting_perfectly_costs_nearly_nothing():
    flags = hide(8, torch.Generator().manual_seed(0))[None]
    truth = torch.randn(1, 8, FRAMES, 64, generator=torch.Generator().manual_seed(1))
    assert contrast_loss(torch.cat([truth, truth], -1), flags) < 0.1


def test_pools_quarters_in_their_order():
    x = torch.arange(8.0)[:, None]
    assert_close(pooled(x), torch.tensor([0.5, 2.5, 4.5, 6.5]))


def test_probes_ask_strangers_for_words_and_new_texts_for_voices():
    right = unlabelled.probe_words(lambda x: x)
    assert {k: v.shape for k, v in right.items()} == {"armelle": (26,), "june": (26,)}
    assert right["june"].mean() > 3 / 26  # chance is 1 / 26
    voices, texts = unlabelled.probe_voices(lambda x: x)
    assert voices.shape == (len(texts),) and voices.mean() > 0.8
    silent = unlabelled.probe_words(lambda x: torch.zeros(len(x), 2))
    assert silent["june"].mean() == pytest.approx(1 / 26)


def test_penalties_are_chosen_without_those_who_are_asked(monkeypatch):
    """Strangers' words, and the asked texts, replaced by noise: the penalties stay."""
    before = unlabelled.penalty_for_words(lambda x: x), unlabelled.penalty_for_voices(lambda x: x)
    g = torch.Generator().manual_seed(0)

    def spoilt(items, spoil):
        return tuple((p, torch.randn(x.shape, generator=g) if spoil(p) else x) for p, x in items)

    said, every = unlabelled.words(), unlabelled.utterances()
    _, asked = unlabelled.probe_voices(lambda x: x)
    monkeypatch.setattr(
        unlabelled, "words", lambda: spoilt(said, lambda p: p.speaker in unlabelled.STRANGERS)
    )
    monkeypatch.setattr(
        unlabelled, "utterances", lambda: spoilt(every, lambda p: p.text.lower() in asked)
    )
    after = unlabelled.penalty_for_words(lambda x: x), unlabelled.penalty_for_voices(lambda x: x)
    assert after == before
    assert unlabelled.probe_voices(lambda x: x)[0].mean() < 0.5  # what is asked has changed


def test_the_best_penalty_carries_most_from_part_to_part():
    """One direction is the label in both parts; many others only in their own."""
    g = torch.Generator().manual_seed(0)
    label = torch.arange(40) % 2
    part = torch.arange(40) // 20
    x = torch.cat([(label - 0.5)[:, None], torch.randn(40, 60, generator=g)], 1)
    counted = []
    for ridge in unlabelled.PENALTIES:
        counted.append(
            sum(
                (
                    linear_probe(x[part == k], label[part == k], x[part != k], ridge=ridge)
                    == label[part != k]
                )
                .float()
                .mean()
                .item()
                for k in (0, 1)
            )
        )
    chosen = unlabelled._best(x, label, part)
    assert counted[unlabelled.PENALTIES.index(chosen)] == max(counted) > min(counted)


def test_the_largest_voice_is_a_null_above_one_in_six():
    _, asked = unlabelled.probe_voices(lambda x: x)
    spoken = [p.speaker for p, _ in unlabelled.utterances() if p.text.lower() in asked]
    most = max(spoken.count(s) for s in set(spoken)) / len(spoken)
    assert unlabelled.largest_voice() == pytest.approx(most) and most > 1 / 6
