"""Product quantisation: vectors in a few bytes, compared as they are.

Not faiss's index, because the table of distances is what the page
explains; the tests hold this file to an exact search, and to faiss
where it is installed.

Explained in comparison/audio-retrieval/indexing.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import checks


def k_means(
    x: Float[Tensor, "item dim"],
    centres: int,
    *,
    generator: torch.Generator,
    steps: int = 20,
) -> Float[Tensor, "centre dim"]:
    """Lloyd's algorithm, from items drawn at random.

    Each step assigns items to the nearest centre and moves each centre
    to the mean of its items; one without items stays.

    Args:
        x: the items.
        centres: how many, at most as there are items.
        generator: draws the first centres.
        steps: how often.

    Raises:
        ValueError: more centres than items, or x is not finite.

    >>> x = torch.tensor([[0.0], [0.2], [5.0], [5.2]])
    >>> g = torch.Generator().manual_seed(0)
    >>> k_means(x, 2, generator=g).sort(0).values.flatten()
    tensor([0.1000, 5.1000])
    """
    x = checks.as_floats("x", x)
    checks.refuse_other_axes("x", x, "item", "dim")
    checks.refuse_non_finite(x=x)
    if not 1 <= centres <= len(x):
        raise ValueError(
            f"expected 1 to {len(x)} centres, got {centres}"
        )
    c = x[torch.randperm(len(x), generator=generator)[:centres]]
    for _ in range(steps):
        nearest = assign(x, c)
        sizes = nearest.bincount(minlength=centres)[:, None]
        sums = torch.zeros_like(c).index_add(0, nearest, x)
        c = torch.where(sizes > 0, sums / sizes.clamp_min(1), c)
    return c


def assign(
    x: Float[Tensor, "item dim"], centres: Float[Tensor, "centre dim"]
) -> Int[Tensor, "item"]:
    r"""Number of the nearest centre.

    The square of x does not matter: :math:`\lVert c \rVert^2 - 2 \langle x, c \rangle` decides.

    >>> assign(torch.tensor([[0.0], [4.0]]), torch.tensor([[5.0], [1.0]]))
    tensor([1, 0])
    """
    squares = centres.square().sum(1)
    parts = [
        torch.addmm(squares, part, centres.T, alpha=-2).argmin(1)
        for part in x.split(16384)
    ]
    return torch.cat(parts)


@dataclass(frozen=True, eq=False)
class ProductQuantiser:
    """A codebook for each block of the dimensions (Jégou et al., 2011)."""

    codebooks: Float[Tensor, "block centre part"]

    @classmethod
    def fit(
        cls,
        x: Float[Tensor, "item dim"],
        *,
        blocks: int,
        centres: int = 256,
        generator: torch.Generator,
        steps: int = 20,
    ) -> "ProductQuantiser":
        """Codebooks by :func:`k_means`, each block for itself.

        Args:
            x: vectors like those that will be coded.
            blocks: that the dimensions are cut into.
            centres: of each codebook, at most 256 (a byte).
            generator, steps: as in :func:`k_means`.

        Raises:
            ValueError: blocks that do not divide the dimensions, more
                centres than a byte or than items, x not finite.
        """
        checks.refuse_other_axes("x", x, "item", "dim")
        if x.shape[1] % blocks or centres > 256:
            raise ValueError(
                f"{blocks} blocks of {centres} centres for x {tuple(x.shape)}; "
                "expected blocks that divide the dimensions and at most 256 centres"
            )
        return cls(
            torch.stack(
                [
                    k_means(
                        part, centres, generator=generator, steps=steps
                    )
                    for part in x.chunk(blocks, dim=1)
                ]
            )
        )

    def encode(
        self, x: Float[Tensor, "item dim"]
    ) -> Int[Tensor, "item block"]:
        """One byte a block: the nearest centre there."""
        parts = x.chunk(len(self.codebooks), dim=1)
        codes = [
            assign(part, c)
            for part, c in zip(parts, self.codebooks, strict=True)
        ]
        return torch.stack(codes, dim=1).to(torch.uint8)

    def decode(
        self, codes: Int[Tensor, "item block"]
    ) -> Float[Tensor, "item dim"]:
        """The centres that the bytes name, side by side."""
        blocks = torch.arange(len(self.codebooks))
        return self.codebooks[blocks, codes.long()].flatten(1)

    def tables(
        self, query: Float[Tensor, "dim"]
    ) -> Float[Tensor, "block centre"]:
        """Squared distance of each block of the query to each centre."""
        parts = query.view(len(self.codebooks), 1, -1)
        return (parts - self.codebooks).square().sum(-1)

    def distances(
        self,
        query: Float[Tensor, "dim"],
        codes: Int[Tensor, "item block"],
    ) -> Float[Tensor, "item"]:
        """Squared distance of the query to each decoded item (eq-index-table).

        One look-up a block and item: no item is decoded.
        """
        total = torch.zeros(len(codes))
        for table, column in zip(
            self.tables(query), codes.T, strict=True
        ):
            total += table[column.int()]
        return total
