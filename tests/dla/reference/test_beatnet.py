"""BeatNet hears clicks; the spectrum it is given is tested without its package."""

import numpy as np
import pytest
import torch

from dla.reference.beatnet import (
    BANDS_PER_OCTAVE,
    FEATURES,
    HOP,
    PACKAGE,
    SAMPLE_RATE,
    WINDOW,
    beatnet,
    filters,
    spectrum,
    with_rise,
)
from dla.reference.published import MissingPackage
from dla.signals import sine

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")


def test_each_band_is_a_mean_and_there_are_as_many_as_the_network_takes():
    matrix = filters()
    torch.testing.assert_close(matrix.sum(-1), torch.ones(len(matrix)))
    assert (matrix >= 0).all() and 2 * len(matrix) == FEATURES


def test_high_bands_are_a_quarter_tone_apart():
    bins = torch.arange(WINDOW // 2) * SAMPLE_RATE / WINDOW
    centre = bins[filters().argmax(-1)]
    step = torch.log2(centre[1:] / centre[:-1])[centre[1:] > 3000]
    assert float(step.median()) == pytest.approx(1 / BANDS_PER_OCTAVE, rel=0.05)
    assert centre[0] < 70 and (centre.diff() > 0).all()


def test_a_tone_is_loudest_in_its_band_and_levels_are_means_of_magnitudes():
    tone = sine(1000.0, seconds=1.0, sample_rate=SAMPLE_RATE)
    level = spectrum(tone)[10:-10]
    bins = np.arange(WINDOW // 2) * SAMPLE_RATE / WINDOW
    row = int(level.mean(0).argmax())
    assert bins[int(filters()[row].argmax())] == pytest.approx(1000.0, rel=0.02)
    # the window's sum over 2 is the magnitude of the tone at its own bin
    frame = tone[20 * HOP - WINDOW // 2 :][:WINDOW].double().numpy() * np.hanning(WINDOW)
    k = np.arange(WINDOW)
    magnitude = np.array(
        [abs((frame * np.exp(-2j * np.pi * k * b / WINDOW)).sum()) for b in range(WINDOW // 2)]
    )
    wanted = np.log10(1 + filters().double().numpy() @ magnitude)
    np.testing.assert_allclose(spectrum(tone)[20], wanted, atol=1e-4)


@pytest.mark.parametrize("length", [1, 100, HOP, HOP + 1, 5 * HOP])
def test_a_frame_begins_every_hop_of_the_sound(length):
    assert spectrum(torch.ones(length)).shape == (-(-length // HOP), FEATURES // 2)


def test_a_click_is_in_the_frames_whose_windows_hold_it():
    x = torch.zeros(20 * HOP)
    x[10 * HOP] = 1.0
    heard = spectrum(x).sum(-1)
    assert heard.argmax() == 10 and heard[9] == pytest.approx(float(heard[11]), rel=1e-3)
    assert not heard[:9].any() and not heard[12:].any()


def test_what_falls_has_no_rise():
    level = torch.tensor([[3.0, 1.0], [1.0, 4.0]])
    assert with_rise(level).tolist() == [[3, 1, 0, 0], [1, 4, 0, 3]]


@needs
@pytest.mark.parametrize("without", ["GTZAN", "Ballroom", "Rock"])
def test_clicks_are_beats_and_what_lies_between_is_none(without):
    x = torch.zeros(12 * SAMPLE_RATE)
    noise = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    stroke = noise * (-torch.arange(1000) / 150).exp()
    for k in range(24):
        x[k * SAMPLE_RATE // 2 :][:1000] = 0.3 * stroke
    found = beatnet(x, sample_rate=SAMPLE_RATE, without=without)
    sure = found.beat + found.downbeat
    later = found.times > 4
    distance = (found.times - (found.times * 2).round() / 2).abs()
    on, off = sure[later & (distance < 0.03)], sure[later & (distance > 0.12)]
    assert on.mean() > 5 * off.mean()
    assert (sure <= 1 + 1e-5).all()


@needs
def test_the_network_is_the_package_s(monkeypatch):
    import importlib.util

    path = PACKAGE.folder / "model.py"
    spec = importlib.util.spec_from_file_location("beatnet_model", path)
    theirs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(theirs)
    network = theirs.BDA(FEATURES, 150, 2, "cpu")
    weights = PACKAGE.folder / "models/model_1_weights.pt"
    network.load_state_dict(torch.load(weights, weights_only=True), strict=False)
    x = 0.1 * torch.randn(SAMPLE_RATE, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        wanted = network.eval()(with_rise(spectrum(x))[None])[0].softmax(0)
    found = beatnet(x, sample_rate=SAMPLE_RATE)
    torch.testing.assert_close(torch.stack([found.beat, found.downbeat]), wanted[:2])


def test_no_sound_is_refused(refuses):
    refuses(beatnet)


def test_another_corpus_is_refused():
    with pytest.raises(ValueError, match="no network without 'Bach'; there are GTZAN, Ballroom"):
        beatnet(torch.zeros(8000), sample_rate=8000, without="Bach")


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="BeatNet is not installed"):
        beatnet(torch.zeros(SAMPLE_RATE), sample_rate=SAMPLE_RATE)
