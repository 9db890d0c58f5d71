"""Trackers asked, and their answers counted and shown."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from dla.chapters.melody import alone_comparison, corpus, melody_study, salience_study, trials
from dla.chapters.melody.salience import BINS, Contour, heard
from dla.protocol import comparison, study
from dla.spectral.hcqt import frequencies
from dla.spectral.yin import yin


def test_a_tone_is_right_wrong_or_right_but_for_octaves():
    pitches = torch.tensor([220.0, 330.0])

    def tracker(factor):
        def answer(x):
            f = yin(x, sample_rate=corpus.SAMPLE_RATE, hop_length=corpus.HOP).frequency
            return f * factor

        return answer

    amplitudes = [1.0, 0.5, 0.3]
    assert trials.shares_right(tracker(1.0), amplitudes, pitches) == (1, 1)
    assert trials.shares_right(tracker(2.0), amplitudes, pitches) == (0, 1)
    assert trials.shares_right(tracker(1.5), amplitudes, pitches) == (0, 0)


def test_the_path_of_the_sum_follows_a_tone_through_a_short_gap():
    features = torch.zeros(6, BINS, 40)
    features[1, 30], features[2, 30] = 1.0, 0.9
    features[1:3, 30, 20] = 0.8
    features[1, 60, 20] = 1.0
    found = trials.by_path(features, sharpness=4.0, threshold=0.01)
    assert found.voiced.all()
    assert found.frequency.max() / found.frequency.min() < 1.1
    with pytest.raises(ValueError, match="positive"):
        trials.by_path(features, threshold=0.0)


def test_trackers_without_training_give_one_contour_a_piece():
    pieces = corpus.corpus("validation")[:2]
    found = trials.classical(pieces, [heard(p.waveform) for p in pieces])
    for contours in found.values():
        for piece, c in zip(pieces, contours, strict=True):
            sung = piece.f0 > 0
            cents = 1200 * torch.log2(c.frequency[sung] / piece.f0[sung])
            assert c.voiced.shape == piece.f0.shape and cents.abs().median() < 30


def test_each_frame_of_the_melody_is_counted_once_for_whom_it_follows():
    f0s = torch.tensor([400.0, 300.0, 200.0, 100.0])[:, None].expand(4, 7).clone()
    f0s[0, 6] = 0  # a rest of the soprano is not counted
    mixture = corpus.Mixture("x", "x", (), 60.0, torch.zeros(4, 1), f0s)
    said = torch.tensor([400.0, 400.0, 300.0, 100.0, 800.0, 555.0, 400.0])
    voiced = torch.tensor([True, False, True, True, True, True, True])
    shares = trials.followed_instead([mixture], [Contour(said, voiced)])
    assert tuple(shares) == trials.INSTEAD
    expected = {"right": 1, "a rest": 1, "alto": 1, "bass": 1, "soprano's octave": 1, "nobody": 1}
    assert shares == pytest.approx({n: expected.get(n, 0) / 6 for n in shares})


def test_rows_are_aligned_and_a_missing_number_is_a_dash():
    lines = trials.in_rows({"a": [0.12345, None], "longer name": [1, 0]}, ["x", "y"]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].split() == ["a", "0.123", "-"]


def test_a_song_is_heard_over_the_part_and_only_where_it_is_voiced():
    piece = corpus.corpus("validation")[0]
    silent = trials.sung_over(piece, piece.f0, torch.zeros_like(piece.f0))
    torch.testing.assert_close(silent, piece.waveform / max(1.0, float(piece.waveform.abs().max())))
    assert not torch.allclose(trials.sung_over(piece, piece.f0, piece.f0 > 0), silent)


def test_pictures_share_their_axes_and_show_the_truth():
    piece = corpus.corpus("validation")[0]
    voiced = piece.f0 > 0
    nearest = (frequencies()[1].log2()[:, None] - piece.f0.clamp_min(1.0).log2()).abs().argmin(0)
    level = torch.nn.functional.one_hot(nearest, BINS).T.float()
    axes = trials.pictures({"a": level, "b": level}, piece, unit="dB", limits=(0, 1))
    assert len(axes) == 2
    low, high = axes[0].images[0].get_extent()[2:]
    rows = (axes[0].lines[0].get_ydata() - low) / (high - low) * BINS
    inside = (voiced & (nearest > 0) & (nearest < BINS - 1)).numpy()
    assert inside.any()
    np.testing.assert_array_equal(np.floor(rows[inside]), nearest.numpy()[inside])
    assert axes[0].get_xlim() == axes[1].get_xlim()
    assert all(len(ax.lines) == 1 for ax in axes)
    plt.close("all")


def test_numbers_of_each_piece_have_a_row_for_each_seed():
    class Fake:
        """A study's result of two seeds."""

        class study:
            class recipe:
                steps = 9

        def values(self, measured, steps):
            assert steps == 9
            return [float(measured[-1]), 10 + float(measured[-1])]

    table = trials.per_piece(Fake(), "raw_pitch", pieces=3)
    assert table.tolist() == [[0, 1, 2], [10, 11, 12]]


