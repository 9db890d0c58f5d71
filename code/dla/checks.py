"""What the library refuses, in one wording for all: see `dla`.

Those that look at dtype and shape only cost nothing and may stand in a
loss; those that read the data say so, and do not work under
``torch.vmap``.
"""

import torch
from jaxtyping import Shaped
from torch import Tensor

QUIETEST = 1e-14  # power: -140 dB, rounding of float32 at full scale
CHANNELS = 8  # a last axis so short, after one so long, ...
MANY = 100  # ... holds channels where samples are expected
WIDER = {
    torch.float16: torch.float32,
    torch.bfloat16: torch.float32,
    torch.complex32: torch.complex64,
}


def as_floats(
    name: str, x: Shaped[Tensor, "*shape"]
) -> Shaped[Tensor, "*shape"]:
    """`x`, in single precision if it comes in half.

    Sums of squares do not fit into half precision, and constants that
    keep silence finite are zero there. Looks at the dtype only.

    Raises:
        ValueError: whole numbers (samples as a file stores them).

    >>> as_floats("waveform", torch.zeros(2, dtype=torch.float16)).dtype
    torch.float32
    """
    if not (x.is_floating_point() or x.is_complex()):
        raise ValueError(
            f"{name} is {str(x.dtype).removeprefix('torch.')}, expected "
            "floating point; divide the samples of a file by their "
            "full scale (32768 for int16)"
        )
    return x.to(WIDER.get(x.dtype, x.dtype))


def as_sound(
    name: str, x: Shaped[Tensor, "*batch time"], *, shortest: int = 1
) -> Shaped[Tensor, "*batch time"]:
    """`as_floats` of a sound whose last axis is time.

    Looks at dtype and shape only. More than eight short signals of
    eight samples are taken for what they say; a hundred are not.

    Args:
        name: of the argument.
        x: the sound.
        shortest: number of samples that it must have.

    Raises:
        ValueError: whole numbers, too few samples, or samples before
            channels.

    >>> as_sound("waveform", torch.zeros(2, 8000)).shape
    torch.Size([2, 8000])
    """
    shape = tuple(x.shape)
    if not shape or shape[-1] < shortest:
        raise ValueError(
            f"{name} {shape} is too short: expected {shortest} or more "
            "samples on its last axis"
        )
    if len(shape) > 1 and shape[-1] <= CHANNELS and shape[-2] >= MANY:
        raise ValueError(
            f"{name} {shape} has {shape[-1]} samples; did you pass "
            "(time, channel)? Expected (channel, time)"
        )
    return as_floats(name, x)


def refuse_other_axes(
    name: str, x: Shaped[Tensor, "..."], *axes: str
) -> None:
    """Raise for another number of axes than those named.

    >>> refuse_other_axes("novelty", torch.zeros(100), "frame")
    """
    if x.ndim != len(axes):
        raise ValueError(
            f"{name} {tuple(x.shape)} has {x.ndim} axes, expected "
            f"({', '.join(axes)})"
        )


def refuse_different_shapes(**pair: Shaped[Tensor, "..."]) -> None:
    """Raise where broadcasting would compare the wrong signals.

    >>> x = torch.zeros(8)
    >>> refuse_different_shapes(estimate=x, target=x)
    """
    (one, a), (other, b) = pair.items()
    if a.shape != b.shape:
        raise ValueError(
            f"{one} {tuple(a.shape)} and {other} {tuple(b.shape)} "
            "differ in shape"
        )


def refuse_non_finite(**named: Shaped[Tensor, "..."]) -> None:
    """Raise for NaN and infinity. Reads the data.

    >>> refuse_non_finite(waveform=torch.zeros(8))
    """
    for name, x in named.items():
        finite = torch.isfinite(x)
        if not finite.all():
            raise ValueError(
                f"{int((~finite).sum())} of {x.numel()} values of "
                f"{name} {tuple(x.shape)} are not finite (NaN or "
                "infinite)"
            )


def refuse_silence(**signals: Shaped[Tensor, "..."]) -> None:
    """Raise for silence, and for what only rounding has left.

    A gain that makes it as loud as other sounds would make noise of
    it: full scale in single precision has rounding errors of -150 dB.
    Reads the data.

    >>> refuse_silence(target=torch.ones(8))
    """
    for name, x in signals.items():
        least = x.detach().square().mean(-1).min()
        if least < QUIETEST:
            left = f" (its power of {least:.1e} is rounding)"
            raise ValueError(
                f"{name} {tuple(x.shape)} holds a silent signal"
                f"{left if least else ''}: its ratios are undefined; "
                "count such items apart"
            )


def refuse_unsorted(**times: Shaped[Tensor, "event"]) -> None:
    """Raise for event times between which an interval is not positive.

    Reads the data.

    >>> refuse_unsorted(beats=torch.tensor([0.5, 1.0]))
    """
    for name, x in times.items():
        refuse_other_axes(name, x, "event")
        refuse_non_finite(**{name: x})
        back = (x.diff() <= 0).nonzero()
        if len(back):
            here = int(back[0])
            raise ValueError(
                f"{name} do not ascend: {float(x[here]):g} s is "
                f"followed by {float(x[here + 1]):g} s; sort them, and "
                "list each once"
            )
