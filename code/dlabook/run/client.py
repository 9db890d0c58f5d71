"""A kernel for a chapter, and the client that runs its cells one after the other."""

from __future__ import annotations

import ast
import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import nbformat

from dlabook.output.jupyter import EXECUTOR
from dlabook.run.progress import Progress
from dlabook.run.proved import committed_proofs, key_of
from dlabook.source.chapters import Chapter

CELL_TIMEOUT = 900  # seconds
PROOFS = "__import__('dlabook.run.proofs').run.proofs"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
CODE = Path(__file__).resolve().parents[2]  # where the `dla` and `dlabook` of this process are
# What a kernel takes over from who starts it: where programs, homes, scratch and caches are.
INHERITED = (
    *("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT"),
    *("XDG_CACHE_HOME", "DLA_CACHE"),
)
DECISIVE = ("ATEN_CPU_CAPABILITY",)  # taken over too; it changes results, so the record names it


def make_client(chapter: Chapter, notebook: nbformat.NotebookNode, progress: Progress):
    """A notebook client that times its cells, reports progress and leaves signals alone."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class Manager(AsyncKernelManager):
        @property
        def kernel_spec(self):
            start = (
                f"from dlabook.run.inputs import watch; watch({str(chapter.root)!r}); "
                "from dlabook.run.kernel import main; main()"
            )
            return KernelSpec(
                argv=[
                    sys.executable,
                    "-Xfrozen_modules=off",
                    "-c",
                    start,
                    "-f",
                    "{connection_file}",
                ]
            )

    class Client(NotebookClient):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.current, self.cell_seconds, self.report = -1, [], {}
            self.proofs: dict[str, dict] = {}
            self.proved = committed_proofs(chapter)
            self.last = max((i for i, c in enumerate(notebook.cells) if c.source), default=-1)

        @asynccontextmanager
        async def async_setup_kernel(self, **options):
            # nbclient's version puts one kernel's clean-up on SIGINT; with several
            # kernels asyncio's own handler, which cancels all of them, is right.
            self.km = self.create_kernel_manager()
            environment = {
                **inherited_environment(os.environ),
                **kernel_environment(chapter.root),
                "PYTHONPATH": str(CODE),
            }
            Path(environment["IPYTHONDIR"]).mkdir(parents=True, exist_ok=True)
            try:
                await self.async_start_new_kernel(env=environment, **options)
                await self.async_start_new_kernel_client()
                yield
            finally:
                await self._async_cleanup_kernel()

        async def async_execute_cell(self, cell, cell_index, **options):
            if cell.cell_type == "code":
                self.current = cell_index
                progress.cell(chapter, len(self.cell_seconds) + 1)
            key = key_of(cell) if cell.metadata.get("checks") else None
            to_prove = key is not None and key not in self.proved
            if to_prove:
                await self.ask(f"{PROOFS}.remember(get_ipython())")
            started = time.monotonic()
            await super().async_execute_cell(cell, cell_index, **options)
            if cell.cell_type == "code":
                self.cell_seconds.append(time.monotonic() - started)
            if to_prove:
                labels, written = (list(cell.metadata.get(k, [])) for k in ("checks", "mutants"))
                question = f"prove(get_ipython(), {cell.source!r}, {labels!r}, {written!r})"
                self.proofs[key] = json.loads(await self.ask(f"{PROOFS}.{question}"))
            if cell_index == len(self.nb.cells) - 1:
                self.report = await self.ask_for_report()
            return cell

        async def ask_for_report(self) -> dict:
            question = f"__import__('dlabook.run.inputs').run.inputs.report({str(chapter.root)!r})"
            return json.loads(await self.ask(question))

        async def ask(self, question: str) -> str | None:
            """The value of an expression in the kernel, a string or None."""
            message = self.kc.execute("", silent=True, user_expressions={"answer": question})
            reply = await self.async_wait_for_reply(message)
            answer = reply["content"]["user_expressions"]["answer"]
            if answer["status"] != "ok":
                raise RuntimeError(f"the kernel's answer failed: {answer['evalue']}")
            return ast.literal_eval(answer["data"]["text/plain"])

    client = Client(
        notebook,
        kernel_manager_class=Manager,
        timeout=CELL_TIMEOUT,
        record_timing=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(chapter.path.parent)}},
    )
    return client


def inherited_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Of the variables of who starts a kernel those that it takes over; all others stay outside."""
    return {name: environment[name] for name in INHERITED + DECISIVE if name in environment}


def kernel_environment(root: Path) -> dict[str, str]:
    """What every kernel finds: one thread, the book's figure style, no traces at home.

    Its assertions hold (an empty ``PYTHONOPTIMIZE`` is none), and no packages of the user's own
    come before the book's.
    """
    build = root / "_build"
    style = root / "book" / "matplotlibrc"
    return {
        EXECUTOR: str(os.getpid()),
        **ONE_THREAD,
        "NUMBA_CACHE_DIR": str(build / "numba"),
        "PYTHONHASHSEED": "0",
        "PYTHONOPTIMIZE": "",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYTHONDIR": str(build / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        **({"MATPLOTLIBRC": str(style)} if style.exists() else {}),
    }
