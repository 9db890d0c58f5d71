"""The vocoder's study: what it measures is of sentences that nobody learned or looked at."""

from dla.chapters.adversarial_diffusion_differentiable import vocoder, vocoder_study


def test_what_is_scored_was_neither_learned_nor_looked_at():
    for name in ("june", "carlo"):
        held = vocoder.sentences(name, held_out=True)
        seen = {s.text for s in vocoder.sentences(name, held_out=False)}
        seen |= {s.text for s in held[: vocoder.LOOKED_AT]}
        scored = {s.text for s in vocoder.tested(name)}
        assert len(scored) == vocoder.SCORED and not scored & seen


def test_the_network_fits_into_what_may_be_committed():
    network = vocoder_study.network(0)
    count = sum(p.numel() for p in network.parameters())
    assert count <= 2_000_000 and 2 * count <= 1_000_000


def test_seeds_start_differently():
    one, two = (vocoder_study.network(seed).entry.weight for seed in (0, 1))
    assert not one.equal(two)
