"""Landmark fingerprints: pairs of spectral peaks, an index of them, a query.

After Wang (2003). Explained in comparison/audio-retrieval.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import max_pool2d, pad

from dla import checks, signals, units
from dla.spectral.stft import stft

SAMPLE_RATE = 8000  # Hz: what a telephone passes lies below half of it
N_FFT = 1024  # samples: 128 ms, bins 7.8 Hz apart
HOP = 256  # samples: 32 ms, the grid of the offsets
BOX = (41, 3)  # bins, frames: a peak is the largest of its box
STEPS = (1, 3, 9, 7)  # shifts up and down that add to BOX[0] // 2
RANGE_DB = 60.0  # peaks further below the largest are no peaks
FAN_OUT = 15  # partners of a peak
ZONE_FRAMES = 31  # partners lie up to so many frames later, ...
ZONE_BINS = 63  # ... and up to so many bins away
BINS = N_FFT // 2  # the last one, at half the rate, is left out
HASHES = BINS * (2 * ZONE_BINS + 1) * ZONE_FRAMES  # that there can be


@dataclass(frozen=True)
class Landmarks:
    """Pairs of peaks: what they look like, and when the first one is."""

    hashes: Int[Tensor, "mark"]  # 0 to HASHES - 1
    frames: Int[Tensor, "mark"]  # of the earlier peak

    def __len__(self) -> int:
        return len(self.hashes)


def peaks(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Int[Tensor, "peak 2"]:
    """Frame and bin of each spectral peak, sorted by frame, then bin.

    A peak is the largest magnitude of a box of 41 bins (320 Hz) by
    three frames (96 ms) around it (def-retrieval-peak). Which points
    these are does not depend on the level, and hardly on the slope of
    the spectrum.

    Args:
        waveform: of any level; silence has no peaks.
        sample_rate: in Hz; what differs from 8 kHz is resampled.

    Raises:
        ValueError: samples that are not finite.

    >>> tone = signals.sine(1000.0, seconds=1.0)
    >>> sorted(set(peaks(tone, sample_rate=8000)[:, 1].tolist()))
    [128]
    """
    waveform = checks.as_sound("waveform", waveform)
    checks.refuse_non_finite(waveform=waveform)
    if sample_rate != SAMPLE_RATE:
        waveform = signals.resample(waveform, sample_rate, SAMPLE_RATE)
    spectrum = stft(waveform, n_fft=N_FFT, hop_length=HOP)[:BINS]
    level = spectrum.abs().square()
    largest = pad(level, (BOX[1] // 2,) * 2 + (BOX[0] // 2,) * 2)[None]
    for step in STEPS:  # 12 comparisons a point instead of 41
        largest = max_pool2d(largest, (3, 1), 1, dilation=(step, 1))
    largest = max_pool2d(largest, (1, BOX[1]), 1)
    audible = level.max() / units.power_ratio(torch.tensor(RANGE_DB))
    found = (level == largest[0]) & (level > audible)
    return found.T.nonzero()


def pair(peaks: Int[Tensor, "peak 2"]) -> Landmarks:
    r"""Each peak with the next `FAN_OUT` peaks of its target zone.

    .. math:: h = (k_1, k_2 - k_1, m_2 - m_1)

    as one whole number (def-retrieval-hash): bin of the first peak,
    bins and frames to the second.

    Args:
        peaks: frame and bin, sorted by frame.

    >>> marks = pair(torch.tensor([[0, 100], [10, 110]]))
    >>> marks.frames.tolist(), unpack(marks.hashes).tolist()
    ([0], [[100, 10, 10]])
    """
    frame, freq = peaks.T.contiguous()
    here = torch.arange(len(peaks))[:, None]
    end = torch.searchsorted(frame, frame + ZONE_FRAMES, right=True)
    wide = int((end[:, None] - here).max()) if len(peaks) else 0
    there = here + torch.arange(1, max(wide, 1))
    inside = there < end[:, None]
    there = there.clamp_max(len(peaks) - 1)
    later = frame[there] - frame[:, None]
    away = freq[there] - freq[:, None]
    fits = inside & (later > 0) & (away != 0)
    fits &= away.abs() <= ZONE_BINS
    fits &= fits.cumsum(dim=1) <= FAN_OUT
    first = here.expand_as(fits)[fits]
    hashes = pack(freq[first], away[fits], later[fits])
    return Landmarks(hashes, frame[first])


def pack(
    freq: Int[Tensor, "mark"],
    away: Int[Tensor, "mark"],
    later: Int[Tensor, "mark"],
) -> Int[Tensor, "mark"]:
    """One number for three: bin, bins to the partner, frames to it.

    >>> pack(*torch.tensor([[0], [-63], [1]]))
    tensor([0])
    """
    wide = 2 * ZONE_BINS + 1
    return (freq * wide + away + ZONE_BINS) * ZONE_FRAMES + later - 1


def unpack(hashes: Int[Tensor, "mark"]) -> Int[Tensor, "mark 3"]:
    """The inverse of :func:`pack`.

    >>> unpack(torch.tensor([0, HASHES - 1])).tolist()
    [[0, -63, 1], [511, 63, 31]]
    """
    rest, later = hashes // ZONE_FRAMES, hashes % ZONE_FRAMES
    wide = 2 * ZONE_BINS + 1
    columns = rest // wide, rest % wide - ZONE_BINS, later + 1
    return torch.stack(columns, dim=-1)


def landmarks(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Landmarks:
    """:func:`pair` of :func:`peaks`: the fingerprint of a sound.

    Raises:
        ValueError: samples that are not finite.

    >>> tone = signals.sine(1000.0, seconds=1.0)
    >>> len(landmarks(torch.zeros(8000), sample_rate=8000))
    0
    """
    return pair(peaks(waveform, sample_rate=sample_rate))


@dataclass(frozen=True)
class Matches:
    """What an index says of a query, best recording first.

    One entry for each recording that shares a landmark with the query;
    without any, the tensors are empty.
    """

    recordings: Int[Tensor, "match"]  # their numbers in the index
    offsets: Int[
        Tensor, "match"
    ]  # frames from its start to the query's
    votes: Int[Tensor, "match"]  # landmarks in the fullest bin

    def __len__(self) -> int:
        return len(self.recordings)

    @property
    def seconds(self) -> Float[Tensor, "match"]:
        """The offsets in s."""
        return self.offsets * (HOP / SAMPLE_RATE)

    def without(self, recordings: Collection[int]) -> "Matches":
        """The answer of an index that lacks some recordings.

        Exact: what a recording gets does not depend on the others.

        >>> rows = torch.tensor([[4, 2], [0, 9], [30, 3]])
        >>> Matches(*rows).without([4]).votes
        tensor([3])
        """
        kept = ~torch.isin(
            self.recordings, torch.tensor(list(recordings))
        )
        return Matches(
            self.recordings[kept], self.offsets[kept], self.votes[kept]
        )

    def accepted(self, threshold: int) -> int | None:
        """Number of the best recording, if it has so many votes.

        >>> rows = torch.tensor([[4, 2], [0, 9], [30, 3]])
        >>> Matches(*rows).accepted(12), Matches(*rows).accepted(40)
        (4, None)
        """
        if len(self) and int(self.votes[0]) >= threshold:
            return int(self.recordings[0])
        return None


@dataclass(frozen=True)
class Index:
    """All landmarks of some recordings, sorted by hash."""

    hashes: Int[Tensor, "mark"]
    recordings: Int[Tensor, "mark"]
    frames: Int[Tensor, "mark"]

    def __len__(self) -> int:
        return len(self.hashes)

    def hits(self, query: Landmarks) -> Int[Tensor, "2 hit"]:
        """Recording and offset in frames for each pair of equal hashes.

        A binary search finds the first posting of each hash; all its
        postings lie side by side.
        """
        first = torch.searchsorted(self.hashes, query.hashes)
        last = torch.searchsorted(self.hashes, query.hashes, right=True)
        count = last - first
        ahead = count.cumsum(0) - count  # hits of earlier landmarks
        place = torch.arange(int(count.sum()))
        place = place + (first - ahead).repeat_interleave(count)
        asked = query.frames.repeat_interleave(count)
        return torch.stack(
            [self.recordings[place], self.frames[place] - asked]
        )

    def search(self, query: Landmarks) -> Matches:
        r"""The fullest bin of the offset histogram of each recording.

        .. math:: S_r = \max_o \, |\{\text{hits at } (r, o)\}|

        (def-retrieval-votes). Of equal recordings the first of the
        index comes first, of equal offsets the smallest.
        """
        recordings, offsets = self.hits(query)
        if not len(offsets):
            return Matches(recordings, offsets, offsets)
        low = int(offsets.min())
        span = int(offsets.max()) - low + 1
        bins, votes = (recordings * span + offsets - low).unique(
            return_counts=True
        )
        order = votes.argsort(descending=True, stable=True)
        bins, votes = bins[order], votes[order]
        named = bins // span
        place = torch.arange(len(bins))
        first = torch.full((int(named.max()) + 1,), len(bins))
        first = first.scatter_reduce(0, named, place, "amin")
        best = first[first < len(bins)].sort().values
        return Matches(
            named[best], bins[best] % span + low, votes[best]
        )


def build(fingerprints: Sequence[Landmarks]) -> Index:
    """The index of some fingerprints; a recording's number is its place.

    >>> one = Landmarks(torch.tensor([7, 9]), torch.tensor([5, 6]))
    >>> found = build([one]).search(Landmarks(one.hashes, one.frames - 4))
    >>> found.offsets, found.votes
    (tensor([4]), tensor([2]))
    """
    sizes = torch.tensor([len(marks) for marks in fingerprints])
    hashes = torch.cat([marks.hashes for marks in fingerprints])
    frames = torch.cat([marks.frames for marks in fingerprints])
    recordings = torch.arange(len(sizes)).repeat_interleave(sizes)
    hashes, order = hashes.sort(stable=True)
    return Index(hashes, recordings[order], frames[order])
