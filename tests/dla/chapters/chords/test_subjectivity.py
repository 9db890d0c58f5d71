"""Simulated annotators: styles that disagree, features that transpose, batches that repeat."""

import numpy as np
import torch

from dla import scores
from dla.chapters.chords import corpus, subjectivity
from dla.chapters.chords.subjectivity import ContextNetwork, annotate, batches, context
from dla.protocol.annotators import pairwise_agreement


def annotated():
    plans = [
        corpus.plan(scores.load(name), np.random.default_rng(0), seconds=8.0)
        for name in ("bwv269", "bwv281")
    ]
    return annotate(plans, corpus.play(plans))


def test_annotators_of_other_styles_disagree_on_the_same_frames():
    made = annotated()
    assert made.labels.shape == (len(subjectivity.STYLES), len(made.features))
    assert made.labels.min() >= 0 and made.labels.max() < 24
    assert 0.4 < pairwise_agreement(made.labels) < 0.95
    assert set(made.pieces) == {"bwv269", "bwv281"} and len(made.pieces) == len(made.features)


def test_context_is_a_mean_of_chroma_around_the_frame():
    spectrum = torch.rand(216, 40, generator=torch.Generator().manual_seed(0))
    found = context(spectrum)
    assert found.shape == (40, 10, 12)
    from dla.spectral.chroma import fold, normalise

    every = normalise(fold(spectrum[:180], f_min=65.406, bins_per_octave=36))
    torch.testing.assert_close(found[20, 7], every[:, 19:22].mean(1))
    torch.testing.assert_close(found[20, 9], every[:, 27:33].mean(1))
    bass = normalise(fold(spectrum[:72], f_min=65.406, bins_per_octave=36))
    torch.testing.assert_close(found[20, 0], bass[:, 8:14].mean(1))


def test_the_network_commutes_with_transposition():
    torch.manual_seed(0)
    network, x = ContextNetwork(), torch.rand(5, 10, 12)
    plain, moved = network(x), network(x.roll(2, -1))
    for mode in (slice(0, 12), slice(12, 24)):
        torch.testing.assert_close(moved[:, mode], plain[:, mode].roll(2, -1))


def test_batches_follow_from_their_seeds_and_pair_frames_with_labels():
    features = torch.arange(50.0)[:, None, None].expand(50, 1, 12)
    labels = torch.stack([torch.arange(50) % 24, (torch.arange(50) + 1) % 24])
    x, y = batches(features, labels, seeds=[3, 3], size=8)(0)
    assert torch.equal(x[0], x[1]) and x.shape == (2, 8, 1, 12)
    assert torch.equal(y[0], x[0, :, 0, 0].long() % 24)
    assert torch.equal(y[1], (x[0, :, 0, 0].long() + 1) % 24)
    again = batches(features, labels, seeds=[3, 3], size=8)(0)[0]
    assert torch.equal(x, again)


def test_the_loss_is_that_of_each_model_alone():
    logits = torch.randn(2, 6, 24, generator=torch.Generator().manual_seed(0))
    labels = torch.randint(24, (2, 6), generator=torch.Generator().manual_seed(1))
    found = subjectivity.cross_entropy(logits, labels)
    expected = [
        torch.nn.functional.cross_entropy(a, b) for a, b in zip(logits, labels, strict=True)
    ]
    torch.testing.assert_close(found, torch.stack(expected))


def test_units_are_means_over_two_beats_from_the_downbeat():
    plan = corpus.plan(scores.load("bwv269"), np.random.default_rng(0), seconds=8.0)
    frames = int(7.0 * corpus.FRAME_RATE)
    ramp = torch.arange(1.0, frames + 1).expand(216, -1).clone()
    ramp[36:] = 0.0  # one octave: the bass alone, of norm one
    ramp[: 36 // 2, ::2] = 0.0
    found = subjectivity.unit_chroma(plan, ramp)
    assert found.shape == (frames, 2, 12)
    changes = (found.diff(dim=0).abs().amax((1, 2)) > 1e-6).nonzero()[:, 0] + 1
    beats = plan.score.beats
    first = int(np.argmax(beats["downbeat"])) % 2
    begins = (beats["onset"][first::2] - plan.start) * 60 / plan.tempo + plan.lead
    wanted = np.ceil(begins[begins > plan.lead + 1e-9] * corpus.FRAME_RATE)
    assert changes.tolist() == [int(k) for k in wanted if k < frames]
    lower, upper = int(changes[0]), int(changes[1])
    bass = torch.stack(subjectivity._registers(ramp))[0]
    torch.testing.assert_close(found[lower, 0], bass[:, lower:upper].mean(1))
