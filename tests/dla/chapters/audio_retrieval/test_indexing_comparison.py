"""The oracle finds what it should, and the simulated vectors are as declared."""

import torch

from dla.chapters.audio_retrieval import indexing_comparison as ic

SMALL = ic.Vectors("latent", 2000)


def rows():
    return ic.sound_of(SMALL)[0].T


def test_vectors_have_length_one():
    lengths = rows().norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths))


def test_exact_search_has_all_neighbours_by_another_route():
    waveform, rate = ic.sound_of(SMALL)
    found = ic.timed(ic.exact, ic.WHOLE)(waveform, sample_rate=rate)
    assert ic.score(SMALL, found)["recall at 10"] == 1.0


def test_a_list_of_others_has_no_recall():
    found = ic.Found((ic.truth(SMALL) + 1000) % 2000, 0.0, 0.0, 1)
    assert ic.score(SMALL, found)["recall at 10"] < 0.1


def test_exact_distances_again_mend_what_codes_lose():
    x = rows()
    truth = ic.truth(SMALL)[0]
    plain = ic.quantised(x[: -ic.QUERIES])(x[-ic.QUERIES])
    again = ic.quantised(x[: -ic.QUERIES], again=100)(x[-ic.QUERIES])
    assert torch.isin(again, truth).sum() >= torch.isin(plain, truth).sum()
    assert torch.isin(again, truth).float().mean() > 0.9


def test_latent_vectors_have_fewer_dimensions():
    shares = torch.linalg.svdvals(rows()).square()
    assert shares[:10].sum() / shares.sum() > 0.8
