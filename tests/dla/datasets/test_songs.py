"""The songs: two stems of one mix, on one clock, with a grid that is a chart's."""

import csv
import hashlib

import numpy as np
import pytest
import torch

from dla.datasets import manifest, songs

SHIFTS = np.arange(-0.080, 0.080, 0.001)  # s


@pytest.fixture(scope="module")
def every():
    return songs.table()


@pytest.fixture(scope="module", params=[song.name for song in songs.table()])
def song(request):
    return songs.find(request.param)


def flux(waveform: torch.Tensor, rate: int = 22050) -> tuple[np.ndarray, np.ndarray]:
    """Positive changes of the log spectrum (frames of 23 ms, every 2.5 ms), and their times."""
    hop, size = 55, 512
    frames = waveform.unfold(0, size, hop) * torch.hann_window(size)
    level = torch.log1p(5 * torch.fft.rfft(frames).abs()).T
    rise = level.diff(dim=1).clamp(min=0).sum(0).numpy()
    floor = np.convolve(rise, np.ones(160) / 160, mode="same")
    centres = (np.arange(level.shape[1]) * hop + size / 2) / rate
    return np.maximum(rise - floor, 0), (centres[1:] + centres[:-1]) / 2


def best_shift(waveform: torch.Tensor, times: np.ndarray, shifts: np.ndarray) -> float:
    """The shift in s at which the flux, summed over the times, is largest."""
    rise, at = flux(waveform)
    return shifts[np.argmax([np.interp(times + s, at, rise).sum() for s in shifts])]


@pytest.fixture(scope="module")
def delay():
    """What the detector itself shifts: decaying bursts of noise, every half second."""
    generator = torch.Generator().manual_seed(0)
    waveform = 0.001 * torch.randn(22050 * 30, generator=generator)
    times = np.arange(1, 59) * 0.5
    for time in times:
        start = int(time * 22050)
        burst = torch.randn(4000, generator=generator) * torch.exp(-torch.arange(4000) / 800)
        waveform[start : start + 4000] += 0.3 * burst
    return best_shift(waveform, times, SHIFTS)


def test_the_detector_finds_a_shift_that_is_there(delay):
    generator = torch.Generator().manual_seed(1)
    times = np.arange(1, 20) * 0.7
    waveform = 0.001 * torch.randn(22050 * 15, generator=generator)
    for time in times + 0.030:
        start = int(time * 22050)
        waveform[start : start + 2000] += 0.2 * torch.randn(2000, generator=generator)
    assert best_shift(waveform, times, SHIFTS) - delay == pytest.approx(0.030, abs=0.006)


def test_there_are_eight_songs_of_30_to_45_s(every):
    assert len(every) == 8
    assert sorted({song.pack for song in every}) == ["muldjord", "sectoid"]
    assert all(30 <= song.seconds <= 45 and song.sample_rate == 22050 for song in every)


def test_both_stems_are_cut_at_the_same_samples(song):
    """Start and length are equal to the sample; that each is the right piece, `corpora.py
    --check` says, which has the originals."""
    rows = [row for row in manifest.rows(songs.CORPUS) if row["name"] == song.name]
    assert [row["stem"] for row in rows] == ["guitar", "rest"]
    differing = {column for column in rows[0] if rows[0][column] != rows[1][column]}
    assert differing == {"file", "sha256", "pcm_sha256", "stem", "path"}
    assert song.start * 22050 == pytest.approx(round(song.start * 22050), abs=1e-6)
    assert [stem.numel() for stem in song.stems()] == [round(song.seconds * 22050)] * 2


def test_the_mixture_is_the_sum_of_the_stems_and_does_not_clip(song):
    mixture = song.waveform("guitar") + song.waveform("rest")
    assert torch.equal(song.waveform(), mixture)
    assert torch.equal(song.stems()[0], song.waveform("guitar"))
    assert torch.equal(song.stems()[1], song.waveform("rest"))
    assert mixture.abs().max() < 1


