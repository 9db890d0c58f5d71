"""SwiftF0 follows a tone; what needs its package is skipped without it."""

import pytest
import torch

from dla.reference.published import MissingPackage
from dla.reference.swift_f0 import PACKAGE, swift_f0

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")


@needs
def test_follows_a_tone(follows):
    follows(swift_f0)


@needs
def test_silence_is_unvoiced():
    track = swift_f0(torch.zeros(16000), sample_rate=16000)
    assert len(track.times) == 62 and not track.voiced.any()


@needs
def test_a_leap_is_where_it_is(leaps_in_time):
    leaps_in_time(swift_f0, step=0.016)


def test_no_sound_is_refused(refuses):
    refuses(swift_f0)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="swift-f0 is not installed"):
        swift_f0(torch.zeros(16000), sample_rate=16000)