def test_a_path_takes_the_network_at_its_word_or_doubts_its_rests():
    """As the study does; a smaller factor on rests calls more frames voiced."""
    generator = torch.Generator().manual_seed(0)
    said = 0.3 * torch.rand(BINS, 60, generator=generator)
    said[40, :30] = 0.99
    said[:, 30:] *= 0.1
    shares = [trials.by_salience(said, rest=r).voiced.float().mean() for r in trials.RESTS]
    assert shares == sorted(shares) and shares[0] < shares[-1]
    item = melody_study.Item(torch.zeros(6, BINS, 60), torch.zeros(60))
    (same,) = melody_study.followed(lambda x: torch.logit(said)[None], [item])
    for one, other in zip(trials.by_salience(said, rest=melody_study.REST), same, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("rest", [0.0, float("nan")])
def test_a_factor_on_rests_is_positive(rest):
    with pytest.raises(ValueError, match="positive"):
        trials.by_salience(torch.full((BINS, 8), 0.1), rest=rest)


def test_the_setting_chosen_is_the_best_on_the_given_pieces():
    pieces = corpus.corpus("validation")[:3]

    def follow(factor):
        return [Contour(p.f0 * factor, p.f0 > 0) for p in pieces]

    assert trials.best_setting(pieces, (1.5, 1.0, 2.0), follow) == 1.0
    assert trials.overall_of(pieces, follow(1.0)).tolist() == [1.0] * 3


def test_silence_is_right_where_the_parts_rest():
    pieces = corpus.corpus("validation")[:3]
    rests = [float((p.f0 == 0).float().mean()) for p in pieces]
    assert trials.overall_of(pieces, trials.silent(pieces)).tolist() == pytest.approx(rests)


def test_rows_of_arms_hold_mean_seeds_and_the_shortest_training():
    arms = {"random-levels": study.load(melody_study.STUDIES[1])}
    rows = trials.rows_of_arms(arms, ["inner", "soprano"])
    names = ["network, random-levels", *(f"  random, seed {k}" for k in range(5))]
    assert list(rows) == [*names, "  random, 100 steps"]
    seeds = [rows[name] for name in names[1:]]
    for k, balance in enumerate(("inner", "soprano")):
        pieces = trials.per_piece(arms["random-levels"], f"{balance}: overall", pieces=24)
        assert [row[k] for row in seeds] == pytest.approx(pieces.mean(1).tolist(), abs=1e-4)
        assert rows[names[0]][k] == pytest.approx(float(pieces.mean()), abs=1e-4)


def test_every_tracker_finds_a_tone():
    tone = trials.sing([220.0] * 26, frame_rate=trials.FRAME_RATE, sample_rate=corpus.SAMPLE_RATE)
    network = study.load_network(salience_study.STUDIES[0])
    for tracker in trials.trackers_of(network).values():
        cents = 1200 * torch.log2(tracker(tone)[8:18] / 220)
        assert cents.abs().max() < 30


def test_each_contour_is_sung_over_the_piece_it_was_found_in():
    declared = alone_comparison.COMPARISON
    pieces, published = declared.pieces(), comparison.load(declared)
    found = {"octave": [Contour(2 * p.f0, p.f0 > 0) for p in pieces]}
    clips = trials.sung_clips(pieces, 2, found, published)
    assert list(clips) == ["sound", "truth", "octave", *declared.systems]
    assert clips["sound"] is pieces[2].waveform
    expected = trials.sung_over(pieces[2], *found["octave"][2])
    assert torch.equal(clips["octave"], expected)
