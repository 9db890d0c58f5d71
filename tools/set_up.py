"""Make the virtual environment that the book is built in: ``python3 tools/set_up.py .venv``.

Runs on a bare Python; says in one sentence what is missing.
"""

import subprocess
import sys
import venv
from pathlib import Path

MINIMUM = (3, 11)
ROOT = Path(__file__).resolve().parent.parent


def main(folder: Path) -> None:
    if sys.version_info < MINIMUM:
        found, wanted = (".".join(map(str, v)) for v in (sys.version_info[:2], MINIMUM))
        sys.exit(
            f"The book needs Python {wanted} or newer, but {sys.executable} is {found}: "
            "install a newer one and name it with `make PYTHON=python3.11 book`."
        )
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"creating {folder}")
        try:
            venv.create(folder, with_pip=True)
        except subprocess.CalledProcessError:
            sys.exit(
                f"The environment {folder} could not be created: "
                "install Python's venv module (Debian: apt-get install python3-venv)."
            )
    print("installing the locked packages (about 2 GB on disk; minutes the first time)")
    pip(python, "-r", str(ROOT / "requirements.txt"))
    pip(python, "--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def pip(python: Path, *arguments: str) -> None:
    """Install; on failure end with pip's own last words and one sentence."""
    command = [str(python), "-m", "pip", "install", "--quiet", *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        print(result.stderr.strip()[-1500:], file=sys.stderr)
        sys.exit(
            "The packages could not be installed: pip's message is above; "
            "if it speaks of connections, run the same command again when the network is back."
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
