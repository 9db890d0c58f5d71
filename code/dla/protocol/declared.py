"""What chapters' rooms declare and run once: found by name, listed, run.

Studies (`dla.protocol.study`) and comparisons
(`dla.protocol.comparison`) are kept in the same manner.
"""

import importlib
import platform
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from dla import names


def differing(
    first: Mapping[str, str], second: Mapping[str, str]
) -> list[str]:
    """Names that are not in both, or not with one digest.

    >>> differing({"a": "1", "b": "2"}, {"b": "3", "c": "4"})
    ['a', 'b', 'c']
    """
    return sorted(
        name
        for name in {*first, *second}
        if first.get(name) != second.get(name)
    )


def processor_name() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def find_declared(
    rooms: Path, one: str, several: str
) -> dict[str, Any]:
    """What the scripts of a kind declare in every room, by name.

    A file ``NAME_study.py`` declares one, called ``STUDY``, or a tuple
    called ``STUDIES``; and so with every kind.

    Args:
        rooms: the folder of the chapters' rooms, `dla/chapters`.
        one: the kind, in lower case: ``"study"``.
        several: its plural: ``"studies"``.

    Raises:
        ValueError: two have one name.
    """
    found: dict[str, Any] = {}
    for path in sorted(rooms.glob(f"*/*_{one}.py")):
        name = f"dla.chapters.{path.parent.name}.{path.stem}"
        module = importlib.import_module(name)
        declared = (
            getattr(module, several.upper())
            if hasattr(module, several.upper())
            else (getattr(module, one.upper()),)
        )
        for each in declared:
            if each.name in found:
                raise ValueError(
                    f"two {several} are called {each.name!r}; "
                    f"one is {path}"
                )
            found[each.name] = each
    return found


def describe_state(
    load: Callable[[], Any], refused: type[Exception]
) -> str:
    """In a line: when a result was computed, or what is wrong.

    Args:
        load: gives the result, or raises.
        refused: what it raises if the result is not what is declared.
    """
    try:
        result = load()
    except refused as error:
        return str(error)
    changed = result.changed()
    since = (
        f"; changed since (the tests replay it): {', '.join(changed)}"
        if changed
        else ""
    )
    return f"computed {result.computed}, {result.processor}{since}"


def list_or_run(
    arguments: list[str],
    there: Mapping[str, Any],
    *,
    kind: str,
    state: Callable[[Any], str],
    run: Callable[..., Any],
) -> int:
    """List what is there, or run what is named; the exit status.

    Args:
        arguments: names, or none.
        there: name -> what is declared, with its `question`.
        kind: the word for one of them.
        state: says in a line what is kept of one.
        run: runs one, with a function `tell` for its progress.
    """
    unknown = [name for name in arguments if name not in there]
    if unknown:
        print(names.unknown(kind, unknown[0], list(there)))
        return 2
    if not arguments:
        for name, one in there.items():
            print(f"{name}: {one.question}\n    {state(one)}")
    for name in arguments:
        print(run(there[name], tell=partial(print, flush=True)))
    return 0
