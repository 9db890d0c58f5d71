"""Sound effects of the game Minetest (now Luanti), from a Debian package.

The written rule
----------------
1. *Credits.* Each module of the game lists in its README who made a sound, under which
   licence, and mostly from which recording. CREDITS repeats these lists; a README's
   "everything not listed" (celeron55) is the last entry of its module. The package's own
   copyright file summarises them more coarsely; the finer statement is taken.
2. *Left out:* modules whose README does not say who made the sounds (`carts`, `player_api`
   and the test game), and files with a sampling rate below 22.05 kHz.
3. *Sound.* The files are mono; resampled to 22.05 kHz, not trimmed. All are 6 dB lower,
   because Ogg Vorbis decodes some beyond full scale; levels among them stay.
4. *Event* is the name without module and number of the take; *kind* is read off the event
   (KINDS). Takes of one event and sounds from one source recording share a *group*
   (groups.py): `default_gravel_dig` and `default_gravel_dug` are cut from one recording.
"""

import re
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import soundfile

from recordings.groups import event, group
from recordings.packages import Package
from recordings.sound import RATE, mono, read
from recordings.store import Built

COLUMNS = [
    "file", "sha256", "pcm_sha256", "seconds", "sample_rate", "name", "event", "kind", "group",
    "author", "origin", "licence", "licence_file", "package", "version", "path",
]  # fmt: skip
PACKAGE = Package(
    "debian", "minetest-data", "5.6.1+dfsg+~1.9.0mt8+dfsg-2",
    "91371dd2bd51cfcd4fa60c138667989a47047dfe1a47f7523b9ad1782d397585",
)  # fmt: skip
MODS = "usr/share/games/minetest/games/minetest_game/mods"
PREFIX = re.compile(r"^(default|doors|env_sounds|tnt|xpanes)_")  # a module's, not an event's
KINDS = (  # the first that is found in the event
    ("footstep", "footstep"),
    ("place_node", "place"),
    (r"^dug_|_dug$", "dug"),
    (r"^dig_|_dig$", "dig"),
    ("break", "break"),
    (r"_(open|close)$", "door"),
    ("cool_lava|extinguish|item_smoke", "hiss"),
    ("flint|ignite", "ignite"),
    ("explode", "explosion"),
    ("fire|furnace", "fire"),
    ("lava", "lava"),
    ("water", "water"),
    ("damage", "body"),
)


@dataclass(frozen=True)
class Credit:
    """Who made the files of a pattern, from what, under which licence."""

    pattern: str  # of file names without suffix
    author: str
    licence: str
    origin: str = ""  # address of the recording (the first, if mixed) that it was cut from


def freesound(author: str, number: int) -> str:
    return f"https://freesound.org/people/{author}/sounds/{number}/"


def cut(pattern: str, author: str, number: int, licence: str, editor: str = "") -> Credit:
    """Sounds cut from one recording at freesound.org."""
    who = f"{author}, edited by {editor}" if editor else author
    return Credit(pattern, who, licence, freesound(author, number))


