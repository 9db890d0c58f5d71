"""The longer trainings on speaking: held-out words stay unseen, arms differ in one thing."""

import torch

from dla.chapters.adversarial_diffusion_differentiable import speaking, speaking_study
from dla.chapters.adversarial_diffusion_differentiable.speaking_study import setting


def test_held_out_words_are_neither_trained_on_nor_aligned_with():
    s = setting()
    heard, unheard = ({w.text for w in side} for side in (s.heard, s.unheard))
    assert len(unheard) == speaking_study.HELD_OUT and not heard & unheard
    assert set(s.durations) == heard | unheard
    states = {p for w in s.heard for p in w.pieces}
    assert {piece for piece, _ in s.aligner.means} == states


def test_shared_and_own_codes_see_the_same_frames():
    one, other = (draw(3)(0) for draw in (speaking_study.shared, speaking_study.own))
    assert torch.equal(one[1], other[1])
    assert torch.equal(one[0][..., 3:], other[0][..., 3:])  # place, duration
    assert not torch.equal(one[0][..., :3], other[0][..., :3])


def test_a_recording_is_named_as_itself():
    assert all(speaking_study.named(w.level) == w.text for w in setting().unheard[:4])


def test_a_study_trains_what_the_page_trains():
    s = setting()
    (side_by_side,), _ = speaking.train_speakers(
        s.heard,
        [s.durations[w.text] for w in s.heard],
        [speaking.shared_codes(s.heard)],
        seeds=2,
        steps=5,
    )
    (alone,), _ = speaking.train(
        [speaking.Speaker(1)], speaking_study.shared(1), speaking.squared_error, speaking.recipe(5)
    )
    text = s.unheard[0].text
    one, other = (speaking_study.said(n, text) for n in (side_by_side[1], alone))
    torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-3)


def test_the_mean_of_all_frames_keeps_no_variance():
    class Flat(speaking.Speaker):
        def forward(self, x):
            return torch.zeros(*x.shape[:-1], speaking.BANDS)

    assert speaking_study.kept(Flat(0)) == {"variance kept": 0.0, "between bands": 0.0}
