"""Biome on the site's scripts and styles: ``python tools/biome.py check``, or ``check --write``.

Installs the locked packages of npm first if they are not there, and needs no
Node of the machine.
"""

import subprocess
import sys
from pathlib import Path

from dlabook.site.build import install_browser_parts
from dlabook.site.mathematics import node_binary

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Biome's exit status; what it only warns of counts as a fault too."""
    try:
        install_browser_parts(ROOT)
    except RuntimeError as error:
        print(f"biome: {error}", file=sys.stderr)
        return 2
    biome = ROOT / "node_modules" / "@biomejs" / "biome" / "bin" / "biome"
    command = [node_binary(), str(biome), *arguments, "--error-on-warnings", "--log-level=warn"]
    return subprocess.run([*command, "."], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
