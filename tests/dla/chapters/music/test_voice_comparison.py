"""What is mixed with what, and how loud."""

import pytest
import torch

from dla.chapters.music import voice_comparison as module
from dla.losses.si_sdr import si_sdr
from dla.protocol import comparison
from dla.reference.spleeter import Stems


def test_the_voice_has_the_level_that_the_case_says():
    for piece in module.pieces():
        level = module.CASES[piece.case]
        if level is not None:
            rest = piece.waveform / (module.QUIETER if piece.case == module.QUIET else 1)
            ratio = 10 * torch.log10(
                piece.voice.square().sum() / (rest - piece.voice).square().sum()
            )
            assert float(ratio) == pytest.approx(level, abs=0.01)


def test_the_mixture_itself_gains_nothing_and_has_all_of_the_energy():
    piece = module.pieces()[0]
    values = module.score(piece, Stems(piece.waveform, 0 * piece.waveform))
    assert values["before"] == values["after"] == float(si_sdr(piece.waveform, piece.voice))
    assert values["share"] == pytest.approx(1.0)


def test_what_is_committed_is_of_these_pieces():
    result = comparison.load(module.COMPARISON)
    assert [p["name"] for p in result.pieces] == [p.name for p in module.pieces()]
    kept = [t.piece for t in result.of("Spleeter") if t.kept]
    assert sorted(kept) == sorted(module.HEARD)
