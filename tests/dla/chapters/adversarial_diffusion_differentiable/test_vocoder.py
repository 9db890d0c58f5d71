"""Sentences, and a vocoder that hears nothing but mel levels."""

import pytest
import torch
from torch.testing import assert_close

from dla import signals
from dla.chapters.adversarial_diffusion_differentiable import vocoder
from dla.models.harmonic_noise import harmonics
from dla.spectral.mel import mel_matrix, mel_spectrogram
from dla.train import seeded


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("speaker", ["june", "carlo"])
def test_no_sentence_is_learned_and_held_out(speaker):
    learn, test = (
        {s.text for s in vocoder.sentences(speaker, held_out=side)} for side in (False, True)
    )
    assert learn and test and not learn & test


def test_levels_have_a_frame_a_hop_and_give_back_their_energies():
    s = vocoder.tested("june")[0]
    assert s.level.shape == (80, len(s.sound) // vocoder.HOP)
    E = mel_spectrogram(s.sound, sample_rate=16000, n_mels=80, **vocoder.GRID)
    assert_close(vocoder.energy(s.level), E[:, :-1], rtol=1e-3, atol=1e-8)


def test_the_fit_meets_the_energies_and_never_rises():
    s = vocoder.tested("june")[0]
    E = vocoder.energy(s.level[:, 50:60])
    B = mel_matrix(sample_rate=16000, n_fft=512, n_mels=80)
    p = torch.rand(257, 10, generator=rng())

    def off(q):
        return (E * (E / (B @ q)).log() - E + B @ q).sum().item()

    values = [off(vocoder.fit_bands(p, E, steps=k)) for k in range(0, 200, 20)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.01 * values[0]


def test_harmonics_and_noise_of_given_levels_have_these_levels():
    frames = 200
    power = vocoder.HARMONIC_GAIN * 200.0  # A^2 of each harmonic
    tone = harmonics(
        torch.full((frames,), 200.0),
        torch.full((39, frames), power**0.5),
        sample_rate=16000,
        hop_length=vocoder.HOP,
    )
    noise = vocoder.NOISE_GAIN**0.5 * torch.randn(25600, generator=rng())
    for x in (tone, noise):
        E = mel_spectrogram(x, sample_rate=16000, n_mels=80, **vocoder.GRID)
        middle = E[:, 20:-20].mean(1)
        assert 10 * middle[10:70].mean().log10().abs() < 0.5


def test_an_envelope_is_read_at_the_multiples_of_the_pitch():
    line = torch.linspace(0, 8000, vocoder.POINTS)[None, :, None].expand(1, -1, 3)
    f = torch.tensor([[100.0, 211.0, 393.0]])
    found = vocoder.at_harmonics(line, f, 20)
    assert_close(found[0], torch.arange(1, 21)[:, None] * f, rtol=1e-4, atol=0.1)


def test_the_pitch_of_a_tone_is_its_octave():
    tone = signals.sine(300.0, seconds=1.0, sample_rate=16000)
    octave, voiced = vocoder.recorded_pitch(tone)[:, 20:-20]
    assert voiced.all()
    assert_close(octave, torch.full_like(octave, 1.5).log2(), atol=0.01, rtol=0)


@pytest.mark.parametrize(("seed", "same"), [(0, True), (1, False)])
def test_stretches_follow_from_the_seed(seed, same):
    first, again = vocoder.batches(0)(0)[0], vocoder.batches(seed)(0)[0]
    assert torch.equal(first, again) is same


def test_what_is_heard_are_the_levels_of_the_target():
    inputs, targets = vocoder.batches(0)(0)
    x = targets[0, 0, : vocoder.HOP].mT.flatten()
    inner = slice(4, -4)
    assert_close(vocoder.level(x)[:, inner], inputs[0, 0, :80, inner], atol=1e-3, rtol=0)


def test_a_perfect_answer_costs_nothing_but_doubt():
    targets = vocoder.batches(0)(0)[1]
    sound, octave, voiced = targets.split([vocoder.HOP, 1, 1], dim=-2)
    sure = 40 * (voiced - 0.5)
    right = torch.cat([sound, sound, octave, sure], dim=-2)
    assert vocoder.loss(right, targets) < 1e-5
    wrong = torch.cat([sound, sound, octave + 1, sure], dim=-2)
    assert_close(vocoder.loss(wrong, targets), 5 * voiced.mean((1, 2, 3)))


def test_speech_is_of_the_levels_and_the_generator_alone():
    network = seeded(vocoder.Vocoder, 0)
    level = vocoder.tested("june")[0].level[:, :60]
    one, again, other = (vocoder.speak(network, level, generator=rng(k)) for k in (0, 0, 1))
    assert one.shape == (60 * vocoder.HOP,)
    assert torch.equal(one, again) and not torch.equal(one, other)
    back = vocoder.level(one)[:, 4:-4]
    assert (back - level[:, 4:-4]).abs().mean() < 0.1  # 2 dB


def test_an_untrained_network_adds_nothing_to_the_fit():
    network = seeded(vocoder.Vocoder, 0)
    level = vocoder.tested("june")[0].level[:, :60]
    _, _, magnitude = vocoder.parts(network, level, generator=rng())
    assert_close(magnitude, vocoder.fitted_bands(level), rtol=1e-4, atol=1e-6)


def test_a_sound_without_a_pitch_is_refused():
    with pytest.raises(ValueError, match="none of 50 frames is voiced"):
        vocoder.recorded_pitch(torch.zeros(6400))


def test_silence_stays_silent_whatever_the_correction_says():
    network = seeded(vocoder.Vocoder, 0)
    network.correction[-1].bias.data += 200.0
    level = torch.full((80, 20), (-60 - vocoder.CENTRE) / vocoder.SPREAD)
    assert vocoder.speak(network, level, generator=rng()).abs().max() < 1e-3


def test_a_network_that_says_the_pitch_of_yin_is_not_off():
    class Told(torch.nn.Module):
        def listen(self, level):
            return level

        def pitch(self, hidden):
            octave, voiced = vocoder.recorded_pitch(s.sound)
            return torch.stack([octave + 1 / 12, voiced - 0.5])[None]

    s = vocoder.tested("june")[0]
    cents, agreed = vocoder.pitch_errors(Told(), [s])
    assert_close(cents, torch.tensor([100.0]), atol=0.1, rtol=0)
    assert agreed.item() == 1
