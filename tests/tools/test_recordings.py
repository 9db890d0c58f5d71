"""The arithmetic by which tools/corpora.py makes the corpora: exact, and without moving time."""

import hashlib
import io

import numpy as np
import pytest
import soundfile
from recordings import store
from recordings.groups import event, group
from recordings.packages import Package
from recordings.sound import BITS, RATE, kernel, mono, pcm_hash, read, resample

SCALE = 2.0**BITS


def tone(frequency: float, rate: int, seconds: float = 1.0) -> np.ndarray:
    """A cosine of half of full scale in units of 2^-23."""
    time = np.arange(round(rate * seconds)) / rate
    return np.rint(2**22 * np.cos(2 * np.pi * frequency * time)).astype(np.int64)


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
@pytest.mark.parametrize("frequency", [0.0, 100.0, 1000.0, 9500.0])
def test_a_tone_in_the_pass_band_stays_what_it_is_at_the_new_rate(rate, frequency):
    out = resample(tone(frequency, rate), rate) / SCALE
    error = out - tone(frequency, RATE)
    assert len(out) == RATE
    assert np.abs(error[200:-200]).max() < 2**22 * 10 ** (-76 / 20)


@pytest.mark.parametrize("rate", [44100, 48000])
@pytest.mark.parametrize("frequency", [11100.0, 15000.0, 21000.0])
def test_a_tone_in_the_stop_band_is_gone(rate, frequency):
    out = resample(tone(frequency, rate), rate)[200:-200] / SCALE
    assert np.abs(out).max() < 2**22 * 10 ** (-76 / 20)


def test_an_impulse_stays_where_it_is():
    x = np.zeros(44100, np.int64)
    x[20000] = 2**22
    out = resample(x, 44100)
    assert np.argmax(np.abs(out)) == 10000
    np.testing.assert_array_equal(out[10001:10050], out[9999:9950:-1])


def test_the_result_is_the_sum_in_integers_of_any_order():
    """The oracle: Python's integers, output by output."""
    rng = np.random.default_rng(0)
    x = rng.integers(-(2**24), 2**24, 2000)
    up, down, taps = kernel(48000)
    reach = taps.shape[1] // 2
    found = resample(x, 48000)
    for n in (0, 1, 7, 300, len(found) - 1):
        base, phase = divmod(n * down, up)
        total = 0
        for k, tap in enumerate(taps[phase]):
            if 0 <= base + k - reach < len(x):
                total += int(tap) * int(x[base + k - reach])
        assert found[n] == total
    assert np.abs(taps).sum(axis=1).max() * 2**24 < 2**53


def test_a_rate_that_is_there_already_is_left_alone_and_a_lower_one_refused():
    x = np.arange(100)
    assert resample(x, RATE) is x
    with pytest.raises(SystemExit, match="8000 Hz is below 22050 Hz"):
        resample(x, 8000)


def test_mono_is_the_mean_of_the_channels_rounded_and_halved_as_asked():
    x = np.array([[256 * 100, 256 * 200], [256 * 7, 256 * 8], [-(2**23), -(2**23)]])
    assert mono(x, RATE).tolist() == [150, 8, -(2**15)]
    assert mono(x, RATE, halvings=1).tolist() == [75, 4, -(2**14)]
    assert mono(np.full((1, 1), 2**23), RATE).tolist() == [2**15 - 1]


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_flac_is_read_in_units_of_24_bits(tmp_path, subtype):
    x = np.array([0.5, -1.0, 2**-15])
    soundfile.write(tmp_path / "x.flac", x, RATE, subtype=subtype)
    samples, rate = read(tmp_path / "x.flac")
    assert (rate, samples.shape) == (RATE, (3, 1))
    assert samples[:, 0].tolist() == [2**22, -(2**23), 2**8]


def test_takes_are_one_event_and_numbers_in_names_are_not_takes():
    assert event("default_dirt_footstep.2") == "default_dirt_footstep"
    assert event("tabla_ghe2") == "tabla_ghe"
    assert event("bd_808") == "bd_808"
    assert event("loop_drone_g_97") == "loop_drone_g_97"


