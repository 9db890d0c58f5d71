"""A learned codebook: seeds apart, codes that are moved, codes that are not."""

import torch
from torch.testing import assert_close

from dla.chapters.speech import collapse
from dla.chapters.speech.collapse import choose, train_codebooks
from dla.models.quantiser import nearest, perplexity

DATA = torch.randn(300, 6, generator=torch.Generator().manual_seed(0))
SMALL = {"latent": 3, "size": 16, "steps": 60, "batch": 32}


def test_a_seed_alone_learns_what_it_learns_beside_others():
    both = train_codebooks(DATA, seeds=(0, 1), **SMALL)
    (alone,) = train_codebooks(DATA, seeds=(1,), **SMALL)
    assert_close(both[1].codes, alone.codes, atol=1e-4, rtol=1e-3)
    assert not torch.equal(both[0].codes, both[1].codes)


def test_chooses_the_nearest_code_of_the_seed_s_own_book():
    z = torch.randn(2, 20, 3, generator=torch.Generator().manual_seed(1))
    books = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(2))
    for k in range(2):
        assert_close(choose(z, books)[k], nearest(z[k], books[k]))


def test_training_lowers_the_error():
    def error(steps):
        (codec,) = train_codebooks(DATA, seeds=(0,), **SMALL | {"steps": steps})
        return (codec.decode(codec.encode(DATA)) - DATA).square().mean()

    assert error(200) < 0.6 * error(0)


def test_the_encoder_learns_through_the_choice(monkeypatch):
    monkeypatch.setattr(collapse, "COMMITMENT", 0.0)  # no other way is left
    start, end = (
        train_codebooks(DATA, seeds=(0,), **SMALL | {"steps": steps})[0].down for steps in (0, 5)
    )
    assert (end - start).abs().min() > 1e-4


def test_codes_that_start_far_away_are_used_only_if_they_are_moved():
    far = SMALL | {"spread": 20.0, "steps": 100}
    used = [
        perplexity(codec.encode(DATA), 16)
        for more in ({}, {"replace_every": 20})
        for codec in train_codebooks(DATA, seeds=(0,), **far, **more)
    ]
    assert used[0] < 6 < 9 < used[1]


def test_codes_from_data_start_among_the_latents():
    (codec,) = train_codebooks(DATA, seeds=(0,), **SMALL | {"steps": 0}, from_data=True)
    gaps = (codec.codes[:, None] - (DATA @ codec.down)[None]).norm(dim=-1)
    assert gaps.amin(1).max() < 1e-5
