"""Vector quantisers: one codebook, and residuals through several.

Not faiss or scikit-learn, because the page reads this code beside its
equations; scikit-learn is the tests' oracle.

Explained in overview/speech/ideas.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from dla import checks

AT_ONCE = (
    1024  # vectors compared with a codebook at a time; fits a cache
)


def nearest(
    vectors: Float[Tensor, "*batch feature"],
    codebook: Float[Tensor, "code feature"],
) -> Int[Tensor, "*batch"]:
    """Number of the code vector that is nearest to each vector.

    The squared distance without the vector's own length, which is the
    same for all codes (eq-speech-lloyd).

    Raises:
        ValueError: vectors of another length than the codes, or not
            finite.

    >>> nearest(torch.tensor([[0.2], [0.9]]), torch.tensor([[0.0], [1.0]]))
    tensor([0, 1])
    """
    if vectors.shape[-1] != codebook.shape[-1]:
        raise ValueError(
            f"vectors {tuple(vectors.shape)} and codebook "
            f"{tuple(codebook.shape)} differ in their last axis"
        )
    vectors = checks.as_floats("vectors", vectors)
    checks.refuse_non_finite(vectors=vectors, codebook=codebook)
    half = codebook.square().sum(-1) / 2
    codes = [
        (some @ codebook.mT.to(some) - half).argmax(-1)
        for some in vectors.flatten(0, -2).split(AT_ONCE)
    ]
    return torch.cat(codes).view(vectors.shape[:-1])


def k_means(
    vectors: Float[Tensor, "item feature"],
    size: int,
    *,
    generator: torch.Generator,
    rounds: int = 20,
) -> Float[Tensor, "code feature"]:
    """A codebook by alternating least squares (Lloyd; eq-speech-lloyd).

    Starts at vectors that are drawn from the data. A code that no
    vector chose moves to a vector that is drawn anew.

    Args:
        vectors: the data.
        size: number of codes.
        generator: source of the randomness; it advances.
        rounds: of assigning and averaging.

    Raises:
        ValueError: fewer vectors than codes, or not finite.

    >>> x = torch.tensor([[0.0], [0.2], [4.0], [4.2]])
    >>> g = torch.Generator().manual_seed(0)
    >>> k_means(x, 2, generator=g).sort(0).values.flatten()
    tensor([0.1000, 4.1000])
    """
    if not 1 <= size <= len(vectors):
        raise ValueError(
            f"{size} codes from {len(vectors)} vectors; expected "
            "between one code and one a vector"
        )
    vectors = checks.as_floats("vectors", vectors)
    checks.refuse_non_finite(vectors=vectors)
    codebook = _drawn(vectors, size, generator)
    for _ in range(rounds):
        codes = nearest(vectors, codebook)
        counts = torch.bincount(codes, minlength=size)
        sums = torch.zeros_like(codebook).index_add(0, codes, vectors)
        means = sums / counts.clamp(min=1)[:, None]
        empty = (counts == 0).nonzero().flatten()
        means[empty] = _drawn(vectors, len(empty), generator)
        codebook = means
    return codebook


def fit_residual(
    vectors: Float[Tensor, "item feature"],
    *,
    stages: int,
    size: int,
    generator: torch.Generator,
    rounds: int = 20,
) -> Float[Tensor, "stage code feature"]:
    """Codebooks of a residual quantiser, one stage after the other.

    Each is the :func:`k_means` of what the stages before have left
    (eq-speech-residual).

    >>> x = torch.tensor([[0.0], [1.0], [10.0], [11.0]])
    >>> g = torch.Generator().manual_seed(0)
    >>> books = fit_residual(x, stages=2, size=2, generator=g)
    >>> bool((decode(encode(x, books), books) - x).abs().max() < 1e-5)
    True
    """
    rest, books = checks.as_floats("vectors", vectors), []
    for _ in range(stages):
        book = k_means(rest, size, generator=generator, rounds=rounds)
        rest = rest - book[nearest(rest, book)]
        books.append(book)
    return torch.stack(books)


def encode(
    vectors: Float[Tensor, "*batch feature"],
    codebooks: Float[Tensor, "stage code feature"],
) -> Int[Tensor, "*batch stage"]:
    """Tokens: the nearest code to what is left, stage by stage."""
    rest, codes = vectors, []
    for book in codebooks:
        codes.append(nearest(rest, book))
        rest = rest - book[codes[-1]]
    return torch.stack(codes, -1)


def decode(
    codes: Int[Tensor, "*batch stage"],
    codebooks: Float[Tensor, "stage code feature"],
) -> Float[Tensor, "*batch feature"]:
    """Sum of the chosen codes; fewer stages than codebooks will do."""
    chosen = [
        book[codes[..., stage]]
        for stage, book in enumerate(codebooks[: codes.shape[-1]])
    ]
    return torch.stack(chosen).sum(0)


def refit(
    vectors: Float[Tensor, "item feature"],
    codes: Int[Tensor, "item stage"],
    size: int,
) -> Float[Tensor, "stage code feature"]:
    """All codebooks at once, by least squares for given codes.

    The normal equations of eq-speech-joint; of their solutions the
    shortest, since a vector may move from one stage to another.
    """
    stages = codes.shape[-1]
    chosen = (
        functional.one_hot(codes.long(), size).flatten(1).to(vectors)
    )
    gram, against = chosen.mT @ chosen, chosen.mT @ vectors
    solution = torch.linalg.lstsq(
        gram.double(), against.double(), driver="gelsd"
    ).solution
    return solution.view(stages, size, -1).to(vectors)


def straight_through(
    latent: Float[Tensor, "*shape"], quantised: Float[Tensor, "*shape"]
) -> Float[Tensor, "*shape"]:
    """The quantised value, with the gradient of the latent one.

    (eq-speech-straight; Bengio, Leonard and Courville, 2013)

    >>> z = torch.tensor(0.3, requires_grad=True)
    >>> straight_through(z, z.round()).backward()
    >>> z.grad
    tensor(1.)
    """
    checks.refuse_different_shapes(latent=latent, quantised=quantised)
    return latent + (quantised - latent).detach()


def perplexity(codes: Int[Tensor, "*shape"], size: int) -> float:
    """Codes in effective use: two to the power of their entropy in bits.

    (def-speech-perplexity)

    >>> perplexity(torch.tensor([0, 1, 0, 1]), 8)
    2.0
    """
    counts = torch.bincount(codes.flatten(), minlength=size).double()
    share = counts[counts > 0] / counts.sum()
    return round(float(torch.exp2(-(share * share.log2()).sum())), 12)


def _drawn(
    vectors: Tensor, count: int, generator: torch.Generator
) -> Tensor:
    """So many of the vectors, without replacement."""
    order = torch.randperm(len(vectors), generator=generator)
    return vectors[order[:count]].clone()
