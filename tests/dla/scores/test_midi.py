"""The synthesiser's run: on time, and each part for itself."""

import numpy as np
import pytest
import torch
from score_material import scale

from dla import scores


def test_a_struck_note_begins_within_two_milliseconds():
    sound = scores.render(scale(length=0.5), instruments="harpsichord", tempo=97.0)
    x = sound.stems[0].abs().numpy()
    late = []
    for onset in sound.notes["onset"][1:]:
        around = x[int((onset - 0.01) * 22050) : int((onset + 0.02) * 22050)]
        rise = np.argmax(around > 0.1 * around.max())
        late.append(rise / 22050 - 0.01)
    assert np.abs(late).max() < 0.002


@pytest.mark.parametrize("companion", ["violin", "church organ"])
def test_a_stem_does_not_depend_on_its_company(companion, tmp_path, monkeypatch):
    """Two parts share a run of the synthesiser, on the left and on the right."""
    heard = []
    for names in (["acoustic grand piano", companion], [companion, "flute"], [companion]):
        monkeypatch.setenv("DLA_CACHE", str(tmp_path / str(len(heard))))
        row = names.index(companion)
        notes = [(0, 2, 67 if k == row else 60, k) for k in range(len(names))]
        duet = scores.from_notes(notes, parts=names)
        heard.append(scores.render(duet, instruments=names).stems[row])
    # A step of 16 bits (before the gain) may round the other way on the other side.
    torch.testing.assert_close(heard[1], heard[0], atol=1.3e-4, rtol=0)
    torch.testing.assert_close(heard[2], heard[1], atol=0, rtol=0)
