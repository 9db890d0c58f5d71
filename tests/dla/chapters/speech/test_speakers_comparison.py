"""Which recordings are paired."""

import pytest
import torch

from dla.chapters.speech import speakers_comparison as module
from dla.losses.si_sdr import si_sdr


def test_pairs_are_of_every_case_and_their_case_is_true():
    for piece in module.pieces():
        first, second = piece.voices
        one = first.split()[0] == second.split()[0]
        assert one == (piece.case != module.OTHER)
        assert (first == second) == (piece.case in (module.SAME, module.SHORTER, module.NOISIER))
    names = [piece.name for piece in module.pieces()]
    assert len(names) == len(set(names)) == 3 * 42 + 21 * 6
    assert {piece.case for piece in module.pieces()} == set(module.CASES)


def test_no_recording_is_paired_with_itself():
    for piece in module.pieces():
        assert not torch.equal(*piece.sounds)


def test_a_short_one_is_half_a_second_and_a_noisy_one_at_zero_db():
    same = {p.name.split(": ")[1]: p for p in module.pieces() if p.case == module.SAME}
    for piece in module.pieces():
        whole = same.get(piece.name.split(": ")[1])
        if piece.case == module.SHORTER:
            assert not piece.sounds[1, 8000:].any()
            torch.testing.assert_close(piece.sounds[1, :8000], whole.sounds[1, 8000:16000])
        if piece.case == module.NOISIER:
            found = si_sdr(piece.sounds[1], whole.sounds[1])
            assert float(found) == pytest.approx(0.0, abs=1e-2)


def test_the_cosine_ignores_the_silence_after_a_recording(monkeypatch):
    lengths = []

    def heard(x, *, sample_rate):
        lengths.append(len(x))
        return torch.tensor([0.6, 0.8])

    monkeypatch.setattr(module, "resemblyzer", heard)
    pair = torch.ones(2, 100)
    pair[1, 40:] = 0
    assert module.cosine_of(pair, sample_rate=16000) == pytest.approx(1.0)
    assert lengths == [100, 40]
