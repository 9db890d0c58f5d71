"""STOI: how intelligible a voice stays, from the envelopes of its bands.

Correlations of third-octave envelopes of estimate and reference over
0.4 s, from 150 Hz to 4.3 kHz (Taal et al., 2011); no parameters were
trained. ESTOI compares whole spectra over the same time, each
normalised in rows and columns (Jensen and Taal, 2016). The package is
a port of the authors' code to NumPy.
"""

import warnings

from jaxtyping import Float
from torch import Tensor

from dla.reference.pair import as_pair
from dla.reference.published import Package

PACKAGE = Package(
    name="pystoi",
    tested="0.4.1",
    module="pystoi",
    beside=(),
    licence="MIT",
    source="Taal et al. (2011), doi:10.1109/TASL.2011.2114881",
)


def stoi(
    estimate: Float[Tensor, "time"],
    target: Float[Tensor, "time"],
    *,
    sample_rate: int,
    extended: bool = False,
) -> float:
    """Short-time objective intelligibility, at most 1; higher is better.

    Silent frames of the target are left out of both.

    Args:
        estimate: one voice, mono; its gain does not matter.
        target: the clean voice, same length, at the same time.
        sample_rate: Hz; the package resamples to 10 kHz.
        extended: the later measure, ESTOI.

    Raises:
        MissingPackage: pystoi is not installed.
        ValueError: no mono sounds of finite numbers and of one length,
            a silent target, or less than 0.4 s of voice.
    """
    x, y = as_pair(estimate, target, sample_rate)
    PACKAGE.folder  # noqa: B018
    import pystoi

    with warnings.catch_warnings():
        # it would return 1e-5, which is also a low score
        warnings.simplefilter("error", RuntimeWarning)
        try:
            return float(pystoi.stoi(y, x, sample_rate, extended))
        except (RuntimeWarning, ValueError) as error:
            raise ValueError(
                f"{len(y) / sample_rate:.2f} s of sound hold less "
                "than the 0.4 s of voice that STOI needs"
            ) from error
