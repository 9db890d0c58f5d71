"""What is read from a file is what was written; its bytes are those of the docstring."""

import struct

import pytest
import torch

from dla.retrieval import compact, fingerprint

RATE = fingerprint.SAMPLE_RATE


def sound(seed, seconds=2.0):
    g = torch.Generator().manual_seed(seed)
    return torch.randn(round(seconds * RATE), generator=g)


def peaks_of(seed):
    return fingerprint.peaks(sound(seed), sample_rate=RATE)


@pytest.mark.parametrize("gap", [0, 126, 127, 510, 511, 512, 5000])
def test_a_peak_after_any_pause_comes_back(gap):
    peaks = torch.tensor([[2, 511], [2 + gap, 0], [3 + gap, 40]])
    (back,) = compact.from_bytes(compact.to_bytes([peaks]))
    assert torch.equal(back, peaks)


def test_sounds_come_back_in_their_order_silent_ones_too():
    sounds = [peaks_of(0), peaks_of(1)[:0], peaks_of(2)]
    back = compact.from_bytes(compact.to_bytes(sounds))
    assert len(back) == 3
    for one, other in zip(sounds, back, strict=True):
        assert torch.equal(one, other)


def test_its_bytes_are_what_the_docstring_says():
    file = compact.to_bytes([torch.tensor([[1, 7], [130, 9]])])
    words = [512 * 1 + 7, 512 * 127 + 129, 9]
    assert file == b"DLP1" + struct.pack("<II3H", 1, 3, *words)


def test_a_peak_takes_two_bytes():
    peaks = peaks_of(3)
    assert len(compact.to_bytes([peaks])) == 12 + 2 * len(peaks)


def test_its_index_is_that_of_the_landmarks():
    file = compact.to_bytes([peaks_of(s) for s in range(3)])
    expected = fingerprint.build([fingerprint.pair(peaks_of(s)) for s in range(3)])
    found = compact.index(file)
    assert torch.equal(found.hashes, expected.hashes)
    assert torch.equal(found.recordings, expected.recordings)
    assert torch.equal(found.frames, expected.frames)


def test_frames_that_descend_are_refused():
    with pytest.raises(ValueError, match="frame 3, bin 1, -2 frames after the last"):
        compact.to_bytes([torch.tensor([[5, 1], [3, 1]])])


def test_a_bin_that_is_none_is_refused():
    with pytest.raises(ValueError, match="bins below 512"):
        compact.to_bytes([torch.tensor([[5, 512]])])


def test_another_file_and_one_cut_short_are_refused():
    file = compact.to_bytes([peaks_of(0)])
    with pytest.raises(ValueError, match="begins with b'RIFF'"):
        compact.from_bytes(b"RIFF" + file[4:])
    with pytest.raises(ValueError, match="as its counts say"):
        compact.from_bytes(file[:-2])
