"""The examples of the library's docstrings give what they say."""

import subprocess
import sys

from places import ROOT


def test_every_example_of_the_library_holds_while_shapes_are_checked():
    """In a process of its own: what checks shapes has to be there before the library is."""
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--doctest-modules"),
        *("--jaxtyping-packages=dla,beartype.beartype", "code/dla"),
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