BY, SA, ZERO = "CC-BY-3.0", "CC-BY-SA-3.0", "CC0-1.0"
CHEST = "sofar, from Sevin7, Percy Duke, kingsamas, bulbastre and Yoyodaman234"
CREDITS = {  # module -> credits, the first that fits
    "default": (
        cut("default_break_glass.1", "cmusounddesign", 71947, BY),
        cut("default_break_glass.2", "Tomlija", 97669, BY),
        cut("default_break_glass.3", "lsprice", 88808, BY),
        *(
            Credit(f"default_{sound}*", "Mito551", SA)
            for sound in (
                "dig_crumbly", "dig_dig_immediate", "dig_oddly_breakable_by_hand", "dug_node",
                "grass_footstep", "gravel_footstep", "place_node.", "place_node_hard",
                "glass_footstep", "wood_footstep", "dirt_footstep",
            )
        ),
        cut("default_dig_metal", "yadronoff", 320397, BY),
        Credit("default_dug_metal.*", "Iwan Gabovitch (qubodup)", ZERO),
        cut("default_metal_footstep.*", "mypantsfelldown", 398937, ZERO),
        Credit("default_place_node_metal.*", "Ogrebane", ZERO,
               "https://opengameart.org/content/wood-and-metal-sound-effects-volume-2"),
        cut("default_tool_breaks.*", "HerbertBoland", 33206, BY, "sofar"),
        Credit("default_water_footstep.*", "AGFX", BY,
               "https://freesound.org/people/AGFX/packs/1253/"),
        cut("default_dig_snappy", "blukotek", 251660, ZERO),
        Credit("default_chest_*", CHEST, BY, freesound("Sevin7", 269722)),
        cut("default_snow_footstep.*", "Ryding", 94337, ZERO),
        Credit("default_item_smoke", "Ferk, based on a sound by bart", ZERO),
        cut("player_damage", "sonictechtonic", 241872, BY),
        cut("default_dig_choppy.*", "Sheyvan", 476113, ZERO),
        cut("default_gravel_d[iu]g.*", "lolamadeus", 179341, ZERO),
        cut("default_dig_cracky.*", "Benboncan", 71823, BY),
        cut("default_hard_footstep.*", "Erdie", 41579, BY),
        cut("default_sand_footstep.*", "worthahep88", 319224, ZERO),
        cut("default_ice_dig.*", "dheming", 268023, BY),
        cut("default_ice_footstep.*", "InspectorJ", 416967, BY),
        cut("default_ice_dug", "Angel_Perez_Grandi", 49190, BY),
        cut("default_furnace_active", "iankath", 173991, ZERO),
        Credit("*", "celeron55 (Perttu Ahola)", SA),
    ),
    "doors": (
        Credit("doors_door_open", "CGEffex, edited by BlockMen", BY),
        Credit("doors_door_close", "bennstir", BY),
        cut("doors_fencegate_open", "mhtaylor67", 126041, ZERO),
        Credit("doors_fencegate_close", "BarkersPinhead and rivernile7", BY,
               freesound("BarkersPinhead", 274807)),
        cut("doors_steel_door_*", "HazMattt", 187283, BY),
        cut("doors_glass_door_*", "SkeetMasterFunk69", 235546, ZERO),
    ),
    "env_sounds": (
        cut("env_sounds_water.*", "Yuval", 197023, ZERO),
        cut("env_sounds_lava.*", "Halion", 17785, ZERO),
    ),
    "fire": (
        cut("fire_small", "dobroide", 4211, BY),
        cut("fire_large", "Dynamicell", 17548, BY),
        cut("fire_fire.*", "Dynamicell", 17548, BY),
        cut("fire_flint_and_steel", "Benboncan", 66457, BY),
        Credit("*", "celeron55 (Perttu Ahola)", SA),
    ),
    "tnt": (
        cut("tnt_explode", "steveygos93", 80401, ZERO, "TumeniNodes"),
        cut("tnt_ignite", "theneedle.tv", 316682, ZERO, "TumeniNodes"),
        cut("tnt_gunpowder_burning", "frankelmedico", 348767, ZERO, "TumeniNodes"),
    ),
    "xpanes": (Credit("xpanes_steel_bar_door_*", "TumeniNodes", SA),),
}  # fmt: skip


def credit(mod: str, name: str) -> Credit:
    """Who made a sound of a module."""
    for one in CREDITS[mod]:
        if fnmatchcase(name, one.pattern):
            return one
    raise SystemExit(f"{mod}/{name}: the README credits nobody")


def kind(what: str) -> str:
    """The kind of an event."""
    for pattern, name in KINDS:
        if re.search(pattern, what):
            return name
    raise SystemExit(f"event {what}: no kind")


def build(packages: Path) -> Built:
    """The corpus, from the packages in a folder."""
    built = Built(COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        root = PACKAGE.unpack(packages, Path(folder))
        built.notice("minetest-data.txt", PACKAGE.notice(root))
        sounds = {}
        for mod in CREDITS:
            readme = (root / MODS / mod / "README.txt").read_bytes()
            built.notice(f"minetest-{mod}-README.txt", readme)
            for path in sorted((root / MODS / mod / "sounds").glob("*.ogg")):
                if soundfile.info(path).samplerate >= RATE:
                    sounds[path.stem] = mod, path
        credits = {name: credit(mod, name) for name, (mod, _) in sounds.items()}
        events = {name: PREFIX.sub("", event(name)) for name in sounds}
        groups = group({name: (events[name], credits[name].origin) for name in sounds})
        for name, (mod, path) in sounds.items():
            what = events[name]
            row = {
                "file": f"{kind(what)}/{name}.flac",
                "sample_rate": RATE,
                "name": name,
                "event": what,
                "kind": kind(what),
                "group": groups[name],
                "author": credits[name].author,
                "origin": credits[name].origin,
                "licence": credits[name].licence,
                "licence_file": f"minetest-{mod}-README.txt",
                "package": PACKAGE.name,
                "version": PACKAGE.version,
                "path": path.relative_to(root).as_posix(),
            }
            built.add(row, mono(*read(path), halvings=1))
    built.rows.sort(key=lambda row: row["file"])
    return built
