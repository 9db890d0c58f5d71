"""What June's recorded words are made of, piece by piece.

The table was written by hand for this book: the phonemes of standard
French, in the letters of the IPA; a published
recogniser (hama) showed where June says a spelling word as English does
(mike, november, yankee). Where a variety of French joins two vowels,
they are one piece (a, ɑ; ø, ə). It is no dictionary, and claims nothing
about French beyond these words.

Explained in synthesis/adversarial-diffusion-differentiable/speaking.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from dla import names

_DIGITS = {
    "0": "z e ʁ o",
    "1": "œ̃",
    "2": "d ø",
    "3": "t ʁ w a",
    "4": "k a t ʁ",
    "5": "s ɛ̃ k",
    "6": "s i s",
    "7": "s ɛ t",
    "8": "ɥ i t",
    "9": "n œ f",
    "10": "d i s",
    "11": "ɔ̃ z",
    "12": "d u z",
    "13": "t ʁ ɛ z",
    "14": "k a t ɔ ʁ z",
    "15": "k ɛ̃ z",
    "16": "s ɛ z",
    "17": "d i s ɛ t",
    "18": "d i z ɥ i t",
    "19": "d i z n œ f",
    "20": "v ɛ̃",
    "30": "t ʁ ɑ̃ t",
    "40": "k a ʁ ɑ̃ t",
    "50": "s ɛ̃ k ɑ̃ t",
    "60": "s w a s ɑ̃ t",
    "70": "s w a s ɑ̃ t d i s",
    "80": "k a t ʁ ø v ɛ̃",
    "90": "k a t ʁ ø v ɛ̃ d i s",
}
_LETTERS = {
    "a": "a",
    "b": "b e",
    "c": "s e",
    "d": "d e",
    "e": "ø",
    "f": "ɛ f",
    "g": "ʒ e",
    "h": "a ʃ",
    "i": "i",
    "j": "ʒ i",
    "k": "k a",
    "l": "ɛ l",
    "m": "ɛ m",
    "n": "ɛ n",
    "o": "o",
    "p": "p e",
    "q": "k y",
    "r": "ɛ ʁ",
    "s": "ɛ s",
    "t": "t e",
    "u": "y",
    "v": "v e",
    "w": "d u b l ø v e",
    "x": "i k s",
    "y": "i g ʁ ɛ k",
    "z": "z ɛ d",
}
_SPELLING = {
    "alpha": "a l f a",
    "bravo": "b ʁ a v o",
    "charlie": "ʃ a ʁ l i",
    "delta": "d ɛ l t a",
    "echo": "e k o",
    "foxtrot": "f ɔ k s t ʁ ɔ t",
    "golf": "g ɔ l f",
    "hotel": "o t ɛ l",
    "india": "i n d j a",
    "juliet": "ʒ y l j ɛ t",
    "kilo": "k i l o",
    "lima": "l i m a",
    "mike": "m a j k",
    "november": "n o v ɛ m b ʁ",
    "oscar": "ɔ s k a ʁ",
    "papa": "p a p a",
    "quebec": "k e b ɛ k",
    "romeo": "ʁ o m e o",
    "sierra": "s j ɛ ʁ a",
    "tango": "t ɑ̃ g o",
    "uniform": "y n i f ɔ ʁ m",
    "victor": "v i k t ɔ ʁ",
    "whiskey": "w i s k i",
    "xray": "i k s ʁ ɛ",
    "yankee": "j ɑ̃ k i",
    "zulu": "z u l u",
}
PIECES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        word: tuple(pieces.split())
        for word, pieces in (_DIGITS | _LETTERS | _SPELLING).items()
    }
)  # word -> its pieces, in order
INVENTORY = tuple(sorted({p for word in PIECES.values() for p in word}))


def pieces_of(word: str) -> tuple[str, ...]:
    """The pieces of a word that the table has.

    Raises:
        ValueError: another word; the message says what arrived and what
            there is.

    >>> pieces_of("6"), pieces_of("Tango")
    (('s', 'i', 's'), ('t', 'ɑ̃', 'g', 'o'))
    """
    if word.lower() not in PIECES:
        raise ValueError(
            names.unknown("word", word, list(PIECES))
            + "; there are 28 numbers, 26 letters, 26 spelling words"
        )
    return PIECES[word.lower()]


def words_of(number: str) -> tuple[str, ...]:
    """The digits of a telephone number, one by one.

    Spaces, points and hyphens separate, and are not said.

    Raises:
        ValueError: another character, or no digit.

    >>> words_of("05 36-49")
    ('0', '5', '3', '6', '4', '9')
    """
    said = tuple(c for c in number if c not in " .-")
    other = sorted({c for c in said if c not in "0123456789"})
    if other or not said:
        raise ValueError(
            f"telephone number {number!r} has "
            + (
                f"{', '.join(map(repr, other))}, which nobody says here"
                if other
                else "no digit"
            )
            + "; expected digits 0 to 9, spaces, points and hyphens"
        )
    return said


def number_of_edits(one: Sequence[str], other: Sequence[str]) -> int:
    """Fewest pieces put in, left out or replaced between two words.

    >>> number_of_edits(pieces_of("6"), pieces_of("10"))
    1
    """
    row = list(range(len(other) + 1))
    for k, a in enumerate(one, start=1):
        before, row[0] = row[0], k
        for j, b in enumerate(other, start=1):
            before, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, before + (a != b)),
            )
    return row[-1]
