"""Which frames are speech, and how loud the noise is in the sentence."""

import pytest
import torch

from dla.chapters.speech import activity_comparison as module
from dla.reference.silero_vad import FRAME, SpeechActivity


def test_each_case_with_a_voice_has_three_sentences_of_four_talkers():
    cases = [piece.case for piece in module.pieces()]
    voiced = [case for case in module.CASES if case not in module.NO_SPEECH]
    assert {case: cases.count(case) for case in voiced} == dict.fromkeys(voiced, 12)
    assert set(cases) == set(module.CASES)
    names = [piece.name for piece in module.pieces()]
    assert len(names) == len(set(names))


def test_speech_lies_in_the_sentence_and_nothing_around_it():
    for piece in module.pieces():
        assert not (piece.speech & piece.other).any()
        assert len(piece.speech) == -(-len(piece.waveform) // FRAME)
        if piece.case in module.NO_SPEECH:
            assert piece.other.all()
        else:
            first, last = piece.speech.nonzero()[[0, -1], 0].tolist()
            begin, end = module.AROUND, len(piece.waveform) - module.AROUND
            assert begin - FRAME < first * FRAME and last * FRAME < end
            assert piece.speech.sum() > 30 and piece.other.sum() > 55


def test_the_loudest_frame_is_speech_and_one_40_db_below_is_not():
    voice = torch.zeros(module.AROUND * 3)
    inside = voice[module.AROUND : -module.AROUND]
    inside[: 10 * FRAME] = 0.5
    inside[10 * FRAME : 20 * FRAME] = 0.005
    speech, other = module.truth_of(voice)
    first = -(-module.AROUND // FRAME)
    assert speech[first : first + 9].all() and not speech[first + 11 : first + 19].any()
    assert not other[first : first + 19].any() and other[0] and other[-1]


def test_noise_has_its_level_while_the_sentence_lasts():
    clean = {p.about: p.waveform for p in module.pieces() if p.case == module.CLEAN}
    inner = slice(module.AROUND, -module.AROUND)
    for piece in module.pieces():
        if piece.case in module.NOISES:
            voice = clean[piece.about]
            noise = piece.waveform - voice
            ratio = voice[inner].square().mean() / noise[inner].square().mean()
            found = 10 * torch.log10(ratio)
            assert float(found) == pytest.approx(module.NOISES[piece.case], abs=0.05)
            assert noise[: module.AROUND].square().mean() > 0


def test_counts_are_of_frames_called_speech():
    piece = module.pieces()[0]
    sure = SpeechActivity(torch.zeros(len(piece.speech)), piece.speech.float())
    all_of_it = SpeechActivity(sure.times, torch.ones(len(piece.speech)))
    speech, other = int(piece.speech.sum()), int(piece.other.sum())
    same = {"speech": speech, "other": other}
    assert module.score(piece, sure) == {"hits": speech, "false": 0, **same}
    assert module.score(piece, all_of_it) == {"hits": speech, "false": other, **same}


def test_one_sentence_is_kept():
    piece = next(p for p in module.pieces() if p.about == module.HEARD)
    found = SpeechActivity(torch.zeros(2), torch.tensor([0.123, 1.0]))
    assert module.keep(piece, found) == {"probability": [0.12, 1.0]}
    assert module.keep(module.pieces()[0], found) is None
