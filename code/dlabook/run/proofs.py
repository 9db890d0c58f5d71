"""What a kernel does for the proofs that its check cells can fail.

The work is done in a copy of the kernel's process, which is thrown away:
`dlabook.run.mutants` is imported there only, so that no chapter depends on it.
"""

from __future__ import annotations

import json
import os
import signal
import sys

_before: dict = {}


def remember(shell) -> None:
    """Keep the names and the states of the random generators before a check cell runs."""
    states = []
    torch = sys.modules.get("torch")
    numpy = sys.modules.get("numpy")
    for value in shell.user_ns.values():
        if torch and isinstance(value, torch.Generator):
            states.append((value.set_state, value.get_state()))
        elif numpy and isinstance(value, numpy.random.Generator):
            bits = value.bit_generator
            states.append((lambda state, bits=bits: setattr(bits, "state", state), bits.state))
    if torch:
        states.append((torch.set_rng_state, torch.get_rng_state()))
    _before.clear()
    _before.update(names=dict(shell.user_ns), states=states)


def prove(shell, source: str, labels: list[str], written: list[str]) -> str:
    """Try the mutants of the cell that just ran; JSON as `dlabook.run.mutants.try_cell` has it."""
    answer = _ask_copy(shell, source, labels, written, apart=False)
    if answer is None:  # what one mutant changed in place was seen by the next
        answer = _ask_copy(shell, source, labels, written, apart=True)
    _before.clear()
    return json.dumps(answer)


def _ask_copy(shell, *cell, apart: bool) -> dict | None:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        answer = None
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            from dlabook.run.mutants import main

            answer = main(shell, _before, *cell, apart=apart)
        except BaseException as error:
            answer = {"assertions": [], "error": f"{type(error).__name__}: {error}"}
        finally:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(json.dumps(answer).encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read().decode()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"assertions": [], "error": "the copy of the kernel died"}
