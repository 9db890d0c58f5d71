"""PESTO follows a tone; its package is imported without its head, its checkpoint without its
settings."""

import pickle
import sys
from types import ModuleType

import pytest
import torch

from dla.reference import pesto as module
from dla.reference.pesto import PACKAGE, pesto
from dla.reference.published import MissingPackage

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")


@needs
def test_follows_a_tone(follows):
    follows(pesto)


@needs
def test_silence_is_unvoiced_however_short():
    for samples in (10, 3000):
        track = pesto(torch.zeros(samples), sample_rate=22050)
        assert not track.voiced.any() and len(track.times) == 1 + samples // 221


@needs
def test_is_equivariant_to_transposition(tone):
    """By its Toeplitz layer: a semitone up is a semitone up, also where both are wrong."""
    low = pesto(tone(300.0), sample_rate=22050).frequency[40:160]
    high = pesto(tone(300.0 * 2 ** (1 / 12)), sample_rate=22050).frequency[40:160]
    cents = 1200 * torch.log2(high / low)
    assert (cents - 100).abs().max() < 5


@needs
def test_a_leap_is_where_it_is(leaps_in_time):
    leaps_in_time(pesto, step=0.01003)


def test_no_sound_is_refused(refuses):
    refuses(pesto)


def test_a_rate_below_its_bands_is_refused():
    with pytest.raises(ValueError, match="4000 Hz; PESTO's bands reach 3.4 kHz"):
        pesto(torch.zeros(4000), sample_rate=4000)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="pesto-pitch is not installed"):
        pesto(torch.zeros(16000), sample_rate=16000)


def test_a_package_s_module_is_imported_without_its_head_and_leaves_no_trace(tmp_path):
    (tmp_path / "__init__.py").write_text("raise ImportError('torchaudio')")
    (tmp_path / "part.py").write_text("from ordinary import other\nANSWER = other.HALF * 2")
    (tmp_path / "other.py").write_text("HALF = 21")
    own = sys.modules["ordinary"] = ModuleType("ordinary")
    try:
        with module._without_its_head("ordinary", tmp_path):
            part = module.import_module("ordinary.part")
        assert part.ANSWER == 42
        assert sys.modules["ordinary"] is own and "ordinary.part" not in sys.modules
    finally:
        del sys.modules["ordinary"]


def test_a_checkpoint_s_objects_are_not_made(tmp_path):
    """Tensors are read; what would run code, or needs a package that is not here, is left out."""
    torch.save({"state_dict": {"w": torch.arange(3.0)}, "settings": Settings()}, tmp_path / "x")
    reader = ModuleType("only_tensors")
    reader.Unpickler = module._OnlyTensors
    found = torch.load(tmp_path / "x", pickle_module=reader, weights_only=False)
    assert found["state_dict"]["w"].tolist() == [0, 1, 2]
    assert isinstance(found["settings"], module._Nothing) and not found["settings"]


class Settings:
    def __reduce__(self):
        return pickle.loads, (b"not to be called",)
