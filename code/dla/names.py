"""Names that are asked for and not there: which ones are near?

One wording for all loaders and tables of the library.
"""

import difflib
from collections.abc import Sequence

FEW = 12  # an error lists all names up to here, then only near ones


def unknown(
    what: str,
    given: object,
    there: Sequence,
    *,
    wanted: object = None,
    see: str = "",
) -> str:
    """What an error says of a name that is not there.

    Args:
        what: the kind of thing that has the name.
        given: the name, as it arrived.
        there: all names that there are.
        wanted: the name as it was looked up, if otherwise spelled.
        see: the call that lists them, where there are many.

    >>> unknown("drum", "cow", ["tom", "cowbell"])
    "no drum 'cow'; there are tom, cowbell"
    >>> unknown("drum", "cow", [f"tom{i}" for i in range(20)] + ["cowbell"])
    "no drum 'cow'; did you mean 'cowbell'? There are 21"
    """
    lead = f"no {what} {given!r}; "
    spelled = [str(name) for name in there]
    if len(spelled) <= FEW:
        return f"{lead}there are {', '.join(spelled)}"
    text = str(given if wanted is None else wanted).lower()
    near = [n for n in spelled if text and text in n.lower()][:4]
    near = near or difflib.get_close_matches(text, spelled, n=4)
    count = f"{len(spelled)}, see {see}" if see else str(len(spelled))
    if not near:
        return f"{lead}there are {count}"
    guess = " or ".join(map(repr, near))
    return f"{lead}did you mean {guess}? There are {count}"


def list_of_names(what: str, wanted: Sequence) -> Sequence:
    """`wanted`, unless it is one string, whose letters are no names.

    Raises:
        ValueError: it is one string.

    >>> list_of_names("speakers", ["june"])
    ['june']
    """
    if isinstance(wanted, str):
        raise ValueError(
            f"{what} is a list of names: did you mean [{wanted!r}]?"
        )
    return wanted


def refuse_unknown(
    field: str, wanted: Sequence, every: Sequence
) -> None:
    """Raise, with what is there, if a wanted value of a field is not.

    Raises:
        ValueError: few values are all listed; of many, those whose
            spelling is near.
    """
    there = sorted({getattr(item, field) for item in every})
    for value in list_of_names(f"{field}s", wanted):
        if value not in there:
            what = field.replace("_", " ")
            raise ValueError(unknown(what, value, there, see="table()"))
