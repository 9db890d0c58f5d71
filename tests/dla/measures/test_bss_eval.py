"""BSS Eval against mir_eval, against dense least squares, and the laws of its projections."""

import mir_eval
import pytest
import torch

from dla.losses.si_sdr import si_sdr
from dla.measures.bss_eval import bss_eval, project, ratio


@pytest.fixture
def signals():
    """Two sources and estimates that leak, ring and hiss: float64, shape (2, 3000) each."""
    rng = torch.Generator().manual_seed(0)
    sources = torch.randn(2, 3000, generator=rng, dtype=torch.float64)
    sources = sources + 0.5 * sources.roll(1, dims=-1)
    leak = sources + 0.2 * sources.flip(0).roll(7, dims=-1) + 0.3 * sources.roll(40, dims=-1)
    return sources, leak + 0.1 * torch.randn(2, 3000, generator=rng, dtype=torch.float64)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_agrees_with_mir_eval_at_512_taps(signals):
    sources, estimates = signals
    sdr, sir, sar, _ = mir_eval.separation.bss_eval_sources(
        sources.numpy(), estimates.numpy(), compute_permutation=False
    )
    for j in range(2):
        parts = bss_eval(estimates[j], sources, target=j)
        assert parts.sdr.item() == pytest.approx(sdr[j], abs=1e-8)
        assert parts.sir.item() == pytest.approx(sir[j], abs=1e-8)
        assert parts.sar.item() == pytest.approx(sar[j], abs=1e-8)


def delayed(references, taps):
    """The dense matrix A: one column per reference and delay."""
    time = references.shape[-1]
    columns = []
    for reference in references:
        for delay in range(taps):
            column = torch.zeros(time + taps - 1, dtype=references.dtype)
            column[delay : delay + time] = reference
            columns.append(column)
    return torch.stack(columns, dim=1)


@pytest.mark.parametrize("taps", [1, 2, 9])
def test_projects_as_dense_least_squares_does(signals, taps):
    sources, estimates = signals[0][:, :80], signals[1][:, :80]
    matrix = delayed(sources, taps)
    wanted = torch.cat([estimates[0], torch.zeros(taps - 1, dtype=torch.float64)])
    solution = torch.linalg.lstsq(matrix, wanted[:, None]).solution
    found = project(estimates[0], sources, taps=taps)
    torch.testing.assert_close(found, (matrix @ solution)[:, 0])


@pytest.mark.parametrize("taps", [1, 32])
def test_parts_are_orthogonal_and_sum_to_the_estimate(signals, taps):
    sources, estimates = signals
    rng = torch.Generator().manual_seed(1)
    noise = torch.randn(3000, generator=rng, dtype=torch.float64)
    parts = bss_eval(estimates[0] + noise, sources, target=0, taps=taps, noise=noise)
    stack = torch.stack([parts.target, parts.interference, parts.noise, parts.artifacts])
    gram = stack @ stack.T
    torch.testing.assert_close(gram, gram.diagonal().diag(), atol=1e-7, rtol=0.0)
    assert (gram.diagonal() > 0.1).all()
    torch.testing.assert_close(stack.sum(0)[:3000], estimates[0] + noise)


def test_one_tap_and_one_source_is_si_sdr(signals):
    sources, estimates = (s - s.mean(-1, keepdim=True) for s in signals)
    parts = bss_eval(estimates[1], sources, target=1, taps=1)
    torch.testing.assert_close(parts.sdr, si_sdr(estimates[1], sources[1]))


def test_more_taps_never_lower_the_sdr(signals):
    sources, estimates = signals
    values = [bss_eval(estimates[0], sources, target=0, taps=t).sdr for t in (1, 2, 8, 41, 64)]
    assert values == sorted(values)
    assert values[3] > values[2] + 3  # the echo at 40 samples is inside now


def test_a_filter_within_the_taps_is_forgiven_and_one_beyond_is_not(signals):
    source = signals[0][:1]
    ringing = torch.nn.functional.pad(source[0, :-9], (9, 0)) * 0.5 + source[0]
    ringing[-9:] = 0  # both end inside
    source = source.clone()
    source[0, -9:] = 0
    exact = source[0] + 0.5 * source[0].roll(9)
    assert bss_eval(exact, source, target=0, taps=10).sdr > 100
    assert bss_eval(exact, source, target=0, taps=9).sdr < 10


def test_noise_that_is_named_is_neither_interference_nor_artifact(signals):
    sources, _ = signals
    rng = torch.Generator().manual_seed(2)
    noise = torch.randn(3000, generator=rng, dtype=torch.float64)
    parts = bss_eval(sources[0] + 0.1 * noise, sources, target=0, taps=4, noise=noise)
    assert ratio(parts.noise, parts.artifacts) > 100
    unnamed = bss_eval(sources[0] + 0.1 * noise, sources, target=0, taps=4)
    assert unnamed.sar < 25 and unnamed.noise.abs().max() == 0


def test_equal_sources_still_have_a_projection(signals):
    sources = signals[0][:1].expand(2, -1)
    parts = bss_eval(signals[1][0], sources, target=0, taps=2)
    alone = bss_eval(signals[1][0], sources[:1], target=0, taps=2)
    torch.testing.assert_close(parts.target, alone.target)
    torch.testing.assert_close(parts.artifacts, alone.artifacts, atol=1e-5, rtol=0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": 2}, "no source 2: there are 2"),
        ({"taps": 0}, "needs a tap, got taps=0"),
        ({"estimate": torch.ones(9)}, "estimate 9 samples, sources 10 samples"),
        ({"noise": torch.ones(11)}, "noise 11 samples"),
        ({"estimate": torch.zeros(10)}, r"estimate \(10,\) holds a silent signal"),
        ({"sources": torch.ones(2, 10) * torch.tensor([[0.0], [1.0]])}, r"sources \(2, 10\) holds"),
    ],
)
def test_refuses_what_has_no_ratio(change, message):
    good = {"estimate": torch.ones(10), "sources": torch.eye(10)[:2], "target": 0, "taps": 2}
    with pytest.raises(ValueError, match=message):
        bss_eval(**(good | change))
