"""Results that leave a chapter: numbers for the prose, outcomes of predictions."""

from __future__ import annotations

from dataclasses import dataclass

OUTCOME_MIME = "application/vnd.dla.outcome+json"


def glue(name: str, value: str) -> None:
    """Make a computed number available to the prose as ``{glue:text}`name```.

    Args:
        name: key, unique in the chapter; kind-thing, e.g. ``pit-gain``.
        value: the number as it is to be printed.

    Raises:
        TypeError: the value is not a string: its digits would be chosen
            by a library and not by the author.
    """
    if not isinstance(value, str):
        raise TypeError(
            f"glue({name!r}, ...) got a {type(value).__name__}, expected a string: "
            f'print the digits that you defend, e.g. f"{{value:.1f}}"'
        )
    from myst_nb import glue as record

    record(name, value, display=False)


@dataclass(frozen=True)
class Outcome:
    """The outcome of a prediction, shown where it is decided and where it was made."""

    prediction: str
    held: bool
    value: str

    @property
    def verdict(self) -> str:
        return "held" if self.held else "failed"

    def __repr__(self) -> str:
        return f"prediction {self.prediction} {self.verdict}: {self.value}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"prediction": self.prediction, "held": self.held, "value": self.value}
        return {OUTCOME_MIME: data, "text/plain": repr(self)}


def outcome(prediction: str, *, held: bool, value: str) -> Outcome:
    """Decide a prediction; to be the last expression of the deciding cell.

    Args:
        prediction: label of the ``{prediction}`` directive, ``pred-...``.
        held: whether the criterion written there is met.
        value: what was measured, as text with its unit.

    Raises:
        ValueError: the label does not start with ``pred-``, or no value is given.
    """
    if not prediction.startswith("pred-"):
        raise ValueError(f"label {prediction!r}: a prediction's label starts with 'pred-'")
    if not value.strip():
        raise ValueError(f"outcome of {prediction}: say what was measured, got an empty value")
    return Outcome(prediction, bool(held), value)
