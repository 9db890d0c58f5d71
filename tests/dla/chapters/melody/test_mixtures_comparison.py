"""What published systems score on the soprano of four parts, as committed."""

import torch

from dla.chapters.melody import mixtures_comparison as module
from dla.protocol import comparison


def test_both_balances_have_the_same_melodies():
    soprano, inner = (c.pieces() for c in module.COMPARISONS)
    assert len(soprano) == len(inner) >= 20
    assert all(torch.equal(a.f0, b.f0) for a, b in zip(soprano, inner, strict=True))


def test_the_highest_note_is_nearer_to_the_soprano_than_the_loudest():
    """Of what was committed: the rule is the melody, not the network."""
    for declared in module.COMPARISONS:
        result = comparison.load(declared)
        highest, loudest = (
            result.mean(f"Basic Pitch, {rule}", "raw_pitch") for rule in ("highest", "loudest")
        )
        assert highest > loudest
