"""Templates: a rotation of the chroma rotates the scores, and level does not matter."""

import math

import pytest
import torch

from dla.models.chord_templates import (
    TRIADS,
    binary_patterns,
    harmonic_patterns,
    template_scores,
    templates,
)


@pytest.fixture
def chroma():
    return torch.rand(3, 12, 7, generator=torch.Generator().manual_seed(0)).double()


@pytest.mark.parametrize("patterns", [binary_patterns(), harmonic_patterns(0.6)])
def test_transposition_moves_the_scores(chroma, patterns):
    scores = template_scores(chroma, patterns)
    for k in (1, 5, 11):
        moved = template_scores(chroma.roll(k, -2), patterns)
        for mode in (slice(0, 12), slice(12, 24)):
            torch.testing.assert_close(moved[..., mode], scores[..., mode].roll(k, -1))
        torch.testing.assert_close(moved[..., 24], scores[..., 24])


def test_scores_are_cosines(chroma):
    patterns = harmonic_patterns(0.5).double()
    scores = template_scores(4.0 * chroma, patterns)
    for root, mode in ((0, 0), (8, 1)):
        t = patterns[mode].roll(root)
        for frame in range(7):
            c = chroma[1, :, frame]
            cosine = (t @ c) / math.sqrt((t @ t) * (c @ c))
            assert scores[1, frame, 12 * mode + root] == pytest.approx(float(cosine), abs=1e-6)


def test_each_triad_is_found_and_silence_is_no_chord():
    for mode, steps in enumerate(TRIADS):
        for root in range(12):
            c = torch.zeros(12, 1)
            c[[(root + step) % 12 for step in steps]] = 1.0
            assert template_scores(c, binary_patterns()).argmax() == 12 * mode + root
    silence = template_scores(torch.zeros(12, 1), binary_patterns())
    assert silence.argmax() == 24 and silence.max() == pytest.approx(1.0)


def test_a_factor_on_no_chord_is_a_factor(chroma):
    plain, less = (template_scores(chroma, binary_patterns(), no_chord=f) for f in (1.0, 0.5))
    torch.testing.assert_close(less[..., 24], 0.5 * plain[..., 24])
    torch.testing.assert_close(less[..., :24], plain[..., :24])


def test_partials_of_a_tone_fill_fifth_and_third():
    tone = harmonic_patterns(0.5)[0]
    # C has its partials 1, 2, 4, 8; nothing else of the triad reaches C.
    assert tone[0] == pytest.approx(1 + 0.5 + 0.5**3 + 0.5**7)
    # G: its own, and partials 3 and 6 of C.
    assert tone[7] == pytest.approx(1 + 0.5 + 0.5**3 + 0.5**7 + 0.5**2 + 0.5**5)
    assert torch.equal(harmonic_patterns(0.0), binary_patterns())


def test_refuses_what_are_no_patterns():
    with pytest.raises(ValueError, match=r"patterns \(12, 2\): expected \(2, 12\)"):
        templates(torch.ones(12, 2))
    with pytest.raises(ValueError, match="a pattern without classes"):
        templates(torch.zeros(2, 12))
    with pytest.raises(ValueError, match="decay is between 0 and 1, got 2"):
        harmonic_patterns(2.0)
