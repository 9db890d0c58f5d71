r"""Dilated causal convolutions that say what the next sample may be: a small WaveNet.

Training sees all samples of a sound at once; sampling goes from one to the next and keeps what each
layer will need again, so that a sample costs the same late as early. Not `torch` for the latter,
because one sample is some fifty operations on a few dozen numbers, and NumPy starts each of them
several times faster.

Explained in synthesis/phase-and-likelihood/autoregression.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from dla import checks


@dataclass(frozen=True)
class WaveNetSettings:
    """Sizes."""

    levels: int = 256  # Q, of a sample
    channels: int = 32  # C, on the residual path
    skip: int = 64  # of the path to the output
    kernel: int = 2  # k, samples that a layer combines
    layers: int = 9  # in a stack; dilations 1, 2, 4, ...
    stacks: int = 1  # how often the dilations start again
    conditions: int = 0  # numbers that go with each sample; 0: none

    @property
    def dilations(self) -> list[int]:
        """Of all layers in order: 1, 2, 4, ..., stacks times over."""
        return [2**i for i in range(self.layers)] * self.stacks


def receptive_field(settings: WaveNetSettings) -> int:
    r"""Number of past samples that a prediction depends on (eq-auto-field).

    .. math:: R = 1 + (k - 1) \sum_l d_l

    >>> receptive_field(WaveNetSettings(layers=10))
    1024
    """
    return 1 + (settings.kernel - 1) * sum(settings.dilations)


class GatedLayer(nn.Module):
    """Causal convolution, gate, then (the path, changed; what it adds to the output).

    Behind the last layer the path leads nowhere: it is not changed.
    """

    def __init__(
        self, settings: WaveNetSettings, dilation: int, *, last: bool
    ):
        super().__init__()
        s = settings
        self.filter = nn.Conv1d(
            s.channels, 2 * s.channels, s.kernel, dilation=dilation
        )
        self.condition = (
            nn.Conv1d(s.conditions, 2 * s.channels, 1, bias=False)
            if s.conditions
            else None
        )
        self.change = (
            None if last else nn.Conv1d(s.channels, s.channels, 1)
        )
        self.skip = nn.Conv1d(s.channels, s.skip, 1)
        self.past = (s.kernel - 1) * dilation

    def forward(
        self,
        h: Float[Tensor, "batch channel time"],
        condition: Float[Tensor, "batch condition time"] | None,
    ) -> tuple[
        Float[Tensor, "batch channel time"],
        Float[Tensor, "batch skip time"],
    ]:
        z = self.filter(functional.pad(h, (self.past, 0)))
        if self.condition is not None:
            z = z + self.condition(condition)
        value, gate = z.chunk(2, dim=1)
        gated = torch.tanh(value) * torch.sigmoid(gate)
        if self.change is not None:
            h = h + self.change(gated)
        return h, self.skip(gated)


class WaveNet(nn.Module):
    """Codes of a sound in, logits of each of its samples out (van den Oord et al., 2016).

    The logits of a sample depend on the samples before it only; the
    first sample has the level in the middle before it.
    """

    def __init__(self, settings: WaveNetSettings = WaveNetSettings()):
        super().__init__()
        self.settings = s = settings
        self.entry = nn.Embedding(s.levels, s.channels)
        self.layers = nn.ModuleList(
            GatedLayer(s, d, last=i + 1 == len(s.dilations))
            for i, d in enumerate(s.dilations)
        )
        self.exit = nn.Sequential(
            nn.ReLU(),
            nn.Conv1d(s.skip, s.skip, 1),
            nn.ReLU(),
            nn.Conv1d(s.skip, s.levels, 1),
        )

    def forward(
        self,
        codes: Int[Tensor, "batch time"],
        condition: Float[Tensor, "batch condition time"] | None = None,
    ) -> Float[Tensor, "batch level time"]:
        _refuse_other_conditions(self, condition)
        middle = self.settings.levels // 2
        previous = functional.pad(codes, (1, 0), value=middle)[:, :-1]
        h = self.entry(previous).mT
        total = 0.0
        for layer in self.layers:
            h, skip = layer(h, condition)
            total = total + skip
        return self.exit(total)


def sample(
    model: WaveNet,
    *,
    time: int,
    generator: torch.Generator,
    condition: Float[Tensor, "condition time"] | None = None,
    temperature: float = 1.0,
) -> Int[Tensor, "time"]:
    r"""A new sound, one sample after the other, each layer's past kept.

    A layer with dilation d needs its input of d samples ago again; a
    ring of the last :math:`(k - 1)\, d` inputs has it. The work for a
    sample does not grow with the number of samples before it (Paine
    et al., 2016; eq-auto-cost).

    Args:
        model: trained, in single precision.
        time: number of samples.
        generator: of one uniform number per sample; it advances.
        condition: as in training; its last axis has ``time`` columns.
        temperature: divides the logits; below 1 the probable becomes
            more probable; 0 takes the most probable.

    Returns:
        Codes, for :func:`dla.coding.mu_law.decode`.

    Raises:
        ValueError: a condition that the model does not know, lacks, or
            that has another length or is not finite, or a negative
            temperature.
    """
    if temperature < 0:
        raise ValueError(
            f"temperature must not be negative, got {temperature}"
        )
    if condition is not None:
        checks.refuse_non_finite(condition=condition)
    predict = cached(model, time=time, condition=condition)
    draws = torch.rand(time, generator=generator, dtype=torch.float64)
    code = model.settings.levels // 2
    codes = np.empty(time, dtype=np.int64)
    for t, u in enumerate(draws.tolist()):
        logits = predict(code)
        if temperature == 0:
            code = int(logits.argmax())
        else:
            code = _draw(logits, u, temperature)
        codes[t] = code
    return torch.from_numpy(codes)


def cached(
    model: WaveNet,
    *,
    time: int,
    condition: Float[Tensor, "condition time"] | None = None,
) -> Callable[[int], np.ndarray]:
    """A function from the sample before to the logits of the next, called in order.

    Args:
        model: in single precision.
        time: number of samples that it will be asked for.
        condition: as in :func:`sample`.

    Raises:
        ValueError: as :func:`sample`.

    >>> predict = cached(WaveNet(), time=2)
    >>> predict(128).shape, predict(3).shape
    ((256,), (256,))
    """
    batched = None if condition is None else condition[None]
    _refuse_other_conditions(model, batched)
    if condition is not None and condition.shape[-1] != time:
        raise ValueError(
            f"condition {tuple(condition.shape)} has "
            f"{condition.shape[-1]} columns for {time} samples"
        )
    s = model.settings
    count, channels = len(s.dilations), s.channels
    layers = [
        _weights(layer, d, s.kernel)
        for layer, d in zip(model.layers, s.dilations, strict=True)
    ]
    biases = _biases(model, batched, time)
    entry = _array(model.entry.weight)
    skips = 0.5 * np.concatenate(  # 0.5: see _weights
        [_array(layer.skip.weight)[..., 0].T for layer in model.layers]
    )
    skip_bias = sum(_array(layer.skip.bias) for layer in model.layers)
    inner, outer = model.exit[1], model.exit[3]
    inner_weight = _array(inner.weight)[..., 0].T.copy()
    outer_weight = _array(outer.weight)[..., 0].T.copy()
    inner_bias, outer_bias = _array(inner.bias), _array(outer.bias)
    gated = np.empty((count, channels), dtype=np.float32)
    flat = gated.reshape(-1)
    step = 0

    def predict(code: int) -> np.ndarray:
        nonlocal step
        h = entry[code].copy()
        bias = biases[min(step, len(biases) - 1)]
        for row, (
            ring,
            taps,
            filter_,
            change,
            change_bias,
        ) in enumerate(layers):
            place = step % len(ring)
            ring[place] = h
            seen = ring[(place - taps) % len(ring)].reshape(-1)
            z = np.tanh(seen @ filter_ + bias[row])
            out = gated[row]
            np.multiply(z[:channels], 1 + z[channels:], out=out)
            if change is not None:
                h += out @ change
                h += change_bias
        step += 1
        x = np.maximum(flat @ skips + skip_bias, 0)
        x = np.maximum(x @ inner_weight + inner_bias, 0)
        return x @ outer_weight + outer_bias

    return predict


def _weights(layer: GatedLayer, dilation: int, kernel: int):
    """Ring, places of the taps, and matrices of one layer for NumPy.

    A sigmoid is (1 + tanh(g / 2)) / 2: one tanh serves value and gate,
    and both halves are in the matrices, before and after.
    """
    weight = _array(layer.filter.weight)  # (2 channel, channel, tap)
    double, channels, _ = weight.shape
    filter_ = weight.transpose(2, 1, 0).reshape(-1, double).copy()
    filter_[:, channels:] *= 0.5
    ring = np.zeros(
        ((kernel - 1) * dilation + 1, channels), dtype=np.float32
    )
    taps = np.arange(kernel - 1, -1, -1) * dilation
    if layer.change is None:
        return ring, taps, filter_, None, None
    change = 0.5 * _array(layer.change.weight)[..., 0].T
    return ring, taps, filter_, change.copy(), _array(layer.change.bias)


def _biases(
    model: WaveNet, condition: Tensor | None, time: int
) -> np.ndarray:
    """What is added in each layer before the gate: (time or 1, layer, 2 channel)."""
    rows = []
    with torch.no_grad():
        for layer in model.layers:
            row = layer.filter.bias[:, None]
            if condition is not None:
                row = row + layer.condition(condition)[0]
            rows.append(row.mT)
    biases = _array(torch.stack(rows, dim=1)).copy()
    biases[..., model.settings.channels :] *= 0.5
    return biases


def _draw(logits: np.ndarray, u: float, temperature: float) -> int:
    """The level at which the cumulative probability passes u."""
    p = np.exp((logits - logits.max()) / temperature)
    total = np.cumsum(p)
    return min(int(np.searchsorted(total, u * total[-1])), len(p) - 1)


def _array(x: Tensor) -> np.ndarray:
    return x.detach().numpy()


def _refuse_other_conditions(
    model: WaveNet, condition: Tensor | None
) -> None:
    """Raise where the model has conditions and none come, or others."""
    wanted = model.settings.conditions
    given = 0 if condition is None else condition.shape[1]
    if wanted != given:
        raise ValueError(
            f"condition has {given} rows, the model expects {wanted}"
        )
    if condition is not None:
        checks.as_floats("condition", condition)


def bits_per_sample(
    logits: Float[Tensor, "batch level time"],
    codes: Int[Tensor, "batch time"],
) -> Float[Tensor, "batch"]:
    r"""Negative log-likelihood in bits, the mean over the samples (def-auto-bits).

    .. math:: -\frac1T \sum_t \log_2 p(x_t \mid x_{<t})

    Args:
        logits: of :class:`WaveNet`.
        codes: what came.

    >>> bits_per_sample(torch.zeros(1, 256, 5), torch.zeros(1, 5).long())
    tensor([8.])
    """
    logits = checks.as_floats("logits", logits)
    nats = functional.cross_entropy(logits, codes, reduction="none")
    return nats.mean(-1) / math.log(2)
