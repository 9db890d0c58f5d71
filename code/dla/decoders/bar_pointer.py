"""The bar pointer: beats, downbeats and tempo from an activation.

Not madmom, because its states and transitions are what the page explains and changes.

Explained in analysis/beat-tracking/bar-pointer. A hand runs round the
bar; its state is its position and its speed. A state is one frame of
one beat interval (Krebs, Böck, Widmer, 2015), so the hand advances by
one state per frame and may change its speed where a beat begins.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import checks
from dla.decoders.tempo_changes import tempo_transition

FLOOR = 1e-6  # a probability is at least that far from zero and one
GRID = 2.0**-24  # nat; sums of its multiples are exact in float64


@dataclass(frozen=True)
class BarPointerSettings:
    """What is known before listening (defaults of madmom)."""

    min_bpm: float = 55.0  # slowest tempo, beats per minute
    max_bpm: float = 215.0  # fastest tempo
    transition_lambda: float = 100.0  # large: the tempo hardly changes
    observation_lambda: float = 16.0  # a beat is seen in 1/16 of it
    beats_per_bar: tuple[int, ...] = (4,)  # of each meter
    meter_change: float = 0.0  # probability, at the end of a bar


class Space(NamedTuple):
    """The states: one per frame of each interval of each beat.

    A *row* is one beat of one meter; rows are numbered meter by meter,
    states row by row, interval by interval, frame by frame.
    """

    intervals: Int[Tensor, "interval"]  # frames, ascending
    beats_per_bar: tuple[int, ...]

    @property
    def states(self) -> int:
        """Their number."""
        return sum(self.beats_per_bar) * int(self.intervals.sum())

    @property
    def meter(self) -> Int[Tensor, "row"]:
        """Index of the meter of each row."""
        beats = torch.tensor(self.beats_per_bar)
        return torch.arange(len(beats)).repeat_interleave(beats)

    @property
    def beat(self) -> Int[Tensor, "row"]:
        """Beat of each row within its bar, from 0."""
        return torch.cat([torch.arange(b) for b in self.beats_per_bar])


class Path(NamedTuple):
    """The most probable way of the pointer, beat by beat."""

    rows: Int[Tensor, "beat"]  # of the space
    starts: Int[Tensor, "beat"]  # frame of position 0; first may be < 0
    intervals: Int[Tensor, "beat"]  # frames
    log_probability: float  # joint, of path and activation, in nat


class Beats(NamedTuple):
    """The result of :func:`decode`."""

    times: Float[Tensor, "beat"]  # s
    positions: Int[Tensor, "beat"]  # in the bar, the downbeat is 1
    bpm: Float[Tensor, "beat"]  # tempo from that beat to the next
    beats_per_bar: Int[Tensor, "beat"]  # of the meter decoded
    path: Path

    @property
    def downbeats(self) -> Float[Tensor, "downbeat"]:
        """Times of the first beats of the bars, in s."""
        return self.times[self.positions == 1]


def beat_intervals(
    min_bpm: float, max_bpm: float, *, frame_rate: float
) -> Int[Tensor, "interval"]:
    """All whole numbers of frames whose tempo is within the limits.

    Args:
        min_bpm, max_bpm: slowest and fastest tempo, inclusive.
        frame_rate: frames per second.

    Raises:
        ValueError: limits in the wrong order, or between which no
            whole number of frames lies.

    >>> beat_intervals(100.0, 200.0, frame_rate=10.0)
    tensor([3, 4, 5, 6])
    """
    if not 0 < min_bpm <= max_bpm:
        raise ValueError(
            f"slowest tempo {min_bpm} and fastest tempo {max_bpm}: "
            "are they in this order, in beats per minute?"
        )
    shortest = math.ceil(60 * frame_rate / max_bpm - 1e-9)
    longest = math.floor(60 * frame_rate / min_bpm + 1e-9)
    if shortest > longest or longest < 1:
        raise ValueError(
            f"no whole number of frames at {frame_rate} per second "
            f"is a beat of {min_bpm} to {max_bpm} per minute"
        )
    return torch.arange(max(shortest, 1), longest + 1)


def state_space(
    settings: BarPointerSettings, *, frame_rate: float
) -> Space:
    """The states for some settings.

    Raises:
        ValueError: as :func:`beat_intervals`, or no meter, or one
            with less than one beat.

    >>> state_space(BarPointerSettings(100.0, 200.0), frame_rate=10.0).states
    72
    """
    meters = settings.beats_per_bar
    if not meters or min(meters) < 1:
        raise ValueError(f"beats per bar {meters}: at least one each")
    intervals = beat_intervals(
        settings.min_bpm, settings.max_bpm, frame_rate=frame_rate
    )
    return Space(intervals, tuple(meters))


def beat_states(
    intervals: Int[Tensor, "interval"], observation_lambda: float
) -> Int[Tensor, "interval"]:
    r"""How many states of a beat show it, :math:`\lceil \tau/\Lambda \rceil`.

    These are the positions below :math:`\tau / \Lambda`
    (def-beat-observation).

    >>> beat_states(torch.tensor([16, 17, 54]), 16.0)
    tensor([1, 2, 4])
    """
    return (intervals / observation_lambda).ceil().long()


class Evidence(NamedTuple):
    """Logarithms of what the states expect of each frame."""

    rest: Float[Tensor, "frame"]  # of a state that shows no beat
    odds: Float[Tensor, "2 frame"]  # of beats, of downbeats, above it


def observe(
    activation: Float[Tensor, "2 frame"] | Float[Tensor, "frame"],
    observation_lambda: float,
) -> Evidence:
    r"""The observation model (def-beat-observation).

    A state that shows a beat expects it with :math:`a`, all others
    with :math:`(1 - a) / (\Lambda - 1)`. If the probability
    :math:`d` of a downbeat is given, downbeats expect it with
    :math:`d` and the other beats with :math:`a - d`.

    Args:
        activation: probability of a beat (downbeats included), and in
            a second row of a downbeat.
        observation_lambda: :math:`\Lambda`, above one.

    Raises:
        ValueError: values that are no probabilities (logits?), no
            frames, other than one or two rows, a lambda of one or less.

    >>> observe(torch.tensor([0.5, 0.9]), 2.0).odds[0]
    tensor([0.000, 2.197], dtype=torch.float64)
    """
    rows = activation[None] if activation.ndim == 1 else activation
    if len(rows) not in (1, 2) or rows.shape[1] == 0:
        raise ValueError(
            f"activation {tuple(activation.shape)}: expected (frame,) "
            "or (2, frame), a beat row and a downbeat row"
        )
    checks.refuse_non_finite(activation=rows)
    if not ((rows >= 0) & (rows <= 1)).all():
        raise ValueError(
            f"activations from {rows.min():.2g} to {rows.max():.2g} are "
            "no probabilities; did you pass logits?"
        )
    if observation_lambda <= 1:
        raise ValueError(
            f"observation lambda {observation_lambda} is not above one"
        )
    beat = rows[0].detach().cpu().double()
    down = rows[-1].detach().cpu().double()
    rest = 1 - torch.maximum(beat, down)
    if len(rows) == 2:
        beat = beat - down
    rest = rest.clamp_min(FLOOR).log()
    rest = rest - math.log(observation_lambda - 1)
    beats = torch.stack([beat, down]).clamp_min(FLOOR).log()
    return Evidence(rest, beats - rest)


class Model(NamedTuple):
    """All logarithms of probabilities that a sweep needs, in nat."""

    space: Space
    width: Int[Tensor, "interval"]  # states that show the beat
    start: Float[Tensor, "row"]  # of each state of a row
    change: Float[Tensor, "interval interval"]  # from, to
    switch: Float[Tensor, "meter meter"]  # from, to, at a bar's end
    evidence: Evidence
    # of a local tempo, in each frame; both zero if there is none
    tempo: Float[Tensor, "frame #interval"]  # weight of beginning
    excess: Float[Tensor, "frame #interval"]  # norm, for an end


def model(
    activation: Float[Tensor, "2 frame"] | Float[Tensor, "frame"],
    *,
    frame_rate: float,
    settings: BarPointerSettings,
    transition: Float[Tensor, "interval interval"] | None = None,
    local_tempo: Float[Tensor, "frame interval"] | None = None,
) -> Model:
    """Settings and activation as logarithms; see :func:`decode`."""
    space = state_space(settings, frame_rate=frame_rate)
    evidence = observe(activation, settings.observation_lambda)
    size, frames = len(space.intervals), len(evidence.rest)
    if transition is None:
        transition = tempo_transition(
            space.intervals, settings.transition_lambda
        )
    transition = transition.cpu().double()
    check_transition(transition, size)
    tempo = excess = torch.zeros(frames, 1, dtype=torch.float64)
    if local_tempo is not None:
        checks.refuse_non_finite(local_tempo=local_tempo)
        if (
            local_tempo.shape != (frames, size)
            or (local_tempo <= 0).any()
        ):
            raise ValueError(
                f"local tempo {tuple(local_tempo.shape)}: expected a "
                f"positive weight for ({frames}, {size})"
            )
        weight = local_tempo.cpu().double()
        tempo, excess = weight.log(), (weight @ transition.T).log()
    meters = len(space.beats_per_bar)
    beats = torch.tensor(space.beats_per_bar)[space.meter]
    start = -(meters * beats * space.intervals.sum()).double().log()
    return Model(
        space,
        beat_states(space.intervals, settings.observation_lambda),
        start,
        transition.log(),
        meter_switch(meters, settings.meter_change).log(),
        evidence,
        tempo,
        excess,
    )


def check_transition(
    transition: Float[Tensor, "interval interval"], size: int
) -> None:
    """Refuse what is not a distribution in each row."""
    if transition.shape != (size, size):
        raise ValueError(
            f"transition {tuple(transition.shape)} for {size} intervals"
        )
    sums = transition.sum(1)
    if (transition < 0).any() or not torch.allclose(
        sums, torch.ones_like(sums), atol=1e-4
    ):
        raise ValueError(
            "the rows of the transition matrix (from) do not sum to "
            f"one: {sums.min():.3g} to {sums.max():.3g}"
        )


def meter_switch(
    meters: int, change: float
) -> Float[Tensor, "meter meter"]:
    """Stay with 1 - change, else go to one of the others.

    Raises:
        ValueError: a change that is no probability, or not zero
            where there is only one meter.

    >>> meter_switch(2, 0.1)
    tensor([[0.9, 0.1], [0.1, 0.9]], dtype=torch.float64)
    """
    if not 0 <= change <= (meters > 1):
        raise ValueError(
            f"a meter change of {change} among {meters} meters"
        )
    other = change / max(meters - 1, 1)
    matrix = torch.full((meters, meters), other, dtype=torch.float64)
    return matrix.fill_diagonal_(1 - change)


def maximum(x: Tensor, dim: int) -> Tensor:
    """The largest: with it, a sweep is Viterbi's."""
    return x.amax(dim)


