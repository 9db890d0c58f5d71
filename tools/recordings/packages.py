"""Source packages, pinned by version and SHA-256: Debian's by apt-get, npm's by npm pack."""

import hashlib
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """One package file, the same bytes every time."""

    system: str  # debian, npm
    name: str
    version: str
    sha256: str  # of the .deb or .tgz

    @property
    def pattern(self) -> str:
        """The name under which the package manager stores it."""
        if self.system == "debian":
            return f"{self.name}_{self.version.replace(':', '%3a')}_*.deb"
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"

    def fetch(self, folder: Path) -> Path:
        """The package file in `folder`, downloaded if it is not there, and verified."""
        if not list(folder.glob(self.pattern)):
            if self.system == "debian":
                command = ["apt-get", "download", f"{self.name}={self.version}"]
                advice = "run `apt-get update`"
            else:
                command = ["npm", "pack", f"{self.name}@{self.version}"]
                advice = "install npm"
            if shutil.which(command[0]) is None:
                raise SystemExit(f"{command[0]}, which fetches {self.name}, is not installed")
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(
                    f"{' '.join(command)} failed: {done.stderr.strip()}\n"
                    f"({advice}, or put {self.pattern} into a folder and name it with --packages)"
                )
        path = next(folder.glob(self.pattern))
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != self.sha256:
            raise SystemExit(f"{path.name} has SHA-256 {found}, expected {self.sha256}")
        return path

    def unpack(self, packages: Path, root: Path) -> Path:
        """The package's files below `root`, which is returned."""
        path = self.fetch(packages)
        if self.system == "debian":
            subprocess.run(["dpkg-deb", "-x", path, root], check=True)
        else:
            with tarfile.open(path) as archive:
                archive.extractall(root, filter="data")
        return root

    def notice(self, root: Path) -> bytes:
        """Debian's copyright file of the unpacked package."""
        return (root / f"usr/share/doc/{self.name}/copyright").read_bytes()
