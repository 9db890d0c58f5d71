r"""A million simulated vectors: what approximate search finds, and how fast.

A piece is a set of vectors with a hundred queries, all of one
distribution; where the comparison says "sound" and "seconds", it means
vectors, a column each, and their number. Two distributions: uniform on
the sphere, where no structure helps, and an image of ten latent
dimensions, as embeddings are thought to be. Systems: exact search, this
book's product quantiser, and faiss (Douze et al., 2024). Explained in
comparison/audio-retrieval/indexing.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla.coding.product_quantisation import ProductQuantiser
from dla.protocol.comparison import Comparison

DIMENSIONS, LATENT = 64, 10
QUERIES, NEIGHBOURS = 100, 10
BLOCKS = 16  # bytes a vector instead of 4 * DIMENSIONS
TRAINED = 20_000  # vectors that codebooks are learned from
AGAIN = 100  # candidates whose distance is computed exactly
STEPS = 10  # of k-means


@dataclass(frozen=True)
class Vectors:
    """One distribution, and how many are drawn from it."""

    kind: str  # sphere or latent
    count: int

    @property
    def name(self) -> str:
        return f"{self.kind}, {self.count}"


class Found(NamedTuple):
    """What a system gave."""

    neighbours: Int[Tensor, "query rank"]
    milliseconds: float  # a query, one after the other, one core
    building: float  # s, training included
    bytes: int  # a vector, of what is searched


Search = Callable[[Float[Tensor, "dim"]], Int[Tensor, "rank"]]


@lru_cache(maxsize=1)
def draw(piece: Vectors) -> Float[Tensor, "item dim"]:
    """The vectors, of length one; the last QUERIES are the queries."""
    g = torch.Generator().manual_seed(9)
    size = piece.count + QUERIES
    if piece.kind == "sphere":
        x = torch.randn(size, DIMENSIONS, generator=g)
    else:
        z = torch.randn(size, LATENT, generator=g)
        first = (
            torch.randn(LATENT, DIMENSIONS, generator=g) / LATENT**0.5
        )
        second = torch.randn(DIMENSIONS, DIMENSIONS, generator=g) / 8
        x = torch.tanh(z @ first) @ second
        x += 0.05 * torch.randn(size, DIMENSIONS, generator=g)
    return torch.nn.functional.normalize(x, dim=1)


def sound_of(piece: Vectors) -> tuple[Tensor, int]:
    """The vectors as columns, one a "second"."""
    return draw(piece).T, 1


def exact(vectors: Tensor) -> Search:
    """All inner products; of vectors of length one these order as distances."""

    def search(query: Tensor) -> Tensor:
        return (vectors @ query).topk(NEIGHBOURS).indices

    return search


def quantised(vectors: Tensor, *, again: int = 0) -> Search:
    """A table look-up for each byte; then perhaps exact distances of the best."""
    pq = ProductQuantiser.fit(
        vectors[:TRAINED],
        blocks=BLOCKS,
        generator=torch.Generator().manual_seed(0),
        steps=STEPS,
    )
    codes = pq.encode(vectors)
    columns = codes.T.contiguous().T

    def search(query: Tensor) -> Tensor:
        near = (
            pq.distances(query, columns)
            .topk(max(again, NEIGHBOURS), largest=False)
            .indices
        )
        if again:
            best = (vectors[near] @ query).topk(NEIGHBOURS).indices
            near = near[best]
        return near

    return search


def faiss_index(
    factory: str, *, probes: int = 0
) -> Callable[[Tensor], Search]:
    """A search by one of faiss's indices, by the words of its factory."""

    def build(vectors: Tensor) -> Search:
        import faiss

        faiss.omp_set_num_threads(1)
        index = faiss.index_factory(DIMENSIONS, factory)
        data = vectors.numpy()
        index.train(data[: 2 * TRAINED])
        index.add(data)
        if probes:
            index.nprobe = probes

        def search(query: Tensor) -> Tensor:
            found = index.search(query.numpy()[None], NEIGHBOURS)[1]
            return torch.from_numpy(found[0]).clamp_min(0)

        return search

    return build


def timed(
    build: Callable[[Tensor], Search], size: int
) -> Callable[..., Found]:
    """A system for the comparison: builds, then asks each query alone."""

    def system(waveform: Tensor, *, sample_rate: int) -> Found:
        rows = waveform.T.contiguous()
        vectors, queries = rows[:-QUERIES], rows[-QUERIES:]
        start = time.process_time()
        search = build(vectors)
        built = time.process_time()
        search(queries[0])
        warm = time.process_time()
        neighbours = torch.stack([search(q) for q in queries])
        spent = time.process_time() - warm
        return Found(
            neighbours, 1000 * spent / QUERIES, built - start, size
        )

    return system


@lru_cache(maxsize=4)
def truth(piece: Vectors) -> Int[Tensor, "query rank"]:
    """Exact neighbours, by another route: distances in double precision."""
    rows = draw(piece)
    queries = rows[-QUERIES:].double()
    near = [
        torch.cdist(queries, part.double()).topk(
            NEIGHBOURS, largest=False
        )
        for part in rows[:-QUERIES].split(20_000)
    ]
    offsets = [20_000 * k for k in range(len(near))]
    values = torch.cat([n.values for n in near], dim=1)
    items = torch.cat(
        [n.indices + o for n, o in zip(near, offsets, strict=True)],
        dim=1,
    )
    best = values.topk(NEIGHBOURS, largest=False).indices
    return items.gather(1, best)


def score(piece: Vectors, found: Found) -> dict[str, float]:
    """Share of the ten nearest that are among the ten found."""
    right = truth(piece)[:, :, None] == found.neighbours[:, None, :]
    return {"recall at 10": right.any(-1).float().mean().item()}


def keep(piece: Vectors, found: Found) -> dict[str, list]:
    """What depends on the machine: not compared when pieces are repeated."""
    return {
        "milliseconds": [round(found.milliseconds, 3)],
        "building": [round(found.building, 1)],
        "bytes": [found.bytes],
    }


def describe(piece: Vectors) -> Mapping[str, str]:
    return {"name": piece.name, "kind": piece.kind}


def pieces() -> tuple[Vectors, ...]:
    """Twenty thousand of both kinds, then a million."""
    return tuple(
        Vectors(kind, count)
        for count in (20_000, 1_000_000)
        for kind in ("latent", "sphere")
    )


WHOLE = 4 * DIMENSIONS
SYSTEMS = {
    "exact": timed(exact, WHOLE),
    "product quantiser": timed(quantised, BLOCKS),
    "product quantiser, 100 again": timed(
        lambda x: quantised(x, again=AGAIN), BLOCKS + WHOLE
    ),
    "faiss, exact": timed(faiss_index("Flat"), WHOLE),
    "faiss, 1024 lists, 16 read": timed(
        faiss_index("IVF1024,Flat", probes=16), WHOLE
    ),
    "faiss, lists and quantiser": timed(
        faiss_index(f"IVF1024,PQ{BLOCKS}", probes=16), BLOCKS
    ),
    "faiss, graph": timed(faiss_index("HNSW16"), WHOLE + 128),
}

COMPARISON = Comparison(
    name="retrieval-vectors",
    question="What does approximate search find in a million vectors, and how fast?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems=SYSTEMS,
    packages={
        name: ("faiss-cpu",) if name.startswith("faiss") else ()
        for name in SYSTEMS
    },
    measure=score,
    keep=keep,
    replayed=(0, 1),
)
