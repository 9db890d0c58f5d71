"""Laws of drawing mixtures: levels, order, excerpts, chance."""

import pytest
import torch

from dla import signals, units
from dla.chapters.permutation_invariant_training import mixtures
from dla.datasets import prompts

VOICES = [torch.arange(1.0, 4001.0) + 10_000 * person for person in range(3)]  # ramps: any
# excerpt tells, up to its gain, where and from whom it is


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def draw(**changes):
    settings = {
        "count": 50,
        "seconds": 0.1,
        "levels": (0.0, 0.0),
        "generator": generator(),
    }
    return mixtures.draw(VOICES, **(settings | changes))


def person_and_start(source: torch.Tensor) -> tuple[int, int]:
    """Undo the gain: neighbouring samples of a ramp differ by one."""
    slope = (source[-1] - source[0]) / (len(source) - 1)
    first = round(float(source[0] / slope)) - 1
    return first // 10_000, first % 10_000


def test_the_first_source_lies_above_the_last_by_the_level_asked_for():
    sources = draw(levels=(3.0, 3.0))
    powers = units.db(signals.power(sources))
    torch.testing.assert_close(powers[:, 0], torch.full((50,), 3.0), atol=1e-3, rtol=0)
    torch.testing.assert_close(powers[:, 1], torch.zeros(50), atol=1e-3, rtol=0)


def test_levels_are_spread_between_the_bounds():
    levels = units.db(signals.power(draw(levels=(-5.0, 5.0), count=400)))[:, 0]
    assert levels.min() > -5.01 and levels.max() < 5.01
    assert levels.min() < -4.5 and levels.max() > 4.5
    assert abs(levels.mean()) < 0.6


def test_nobody_is_mixed_with_himself_and_every_order_occurs():
    orders = {
        tuple(person_and_start(source)[0] for source in mixture) for mixture in draw(count=100)
    }
    assert orders == {(a, b) for a in range(3) for b in range(3) if a != b}


def test_three_talkers_are_all_there():
    sources = draw(talkers=3)
    assert sources.shape == (50, 3, 800)
    for mixture in sources:
        assert {person_and_start(s)[0] for s in mixture} == {0, 1, 2}


def test_excerpts_start_anywhere():
    starts = [person_and_start(s)[1] for s in draw(count=200).flatten(0, 1)]
    assert min(starts) < 100 and max(starts) > 3100 and len(set(starts)) > 300


def test_the_generator_decides():
    assert torch.equal(draw(), draw())
    assert not torch.equal(draw(), draw(generator=generator(1)))


def test_refuses_more_talkers_than_voices():
    with pytest.raises(ValueError, match="4 talkers asked for, 3 voices given"):
        draw(talkers=4)


def test_refuses_an_excerpt_longer_than_the_speech():
    with pytest.raises(ValueError, match="excerpt of 8000 samples does not fit into 4000"):
        draw(seconds=1.0)


def test_a_voice_is_all_prompts_in_a_row_at_8_khz():
    table = prompts.table(speakers=["june"], kinds=["digits"])
    voice = mixtures.voice(table)
    assert len(voice) == pytest.approx(8000 * sum(p.seconds for p in table), abs=len(table))
