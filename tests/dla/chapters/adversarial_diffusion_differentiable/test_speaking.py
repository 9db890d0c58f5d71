"""What the network is told, what a duration is, what is held out, what a distance means."""

import pytest
import torch

from dla.chapters.adversarial_diffusion_differentiable import aligning, speaking, words


@pytest.fixture(scope="module")
def some():
    found = [aligning.recorded()[t] for t in ("6", "10", "7", "17", "s", "t")]
    aligner = aligning.fit(found)
    return found, [aligner.durations(w.pieces, w.level) for w in found]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pieces_of_held_out_words_stay_in_two_words_for_training(seed):
    train, held = speaking.division(list(words.PIECES), held_out=20, seed=seed)
    assert len(held) == 20 and set(train) | set(held) == set(words.PIECES)
    for word in held:
        for p in words.pieces_of(word):
            assert sum(p in words.pieces_of(t) for t in train) >= 2


def test_another_seed_is_another_division():
    two = [speaking.division(list(words.PIECES), held_out=20, seed=s)[1] for s in (0, 1)]
    assert two[0] != two[1]


def test_a_frame_knows_its_piece_its_neighbours_its_place_and_its_length():
    x = speaking.frames([5, 7, 9], torch.tensor([1, 2, 1]))
    expected = [
        [5, 5, 7, 0.5, 0.1],
        [7, 5, 9, 0.25, 0.2],
        [7, 5, 9, 0.75, 0.2],
        [9, 7, 9, 0.5, 0.1],
    ]
    torch.testing.assert_close(x, torch.tensor(expected))


def test_a_mean_duration_is_of_the_place_if_it_was_heard_there():
    w = aligning.Word("x", ("#", "a", "b", "#"), torch.zeros(1), torch.zeros(80, 10))
    v = aligning.Word("y", ("#", "b", "a", "#"), torch.zeros(1), torch.zeros(80, 20))
    d = [torch.tensor([1, 2, 4, 3]), torch.tensor([3, 6, 8, 3])]
    how_long = speaking.mean_durations([w, v], d)
    assert how_long(("#", "a", "b", "#")).tolist() == [2, 2, 4, 3]
    # a first and last at once: as the last; inner b: as heard within
    assert how_long(("#", "a", "#")).tolist() == [2, 8, 3]


def test_own_codes_share_the_pause_alone(some):
    found = speaking.own_codes(some[0])
    inner = [c for codes in found for c in codes[1:-1]]
    assert len(set(inner)) == len(inner) and max(inner) < speaking.CODES
    assert {codes[0] for codes in found} == {codes[-1] for codes in found} == {speaking.SHARED["#"]}


def test_training_lowers_the_error_and_seeds_differ(some):
    networks, history = speaking.train_speakers(
        *some, [speaking.shared_codes(some[0])], seeds=2, steps=60
    )
    assert history[-5:].mean() < 0.5 * history[:5].mean()
    one, other = (
        speaking.say(n, speaking.shared_codes(some[0])[0], some[1][0]) for n in networks[0]
    )
    assert one.shape == some[0][0].level.shape and not torch.equal(one, other)


def test_a_word_is_joined_from_its_own_pieces_where_it_is_there(some):
    found, durations = some
    for w in found[:2]:
        joined = speaking.concatenated(w.pieces, [w], durations[found.index(w) :][:1])
        assert torch.equal(joined, w.level)
    with pytest.raises(ValueError, match="piece 'k' is in none of the 6 words"):
        speaking.concatenated(("#", "k", "#"), found, durations)


def test_the_nearest_word_has_fewest_edits_for_its_length():
    assert speaking.nearest_word("6", ["10", "t", "90"]) == "10"


def test_distance_is_in_decibels_and_forgives_a_held_frame():
    level = torch.randn(80, 12, generator=torch.Generator().manual_seed(0))
    assert speaking.distance(level, level + 0.05) == pytest.approx(0.05 * 20, rel=1e-3)
    held = level.repeat_interleave(torch.tensor([1] * 6 + [3] * 6), dim=1)
    assert speaking.distance(level, held) == pytest.approx(0, abs=1e-3)


def test_a_voice_has_a_hop_for_each_frame(some):
    level = some[0][0].level
    sound = speaking.voice(level)
    assert len(sound) == aligning.HOP * level.shape[1] and sound.isfinite().all()
    assert torch.equal(sound, speaking.voice(level))