def test_events_and_recordings_link_sounds_into_groups_by_way_of_others():
    sounds = {
        "a1": ("a", "x"), "a2": ("a", "y"), "b": ("b", "y"), "c": ("c", ""), "d": ("d", ""),
        "e": ("e", "z"),
    }  # fmt: skip
    assert group(sounds) == {"a1": "a", "a2": "a", "b": "a", "c": "c", "d": "d", "e": "e"}


def test_a_package_is_verified(tmp_path):
    package = Package("npm", "@some/thing", "1.0.0", hashlib.sha256(b"right").hexdigest())
    (tmp_path / "some-thing-1.0.0.tgz").write_bytes(b"right")
    assert package.fetch(tmp_path).name == "some-thing-1.0.0.tgz"
    (tmp_path / "some-thing-1.0.0.tgz").write_bytes(b"wrong")
    with pytest.raises(SystemExit, match="has SHA-256"):
        package.fetch(tmp_path)


def build(samples: np.ndarray, path: str = "package/x.ogg") -> store.Built:
    built = store.Built(["file", "sha256", "pcm_sha256", "seconds", "sample_rate", "path"])
    row = {"file": "x.flac", "sample_rate": RATE, "licence": "MIT", "path": path}
    built.add(row, samples)
    for one in built.rows:
        del one["licence"]
    built.notice("L.txt", b"text")
    return built


SAMPLES = np.arange(-500, 500, dtype=np.int16)


def test_what_is_written_has_no_differences(tmp_path):
    store.write(tmp_path, build(SAMPLES))
    assert store.differences(tmp_path, build(SAMPLES)) == ([], [], [])
    assert (tmp_path / "LICENSES/L.txt").read_bytes() == b"text"


@pytest.mark.parametrize(
    ("samples", "path", "kinds"),
    [
        (SAMPLES + np.int16(1), "package/x.ogg", (0, 0, 1)),  # rounding of a lossy decoder
        (SAMPLES + np.int16(1), "package/x.g722", (2, 0, 0)),  # never in an exact one
        (SAMPLES + np.int16(2), "package/x.ogg", (2, 0, 0)),
        (SAMPLES[:-1], "package/x.ogg", (2, 0, 0)),
    ],
)
def test_other_samples_are_told_from_other_rounding(tmp_path, samples, path, kinds):
    store.write(tmp_path, build(SAMPLES, path))
    assert tuple(map(len, store.differences(tmp_path, build(samples, path)))) == kinds


def test_the_same_samples_packed_otherwise_are_no_difference(tmp_path):
    store.write(tmp_path, build(SAMPLES))
    other = build(SAMPLES)
    buffer = io.BytesIO()
    soundfile.write(buffer, SAMPLES, RATE, format="FLAC", compression_level=0.0)
    other.flacs["x.flac"] = buffer.getvalue()
    other.rows[0]["sha256"] = hashlib.sha256(buffer.getvalue()).hexdigest()
    assert tuple(map(len, store.differences(tmp_path, other))) == (0, 1, 0)


@pytest.mark.parametrize("name", ["x.flac", "y.flac", "LICENSES/L.txt"])
def test_a_changed_or_stray_file_is_a_difference(tmp_path, name):
    store.write(tmp_path, build(SAMPLES))
    buffer = io.BytesIO()
    soundfile.write(buffer, SAMPLES[::-1], RATE, format="FLAC")
    (tmp_path / name).write_bytes(buffer.getvalue())
    assert store.differences(tmp_path, build(SAMPLES))[0]
    store.write(tmp_path, build(SAMPLES))
    assert store.differences(tmp_path, build(SAMPLES)) == ([], [], [])


def test_a_second_recording_with_the_same_samples_is_not_added():
    built = build(SAMPLES)
    built.add({"file": "z.flac", "sample_rate": RATE, "licence": "MIT", "path": "p"}, SAMPLES)
    assert list(built.flacs) == ["x.flac"]
    assert built.rows[0]["pcm_sha256"] == pcm_hash(SAMPLES)


def test_a_licence_that_we_may_not_use_is_refused():
    built = store.Built([])
    with pytest.raises(SystemExit, match="licence GPL-2.0 is not one we may use"):
        built.add({"file": "g.flac", "sample_rate": RATE, "licence": "GPL-2.0"}, SAMPLES)