def sweep(
    m: Model, reduce: Callable[[Tensor, int], Tensor]
) -> Float[Tensor, "row begin interval"]:
    r"""Score of the best way to begin a beat, for all frames.

    Between two beats a path has no choice. So only beginnings are
    kept, each with the evidence of the states that show the beat:

    .. math::
        S(n, b, j) = g_j(n) + \max_i \bigl[ S(n - \tau_i, b - 1, i)
        + \log p(j \mid i) \bigr]

    (eq-beat-segment). A beat lasts at least the shortest interval:
    that many frames do not depend on each other, and are computed at
    once. Frames before the first hold the beats already running.

    Args:
        m: the model.
        reduce: :func:`maximum`, or ``torch.logsumexp`` for the sum
            over all paths.

    Returns:
        ``begin`` counts from longest - 1 frames before frame 0.
    """
    intervals = m.space.intervals
    longest, block = int(intervals.max()), int(intervals.min())
    early, frames = longest - 1, len(m.evidence.rest)
    gain = gains(m)[(m.space.beat == 0).long()]
    first = (m.space.beat == 0).nonzero()[:, 0]
    last = torch.cat([first[1:], torch.tensor([len(m.space.beat)])]) - 1
    column = torch.arange(len(intervals))
    ago = early + torch.arange(block)[:, None] - intervals
    switch = m.switch[:, :, None, None]
    score = gain + m.start[:, None, None]
    for at in range(1, frames, block):
        now = slice(at, min(at + block, frames))
        begins = slice(early + now.start, early + now.stop)
        ended = score[:, (at + ago)[: now.stop - at], column]
        before = ended.roll(1, 0)  # beat b follows beat b - 1
        before[first] = reduce(ended[last][:, None] + switch, 0)
        before = before - m.excess[now]
        begun = reduce(before[..., None] + m.change, -2) + m.tempo[now]
        score[:, begins] = begun + gain[:, begins]
    return score


