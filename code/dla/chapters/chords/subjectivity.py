"""Four simulated annotators of the same chorales, and who learns whom.

Explained in analysis/chords/annotators. Their styles differ in what
people differ in: how long a harmony lasts, whether the bass or the sum
of the notes decides, whether a suspension or its resolution counts.
Each is a rule, so that nothing but the style is in a difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from dla import checks
from dla.chapters.chords.corpus import (
    BINS,
    FRAME_RATE,
    LOWEST,
    Excerpt,
    Plan,
)
from dla.chapters.chords.from_scores import Style, by_rule
from dla.measures.chords import NONE, frame_classes
from dla.models.pitch_class_network import CircularConvolution
from dla.scores.tempo import TempoCurve
from dla.spectral.chroma import CLASSES, fold, normalise
from dla.spectral.cqt import pitch_to_hz

STYLES = {
    "sum of the notes": Style(covered=0.0),
    "two beats at once": Style(beats=2, bass=0.3, covered=0.0),
    "bass is the root": Style(bass=1.0, covered=0.0),
    "resolution counts": Style(on_beat=0.01, bass=0.0, covered=0.0),
}
WINDOWS = ((-12, -6), (-6, -1), (-1, 2), (2, 7), (7, 13))  # frames
REGISTERS = (0, 2), (0, 5)  # octaves of the spectrum: bass, all
CHORDS = 2 * CLASSES
WIDTH = 16  # channels


@dataclass(frozen=True, eq=False)
class Annotated:
    """Features of the frames of some excerpts, and four opinions."""

    features: Float[Tensor, "frame channel 12"]
    labels: Int[Tensor, "annotator frame"]  # 0 to 23
    pieces: tuple[str, ...]  # of each frame
    units: Float[Tensor, "frame register 12"]  # means over two beats


def annotate(
    drawn: Sequence[Plan],
    excerpts: Sequence[Excerpt],
    *,
    styles: Sequence[Style] = tuple(STYLES.values()),
) -> Annotated:
    """Let every annotator label every frame.

    Frames that one of them calls neither major nor minor are left out
    for all, so that all are asked the same.

    Args:
        drawn: the plans of the excerpts, in their order.
        excerpts: as sound.
        styles: one an annotator.
    """
    features, labels, pieces, units = [], [], [], []
    for plan, excerpt in zip(drawn, excerpts, strict=True):
        heard = context(excerpt.spectrum())
        times = np.arange(len(heard)) / FRAME_RATE
        given = torch.stack(
            [
                frame_classes(
                    plan.in_time(by_rule(plan.score, style)), times
                )
                for style in styles
            ]
        )
        kept = ((given >= 0) & (given < NONE)).all(0)
        features.append(heard[kept])
        labels.append(given[:, kept])
        units.append(unit_chroma(plan, excerpt.spectrum())[kept])
        pieces += [excerpt.name] * int(kept.sum())
    return Annotated(
        torch.cat(features),
        torch.cat(labels, 1),
        tuple(pieces),
        torch.cat(units),
    )


def context(
    spectrum: Float[Tensor, "bin frame"],
) -> Float[Tensor, "frame channel 12"]:
    """Chroma of the bass and of all, around each frame.

    Means over five windows of up to six frames, from one second before
    to one second after.
    """
    checks.refuse_non_finite(spectrum=spectrum)
    found = []
    for chroma in _registers(spectrum):
        reach = WINDOWS[-1][1]
        wide = functional.pad(chroma[None], (reach, reach), "replicate")
        total = functional.pad(wide[0].cumsum(-1), (1, 0))
        frames = torch.arange(chroma.shape[-1]) + reach
        found += [
            (total[:, frames + b] - total[:, frames + a]) / (b - a)
            for a, b in WINDOWS
        ]
    return torch.stack(found).permute(2, 0, 1)


def unit_chroma(
    plan: Plan, spectrum: Float[Tensor, "bin frame"]
) -> Float[Tensor, "frame register 12"]:
    """Means of the chroma of bass and of all over two beats at once.

    The units are those that the annotator of two beats judges, who
    begins at a downbeat: what a network cannot find without the bar.

    Args:
        plan: of the excerpt.
        spectrum: of its sound.
    """
    checks.refuse_non_finite(spectrum=spectrum)
    beats = plan.score.beats
    first = int(np.argmax(beats["downbeat"])) % 2
    begins = beats["onset"][first::2]
    curve = TempoCurve(plan.tempo, origin=plan.start)
    starts = curve.time(begins[begins > plan.start + 1e-9]) + plan.lead
    times = np.arange(spectrum.shape[-1]) / FRAME_RATE
    unit = torch.from_numpy(np.searchsorted(starts, times, "right"))
    heard = torch.stack(_registers(spectrum))  # register, 12, frame
    sums = heard.new_zeros(*heard.shape[:2], int(unit.max()) + 1)
    means = sums.index_add(-1, unit, heard) / unit.bincount()
    return means[..., unit].permute(2, 0, 1)


def _registers(
    spectrum: Float[Tensor, "bin frame"],
) -> list[Float[Tensor, "12 frame"]]:
    """Chroma of the bass and of all, each frame of norm one."""
    return [
        normalise(
            fold(
                spectrum[low * BINS : high * BINS],
                f_min=float(pitch_to_hz(LOWEST)),
                bins_per_octave=BINS,
            )
        )
        for low, high in REGISTERS
    ]


class ContextNetwork(nn.Module):
    """Two circular convolutions over the classes: 24 logits a frame.

    Args:
        channels: of the features; those of `context` if left out.
    """

    def __init__(self, channels: int = len(WINDOWS) * len(REGISTERS)):
        super().__init__()
        self.first = CircularConvolution(channels, WIDTH)
        self.decide = CircularConvolution(WIDTH, 2)

    def forward(
        self, features: Float[Tensor, "*batch frame channel 12"]
    ) -> Float[Tensor, "*batch frame 24"]:
        x = functional.relu(self.first(features.movedim(-3, -1)))
        return self.decide(x).movedim(-1, -3).flatten(-2)


def cross_entropy(
    logits: Float[Tensor, "model frame 24"],
    labels: Int[Tensor, "model frame"],
) -> Float[Tensor, "model"]:
    """Of each model, in nat a frame."""
    losses = functional.cross_entropy(
        logits.movedim(-1, 1), labels, reduction="none"
    )
    return losses.mean(-1)


def batches(
    features: Float[Tensor, "frame channel 12"],
    labels: Int[Tensor, "model frame"],
    *,
    seeds: Sequence[int],
    size: int = 128,
):
    """A function from the step to inputs and targets of each model.

    Args:
        features: of all frames.
        labels: one row for each model.
        seeds: of each model's draws of frames.
        size: frames in a batch.
    """
    sources = [np.random.default_rng([seed, 5]) for seed in seeds]

    def draw_batch(step):
        rows = torch.from_numpy(
            np.stack(
                [g.integers(len(features), size=size) for g in sources]
            )
        )
        return features[rows], labels.gather(1, rows)

    return draw_batch
