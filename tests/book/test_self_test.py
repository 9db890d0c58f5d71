"""The ten questions before one begins: each answer computed again, and where to read up."""

import math
import re

import numpy as np
import pytest
import torch
from places import ROOT

TEXT = (ROOT / "book" / "self-test.md").read_text(encoding="utf-8")
QUESTIONS = dict(
    re.findall(r"^\(sec-self-([a-z]+)\)=\n## \d+\. (.*?)(?=^\(sec-self|\Z)", TEXT, re.M | re.S)
)


def answer(name: str) -> str:
    """What the page gives as the answer to a question."""
    return re.search(r":class: dropdown\n\n(.*?)\n```", QUESTIONS[name], re.S)[1]


def test_ten_questions_each_with_a_folded_answer_a_use_and_a_place_to_read_up():
    assert len(QUESTIONS) == 10
    assert [int(n) for n in re.findall(r"^## (\d+)\.", TEXT, re.M)] == list(range(1, 11))
    for name, body in QUESTIONS.items():
        assert "**" in answer(name), name
        assert re.search(r"^\*For what:\* .+", body, re.M), name
        assert re.search(r"^\*Read up:\* .*(\]\(https://|\{ref\}`sec-)", body, re.M), name


def test_vectors():
    a, b = np.array([2.0, 1]), np.array([1.0, 3])
    projection = (a @ b) / (a @ a) * a
    assert f"**{a @ b:.0f}**" in answer("vectors")
    assert "**({:.0f}, {:.0f})**".format(*projection) in answer("vectors")
    assert "$({:.0f}, {:.0f})$".format(*(b - projection)) in answer("vectors")


def test_gradient():
    W = torch.randn(3, 5, dtype=torch.double, requires_grad=True)
    x, y = torch.randn(5, dtype=torch.double), torch.randn(3, dtype=torch.double)
    (W @ x - y).square().sum().backward()
    assert torch.allclose(W.grad, 2 * torch.outer(W @ x - y, x).detach())
    assert r"$2\,(W x - y)\,x^\top$" in answer("gradient")
    assert f"**{len(x)}** numbers, $y$ has **{len(y)}**" in answer("gradient")
    assert "**3 × 5**" in answer("gradient") and tuple(W.grad.shape) == (3, 5)


def test_complex():
    z = 1 + 1j
    assert abs(z) == pytest.approx(math.sqrt(2)) and np.angle(z) == pytest.approx(math.pi / 4)
    assert r"$\sqrt 2$" in answer("complex") and r"$\pi / 4$" in answer("complex")
    assert z * np.exp(1j * np.pi / 2) == pytest.approx(-1 + 1j)
    assert r"-1 + \mathrm{j}" in answer("complex")


def test_sampling():
    n = np.arange(64)
    heard = next(
        f for f in range(1, 4) if np.allclose(*(np.cos(np.pi / 4 * k * n) for k in (5, f)))
    )
    assert f"**{heard} kHz**" in answer("sampling")


def test_convolution():
    result = np.convolve([1, 2, 3], [1, -1])
    assert f"**({', '.join(map(str, result))})**" in answer("convolution")
    assert f"**{len(result)}** numbers" in answer("convolution")


def test_fourier():
    samples, rate, tone = 8, 8000, 1000
    bins = np.fft.fft(np.cos(2 * np.pi * tone / rate * np.arange(samples)))
    places = np.flatnonzero(abs(bins) > 1e-9)
    assert f"**{rate / samples / 1000:.0f} kHz**" in answer("fourier")
    assert "Bins **{} and {}**".format(*places) in answer("fourier")


def test_decibel():
    assert f"**{20 * math.log10(2):.2f} dB**" in answer("decibel")
    assert f"**{10 * math.log10(100):.0f} dB**" in answer("decibel")


def test_probability():
    found, false, prior = 0.9, 0.1, 0.01
    posterior = found * prior / (found * prior + false * (1 - prior))
    assert f"**{posterior:.3f}**" in answer("probability")
    assert f"{{{found * prior:.3f}}}" in answer("probability")
    assert f"{{{found * prior + false * (1 - prior):.3f}}}" in answer("probability")


def test_learning():
    w = torch.zeros((), requires_grad=True)
    ((w - 3) ** 2).backward()
    assert f"$f'(0) = {w.grad.item():.0f}$" in answer("learning")
    assert f"**{-0.1 * w.grad.item():.1f}**" in answer("learning")


def test_arrays():
    x, y = np.zeros((4, 1, 16000)), np.zeros((2, 1))
    for shape in (x.mean(-1).shape, x[:, 0, ::2].shape, (x * y).shape):
        assert f"**{shape}**" in answer("python")
