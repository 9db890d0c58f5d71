"""When the systems of the table came, task by task.

Used in overview/speech/today and overview/music/today.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from dla.chapters.today.rows import grouped_axes
from dla.chapters.today.systems import System


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
    rows = by_task(systems)
    ax, middles = grouped_axes(
        [s.task for s in rows],
        what="timeline",
        height=1.0 + 0.2 * len(rows),
        ax=ax,
    )
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
    ax.set_yticks(list(middles.values()), list(middles))
    ax.tick_params(axis="y", length=0)
    ax.set(
        xlabel="year of publication",
        xlim=(min(years) - 0.5, max(years) + 0.5),
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax
