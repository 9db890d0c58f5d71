"""Telephone prompts: six voices, five languages, from seven Debian packages.

The written rule
----------------
1. *Kinds.* A file of the folder `digits` whose name is a number is a "digit", one of
   `letters` named a to z a "letter", one of `phonetic` named a_p to z_p or 9_p a word of
   the spelling alphabet; these are all taken. Days, months, ordinals and the names of
   punctuation marks are left out. Every other file is a "prompt", except the folder
   `silence` and the files that are tones or noises (NOT_SPEECH).
2. *Empty and silent* files are skipped: shorter than 0.1 s, or no 10 ms as loud as
   LOUD_ENOUGH.
3. *Trimming.* A 10 ms frame is active if its power is at most 40 dB below that of the
   file's loudest frame. What precedes the first and follows the last active frame is
   cut off, except for a margin of 50 ms. Pauses within a prompt stay. Levels stay.
4. *Twice the same sound* (same samples after trimming, any speaker, any folder): only
   the first, in the order of SOURCES and of the paths, is kept. A prompt that repeats
   a recording in another encoding is left out by name (SAME_RECORDING: found by
   cross-correlating every second of the chosen prompts of a speaker with the others;
   `invalid` of the French package is contained in `pbx-invalid` and in `options`).
5. *Prompts:* those of at most LONGEST seconds after trimming and without a pause longer
   than PAUSE seconds, the longest first (ties: by path), as long as the sum stays within
   the source's `prompt_seconds`.
6. *Words.* The packages WORD_LISTS hold, for each file of one voice, what it was meant to say;
   `words.csv` has this for the chosen files. Brackets (stage directions), quotation marks, stops
   without words and all spaces but one are taken out, and what follows where a line break of the
   French list was lost (`vm-record-prepend`). Misspelt words stay. The two second voices have no
   list.
"""

import gzip
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile

from recordings.packages import Package
from recordings.sound import pcm_hash
from recordings.store import Built, table

SOUNDS = "usr/share/asterisk/sounds"
CORE = "asterisk-core-sounds-"
COLUMNS = [
    "file", "sha256", "pcm_sha256", "seconds", "sample_rate", "speaker", "sex", "language",
    "kind", "text", "licence", "licence_file", "package", "version", "path",
]  # fmt: skip

FRAME = 0.010  # s
MARGIN = 0.050  # s kept before the first and after the last active frame
THRESHOLD = 10_000  # power ratio, 40 dB
LOUD_ENOUGH = 200**2  # mean square of the loudest frame: 44 dB below full scale
SHORTEST, LONGEST = 0.1, 8.0  # s
PAUSE = 0.8  # s, longest pause within a prompt
NOT_SPEECH = {
    "ascending-2tone", "descending-2tone", "beep", "beeperr", "confbridge-join",
    "confbridge-leave", "tt-monkeys",
}  # fmt: skip
SAME_RECORDING = {("asterisk-core-sounds-fr-g722", "invalid")}
WORDS = {
    "digits": re.compile(r"(\d+)"),
    "letters": re.compile(r"([a-z])"),
    "phonetic": re.compile(r"([a-z]|9)_p"),
}


@dataclass(frozen=True)
class Source:
    """One package: who speaks, where the files are, how much of it is taken."""

    package: Package
    folder: str  # below SOUNDS
    suffix: str
    speaker: str
    sex: str  # from the folder's name, or from the package's notice
    language: str
    licence: str
    licence_file: str
    prompt_seconds: float


def core(language, folder, speaker, sex, licence, seconds, sha256):
    package = Package("debian", f"asterisk-core-sounds-{language}-g722", "1.6.1-1", sha256)
    return Source(
        package, folder, ".g722", speaker, sex, language, licence, "asterisk-core-sounds.txt",
        seconds,
    )  # fmt: skip


SOURCES = (
    core("en", "en_US_f_Allison", "allison", "f", "CC-BY-SA-3.0", 165.0,
         "38c5261820b406dcb0ecb37675720da2b0864850690690352ca52707eb623806"),
    core("es", "es_MX_f_Allison", "allison", "f", "CC-BY-SA-3.0", 165.0,
         "e4e3b4281057d3b81b779298fd6be705f57411513955c518eed1bcaabbd615b8"),
    core("fr", "fr_CA_f_June", "june", "f", "CC-BY-SA-3.0", 240.0,
         "7add61d5e42279ecff1bbdf842a5a946ac3644fac9a0fe44384731aa7270c8e0"),
    core("it", "it_IT_m_Carlo", "carlo", "m", "CC-BY-3.0", 240.0,
         "46b4cf7afc508a5fcfc051b7ea233251c0d195dd4ef83cc4b7facb4c6429b016"),
    core("ru", "ru_RU_f_IvrvoiceRU", "russian", "f", "CC-BY-3.0", 240.0,
         "673b4238a6b8269960f055d868c6a11083f7a0d00979167cb01554046b48ed9b"),
    Source(Package("debian", "asterisk-prompt-it-menardi-wav", "1:1.4.22+mm20110907-3.1",
                   "3094530d98f8758ac275572d59624c41f60969fef883f34f4886d144f3dfeb21"),
           "it_IT_f_Menardi", ".wav", "menardi", "f", "it", "CC-BY-SA-3.0-IT",
           "asterisk-prompt-it-menardi.txt", 120.0),
    Source(Package("debian", "asterisk-prompt-fr-armelle", "20070613-2.2",
                   "162570b1a9b3512a98f06b89f60c7c17cf1b9b52297315adca9a4e5be728bea3"),
           "fr", ".gsm", "armelle", "f", "fr", "LicenseRef-armelle",
           "asterisk-prompt-fr-armelle.txt", 60.0),
)  # fmt: skip

WORD_LISTS = {
    language: Package("debian", f"asterisk-core-sounds-{language}", "1.6.1-1", sha256)
    for language, sha256 in {
        "en": "973e797d28e37fa6ca3c0a9d6fa717e77cf1268ae916bf09fd3503113cdffa50",
        "es": "9afdab7f559f036649fb406e625899306ca1004df8ebe39c30bfbd5912d66f74",
        "fr": "04c82c78c570c43a7136cbc5e2488d0c470b775468dff9fbce4a131b18cf1056",
        "it": "3884d9457e12f21caa018c18f0d587df5d53ebea14b673d8453a134c5941ab3b",
        "ru": "28a61616bb0cd3345a7ea532dec4df9f071e5d0fa9f8c1a563ea9669002f39ab",
    }.items()
}  # fmt: skip


def decode(path: Path) -> tuple[np.ndarray, int]:
    """Samples (int16) and sampling rate. All three decoders work on integers."""
    if path.suffix == ".wav":
        return soundfile.read(path, dtype="int16")
    rate = {".g722": 16000, ".gsm": 8000}[path.suffix]
    if not path.stat().st_size:
        return np.zeros(0, np.int16), rate
    with av.open(str(path), format=path.suffix[1:]) as container:
        stream = container.streams.audio[0]
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(stream)]
        if stream.rate != rate or any(frame.dtype != np.int16 for frame in frames):
            raise SystemExit(f"{path} is not 16-bit at {rate} Hz after decoding")
    return np.concatenate(frames), rate


def active(samples: np.ndarray, rate: int) -> np.ndarray:
    """For each 10 ms frame: within 40 dB of the loudest one? All False if silent."""
    hop = round(FRAME * rate)
    framed = samples[: len(samples) // hop * hop].astype(np.int64).reshape(-1, hop)
    energy = (framed**2).sum(axis=1)
    if not len(energy) or energy.max() < LOUD_ENOUGH * hop:
        return np.zeros(len(energy), bool)
    return energy * THRESHOLD >= energy.max()


def trim(samples: np.ndarray, rate: int) -> np.ndarray:
    """Without the silence at both ends; empty if there is nothing else."""
    frames = np.flatnonzero(active(samples, rate))
    if not len(frames):
        return samples[:0]
    hop, margin = round(FRAME * rate), round(MARGIN * rate)
    return samples[max(0, frames[0] * hop - margin) : (frames[-1] + 1) * hop + margin]


def longest_pause(samples: np.ndarray, rate: int) -> float:
    """Seconds between two active frames, at most."""
    return (np.diff(np.flatnonzero(active(samples, rate))).max(initial=1) - 1) * FRAME


def classify(path: Path) -> tuple[str, str] | None:
    """Kind and text of a file by folder and name, or None if the rule leaves it out."""
    folder, stem = path.parent.name, path.stem
    if folder in WORDS:
        word = WORDS[folder].fullmatch(stem)
        return (folder, word[1]) if word else None
    if folder in ("silence", "ICAO") or stem in NOT_SPEECH:
        return None
    return "prompt", stem


def select(source: Source, root: Path, seen: set[str]) -> list[tuple[dict, np.ndarray]]:
    """Rows of the manifest with their samples, for one unpacked package."""
    words, prompts = [], []
    for path in sorted((root / SOUNDS / source.folder).rglob(f"*{source.suffix}")):
        found = classify(path)
        if found is None or (source.package.name, path.stem) in SAME_RECORDING:
            continue
        samples, rate = decode(path)
        samples = trim(samples, rate)
        if len(samples) < SHORTEST * rate:
            continue
        digest = pcm_hash(samples)
        if digest in seen:
            continue
        seen.add(digest)
        kind, text = found
        row = {
            "file": f"{source.speaker}/{source.language}/{kind}/{path.stem}.flac",
            "sample_rate": rate,
            "kind": kind,
            "text": text,
            "package": source.package.name,
            "version": source.package.version,
            "path": path.relative_to(root).as_posix(),
        }
        for column in ("speaker", "sex", "language", "licence", "licence_file"):
            row[column] = getattr(source, column)
        (prompts if kind == "prompt" else words).append((row, samples))
    budget, chosen = source.prompt_seconds, []
    for row, samples in sorted(prompts, key=lambda item: -len(item[1])):
        seconds = len(samples) / row["sample_rate"]
        if seconds > min(LONGEST, budget) or longest_pause(samples, row["sample_rate"]) > PAUSE:
            continue
        budget -= seconds
        chosen.append((row, samples))
    return words + chosen


def listed_words(text: str) -> dict[str, str]:
    """Path below the voice's folder, without ending -> words; from a package's list.

    A line that begins with a semicolon is a comment; the others are `path: words`.
    """
    words = {}
    for line in text.removeprefix("\ufeff").splitlines():
        path, colon, said = line.partition(":")
        if colon and not line.startswith(";"):
            said = re.sub(r"[(\[][^)\]]*[)\]]?|<[^>]*>|\"", " ", said)
            said = re.split(r"(?<=\.)[a-z]+-[a-z-]+: ", said)[0]
            words[path.strip()] = re.sub(r" \.$", "", " ".join(said.split()))
    return words


def words_of(rows: list[dict], packages: Path) -> bytes:
    """`words.csv`: what the chosen files of the five voices with a list say."""
    lists = {}
    for language, package in WORD_LISTS.items():
        with tempfile.TemporaryDirectory() as folder:
            root = package.unpack(packages, Path(folder))
            path = root / f"usr/share/doc/{package.name}/core-sounds-{language}.txt.gz"
            lists[language] = listed_words(gzip.decompress(path.read_bytes()).decode())
    folders = {s.language: s.folder for s in SOURCES if s.package.name.startswith(CORE)}
    said = []
    for row in rows:
        if row["package"].startswith(CORE):
            start = f"{SOUNDS}/{folders[row['language']]}/"
            name = row["path"].removeprefix(start).rsplit(".", 1)[0]
            if words := lists[row["language"]].get(name):
                said.append({"file": row["file"], "words": words})
    return table(["file", "words"], said)


def build(packages: Path) -> Built:
    """The corpus, from the packages in a folder."""
    built, seen = Built(COLUMNS), set()
    for source in SOURCES:
        with tempfile.TemporaryDirectory() as folder:
            root = source.package.unpack(packages, Path(folder))
            built.notice(source.licence_file, source.package.notice(root))
            for row, samples in select(source, root, seen):
                built.add(row, samples)
    built.rows.sort(key=lambda row: row["file"])
    built.tables["words.csv"] = words_of(built.rows, packages)
    return built
