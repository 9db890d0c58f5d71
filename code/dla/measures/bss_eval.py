"""BSS Eval: an estimate taken apart by successive projections.

Not mir_eval's separation measures, because the projections are what the page explains.

Explained in overview/speech/mel-and-metrics.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from dla import checks, units


@dataclass(frozen=True)
class Parts:
    """Orthogonal parts of an estimate; they sum to it.

    Each is as long as the estimate and the filter together, "time +
    taps - 1".
    """

    target: Tensor  # filtered target
    interference: Tensor  # filtered other sources
    noise: Tensor  # filtered noise; zero if none was given
    artifacts: Tensor  # what no filter of anything explains

    @property
    def sdr(self) -> Tensor:
        """Target over everything else, in dB."""
        rest = self.interference + self.noise + self.artifacts
        return ratio(self.target, rest)

    @property
    def sir(self) -> Tensor:
        """Target over interference, in dB."""
        return ratio(self.target, self.interference)

    @property
    def sar(self) -> Tensor:
        """All that filters explain, over artifacts, in dB."""
        explained = self.target + self.interference + self.noise
        return ratio(explained, self.artifacts)


def bss_eval(
    estimate: Float[Tensor, "time"],
    sources: Float[Tensor, "source time"],
    *,
    target: int,
    taps: int = 512,
    noise: Float[Tensor, "time"] | None = None,
) -> Parts:
    r"""Target, interference, noise and artifacts of an estimate.

    Three subspaces, each inside the next: the target and its copies
    delayed by 0 to L - 1 samples; those of all sources; those of the
    noise too. The estimate is projected on each, and the parts are
    the differences (Vincent et al., 2006; eq-speech-bss-split):

    .. math::
        s_{\text{target}} = P_1 \hat s, \quad
        e_{\text{interf}} = (P_2 - P_1) \hat s, \quad
        e_{\text{noise}} = (P_3 - P_2) \hat s, \quad
        e_{\text{artif}} = \hat s - P_3 \hat s

    Args:
        estimate: :math:`\hat s`.
        sources: the references, none silent.
        target: number of the source that the estimate stands for.
        taps: length :math:`L` of the filter that is forgiven.
        noise: a reference of the noise in the recording.

    Returns:
        The parts; their ratios in dB are ``.sdr``, ``.sir``, ``.sar``.

    Raises:
        ValueError: lengths differ, there is no such source, the
            filter has no tap, or a signal is silent or not finite.

    >>> tones = torch.tensor([[1.0, -1, 1, -1], [1, 1, -1, -1]])
    >>> parts = bss_eval(tones[0] + 0.1 * tones[1], tones,
    ...                  target=0, taps=1)
    >>> parts.sdr, parts.sir
    (tensor(20.00), tensor(20.00))
    """
    refuse_what_has_no_ratio(estimate, sources, target, taps, noise)
    estimate = checks.as_sound("estimate", estimate)
    sources = checks.as_sound("sources", sources)
    others = [i for i in range(len(sources)) if i != target]
    references = torch.cat([sources[[target]], sources[others]])
    if noise is not None:
        noise = checks.as_sound("noise", noise)
        references = torch.cat([references, noise[None]])
    whole = pad(estimate, (0, taps - 1))
    on_target = project(estimate, references[:1], taps=taps)
    on_sources = project(
        estimate, references[: len(sources)], taps=taps
    )
    on_all = on_sources
    if noise is not None:
        on_all = project(estimate, references, taps=taps)
    return Parts(
        target=on_target,
        interference=on_sources - on_target,
        noise=on_all - on_sources,
        artifacts=whole - on_all,
    )


def project(
    estimate: Float[Tensor, "time"],
    references: Float[Tensor, "reference time"],
    *,
    taps: int,
) -> Float[Tensor, "time_and_filter"]:
    r"""Nearest sum of filtered references (eq-speech-bss-normal).

    Solves the normal equations :math:`A^{\mathsf T} A h =
    A^{\mathsf T} \hat s`, where the columns of :math:`A` are the
    references, each delayed by 0 to L - 1 samples. Their inner
    products are correlations, found by fast Fourier transforms. In
    double precision, since delayed copies of speech are nearly
    dependent.

    Args:
        estimate: :math:`\hat s`.
        references: signals to be filtered.
        taps: length L of each filter.

    >>> project(torch.tensor([1.0, 2.0]), torch.eye(2)[:1], taps=2)
    tensor([1., 2., 0.])
    """
    count, time = references.shape
    size = time + taps - 1
    n_fft = 1 << (size - 1).bit_length()  # a power of two
    spectra = torch.fft.rfft(references.double(), n=n_fft)
    wanted = torch.fft.rfft(estimate.double(), n=n_fft)
    correlation = torch.fft.irfft(
        spectra[:, None].conj() * spectra, n=n_fft
    )
    delay = torch.arange(taps)
    lags = delay[:, None] - delay  # negative: from the end
    gram = correlation[:, :, lags].permute(0, 2, 1, 3)
    gram = gram.reshape(count * taps, count * taps)
    right = torch.fft.irfft(spectra.conj() * wanted, n=n_fft)
    right = right[:, :taps].reshape(-1)
    filters, singular = torch.linalg.solve_ex(gram, right)
    if singular:
        filters = torch.linalg.lstsq(
            gram, right[:, None], driver="gelsd"
        ).solution[:, 0]
    response = torch.fft.rfft(filters.reshape(count, taps), n=n_fft)
    filtered = torch.fft.irfft(spectra * response, n=n_fft)
    return filtered.sum(0)[:size].to(estimate)


def ratio(
    numerator: Float[Tensor, "time"], denominator: Float[Tensor, "time"]
) -> Float[Tensor, ""]:
    """Of two energies, in dB.

    >>> ratio(torch.tensor([3.0, 4.0]), torch.tensor([0.5, 0.0]))
    tensor(20.)
    """
    return units.db(
        numerator.square().sum() / denominator.square().sum()
    )


def refuse_what_has_no_ratio(
    estimate: Tensor,
    sources: Tensor,
    target: int,
    taps: int,
    noise: Tensor | None,
) -> None:
    """Raise where a projection or a ratio would mean nothing."""
    signals = {"estimate": estimate, "sources": sources}
    if noise is not None:
        signals["noise"] = noise
    lengths = {name: s.shape[-1] for name, s in signals.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            "signals of different lengths: "
            + ", ".join(f"{n} {k} samples" for n, k in lengths.items())
        )
    if not 0 <= target < len(sources):
        raise ValueError(
            f"no source {target}: there are {len(sources)}, from 0"
        )
    if taps < 1:
        raise ValueError(f"the filter needs a tap, got taps={taps}")
    checks.refuse_other_axes("estimate", estimate, "time")
    checks.refuse_other_axes("sources", sources, "source", "time")
    signals = {n: checks.as_sound(n, s) for n, s in signals.items()}
    checks.refuse_non_finite(**signals)
    checks.refuse_silence(**signals)
