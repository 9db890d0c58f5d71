"""A map of the tasks: what its systems know beforehand, by kind.

Used in overview/speech/today and overview/music/today.
"""

from collections import Counter
from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from dla.chapters.today.rows import grouped_axes
from dla.chapters.today.systems import KINDS, KNOWN, System


def count_known(
    systems: Sequence[System],
) -> dict[tuple[str, str], Counter]:
    """(kind, task) -> how many systems know what beforehand.

    Kinds come in the order of KINDS, tasks in that of the table. A
    system with two results counts once, with what it knows in either.
    """
    rows = {(s.kind, s.task): Counter() for s in systems}
    once: dict[tuple[str, str, str], set[str]] = {}
    for s in systems:
        once.setdefault((s.kind, s.task, s.name), set()).update(s.known)
    for (kind, task, _), known in once.items():
        rows[kind, task].update(known)
    return dict(
        sorted(rows.items(), key=lambda r: KINDS.index(r[0][0]))
    )


def task_map(
    systems: Sequence[System], *, ax: Axes | None = None
) -> Axes:
    """Tasks against what is known beforehand, a number in each circle.

    Args:
        systems: rows of the table.

    Raises:
        ValueError: no systems.
    """
    rows = count_known(systems)
    ax, middles = grouped_axes(
        [kind for kind, _ in rows],
        what="map",
        height=1.2 + 0.3 * len(rows),
        ax=ax,
    )
    ink = plt.rcParams["axes.prop_cycle"].by_key()["color"][0]
    for y, counts in enumerate(rows.values()):
        for x, word in enumerate(KNOWN):
            if counts[word]:
                ax.scatter(
                    x,
                    y,
                    s=120 + 50 * (counts[word] - 1),
                    facecolors="none",
                    linewidths=1.2,
                    edgecolors=ink,
                )
                ax.text(x, y, counts[word], ha="center", va="center")
    for kind, middle in middles.items():
        ax.text(
            1.01,
            middle,
            kind,
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=10,
        )
    ax.set_yticks(range(len(rows)), [task for _, task in rows])
    ax.set_xticks(
        range(len(KNOWN)), KNOWN.values(), rotation=35, ha="right"
    )
    ax.set(xlabel="known beforehand", xlim=(-0.6, len(KNOWN) - 0.4))
    return ax