def gains(m: Model) -> Float[Tensor, "2 begin interval"]:
    r"""Evidence that a beat collects which begins in a frame.

    .. math::
        g_j(n) = c(n + W_j) - c(n), \qquad
        c(n) = \sum_{m < n} \log \frac{(\Lambda - 1)\, a(m)}{1 - a(m)}

    (eq-beat-gain), for beats and for downbeats; frames outside the
    recording count nothing.
    """
    early = int(m.space.intervals.max()) - 1
    frames = m.evidence.odds.shape[1]
    total = torch.nn.functional.pad(m.evidence.odds.cumsum(1), (1, 0))
    begin = torch.arange(-early, frames)[:, None]
    end = (begin + m.width).clamp(0, frames)
    return total[:, end] - total[:, begin.clamp_min(0)]


def endings(
    m: Model, score: Float[Tensor, "row begin interval"]
) -> Float[Tensor, "row interval position"]:
    """Score of the states in the last frame, -inf where none is."""
    longest = int(m.space.intervals.max())
    final = score[:, -longest:].flip(1).transpose(1, 2)
    is_state = torch.arange(longest) < m.space.intervals[:, None]
    return final.masked_fill(~is_state, -torch.inf)


def on_grid(m: Model) -> Model:
    """The model with its logarithms rounded to multiples of GRID.

    Paths that are equally probable then have equal scores, however
    their terms are summed and on whatever processor.
    """

    def rounded(x: Tensor) -> Tensor:
        return (x / GRID).round() * GRID

    return m._replace(
        start=rounded(m.start),
        change=rounded(m.change),
        switch=rounded(m.switch),
        evidence=Evidence(*(rounded(x) for x in m.evidence)),
        tempo=rounded(m.tempo),
        excess=rounded(m.excess),
    )


