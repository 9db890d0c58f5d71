"""Arms differ in one thing each; without copies half of the chords never occur."""

import torch

from dla.chapters.chords import keys_study
from dla.measures.chords import class_of


def drawn(draw, steps: int = 12) -> set[int]:
    """Classes that occur in the first cuts."""
    cuts = draw(0)
    return set(torch.cat([cuts(k)[1].flatten() for k in range(steps)]).tolist())


def test_only_copies_hold_the_chords_of_remote_keys():
    remote = {class_of(s) for s in ("F#:maj", "D#:min", "C#:maj")}
    for draw, there in (
        (keys_study.as_they_are, False),
        (keys_study.eighth_as_it_is, False),
        (keys_study.in_all_keys, True),
        (keys_study.eighth_in_all_keys, True),
    ):
        assert (remote <= drawn(draw)) is there


def test_an_eighth_is_an_eighth_and_another_one_for_each_seed():
    whole = keys_study.home_items()
    shares = [whole[seed % keys_study.EIGHTH :: keys_study.EIGHTH] for seed in range(5)]
    for share in shares:
        assert abs(len(share) - len(whole) / 8) < 1
    assert len({id(item) for share in shares for item in share}) == sum(map(len, shares))


def test_arms_are_tested_on_the_same_pieces():
    home, away = (keys_study.in_key(away=far) for far in (False, True))
    assert [e.name for e in home] == [e.name for e in away]
    assert all((a.tonic - b.tonic) % 12 == 6 for a, b in zip(home, away, strict=True))
    assert [e.name for e in keys_study.out_of_tune(20)] == [e.name for e in home[::2]]
