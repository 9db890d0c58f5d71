"""PESQ: the mark that listeners would give, from a model of hearing.

Recommendation P.862 of the ITU-T (Rix et al., 2001), with its extension
to wideband, P.862.2. It aligns both sounds in level and time, compares
loudness in critical bands, and maps what is left to a mean opinion
score. The package compiles the recommendation's own program.
"""

import numpy as np
from jaxtyping import Float
from torch import Tensor

from dla import checks
from dla.reference.pair import as_pair
from dla.reference.published import Package

PACKAGE = Package(
    name="pesq",
    tested="0.0.4",
    module="pesq",
    beside=(),
    licence="MIT",
    source="Rix et al. (2001), doi:10.1109/ICASSP.2001.941023",
)
SAMPLE_RATE = 16000  # Hz


def pesq(
    estimate: Float[Tensor, "time"],
    target: Float[Tensor, "time"],
    *,
    sample_rate: int,
    telephone: bool = False,
) -> float:
    """Mean opinion score by PESQ, 1 to 4.64; higher is better.

    Args:
        estimate: one voice, mono; level and delay are aligned.
        target: the clean voice, same length.
        sample_rate: Hz; other rates than 16 kHz are resampled.
        telephone: through the filter of a telephone, as in P.862 and
            P.862.1 (1 to 4.55); else wideband.

    Raises:
        MissingPackage: pesq is not installed.
        ValueError: no mono sounds of finite numbers and of one length,
            a silent estimate, or no utterance in the target.
    """
    x, y = as_pair(
        estimate, target, sample_rate, wanted_rate=SAMPLE_RATE
    )
    if not np.square(x, dtype=np.float64).mean() > checks.QUIETEST:
        raise ValueError(
            "a silent estimate; expected a sound: PESQ brings both to "
            "one level"
        )
    PACKAGE.folder  # noqa: B018
    import pesq as package

    mode = "nb" if telephone else "wb"
    try:
        return float(package.pesq(SAMPLE_RATE, y, x, mode))
    except (package.NoUtterancesError, package.BufferTooShortError):
        raise ValueError(
            f"PESQ finds no utterance in {len(y) / SAMPLE_RATE:.2f} s "
            "of target; it needs a quarter of a second of sound, and "
            "speech in it"
        ) from None
