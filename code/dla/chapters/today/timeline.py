"""When the systems of the table came, task by task.

Used in overview/speech/today and overview/music/today.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from dla.chapters.today.systems import System
from dla.plot import new_axes


def by_task(systems: Sequence[System]) -> list[System]:
    """Each system once, tasks in the order of the table, then by year."""
    tasks = list(dict.fromkeys(s.task for s in systems))
    once = {(s.task, s.name): s for s in reversed(systems)}
    return sorted(
        once.values(),
        key=lambda s: (tasks.index(s.task), s.year, s.name),
    )


def timeline(
    systems: Sequence[System], *, ax: Axes | None = None
) -> Axes:
    """A dot and a name for each system at its year; rows by task.

    Args:
        systems: rows of the table.

    Raises:
        ValueError: no systems.
    """
    if not systems:
        raise ValueError(
            "a timeline of no systems; is the table empty?"
        )
    rows = by_task(systems)
    if ax is None:
        ax = plt.subplots(figsize=(5, 1.0 + 0.2 * len(rows)))[1]
    ax = new_axes(ax)
    years = [s.year for s in rows]
    middle = (min(years) + max(years)) / 2
    ax.scatter(years, range(len(rows)), s=18)
    for y, s in enumerate(rows):
        left = s.year > middle
        ax.annotate(
            s.name,
            (s.year, y),
            xytext=(-6 if left else 6, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=9,
        )
    places: dict[str, list[int]] = {}
    for y, s in enumerate(rows):
        places.setdefault(s.task, []).append(y)
    for task in list(places)[1:]:
        ax.axhline(
            places[task][0] - 0.5,
            color=plt.rcParams["grid.color"],
            linewidth=0.8,
        )
    ax.set_yticks(
        [sum(p) / len(p) for p in places.values()], list(places)
    )
    ax.tick_params(axis="y", length=0)
    ax.set(
        xlabel="year of publication",
        xlim=(min(years) - 0.5, max(years) + 0.5),
    )
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax
