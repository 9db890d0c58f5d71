"""What functions cost on one processor: the loop of the benchmarks beside this file."""

import time
from collections.abc import Callable


def milliseconds(
    *functions: Callable[[], object], runs: int = 5, of: Callable[[list[float]], float] = min
) -> list[float]:
    """CPU time of a call of each function, in ms, after one that is not timed.

    They take turns, so that a busy moment of the machine meets all.

    Args:
        functions: what is timed, without arguments.
        runs: timed calls of each.
        of: what is told of the times of one function, e.g. the least or the median.
    """
    for function in functions:
        function()
    spent = [[] for _ in functions]
    for _ in range(runs):
        for function, times in zip(functions, spent, strict=True):
            start = time.process_time()
            function()
            times.append(time.process_time() - start)
    return [1000 * of(times) for times in spent]
