"""Weights out of a TensorFlow checkpoint, without TensorFlow.

A checkpoint is two files: an index, a sorted table of the LevelDB kind
whose values say type, shape and place of each array (protocol buffers),
and the data, the arrays one after another. Read as the table format of
LevelDB and TensorFlow's `tensor_bundle.proto` define them.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

FOOTER = 48  # bytes at the end: two handles, filled up, and the magic
MAGIC = 0xDB4775248B80FB57
TRAILER = 5  # bytes after a block: how it is compressed, a checksum
FLOAT = 1  # the one type of number that is read
DATA = ".data-00000-of-00001"


def read_checkpoint(prefix: str | Path) -> dict[str, Tensor]:
    """The arrays of single precision in a checkpoint, by name.

    Args:
        prefix: path of its files without ".index" and ".data-...".

    Raises:
        ValueError: the index is no table, is compressed, or points
            behind the end of the data.
    """
    index = Path(f"{prefix}.index").read_bytes()
    data = Path(f"{prefix}{DATA}").read_bytes()
    found = {}
    for key, value in _table(index):
        fields = _message(value)
        if not key or fields.get(1, [0])[0] != FLOAT:
            continue  # the header; step counters
        shape = [
            _message(axis).get(1, [0])[0]
            for axis in _message(fields[2][0]).get(2, [])
        ]
        start, size = fields.get(4, [0])[0], fields[5][0]
        if start + size > len(data) or size != 4 * np.prod(shape):
            raise ValueError(
                f"{key.decode()}: {size} bytes from {start} of "
                f"{len(data)} are no array of shape {tuple(shape)}"
            )
        array = np.frombuffer(data, "<f4", size // 4, start)
        found[key.decode()] = torch.from_numpy(
            array.reshape(shape).copy()
        )
    return found


def _table(index: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a sorted table."""
    magic = int.from_bytes(index[-8:], "little")
    if len(index) < FOOTER or magic != MAGIC:
        raise ValueError(
            f"an index of {len(index)} bytes that does not end as a "
            "table does; expected a TensorFlow checkpoint"
        )
    at = len(index) - FOOTER
    for _ in range(2):  # the second handle is the list of blocks
        at, start, size = _handle(index, at)[0], *_handle(index, at)[1:]
    for _, handle in _block(index, start, size):
        _, start, size = _handle(handle, 0)
        yield from _block(index, start, size)


def _handle(data: bytes, at: int) -> tuple[int, int, int]:
    """Where it ends, and start and size of the block it points to."""
    at, start = _varint(data, at)
    at, size = _varint(data, at)
    return at, start, size


def _block(
    index: bytes, start: int, size: int
) -> Iterator[tuple[bytes, bytes]]:
    """Entries of a block; a key shares its begin with the one before."""
    if index[start + size] != 0:
        raise ValueError("a compressed index; expected a plain one")
    block = index[start : start + size]
    restarts = int.from_bytes(block[-4:], "little")
    at, key = 0, b""
    while at < size - 4 * (restarts + 1):
        at, shared = _varint(block, at)
        at, own = _varint(block, at)
        at, length = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        at += own
        yield key, block[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Where a number of seven bits a byte ends, and the number.

    >>> _varint(bytes([0xAC, 0x02]), 0)
    (2, 300)
    """
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return at, value


def _message(data: bytes) -> dict[int, list]:
    """Fields of a protocol buffer by number: integers, or bytes."""
    fields: dict[int, list] = {}
    at = 0
    while at < len(data):
        at, tag = _varint(data, at)
        if tag & 7 == 0:
            at, value = _varint(data, at)
        elif tag & 7 == 2:
            at, size = _varint(data, at)
            value = data[at : at + size]
            at += size
        else:
            size = 4 if tag & 7 == 5 else 8
            value = data[at : at + size]
            at += size
        fields.setdefault(tag >> 3, []).append(value)
    return fields
