"""Which sounds must stay together when a corpus is divided into training and test."""

import re


def event(name: str) -> str:
    """What is heard: the name without the number of the take.

    `default_dirt_footstep.2` and `tabla_ghe2` are takes of `default_dirt_footstep` and
    `tabla_ghe`; `bd_808` is a name.
    """
    return re.sub(r"(?<=[a-z])\.?\d+$", "", name)


def group(sounds: dict[str, tuple[str, str]]) -> dict[str, str]:
    """A group for each name: same event or same source recording, directly or by way of others.

    Args:
        sounds: name -> (event, source recording; empty if unknown).

    Returns:
        name -> the alphabetically first event of its group.
    """
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for what, origin in sounds.values():
        if origin:
            parent[root("event " + what)] = root("origin " + origin)
    first: dict[str, str] = {}
    for what in sorted({what for what, _ in sounds.values()}):
        first.setdefault(root("event " + what), what)
    return {name: first[root("event " + what)] for name, (what, _) in sounds.items()}
