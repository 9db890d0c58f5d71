"""Outputs as the book's own executor gets them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dlabook.output.jupyter import EXECUTOR


@contextmanager
def book_kernel() -> Iterator[None]:
    """In here this process counts as a kernel that the executor started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(EXECUTOR, str(os.getppid()))
        yield
