"""A checkpoint written by hand, byte by byte, is read."""

import numpy as np
import pytest
import torch

from dla.reference.checkpoint import DATA, MAGIC, read_checkpoint


def varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def block(entries: list[tuple[int, bytes, bytes]]) -> bytes:
    """Entries as (letters shared with the key before, rest of the key, value)."""
    body = b"".join(varint(n) + varint(len(k)) + varint(len(v)) + k + v for n, k, v in entries)
    return body + bytes(4) + (1).to_bytes(4, "little")


def entry(shape, start: int, size: int) -> bytes:
    axes = b"".join(b"\x12" + varint(len(d)) + d for d in (b"\x08" + varint(n) for n in shape))
    place = b"\x20" + varint(start) + b"\x28" + varint(size)
    return b"\x08\x01\x12" + varint(len(axes)) + axes + place


@pytest.fixture
def written(tmp_path):
    first = np.arange(600, dtype="<f4").reshape(2, 300)
    second = np.array([1.5, -2.0], "<f4")

    def write(*, compressed: bool = False, cut: int = 0):
        (tmp_path / f"m{DATA}").write_bytes((first.tobytes() + second.tobytes())[: 2408 - cut])
        entries = [
            (0, b"", b"\x08\x01"),
            (0, b"layer/a", entry((2, 300), 0, 2400)),
            (6, b"b", entry((2,), 2400, 8)),
        ]
        data = block(entries)
        trailer = bytes([int(compressed)]) + bytes(4)
        handle = varint(0) + varint(len(data))
        top = block([(0, b"z", handle)])
        start = len(data) + 5
        footer = varint(0) + varint(0) + varint(start) + varint(len(top))
        footer = footer.ljust(40, b"\0") + MAGIC.to_bytes(8, "little")
        (tmp_path / "m.index").write_bytes(data + trailer + top + bytes(5) + footer)
        return tmp_path / "m"

    return write, torch.from_numpy(first), torch.from_numpy(second)


def test_arrays_have_their_names_shapes_and_numbers(written):
    write, first, second = written
    found = read_checkpoint(write())
    assert list(found) == ["layer/a", "layer/b"]
    assert torch.equal(found["layer/a"], first) and torch.equal(found["layer/b"], second)


def test_data_that_end_too_early_are_refused(written):
    with pytest.raises(ValueError, match=r"layer/b: 8 bytes from 2400 of 2404"):
        read_checkpoint(written[0](cut=4))


def test_a_compressed_index_is_refused(written):
    with pytest.raises(ValueError, match="a compressed index"):
        read_checkpoint(written[0](compressed=True))


def test_what_is_no_table_is_refused(tmp_path):
    (tmp_path / "m.index").write_bytes(bytes(100))
    (tmp_path / f"m{DATA}").write_bytes(b"")
    with pytest.raises(ValueError, match="does not end as a table does"):
        read_checkpoint(tmp_path / "m")