def test_both_stems_play_nearly_all_the_time(song):
    """In 9 of 10 frames of 0.1 s, within 40 dB of the loudest."""
    active = []
    for stem in song.stems():
        power = stem.unfold(0, 2205, 2205).square().mean(dim=1)
        active.append(power > power.max() / 10_000)
    assert torch.stack(active).all(dim=0).double().mean() > 0.9


def test_the_stems_are_two_recordings_not_one(song):
    guitar, rest = song.stems()
    cosine = (guitar * rest).sum() / (guitar.norm() * rest.norm())
    assert cosine.abs() < 0.1


def test_the_beats_are_a_steady_grid_from_the_first_sample_to_the_last(song):
    beats = song.beats().numpy()
    period = 60 / song.tempo
    assert np.allclose(np.diff(beats), period, atol=2e-5)
    assert 0 <= beats[0] < 1 / 22050
    assert beats[-1] + period == pytest.approx(song.seconds, abs=2 / 22050)
    assert len(beats) % 4 == 0


def test_the_shift_is_where_the_onsets_of_the_rest_are(song, delay):
    """Found anew, to within 7 ms: 5 ms of rounding, and another detector's 2 ms."""
    beats = song.beats().numpy()[1:-1]
    found = best_shift(song.waveform("rest"), beats, SHIFTS) - delay
    assert song.shift == pytest.approx(found, abs=0.007)
    assert np.allclose(song.beats(shifted=True) - song.beats(), song.shift)


def test_the_onsets_between_the_beats_are_stronger_where_the_caveat_says_so(song):
    rise, at = flux(song.waveform("rest"))
    beats = song.beats(shifted=True).numpy()[1:-1]
    near = np.arange(-0.015, 0.016, 0.003)
    on, between = (
        sum(max(np.interp(time + near, at, rise)) for time in beats + offset)
        for offset in (0, 30 / song.tempo)
    )
    assert (between > on) == ("halfway between its beats" in song.caveat)


def test_every_song_says_that_its_beats_are_a_charts(every):
    assert all("chart author's grid, not annotated by ear" in song.caveat for song in every)
    assert [s.name for s in every if "three tempo events" in s.caveat] == ["metal-madness"]


def test_bars_are_counted_where_the_chart_states_a_metre(every):
    stated = [song for song in every if song.metre]
    assert [s.name for s in stated] == ["chaos-god", "internal-degeneration", "mutilated-mime"]
    for song in stated:
        positions = song.bar_positions()
        assert torch.equal(positions, torch.arange(len(song.beats())) % song.metre + 1)
    with pytest.raises(ValueError, match="the chart of feelings has no metre"):
        songs.find("feelings").bar_positions()


def test_the_beats_have_the_manifests_hash():
    for row in manifest.rows(songs.CORPUS):
        content = (songs.CORPUS / row["beats"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["beats_sha256"]
        assert len(list(csv.reader(content.decode().splitlines()))) > 40


def test_conditions_select(every):
    chosen = songs.table(packs=["sectoid"], names=["feelings", "chaos-god", "metal-madness"])
    assert [song.title for song in chosen] == ["Feelings", "Metal madness"]
    assert chosen == tuple(s for s in every if s.title in ("Feelings", "Metal madness"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: songs.find("feeling"), "no song 'feeling'; there are armygeddon, chaos-god,"),
        (lambda: songs.table(packs=["sectoids"]), "no pack 'sectoids'; there are muldjord, sectoi"),
        (lambda: songs.table(packs="sectoid"), r"packs is a list of names: did you mean \['sec"),
        (lambda: songs.table(packs=["sectoid"], names=["chaos-god"]), "meets all conditions"),
        (lambda: songs.find("feelings").waveform("bass"), "there are guitar, rest, mixture"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(call, message):
    with pytest.raises(ValueError, match=message):
        call()
