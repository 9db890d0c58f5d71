"""Recordings without labels to learn from, words and voices to probe with.

Everything at 8 kHz, at which two of the voices were recorded.
Explained in overview/speech/ideas.
"""

from collections.abc import Callable, Sequence
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import signals
from dla.datasets import prompts
from dla.losses.contrast import contrast
from dla.models.masked_predictor import MaskedPredictor
from dla.models.quantiser import k_means, nearest
from dla.protocol.probe import linear_probe
from dla.spectral.mel import log_mel

RATE = 8000  # Hz
TEACHERS = ("allison", "carlo", "menardi", "russian")
STRANGERS = ("armelle", "june")  # never heard in training
FITTED = (
    "allison",
    "russian",
)  # who say the words that a probe is fitted to
FRAMES = 100  # of an excerpt: 2 s
EXCERPTS = 8  # in a step
SPAN = 6  # frames hidden at once: 120 ms
SHARE = 0.08  # of the frames begin a hidden span
CLUSTERS = 64
PARTS = 4  # of a recording, for a probe
ASKED = 2  # of the division by text; parts 0 and 1 are fitted to
PENALTIES = (
    1.0,
    10.0,
    100.0,
    1e3,
    1e4,
)  # of the probes' ridge; each chosen on what a probe is fitted to
MIDDLE, SPREAD = -32.0, 18.0  # dB; of log-mels of speech, roughly


