"""The chapter's own trackers on recorded piano notes, and a control.

Used in analysis/melody.
"""

import math
from functools import cache

import numpy as np
import torch

from dla.chapters.melody import (
    contours,
    salience,
    salience_study,
    unlabelled,
    unlabelled_study,
)
from dla.chapters.melody.corpus import HOP, SAMPLE_RATE
from dla.measures.melody import at_times
from dla.protocol import study
from dla.sing import sing
from dla.spectral.yin import yin

RANGE = (65.0, 1047.0)  # Hz, C2 to C6: the axis of the stacked network
CONTROL = (1.0, 0.25, 0.11)  # amplitudes of an exactly harmonic tone
OFFSETS = (-30, -15, 0, 15, 30)  # cents, about the pitch


def by_networks(note: str) -> dict[str, np.ndarray]:
    """What the chapter's networks say of a note, on the kept frames.

    Args:
        note: of `contours.sounds`, at 22.05 kHz.

    Returns:
        Hz at each of `contours.frame_times`, by the network on stacked
        harmonics ("stacked") and the one without labels ("no labels").
    """
    waveform = contours.sounds()[note]
    stacked, free, constant = _networks()
    with torch.no_grad():
        heard = salience.salience(stacked, salience.heard(waveform))
        found = {
            "stacked": salience.contour(heard).frequency,
            "no labels": unlabelled.contour(
                free, unlabelled.inputs(waveform), constant
            ),
        }
    wanted = contours.frame_times(note)
    return {
        who: at_times(np.arange(len(f)) * HOP / SAMPLE_RATE, f, wanted)
        for who, f in found.items()
    }


def control_error(frequency: float) -> float:
    """YIN's median error in cents on exactly harmonic tones.

    With the settings of a note, in five tunings about the pitch. Where
    it is not zero, what YIN says of a note is partly its own.
    """
    errors = []
    for cents in OFFSETS:
        f = frequency * 2 ** (cents / 1200)
        rate = contours.RATES["note"]
        tone = sing(
            [f] * 50,
            frame_rate=50.0,
            sample_rate=rate,
            harmonics=CONTROL,
        )
        said = yin(
            tone, sample_rate=rate, hop_length=441, **contours.NOTE
        ).frequency[10:40]
        errors.append(1200 * math.log2(float(said.median()) / f))
    return float(np.median(errors))


@cache
def _networks() -> tuple[torch.nn.Module, torch.nn.Module, float]:
    stacked = study.load_network(salience_study.STUDIES[0]).eval()
    free = study.load_network(unlabelled_study.STUDIES[0]).eval()
    return stacked, free, unlabelled.calibrate(free)
