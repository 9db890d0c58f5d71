"""Progressions of one harmonic rhythm, and what a best path makes of them."""

import math

import numpy as np
import pytest
import torch

from dla.chapters.chords.progressions import (
    CHORDS,
    TiedField,
    advantage,
    chord_bank,
    draw,
    draw_chords,
    fit,
    switch_gains,
)
from dla.decoders import chain
from dla.models.chord_templates import TRIADS


@pytest.fixture(scope="module")
def bank():
    return chord_bank(("reed organ", "oboe"), noise=-60.0)


def test_neighbours_differ_and_kinds_are_what_they_say():
    for seed in range(20):
        there = draw_chords(np.random.default_rng(seed), 9, "returning")
        assert len(set(there)) == 2 and there[:-2] == there[2:]
        away = draw_chords(np.random.default_rng(seed), 9, "wandering")
        assert all(len(set(away[k : k + 3])) == 3 for k in range(7))
    with pytest.raises(ValueError, match="no kind 'random'"):
        draw_chords(np.random.default_rng(0), 3, "random")


def test_the_bank_holds_each_chord_s_own_classes(bank):
    assert bank.shape[:3] == (2, CHORDS, 12)
    for number in (0, 7, 12, 21):
        mode, root = divmod(number, 12)
        wanted = {(root + step) % 12 for step in TRIADS[mode]}
        for instrument in bank:
            loud = instrument[number].mean(-1).topk(3).indices.tolist()
            assert len(wanted & set(loud)) >= 2


def test_every_chord_lasts_so_many_frames(bank):
    piece = draw(np.random.default_rng(0), bank, frames=5, kind="wandering", length=60)
    assert piece.chroma.shape == (12, 60) and len(piece.classes) == 60
    assert (piece.classes.diff().nonzero()[:, 0] + 1).tolist() == list(range(5, 60, 5))
    with pytest.raises(ValueError, match="chords of 99 frames: the bank holds them for"):
        draw(np.random.default_rng(0), bank, frames=99, kind="wandering")


def test_a_rotation_of_the_chroma_rotates_the_scores():
    field = TiedField()
    torch.nn.init.normal_(field.patterns, generator=torch.Generator().manual_seed(0))
    x = torch.rand(12, 4, generator=torch.Generator().manual_seed(1))
    plain, moved = field.scores(x), field.scores(x.roll(3, 0))
    for mode in (slice(0, 12), slice(12, 24)):
        torch.testing.assert_close(moved[:, mode], plain[:, mode].roll(3, 1))
    w = field.patterns[1].roll(4)
    torch.testing.assert_close(plain[:, 16], w @ x + field.offset[1])


def test_learns_the_chords_and_that_they_last(bank):
    rng = np.random.default_rng(2)
    pieces = [draw(rng, bank, frames=12, kind="wandering", length=60) for _ in range(6)]
    field = TiedField()
    history = fit(field, pieces, steps=40)
    assert history[-1] < 0.1 * history[0] and float(field.stay.detach()) > 1.0
    right = (field.decode(pieces[0].chroma) == pieces[0].classes).double().mean()
    assert right > 0.9 and advantage(field, pieces) > 1.0
    free = TiedField(stays=False)
    fit(free, pieces, steps=5)
    assert float(free.stay) == 0.0


@pytest.mark.parametrize("path", [[0] * 6 + [5] * 4 + [0] * 6, [0] * 6 + [5] * 4 + [9] * 6])
def test_a_chord_is_on_the_best_path_if_its_gain_exceeds_the_price(path):
    classes = torch.tensor(path)
    g = torch.Generator().manual_seed(3)
    noise = torch.rand(16, CHORDS, generator=g)
    emission = 1.5 * torch.nn.functional.one_hot(classes, CHORDS) + noise
    others = torch.ones(CHORDS).bool()
    others[torch.tensor([0, 5, 9])] = False
    emission[:, others] = -20.0
    gain = float(switch_gains(emission, classes)[0])
    for stay, found in ((gain - 0.01, True), (gain + 0.01, False)):
        states = chain.viterbi(emission, stay * torch.eye(CHORDS)).states
        assert bool((states == 5).any()) is found


def test_a_path_scores_what_the_field_says():
    field = TiedField()
    with torch.no_grad():
        field.stay.fill_(0.7)
    x, y = torch.rand(12, 3), torch.tensor([0, 0, 5])
    scores = field.scores(x)
    score = scores[0, 0] + scores[1, 0] + scores[2, 5] + 0.7
    every = [
        scores[0, a] + scores[1, b] + scores[2, c] + 0.7 * ((a == b) + (b == c))
        for a in range(CHORDS) for b in range(CHORDS) for c in range(CHORDS)
    ]  # fmt: skip
    total = torch.stack(every).double().logsumexp(0)
    assert float(field(x, y).detach()) == pytest.approx(
        float((score - total).detach()) / 3, abs=1e-5
    )
    assert math.isfinite(float(total.detach()))
