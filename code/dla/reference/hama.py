"""hama: which phonemes a recording holds, and how a word is pronounced.

A network for phonemes, trained with connectionist temporal
classification, and one from spelling to phonemes (hama, 2026). There is
no paper. The package holds the authors' program, compiled, and the
weights; both are run here as they are. What follows, the word of a list
whose phonemes are nearest, is ours: :func:`nearest_word`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from torch import Tensor

from dla.reference.published import Package, as_samples

PACKAGE = Package(
    name="hama",
    tested="1.7.0",
    module="hama",
    beside=(),
    licence="Apache-2.0",
    source="hama 1.7.0, https://github.com/hamanlp/hama",
)
SAMPLE_RATE = 16000  # Hz


def hama(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> tuple[str, ...]:
    """The phonemes that the network hears, in the letters of the IPA.

    The best label of each frame of 20 ms, repeats joined, blanks left
    out.

    Args:
        waveform: a voice, mono, between -1 and 1: what is outside is
            limited, as the package does it.
        sample_rate: Hz; other rates than 16 kHz are resampled.

    Raises:
        MissingPackage: hama is not installed.
        ValueError: no mono sound of finite numbers.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    PACKAGE.folder  # noqa: B018
    from hama import ASRModel

    found = ASRModel()(np.ascontiguousarray(x), SAMPLE_RATE)
    return tuple(found.phonemes)


def pronounce(word: str) -> tuple[str, ...]:
    """The phonemes that the package's other network reads in a word.

    Args:
        word: in the letters of its language.

    Raises:
        MissingPackage: hama is not installed.
        ValueError: an empty word.
    """
    if not word.strip():
        raise ValueError(f"a word of no letters: {word!r}")
    PACKAGE.folder  # noqa: B018
    from hama import G2PModel

    found = G2PModel().predict(word).alignments
    return tuple(a.phoneme for a in found if a.phoneme.strip())


def nearest_word(
    heard: Sequence[str], lexicon: Mapping[str, Sequence[str]]
) -> str:
    """The word whose phonemes are nearest to those heard.

    By edit distance over the longer of the two; the first of several.

    Args:
        heard: phonemes.
        lexicon: word -> its phonemes.

    Raises:
        ValueError: no word to choose from.

    >>> nearest_word(["f", "ɔ"], {"five": ["f", "aɪ", "v"], "four": ["f", "ɔ", "ɹ"]})
    'four'
    """
    if not lexicon:
        raise ValueError("no word to choose from")

    def far(word: str) -> float:
        phonemes = lexicon[word]
        longer = max(len(heard), len(phonemes), 1)
        return edit_distance(heard, phonemes) / longer

    return min(lexicon, key=far)


def edit_distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Fewest insertions, deletions and replacements between two.

    >>> edit_distance("seven", "even"), edit_distance("two", "too")
    (1, 1)
    """
    row = list(range(len(other) + 1))
    for k, a in enumerate(one, start=1):
        above, row[0] = row[0], k
        for j, b in enumerate(other, start=1):
            above, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, above + (a != b)),
            )
    return row[-1]
