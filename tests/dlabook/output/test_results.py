"""Numbers for the prose are strings, outcomes say what was measured."""

import pytest

from dlabook import glue, outcome


def test_glue_refuses_a_number_whose_digits_nobody_chose():
    with pytest.raises(TypeError, match=r"got a float, expected a string"):
        glue("pit-gain", 3.14159)


def test_an_outcome_says_prediction_verdict_and_value():
    assert repr(outcome("pred-a", held=False, value="3.0 dB")) == "prediction pred-a failed: 3.0 dB"
    assert repr(outcome("pred-a", held=True, value="3.0 dB")) == "prediction pred-a held: 3.0 dB"


def test_an_outcome_needs_a_label_and_a_value():
    with pytest.raises(ValueError, match="starts with 'pred-'"):
        outcome("a", held=True, value="3 dB")
    with pytest.raises(ValueError, match="empty value"):
        outcome("pred-a", held=True, value=" ")