def frames(
    waveform: Float[Tensor, "time"],
) -> Float[Tensor, "frame feature"]:
    """Log-mel levels, two neighbours of 10 ms in a row, scaled.

    Args:
        waveform: at 8 kHz.

    >>> frames(torch.zeros(8000)).shape
    torch.Size([50, 80])
    """
    level = log_mel(
        waveform, sample_rate=RATE, n_fft=256, hop_length=80, n_mels=40
    )
    level = (level - MIDDLE) / SPREAD
    return (
        level[:, : level.shape[1] // 2 * 2]
        .mT.unflatten(0, (-1, 2))
        .flatten(1)
    )


def recording(prompt: prompts.Prompt) -> Float[Tensor, "frame feature"]:
    """Frames of a recording at the common level and rate."""
    x = prompt.waveform()
    if prompt.sample_rate != RATE:
        x = signals.resample(x, prompt.sample_rate, RATE)
    return frames(signals.at_level(x, torch.tensor(-23.0)))


@cache
def unlabelled() -> tuple[Tensor, ...]:
    """The sentences of the teachers, without their texts."""
    table = prompts.table(speakers=TEACHERS, kinds=["prompt"])
    found = [recording(p) for p in table]
    return tuple(x for x in found if len(x) > FRAMES)


@cache
def named() -> tuple[Int[Tensor, "frame"], ...]:
    """The cluster of each frame of :func:`unlabelled`."""
    return tuple(nearest(x, clusters()) for x in unlabelled())


@cache
def clusters() -> Float[Tensor, "code feature"]:
    """Codes of the teachers' frames, to be named where hidden."""
    return k_means(
        torch.cat(unlabelled())[::2],
        CLUSTERS,
        generator=torch.Generator().manual_seed(0),
        rounds=10,
    )


def excerpts(
    seed: int, *, contrast: bool
) -> Callable[[int], tuple[Tensor, Tensor]]:
    """Mini-batches: frames with flags, and what was hidden.

    Targets are the flags, and beside them clusters unless contrasted.
    """
    sound = unlabelled()
    long = torch.tensor([float(len(x)) for x in sound])
    generator = torch.Generator().manual_seed(seed)

    def draw(step: int) -> tuple[Tensor, Tensor]:
        which = torch.multinomial(
            long, EXCERPTS, replacement=True, generator=generator
        )
        begins = torch.rand(EXCERPTS, generator=generator)
        places = [
            (k, int(u * (len(sound[k]) - FRAMES)))
            for k, u in zip(
                which.tolist(), begins.tolist(), strict=True
            )
        ]
        x = torch.stack([sound[k][t : t + FRAMES] for k, t in places])
        flags = hide(EXCERPTS, generator)
        targets = flags
        if not contrast:
            codes = [named()[k][t : t + FRAMES] for k, t in places]
            targets = torch.stack(
                [flags, torch.stack(codes).float()], -1
            )
        return torch.cat([x, flags[..., None]], -1)[None], targets[None]

    return draw


def hide(
    count: int, generator: torch.Generator
) -> Float[Tensor, "excerpt frame"]:
    """One where a frame is hidden, in spans; some in each excerpt."""
    begins = torch.rand(count, FRAMES, generator=generator) < SHARE
    begins[:, FRAMES // 2] |= ~begins.any(-1)
    flags = begins.float()
    for later in range(1, SPAN):
        flags[:, later:] = torch.maximum(
            flags[:, later:], begins[:, :-later].float()
        )
    return flags


def name_loss(
    outputs: Tensor, targets: Tensor
) -> Float[Tensor, "model"]:
    """Cross-entropy of the clusters of hidden frames, in nats."""
    flags, codes = targets.unbind(-1)
    found = outputs.log_softmax(-1).gather(-1, codes.long()[..., None])
    return -(found[..., 0] * flags).sum((1, 2)) / flags.sum((1, 2))


def contrast_loss(
    outputs: Tensor, targets: Tensor
) -> Float[Tensor, "model"]:
    """:func:`dla.losses.contrast.contrast` over excerpts, in nats."""
    guess, truth = outputs.chunk(2, -1)
    return contrast(guess, truth, hidden=targets > 0).mean(-1)


def pooled(
    x: Float[Tensor, "frame feature"],
) -> Float[Tensor, "pooled"]:
    """Means over the four quarters of a recording, one after another."""
    return torch.cat([part.mean(0) for part in x.tensor_split(PARTS)])


@cache
def words() -> tuple[tuple[prompts.Prompt, Tensor], ...]:
    """Words of the international spelling alphabet, by four voices."""
    table = prompts.table(
        speakers=FITTED + STRANGERS, kinds=["phonetic"]
    )
    return tuple((p, recording(p)) for p in table if p.text.isalpha())


@cache
def utterances() -> tuple[tuple[prompts.Prompt, Tensor], ...]:
    """Letters, digits and words of all six voices."""
    table = prompts.table(kinds=["letters", "digits", "phonetic"])
    return tuple((p, recording(p)) for p in table)


def probe_words(
    features: Callable[[Tensor], Tensor],
) -> dict[str, Float[Tensor, "word"]]:
    """Stranger -> for each of 26 words, 1 if a linear probe names it.

    The probe is fitted to the words of the other voices, with the
    penalty of :func:`penalty_for_words`.
    """
    pooled_of = _pooled_words(features)
    seen, label, _ = pooled_of(FITTED)
    ridge = penalty_for_words(features)
    found = {}
    for name in STRANGERS:
        asked, truth, _ = pooled_of((name,))
        said = linear_probe(seen, label, asked, ridge=ridge)
        found[name] = (said == truth).float()
    return found


def penalty_for_words(features: Callable[[Tensor], Tensor]) -> float:
    """The best of :data:`PENALTIES` from one fitted voice to the other."""
    return _best(*_pooled_words(features)(FITTED))


def _pooled_words(
    features: Callable[[Tensor], Tensor],
) -> Callable[[tuple[str, ...]], tuple[Tensor, Tensor, Tensor]]:
    """Voices -> features of their words, the letters, and whose."""
    items = [(p, pooled(features(x))) for p, x in words()]

    def of(voices: tuple[str, ...]) -> tuple[Tensor, Tensor, Tensor]:
        chosen = [(p, f) for p, f in items if p.speaker in voices]
        table = [p for p, _ in chosen]
        who = torch.tensor([voices.index(p.speaker) for p in table])
        return torch.stack([f for _, f in chosen]), _letters(table), who

    return of


def probe_voices(
    features: Callable[[Tensor], Tensor],
) -> tuple[Float[Tensor, "item"], list[str]]:
    """Whether a linear probe names the voice, and the text of each item.

    Fitted to half of the texts of a division, with the penalty of
    :func:`penalty_for_voices`, asked on the others.
    """
    whole, label, part, texts = _whole_utterances(features)
    seen = part != ASKED
    said = linear_probe(
        whole[seen],
        label[seen],
        whole[~seen],
        ridge=penalty_for_voices(features),
    )
    asked = [
        t for t, s in zip(texts, seen.tolist(), strict=True) if not s
    ]
    return (said == label[~seen]).float(), asked


def penalty_for_voices(features: Callable[[Tensor], Tensor]) -> float:
    """The best of :data:`PENALTIES` from some fitted texts to others."""
    whole, label, part, _ = _whole_utterances(features)
    seen = part != ASKED
    return _best(whole[seen], label[seen], part[seen])


def largest_voice() -> float:
    """Share of the commonest voice among the texts that are asked."""
    _, label, part, _ = _whole_utterances(lambda x: x)
    return label[part == ASKED].bincount().max().item() / int(
        (part == ASKED).sum()
    )


def _whole_utterances(
    features: Callable[[Tensor], Tensor],
) -> tuple[Tensor, Tensor, Tensor, list[str]]:
    """Mean features, voices, part of the division by text, and texts.

    Half of the texts are asked, a quarter each are the two parts that
    a probe is fitted to.
    """
    items = utterances()
    order = sorted({p.text.lower() for p, _ in items})
    turn = torch.randperm(
        len(order), generator=torch.Generator().manual_seed(0)
    ).tolist()
    half = len(order) // 2
    part_of = {
        order[k]: place % 2 if place < half else ASKED
        for place, k in enumerate(turn)
    }
    names = sorted({p.speaker for p, _ in items})
    texts = [p.text.lower() for p, _ in items]
    return (
        torch.stack([features(x).mean(0) for _, x in items]),
        torch.tensor([names.index(p.speaker) for p, _ in items]),
        torch.tensor([part_of[t] for t in texts]),
        texts,
    )


def _best(x: Tensor, label: Tensor, part: Tensor) -> float:
    """The penalty with the most right from each part to the rest.

    Of several, the largest.
    """

    def right(ridge: float) -> float:
        return sum(
            (
                linear_probe(
                    x[part == k],
                    label[part == k],
                    x[part != k],
                    ridge=ridge,
                )
                == label[part != k]
            )
            .float()
            .mean()
            .item()
            for k in part.unique().tolist()
        )

    return max(PENALTIES, key=lambda ridge: (right(ridge), ridge))


def of_network(
    network: MaskedPredictor, depth: int | None = None
) -> Callable[[Tensor], Tensor]:
    """The frozen features of a network, nothing hidden."""

    @torch.no_grad()
    def features(x: Float[Tensor, "frame feature"]) -> Tensor:
        return network.embed(
            torch.nn.functional.pad(x, (0, 1))[None], depth
        )[0]

    return features


def _letters(table: Sequence[prompts.Prompt]) -> Int[Tensor, "item"]:
    return torch.tensor([ord(p.text.lower()) - ord("a") for p in table])
