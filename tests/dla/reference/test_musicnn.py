"""musicnn hears a piano; its front end and its parts are tested without its package."""

import importlib.util

import librosa
import numpy as np
import pytest
import torch

from dla.chapters.music import tags_comparison
from dla.reference.checkpoint import read_checkpoint
from dla.reference.musicnn import (
    BANDS,
    FRAMES,
    HOP,
    PACKAGE,
    SAMPLE_RATE,
    TAGS,
    WEIGHTS,
    WINDOW,
    musicnn,
    network,
    parts_of,
    spectrogram,
)
from dla.reference.published import MissingPackage
from dla.signals import sine

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
GRAPHS = {  # of TensorFlow 2.21, for the parts below
    "guitar": 0.140791, "techno": 0.162251, "electronic": 0.13771, "rock": 0.293722,
    "piano": 0.08816, "violin": 0.000447, "loud": 0.090756, "choral": 0.001134,
}  # fmt: skip


def smooth() -> torch.Tensor:
    """One part, without random numbers."""
    frame, band = torch.arange(float(FRAMES))[:, None], torch.arange(float(BANDS))
    return (2 + torch.sin(0.3 * frame) + torch.cos(0.1 * band + 0.02 * frame))[None]


def weights() -> dict[str, torch.Tensor]:
    return read_checkpoint(f"{PACKAGE.folder / WEIGHTS}/")


def test_the_bands_are_librosa_s_rounded_to_half_precision():
    x = torch.randn(SAMPLE_RATE, generator=torch.Generator().manual_seed(0))
    energy = librosa.feature.melspectrogram(
        y=x.numpy(), sr=SAMPLE_RATE, n_fft=WINDOW, hop_length=HOP, n_mels=BANDS
    ).T.astype(np.float16)
    wanted = np.log10(1 + np.float32(10000) * energy.astype(np.float32))
    np.testing.assert_allclose(spectrogram(x), wanted, atol=1e-3)


def test_in_half_precision_a_loud_sound_is_infinite_and_a_quiet_one_is_nearly_the_same():
    tone = sine(1000.0, seconds=1.0, sample_rate=SAMPLE_RATE)
    assert spectrogram(tone, half=True).isinf().any() and spectrogram(tone).isfinite().all()
    quiet = 0.01 * tone
    torch.testing.assert_close(
        spectrogram(quiet, half=True), spectrogram(quiet), atol=4e-3, rtol=0.0
    )


def test_parts_follow_each_other_and_the_rest_is_dropped():
    frames = torch.arange(2.0 * FRAMES + 10)[:, None].expand(-1, BANDS)
    parts = parts_of(frames)
    assert parts.shape == (2, FRAMES, BANDS)
    assert parts[:, 0, 0].tolist() == [0, FRAMES] and parts[1, -1, -1] == 2 * FRAMES - 1
    with pytest.raises(ValueError, match="186 frames of 0.016 s are too short"):
        parts_of(frames[: FRAMES - 1])


def test_fifty_words_of_which_none_is_twice():
    assert len(set(TAGS)) == len(TAGS) == 50


@needs
def test_the_words_are_the_package_s():
    path = PACKAGE.folder / "configuration.py"
    spec = importlib.util.spec_from_file_location("configuration", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert tuple(module.MTT_LABELS) == TAGS


@needs
def test_the_network_gives_what_the_package_s_graph_gave_in_tensorflow():
    (likely,) = network(smooth(), weights()).sigmoid()
    for word, value in GRAPHS.items():
        assert float(likely[TAGS.index(word)]) == pytest.approx(value, abs=5e-6)


@needs
def test_parts_do_not_influence_each_other_and_an_infinity_leaves_no_number():
    part = smooth()
    both = network(torch.cat([part, 0.5 * part]), weights())
    torch.testing.assert_close(both[:1], network(part, weights()), atol=1e-4, rtol=0.0)
    part[0, 90, 10] = torch.inf
    assert network(part, weights()).isnan().all()


@needs
def test_a_chorale_on_a_piano_is_piano_first():
    piece = tags_comparison.pieces()[0]
    found = musicnn(piece.waveform, sample_rate=SAMPLE_RATE)
    assert found.likely.shape == (3, 50)
    word, value = next(iter(found.mean().items()))
    assert word == "piano" and value > 0.9
    assert list(found.mean().values()) == sorted(found.mean().values(), reverse=True)


def test_no_sound_is_refused(refuses):
    refuses(musicnn)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="musicnn is not installed"):
        musicnn(torch.zeros(3 * SAMPLE_RATE), sample_rate=SAMPLE_RATE)
