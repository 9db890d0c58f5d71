"""How sounds are ranked, and what a cepstrum of one knows."""

import itertools

import numpy as np
import pytest
import torch

from dla.chapters.music import sounds_comparison as module

RATE = module.RATE


def test_average_precision_is_that_of_all_orders_counted_by_hand():
    kinds, groups = list("aabba"), ["1", "2", "3", "4", "5"]
    x = torch.randn(5, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = module.average_precisions(x, x, kinds, groups)
    for k in range(5):
        near = [
            (float(x[k] @ x[i] / x[k].norm() / x[i].norm()), kinds[i]) for i in range(5) if i != k
        ]
        near.sort(reverse=True)
        right = [kind == kinds[k] for _, kind in near]
        shares = [sum(right[: i + 1]) / (i + 1) for i, hit in enumerate(right) if hit]
        assert float(found[k]) == pytest.approx(np.mean(shares))


def test_one_s_own_recording_is_no_answer_and_a_kind_alone_asks_nothing():
    x = torch.eye(3)
    found = module.average_precisions(x, x, ["a", "a", "b"], ["1", "1", "2"])
    assert found.isnan().all()


def test_the_length_of_a_vector_does_not_matter():
    x = torch.rand(6, 4, generator=torch.Generator().manual_seed(0))
    gains = torch.arange(1.0, 7.0)[:, None]
    given = (list("aabbab"), list("123456"))
    torch.testing.assert_close(
        module.average_precisions(x, x, *given), module.average_precisions(gains * x, x, *given)
    )


def test_a_level_moves_one_coefficient_only():
    x = torch.randn(RATE, generator=torch.Generator().manual_seed(0))
    one, other = (module.cepstrum(g * x, sample_rate=RATE) for g in (1.0, 0.5))
    moved = (one - other).abs() > 1e-3
    assert moved.nonzero().flatten().tolist() == [0]
    assert one.shape == (2 * module.COEFFICIENTS,)


def test_the_shortest_sound_has_a_cepstrum():
    for piece in itertools.islice(module.pieces(), 300):
        assert module.cepstrum(piece.waveform[:100], sample_rate=RATE).isfinite().all()


def test_quieter_sounds_are_the_same_sounds():
    by = {c: [p for p in module.pieces() if p.case == c] for c in module.CASES}
    for loud, quiet in zip(by[module.STROKES], by[module.QUIETER], strict=True):
        torch.testing.assert_close(module.GAIN * loud.waveform, quiet.waveform)
        assert (loud.about, loud.kind, loud.group) == (quiet.about, quiet.kind, quiet.group)


def test_a_vector_survives_being_kept_up_to_its_steps():
    x = torch.rand(512, generator=torch.Generator().manual_seed(0))
    again = module.vector_kept(module.keep(None, 3 * x))
    torch.testing.assert_close(again, x / x.max(), atol=1 / 255, rtol=0.0)


def test_precisions_are_those_of_the_case_and_quieter_sounds_ask_the_louder_ones():
    things = module.pieces()
    rng = torch.Generator().manual_seed(0)
    drawn = torch.randn(len(things), 5, generator=rng)
    here = [k for k, p in enumerate(things) if p.case == module.STROKES]
    soft = [k for k, p in enumerate(things) if p.case == module.QUIETER]
    drawn[soft] = drawn[here]
    labels = [things[k].kind for k in here], [things[k].group for k in here]
    x = drawn[here].double()
    wanted = module.average_precisions(x, x, *labels)
    for case in (module.STROKES, module.QUIETER):
        found = module.precisions(case, list(drawn))
        torch.testing.assert_close(found, wanted, equal_nan=True)
    drawn[soft] = -drawn[here]
    assert not torch.equal(module.precisions(module.QUIETER, list(drawn)), wanted)


def test_the_nearest_is_a_stroke_of_another_recording():
    things = module.pieces()
    vectors = torch.randn(len(things), 5, generator=torch.Generator().manual_seed(1))
    here = [k for k, p in enumerate(things) if p.case == module.STROKES]
    groups = [things[k].group for k in here]
    asks = next(k for k in here if groups.count(things[k].group) > 1)
    other = next(k for k in here if things[k].group != things[asks].group)
    for k, p in enumerate(things):  # equal, but of the own group, or no stroke
        if k != asks and (p.group == things[asks].group or p.case != module.STROKES):
            vectors[k] = vectors[asks]
    vectors[other] = 7 * vectors[asks] + 0.01
    assert module.nearest(things[asks].about, list(vectors)) is things[other]