def viterbi(m: Model) -> Path:
    """The most probable path, traced back from its best end.

    The choice at a beat is computed again where the path comes by, so
    nothing but the scores is stored. Of equal choices the first: the
    earlier meter, the shorter interval.
    """
    m = on_grid(m)
    score = sweep(m, maximum)
    final = endings(m, score).numpy()
    row, j, k = np.unravel_index(final.argmax(), final.shape)
    n, early = (
        len(m.evidence.rest) - 1 - k,
        score.shape[1] - len(m.evidence.rest),
    )
    total = final.max() + m.evidence.rest.sum().item()
    scores, tau = score.numpy(), m.space.intervals.numpy()
    beat, meter = m.space.beat.numpy(), m.space.meter.numpy()
    ends = np.flatnonzero(np.append(beat[1:] == 0, True))
    change, switch = m.change.numpy(), m.switch.numpy()
    excess = m.excess.numpy()
    column = np.arange(len(tau))
    path = [(row, n, tau[j])]
    while n > 0:
        rows = ends if beat[row] == 0 else np.array([row - 1])
        came = scores[rows[:, None], early + n - tau, column]
        if beat[row] == 0:
            came = came + switch[:, meter[row], None]
        came = came - excess[n] + change[:, j]
        which, j = np.unravel_index(came.argmax(), came.shape)
        row, n = rows[which], n - tau[j]
        path.append((row, n, tau[j]))
    rows, starts, taken = torch.tensor(np.array(path[::-1])).T
    return Path(rows, starts, taken, float(total))


def decode(
    activation: Float[Tensor, "2 frame"] | Float[Tensor, "frame"],
    *,
    frame_rate: float,
    settings: BarPointerSettings = BarPointerSettings(),
    transition: Float[Tensor, "interval interval"] | None = None,
    local_tempo: Float[Tensor, "frame interval"] | None = None,
) -> Beats:
    """Beats on the most probable path of the bar pointer.

    None where no frame speaks for a beat, as in silence: where the
    activation is nowhere above :math:`1/\\Lambda` (eq-beat-neutral).
    A beat is put where its evidence is largest among the states that
    show it (of equal frames, the first). The time needed grows in
    proportion to the frames, and at most in proportion to the states
    (eq-beat-cost).

    Args:
        activation: probability of a beat (downbeats included), and in
            a second row of a downbeat.
        frame_rate: frames per second.
        settings: what is known.
        transition: probability of each interval after each, [from,
            to], in place of that of ``settings.transition_lambda``;
            the intervals are those of :func:`beat_intervals`.
        local_tempo: positive weights of the intervals with which a
            beat may begin in each frame; multiplied with the
            transition and normalised.

    Raises:
        ValueError: what is no probability, or does not fit.

    >>> activation = torch.full((40,), 0.01)
    >>> activation[[3, 13, 23, 33]] = 0.9
    >>> beats = decode(activation, frame_rate=20.0)
    >>> beats.times, beats.bpm
    (tensor([0.15, 0.65, 1.15, 1.65], dtype=torch.float64),
     tensor([120., 120., 120., 120.], dtype=torch.float64))
    """
    m = model(
        activation,
        frame_rate=frame_rate,
        settings=settings,
        transition=transition,
        local_tempo=local_tempo,
    )
    path = viterbi(m)
    odds = m.evidence.odds.numpy()
    heard = (odds > 0).any()
    width = beat_states(path.intervals, settings.observation_lambda)
    opens = (m.space.beat[path.rows] == 0).long()
    seen, frames = [], []
    beats = (x.tolist() for x in (path.starts, width, opens))
    for k, (n, size, row) in enumerate(zip(*beats, strict=True)):
        shown = slice(max(n, 0), max(n + size, 0))
        values = odds[row, shown]
        if len(values) and heard:
            seen.append(k)
            frames.append(shown.start + int(values.argmax()))
    rows = path.rows[seen]
    return Beats(
        torch.tensor(frames, dtype=torch.float64) / frame_rate,
        m.space.beat[rows] + 1,
        60 * frame_rate / path.intervals[seen].double(),
        torch.tensor(m.space.beats_per_bar)[m.space.meter[rows]],
        path,
    )
