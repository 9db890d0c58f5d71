"""The study trains the network that is not told the mel levels, and nothing else differs."""

from dataclasses import replace

from dla.chapters.phase_and_likelihood import (
    autoregression_alone_study,
    autoregression_study,
    vocoding,
)


def test_it_is_not_told_the_levels():
    assert autoregression_alone_study.network(0).heard is False


def test_the_two_studies_differ_in_what_is_heard_only():
    told, alone = autoregression_study.STUDY, autoregression_alone_study.STUDY
    names = ("name", "question", "model", "measure")
    assert replace(told, **{n: getattr(alone, n) for n in names}) == alone
    assert told.draw is vocoding.batches
