"""What a decoder is told, what its numbers mean, and the frame that they make."""

import math

import pytest
import torch

from dla.chapters.adversarial_diffusion_differentiable.decoders import (
    ARMS,
    BINS,
    HARMONICS,
    RATE,
    SIZE,
    Arm,
    Decoder,
    frame,
    level,
    lobes,
)
from dla.train import seeded


def asked(vowel, f0):
    return torch.tensor([[float(vowel), f0]])


def answer(arm, vowel, f0, seed=0):
    model = seeded(lambda: Decoder(arm), seed)
    with torch.no_grad():
        return model(asked(vowel, f0))[0]


def test_a_lobe_is_the_transform_of_a_windowed_cosine():
    f = 1234.5
    n = torch.arange(SIZE) - SIZE // 2
    w = torch.hann_window(SIZE)
    direct = torch.fft.rfft(torch.fft.ifftshift(w * torch.cos(2 * math.pi * f * n / RATE)))
    torch.testing.assert_close(
        lobes(torch.tensor([f]))[0], direct.real * 2 / w.sum(), atol=1e-5, rtol=0
    )
    assert direct.imag.abs().max() < 1e-3


def test_a_frame_is_linear_in_the_amplitudes_of_harmonics_below_half_the_rate():
    f0 = torch.tensor([450.0])
    levels = torch.linspace(0.0, -38.0, HARMONICS)[None]
    f = 450.0 * torch.arange(1, HARMONICS + 1)
    kept = f < RATE / 2
    made = frame(ARMS["harmonic"], levels, f0)[0]
    wanted = 10 ** (levels[0, kept] / 20) @ lobes(f[kept])
    torch.testing.assert_close(made, wanted)
    given = frame(ARMS["harmonic"], levels, f0, lobes(f)[None])[0]
    torch.testing.assert_close(given, wanted)


def test_the_black_box_gives_the_frame_itself():
    levels = torch.linspace(-60.0, 0.0, BINS)[None]
    made = frame(ARMS["black box"], levels, torch.tensor([250.0]))
    torch.testing.assert_close(20 * made.log10(), levels)


def test_levels_have_a_floor():
    torch.testing.assert_close(level(torch.tensor([1e-6, 0.0])), torch.tensor([-56.9897, -60.0]))


@pytest.mark.parametrize("name", ARMS)
def test_every_arm_hears_the_vowel(name):
    assert not torch.allclose(answer(ARMS[name], 0, 250.0), answer(ARMS[name], 3, 250.0))


def test_harmonics_of_two_pitches_at_one_frequency_get_one_level_unless_the_pitch_is_told():
    low, high = (answer(ARMS["source-filter"], 2, f0) for f0 in (200.0, 400.0))
    torch.testing.assert_close(low[1::2], high[:10])
    low, high = (answer(ARMS["source-filter, told"], 2, f0) for f0 in (200.0, 400.0))
    assert not torch.allclose(low[1::2], high[:10])


def test_the_wavetable_gives_one_level_to_a_number_at_all_pitches_unless_told():
    torch.testing.assert_close(
        answer(ARMS["wavetable"], 2, 200.0), answer(ARMS["wavetable"], 2, 400.0)
    )
    assert not torch.allclose(
        answer(ARMS["harmonic"], 2, 200.0), answer(ARMS["harmonic"], 2, 400.0)
    )


def test_a_pitch_told_as_a_number_alone_has_no_waves():
    plain = Arm("harmonic", told=True, waves=False)
    model = seeded(lambda: Decoder(plain), 0)
    before = model(asked(1, 260.0))
    model.pitch.weight.data[:, 1:] += 1.0
    assert torch.equal(before, model(asked(1, 260.0)))
    model.pitch.weight.data[:, :1] += 1.0
    assert not torch.equal(before, model(asked(1, 260.0)))


def test_arms_with_a_bank_of_harmonics_have_one_size():
    sizes = {name: sum(p.numel() for p in Decoder(arm).parameters()) for name, arm in ARMS.items()}
    box = sizes.pop("black box")
    assert len(set(sizes.values())) == 1 and box > next(iter(sizes.values()))


def test_refuses_a_coordinate_that_is_none():
    with pytest.raises(ValueError, match="coordinate 'time'"):
        Decoder(Arm("time", told=False))
