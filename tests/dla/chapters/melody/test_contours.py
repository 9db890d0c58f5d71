"""Kept contours belong to the sounds, and a reference has no vote of whom it judges."""

import json

import numpy as np
import pytest

from dla.chapters.melody import contours


def test_every_system_has_a_contour_of_every_sound_on_its_frames():
    for found in contours.published().values():
        assert sorted(found) == sorted(contours.sounds())
        for name, (frequency, voiced) in found.items():
            assert frequency.shape == voiced.shape == contours.frame_times(name).shape
            assert (frequency >= 0).all() and voiced.dtype == bool
    assert set(contours.kept_on()) == {"day", *contours.SYSTEMS}


def test_another_sound_than_was_tracked_is_refused(tmp_path, monkeypatch):
    kept = json.loads(contours.FILE.read_text())
    kept["sounds"]["june"] = "0" * 64
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    monkeypatch.setattr(contours, "FILE", tmp_path / "kept.json")
    with pytest.raises(ValueError, match="june is not the sound"):
        contours.published.__wrapped__()


def test_the_reference_is_where_the_others_agree(monkeypatch):
    def one(*hertz):
        return contours.Contour(np.array(hertz), np.array(hertz) > 0)

    ours = one(100.0, 100.0, 100.0, 100.0)
    others = {
        "a": {"x": one(100.0, 103.0, 0.0, 100.0)},
        "b": {"x": one(101.0, 100.0, 100.0, 200.0)},
    }
    monkeypatch.setattr(contours, "ours", lambda name: ours)
    monkeypatch.setattr(contours, "published", lambda: others)
    np.testing.assert_allclose(
        contours.agreed("x", without="YIN"), [np.sqrt(10100.0), 0.0, 0.0, 0.0]
    )  # 103 to 100 are 51 cents
    np.testing.assert_allclose(
        contours.agreed("x", without="a"), [np.sqrt(10100.0), 100.0, 100.0, 0.0]
    )


def test_frames_apart_are_sung_by_both():
    a = contours.Contour(np.array([100.0, 100.0, 100.0]), np.array([True, True, False]))
    b = contours.Contour(np.array([102.0, 104.0, 200.0]), np.array([True, True, True]))
    assert contours.apart(a, b).tolist() == [False, True, False]
    assert not contours.apart(a, b, tolerance=80.0).any()


def test_movement_is_that_of_a_glide_and_unknown_at_its_ends():
    glide = 200 * 2 ** (np.arange(6) * 70 / 1200)
    np.testing.assert_allclose(contours.movement(glide)[1:-1], 70)
    glide[2] = 0
    assert np.isnan(contours.movement(glide)).tolist() == [True, True, True, True, False, True]


def test_our_yin_is_on_the_same_frames():
    assert contours.ours("june").frequency.shape == contours.frame_times("june").shape
    assert contours.kind("A4") == "note"
    a4 = contours.ours("A4")
    assert np.abs(1200 * np.log2(a4.frequency[15:60] / 440)).max() < 30 and a4.voiced[15:60].all()
