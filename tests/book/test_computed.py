r"""The answers of oral questions to compute are computed again: each of their numbers.

A question's function gives fragments of its answer, made of computed values and of numbers of the
question. Each fragment stands in the answer, and no digit of the answer stands outside a fragment:
who changes a number in the text, or the library under it, sees a test fail. Fragments are compared
without bold type and with single spaces.
"""

import itertools
import math
import re
from fractions import Fraction
from statistics import fmean

import pytest
import torch
from places import ROOT

from dla.alignment.dtw import dtw
from dla.chapters.beat_tracking import beats_study
from dla.decoders import chain
from dla.decoders.bar_pointer import Space
from dla.decoders.tempo_changes import tempo_transition
from dla.losses.assignment import assign
from dla.losses.equivariance import (
    ratio_loss,
    shifted_cross_entropy,
    squared_equivariance,
)
from dla.losses.si_sdr import si_sdr
from dla.measures.retrieval import (
    average_precision,
    chance_average_precision,
    chance_reciprocal_rank,
    reciprocal_rank,
)
from dla.models.diffusion import alpha_bar, bound_weights, posterior
from dla.models.wavenet import WaveNetSettings, receptive_field
from dla.protocol import study
from dla.protocol.confounder import shortcut_accuracy
from dlabook.source.chapters import book_chapters

QUESTIONS = {
    q.label: q for page in book_chapters(ROOT) for q in page.oral_questions if q.kind == "compute"
}
WORDS = {0: "zero", 0.75: "three quarters", 1: "one", 1.5: "one and a half", 2: "two", 3: "three",
         4: "four", 4.5: "four and a half", 5: "five", 6: "six", 7: "seven", 8: "eight",
         9: "nine", 10: "ten", 11: "eleven", 12: "twelve", 13: "thirteen", 14: "fourteen",
         18: "eighteen", 36: "thirty-six", 48: "forty-eight", 84: "eighty-four",
         144: "a hundred and forty-four"}  # fmt: skip
HALVES = {0.5: r"\frac12", -0.5: r"-\frac12"}
COMPUTED = {}


def computes(label):
    """Registers a function that gives the fragments of the full and of the spoken answer."""
    return lambda function: COMPUTED.setdefault(label, function)


def plain(text: str) -> str:
    text = re.sub(r"\\mathbf\{(\w+)\}", r"\1", text.replace("**", ""))
    return " ".join(text.split())


def uncovered(text: str, fragments: list[str]) -> str:
    """A text without its fragments.

    Raises:
        AssertionError: a fragment is not there.
    """
    text = plain(text)
    for fragment in map(plain, fragments):
        assert fragment in text, f"computed, but not in the answer: {fragment}"
    for fragment in sorted(map(plain, fragments), key=len, reverse=True):
        text = text.replace(fragment, " ")
    return text


def g(value) -> str:
    return f"{float(value):g}"


def words(value) -> str:
    return WORDS[round(float(value), 9)]


def row(values) -> str:
    """A vector in TeX."""
    return "(" + ", ".join(HALVES.get(float(v), g(v)) for v in values) + ")"


def matrix(rows) -> str:
    body = r" \\ ".join(" & ".join(map(g, line)) for line in rows)
    return rf"$\begin{{pmatrix}} {body} \end{{pmatrix}}$"


def cells(pairs) -> str:
    return ", ".join(f"({i + 1},{j + 1})" for i, j in pairs)


# ---------------------------------------------------------------- the questions


@computes("oral-speech-compute")
def speech():
    s, e = torch.tensor([1.0, 1, 0, 0]), torch.tensor([2.0, 1, 1, 0])
    alpha, t = e @ s / (s @ s), e @ s / (s @ s) * s
    sc, ec = s - s.mean(), e - e.mean()
    alpha_c = ec @ sc / (sc @ sc)
    energy, rest, whole = t @ t, (e - t) @ (e - t), e @ e
    ratio, cosine = energy / rest, (e @ s) ** 2 / ((s @ s) * (e @ e))
    ratio_c = alpha_c**2 * (sc @ sc) / ((ec - alpha_c * sc) @ (ec - alpha_c * sc))
    cosine_c = (ec @ sc) ** 2 / ((sc @ sc) * (ec @ ec))
    db, db_c = 10 * torch.log10(ratio), si_sdr(e, s)
    assert abs(db_c - 10 * torch.log10(ratio_c)) < 1e-4
    orthogonal = torch.tensor([1.0, -1, 0, 0])
    assert g(cosine) == g(3 / 4) and cosine / (1 - cosine) == ratio
    answer = [
        rf"\hat s, s \rangle = 2 + 1 = {g(e @ s)}",
        rf"\rVert^2 = {g(s @ s)}$, $\alpha^* = {g(alpha)}$",
        f"target ${row(t)}$, energy {g(energy)}",
        f"residual $({', '.join(map(g, e - t))})$, energy {g(rest)}",
        rf"${g(energy)} + {g(rest)} = {g(whole)} = \lVert \hat s \rVert^2$",
        f"Ratio {g(ratio)}: {db:.2f} dB",
        rf"$\rho^2 = {g((e @ s) ** 2)} / ({g(s @ s)} \cdot {g(e @ e)}) = 3/4$",
        rf"$\rho^2 / (1 - \rho^2) = {g(cosine / (1 - cosine))}$",
        rf"means ${HALVES[float(s.mean())]}$ and {g(e.mean())}",
        f"$s = {row(sc)}$ with energy {g(sc @ sc)}",
        rf"$\hat s = {row(ec)}$ with energy {g(ec @ ec)}, inner product {g(ec @ sc)}",
        rf"$\alpha^* = {g(alpha_c)}$, $\rho^2 = {HALVES[float(cosine_c)]}$",
        f"ratio {g(ratio_c)}: {round(float(db_c)) + 0:d} dB",
        f"residual is ${row(ec - alpha_c * sc)}$",
        f"differ by nearly {math.ceil(db - db_c)} dB",
        rf"$\hat s = {row(orthogonal)}$ the inner product is {g(orthogonal @ s)}",
        r"\rVert^2$",
    ]
    spoken = [
        f"two plus one, {words(e @ s)}",
        f"energy is {words(s @ s)}, so alpha is {words(alpha)}",
        f"has energy {words(energy)}, the residual {words(rest)}, "
        f"and together they are {words(whole)}",
        f"ratio is {words(ratio)}, {db:.2f} decibels",
        f"{words(cosine)}, and",
        f"both {words(sc @ sc)}, so alpha is {words(alpha_c)}",
        f"has energy {words(ec @ ec)}",
        f"ratio is {words(ratio_c)}, {words(round(float(db_c)))} decibels",
        f"nearly {words(math.ceil(db - db_c))} decibels",
    ]
    return answer, spoken


def letters(one: str, other: str) -> torch.Tensor:
    return torch.tensor([[float(a != b) for b in other] for a in one])


@computes("oral-music-compute")
def music():
    cost = letters("aab", "abbb")
    found, other = dtw(cost), dtw(letters("aba", "abbb"))
    far = [
        dtw((torch.tensor(a)[:, None] - torch.tensor(b)).abs()).total
        for a, b in [([0.0], [1.0] * 3), ([0.0], [0.0, 1]), ([0.0, 1], [1.0] * 3)]
    ]
    ways = torch.ones(3, 4)
    for n, m in itertools.product(range(1, 3), range(1, 4)):
        ways[n, m] = ways[n - 1, m] + ways[n, m - 1] + ways[n - 1, m - 1]
    assert far[0] > far[1] + far[2]
    answer = [
        matrix(cost),
        matrix(found.accumulated),
        f"Total {g(found.total)}",
        ", ".join(f"({i + 1},{j + 1})" for i, j in found.path.tolist()),
        matrix(other.accumulated),
        f"total {g(other.total)}",
        f"at distance {g(found.total)}",
        f"$(0)$ and $(1, 1, 1)$ are {g(far[0])} apart, "
        f"by way of $(0, 1)$ it is ${g(far[1])} + {g(far[2])}$",
        "steps $(1, 0)$ and $(0, 1)$",
        "steps $(1, 1), (1, 2), (2, 1)$",
        f"{cost.numel()} cells here instead of {g(ways[-1, -1])} paths",
    ]
    first, _, last = ([words(v) for v in line] for line in found.accumulated)
    spoken = [
        f"rows are {', '.join(first)}, then the same again, then {', '.join(last)}",
        f"The total is {words(found.total)}",
        f"total is {words(other.total)}",
        f"three ones costs {words(far[0])}, but only {words(far[1])} plus {words(far[2])}",
    ]
    assert torch.equal(found.accumulated[0], found.accumulated[1])
    return answer, spoken


@computes("oral-experiments-compute")
def experiments():
    def phi(x):
        return 0.5 * (1 + math.erf(x / math.sqrt(2)))

    content, channel, rho, classes = 1, 2, 0.8, 4
    length = content**2 + channel**2
    both, against = (
        length / 2 / math.sqrt(length),
        (content**2 - channel**2) / 2 / math.sqrt(length),
    )
    cut = (phi(both) + phi(against)) / 2
    alone = phi(content / 2)
    known = shortcut_accuracy(rho, classes=classes, values=classes)
    answer = [
        f"$({content}, {channel})$, of length $\\sqrt {length}$",
        rf"$\frac12 ({content**2} + {channel**2})/\sqrt{length} = {both:.3f}$, "
        rf"so $\Phi = {phi(both):.3f}$",
        f"half of the items ({phi(both):.3f})",
        rf"$\frac12 ({content**2} - {channel**2})/\sqrt{length} = {against:.3f}$, "
        f"$1 - {phi(-against):.3f} = {phi(against):.3f}$; the mean is ${cut:.3f}$",
        rf"$\Phi(\frac12) = {alone:.3f}$",
        f"is {round(100 * (alone - cut))} points worse",
        f"it is {round(100 * (phi(both) - alone))} points better",
        r"\to 0$ all three are equal",
        f"ID ${rho} + {1 - rho:.1f}/{classes} = {known['ID']:.2f}$; "
        f"cut and new ${known['cut']:.2f}$; "
        f"flipped ${1 - rho:.1f}/{classes} = {known['flipped']:.2f}$",
        r"$\rho < 1$",
        r"\frac{1 + \rho}{1 - \rho}",
        r"$\rho = 1$",
        r"$\rho = 0$",
        "becomes 0",
    ]
    spoken = [
        f"{both:.2f}, and the accuracy {phi(both):.3f}",
        f"minus {-against:.2f} and the accuracy {phi(against):.3f}; the mean is {cut:.2f}",
        f"alone has {alone:.3f}",
        f"{words(round(100 * (alone - cut)))} points worse",
        f"{words(round(100 * (phi(both) - alone)))} points better",
        f"strength {rho} scores {known['ID']:.2f} in distribution, one quarter",
        f"and {known['flipped']:.2f} when it is flipped",
    ]
    assert known["cut"] == known["new"] == 1 / 4
    return answer, spoken


@computes("oral-pit-compute")
def separation():
    losses = [[5, 4, 0], [1, 2, 4], [3, 5, 2]]
    listed = []
    for order in itertools.permutations(range(3)):
        terms = [losses[i][j] for i, j in enumerate(order)]
        name = "".join(str(j + 1) for j in order)
        listed.append((sum(terms), f"{name} costs ${' + '.join(map(str, terms))} = {sum(terms)}$"))
    best = assign(losses)
    cost = sum(losses[i][j] for i, j in enumerate(best.order))
    name = "".join(str(j + 1) for j in best.order)
    assert cost == min(total for total, _ in listed)
    matrix_ = torch.tensor(losses)
    rows = matrix_ - (u := matrix_.min(1).values)[:, None]
    reduced = rows - (v := rows.min(0).values)
    covered = torch.zeros(3, 3, dtype=torch.long)
    covered[1] += 1
    covered[:, 2] += 1
    assert (covered[reduced == 0] > 0).all()
    least = reduced[covered == 0].min()
    last = reduced - least * (covered == 0) + least * (covered == 2)
    assert (last[range(3), best.order] == 0).all()
    free, greedy = matrix_.clone(), []
    for _ in range(3):
        i, j = divmod(int(free.argmin()), 3)
        greedy.append(losses[i][j])
        free[i], free[:, j] = 99, 99
    # the prices of the answer are those of the steps: the rows' and columns' minima, and the last
    u, v = u + least * torch.tensor([1, 0, 1]), v - least * torch.tensor([0, 0, 1])
    assert (u[:, None] + v <= matrix_).all() and u.sum() + v.sum() == cost
    answer = [
        f"$3! = {len(listed)}$ orders",
        "(source of estimates 1, 2, 3)",
        "; ".join(text for _, text in listed),
        f"Best: {name}, cost {cost}, mean ${cost}/3$",
        f"row minima ${', '.join(map(g, matrix_.min(1).values))}$",
        matrix(rows),
        f"column minima ${', '.join(map(g, rows.min(0).values))}$",
        matrix(reduced),
        "Two lines (row 2, column 3)",
        f"entry is {g(least)}",
        matrix(last),
        "Zeros at " + ", ".join(f"({i + 1}, {j + 1})" for i, j in enumerate(best.order)),
        f"takes the {greedy[0]}, then the {greedy[1]}, then has to take {greedy[2]}, "
        f"and ends at {sum(greedy)}",
        f"$u = {row(u)}$, $v = {row(v)}$",
        f"${g(u.sum())} + {g(v.sum())} = {cost}$",
        "$C^4$",
        "$C^3$",
    ]
    ranks = ("first", "second", "third")
    given = [f"{words(j + 1)} to the {rank}" for j, rank in zip(best.order, ranks, strict=True)]
    sums = [words(total) for total, _ in listed]
    of_rows, of_columns = (
        [words(v) for v in table.min(axis).values] for table, axis in ((matrix_, 1), (rows, 0))
    )
    spoken = [
        f"first: {', '.join(sums[:-1])} and {sums[-1]}",
        f"source {given[0]} estimate, {given[1]} and {given[2]}, for {words(cost)} in total",
        f"row, {of_rows[0]}, {of_rows[1]} and {of_rows[2]}",
        f"column, {of_columns[0]}, {of_columns[1]} and {of_columns[2]}",
        f"uncovered entry is {words(least)}",
        f"takes the {words(greedy[0])}, then a {words(greedy[1])}, and has to pay "
        f"{words(greedy[2])}: {words(sum(greedy))}",
        f"sum to {words(u.sum() + v.sum())}",
    ]
    return answer, spoken


@computes("oral-beat-compute")
def beats():
    intervals = torch.tensor([3, 4, 5])
    beat = Space(intervals, (1,)).states
    bars = {count: Space(intervals, (count,)).states for count in (3, 4)}
    ends, kept = len(intervals), beat - len(intervals)
    p = tempo_transition(intervals, 10.0)
    up, down, same = p[1, 2] / p[1, 1], p[2, 1] / p[2, 2], p[1, 1]
    even, shift = tempo_transition(intervals, 0.0), 60 * 50 / 200
    answer = [
        f"$3 + 4 + 5 = {beat}$ states",
        rf"$3 \cdot {beat} = {bars[3]}$",
        rf"$4 \cdot {beat} = {bars[4]}$",
        f"{Space(intervals, (3, 4)).states} for both",
        f"${kept} + {ends * ends} = {kept + ends * ends}$ transitions instead of {beat * beat}",
        f"a bar has ${kept + ends * ends} B$",
        r"$\frac14$: factor",
        f"$e^{{-2.5}} = {math.exp(-2.5):.3f}$",
        "From 4 to 5",
        "from 5 to 4",
        r"$\frac15$",
        f"$e^{{-2}} = {math.exp(-2):.3f}$",
        rf"$p(4 \mid 4) = 1/(1 + 2 e^{{-2.5}}) = {same:.3f}$",
        r"logits $\log 4$ on beats and $-\log 9$ elsewhere "
        rf"each costs $\log 36 = {math.log(4 * 9):.1f}$",
        "pays for $2.5$",
        r"limit $\lambda = 0$",
        f"at 50 frames per second and 200 beats per minute neighbouring tempi differ by "
        f"{100 / shift:.0f} %",
    ]
    assert torch.isclose(up, torch.tensor(math.exp(-2.5)).to(up), atol=1e-6)
    assert torch.isclose(down, torch.tensor(math.exp(-2.0)).to(up), atol=1e-6)
    assert torch.allclose(even, torch.full_like(even, 1 / 3))
    spoken = [
        f"three and four and five, {words(beat)} states",
        f"bar of three has {words(bars[3])}, a bar of four {words(bars[4])}",
        f"between them {words(Space(intervals, (3, 4)).states)}",
        f"has {words(kept + ends * ends)} transitions and not {words(beat * beat)}",
        {0.08: "about eight hundredths"}[round(float(up), 2)],
        {0.135: "about thirteen and a half hundredths"}[round(float(down), 3)],
    ]
    return answer, spoken


@computes("oral-phase-compute")
def field():
    once, twice = (receptive_field(WaveNetSettings(kernel=3, layers=4, stacks=n)) for n in (1, 2))
    spelled = {30: "thirty", 31: "thirty-one", 61: "sixty-one"}
    answer = [
        "$(k - 1) d$",
        rf"$2 \cdot (1 + 2 + 4 + 8) = {once - 1}$",
        f"sample: {once}",
        rf"$1 + 2 \cdot {once - 1} =$ {twice}",
    ]
    spoken = [
        f"together {spelled[once - 1]}",
        f"sees {spelled[once]} samples",
        f"another {spelled[twice - once]}: {spelled[twice]}",
    ]
    return answer, spoken


@computes("oral-adversarial-compute")
def two_steps():
    betas = torch.tensor([0.5, 0.5], dtype=torch.float64)
    one, kept = (Fraction(v).limit_denominator(100) for v in alpha_bar(betas).tolist())
    unit, none = torch.ones(1).double(), torch.zeros(1).double()
    of_clean, variance = posterior(unit, none, betas=betas, step=2)
    of_noisy, _ = posterior(none, unit, betas=betas, step=2)
    variance = Fraction(variance.item()).limit_denominator(100)
    root, three = (Fraction(v).limit_denominator(100) for v in (2, math.sqrt(2) / of_clean.item()))
    assert math.isclose(of_clean.item(), of_noisy.item())
    w_1, w_2 = (f"{w:g}" for w in bound_weights(betas).tolist())
    before, after = one / (1 - one), kept / (1 - kept)
    assert float((before / after - 1) / 2) == float(w_2)
    answer = [
        rf"$\bar\alpha_1 = {one}$, $\bar\alpha_2 = {kept}$",
        rf"$\tilde\beta_2 = \frac{{1 - {one}}}{{1 - {kept}}} \cdot {one} = {variance}$",
        r"than $\beta_2$, for",
        rf"$x_0$ is $\sqrt{{{one}}} \cdot {one} / ({1 - kept}) = \sqrt{{{root}}}/{three}$",
        rf"$x_2$ is the same: $\tilde\mu_2 = \sqrt{{{root}}}/{three} \cdot (x_0 + x_2)$",
        rf"$w_1 = 1 / (2 \cdot {one}) = {w_1}$",
        rf"ratios {before} and {after}, quotient {before / after}",
        rf"$w_2 = ({before / after} - 1) / 2 = {w_2}$",
    ]
    spelled = {Fraction(1, 2): "one half", Fraction(1, 4): "a quarter",
               Fraction(3, 4): "three quarters", Fraction(2, 3): "two thirds",
               Fraction(1, 3): "one third", Fraction(1): "one", Fraction(3): "three",
               Fraction(2): "two"}  # fmt: skip
    share = (1 - one) / (1 - kept)
    spoken = [
        f"after one step {spelled[one]} is left, after two {spelled[kept]}",
        f"{spelled[1 - one]} over {spelled[1 - kept]} is {spelled[share]}",
        f"times {spelled[one]} is {spelled[variance]}",
        f"the root of {spelled[root]} over {spelled[three]}",
        f"that is {spelled[Fraction(w_1)]}",
        f"{spelled[before]} before, {spelled[after]} after, their quotient is "
        f"{spelled[before / after]}, minus one and halved gives {spelled[Fraction(w_2)]}",
    ]
    return answer, spoken


@computes("oral-retrieval-compute")
def ranks():
    items, relevant = 6, (2, 5)
    right = torch.tensor([k in relevant for k in range(1, items + 1)])
    rr, ap, by_rr, by_ap = (
        Fraction(float(v)).limit_denominator(1000)
        for v in (
            reciprocal_rank(right),
            average_precision(right),
            chance_reciprocal_rank(items, len(relevant)),
            chance_average_precision(items, len(relevant)),
        )
    )
    pairs = math.comb(items, 2)
    harmonic = sum(Fraction(1, k) for k in range(1, items + 1))

    def tex(v):
        digits = (str(v.numerator), str(v.denominator))
        return r"\frac" + "".join(d if len(d) == 1 else f"{{{d}}}" for d in digits)

    def long(v):
        return rf"\frac{{{v.numerator}}}{{{v.denominator}}}"

    first, second = Fraction(1, relevant[0]), Fraction(2, relevant[1])
    assert (first + second) / 2 == ap and rr == first
    assert sum(Fraction(items, k) - 1 for k in range(1, items)) / pairs == by_rr
    assert (harmonic + Fraction(1, items - 1) * (items - harmonic)) / items == by_ap
    assert rr < by_rr and ap < by_ap
    answer = [
        rf"Reciprocal rank ${tex(rr)}$",
        rf"$\frac12 ({tex(first)} + {tex(second)}) = {long(ap)}$",
        rf"of ${pairs}$ pairs of ranks, ${items} - k$ begin",
        rf"$\frac{{1}}{{{pairs}}} \sum_{{k=1}}^{{{items - 1}}} (\frac{items}k - 1) = "
        rf"{long(by_rr)}$",
        rf"$H_{items} = {long(harmonic)}$",
        rf"$\frac1{items} \bigl( {long(harmonic)} + "
        rf"\frac1{items - 1} ({items} - {long(harmonic)}) \bigr) = {long(by_ap)}$",
    ]
    spelled = {Fraction(1, 2): "one half", Fraction(2, 5): "two fifths",
               Fraction(9, 20): "nine twentieths", Fraction(29, 50): "twenty-nine fiftieths",
               Fraction(49, 20): "forty-nine twentieths",
               Fraction(79, 150): "seventy-nine over a hundred and fifty"}  # fmt: skip
    spoken = [
        f"the reciprocal rank is {spelled[rr]}",
        f"the mean of {spelled[first]} and {spelled[second]} is {spelled[ap]}",
        {15: "Of fifteen pairs"}[pairs],
        f"mean of the reciprocal is {spelled[by_rr]}",
        f"the sixth harmonic number, {spelled[harmonic]}, and get {spelled[by_ap]}",
    ]
    return answer, spoken


@computes("oral-melody-compute")
def melody():
    bins, octave, k, limit = 4, 12, torch.tensor([1]), 0.1
    silent = torch.zeros(1, bins).double()

    def at(bin):
        return -1000 * (torch.arange(bins) != bin)[None].double()

    def ratio(first, second):
        p, q = first.softmax(-1), second.softmax(-1)
        return ratio_loss(p, q, k, bins_per_octave=octave, tau=limit).item()

    uniform = silent.softmax(-1)
    squared = squared_equivariance(uniform, uniform, k).item()
    paid = shifted_cross_entropy(silent, silent, k).item()
    up, down = 2 ** (1 / octave) - 1, 1 - 2 ** (-1 / octave)
    assert abs(ratio(silent, silent) - (up**2 + down**2) / 4) < 1e-9 and max(up, down) < limit
    jump = shifted_cross_entropy(at(bins - 1), at(0), k).item()
    constant = math.log2(220) - 2 / octave
    found = 2 ** (constant + 9 / octave)
    third = 1200 * math.log2(3)
    assert abs((third + 600) % 1200 - 600) > 50  # chroma is wrong too
    answer = [
        f"$p = p' = 1/{bins}$",
        f"*Squared*: ${g(squared)}$",
        rf"${bins - 1}$ bins survive, $\frac{{{bins - 1}}}{{{bins}}} \log {bins} = {paid:.2f}$ nat",
        f"off by ${up:.4f}$ and ${down:.4f}$",
        rf"$\frac{{1}}{{{bins}}} ({up:.4f}^2 + {down:.4f}^2) = {ratio(silent, silent):.4f}$",
        rf"$c = \log_2 220 - 2/{octave}$",
        rf"bin $9$ is $220 \cdot 2^{{{9 - 2}/{octave}}} = {found:.1f}$ Hz",
        f"off by ${third:.0f}$ cents",
        f"cross-entropy ${g(abs(jump))}$, ratio ${ratio(at(bins - 1), at(0)):.3f}$",
    ]
    spoken = [
        f"The squared loss is {words(squared)}",
        f"{words(bins - 1)} of {words(bins)} bins survive",
        f"{words((bins - 1) / bins)} of the logarithm of {words(bins)}",
        f"about {words(round(paid))} nat",
        f"bin nine is {words(9 - 2)} semitones above",
        {330: "about three hundred and thirty hertz"}[round(found)],
    ]
    return answer, spoken


@computes("oral-chords-compute")
def chords():
    phi = torch.tensor([[2.0, 0.0], [0.0, 1.0], [2.0, 0.0]]).double()
    change, paths = -1, list(itertools.product(range(2), repeat=3))
    switch = change * (1 - torch.eye(2).double())
    v = [phi[0]]
    for n in (1, 2):
        v.append(torch.stack([phi[n, j] + (v[-1] + switch[:, j]).max() for j in range(2)]))
    best = chain.viterbi(phi, switch)
    alone = chain.path_score(phi.argmax(1), phi, switch)
    total = float(chain.log_partition(phi, switch).exp())
    share = math.exp(best.score) / total
    assert best.states.tolist() == [0, 0, 0] and phi.argmax(1).tolist() == [0, 1, 0]
    assert float(best.score) == float(v[2].max())
    limit, frames = phi[1, 1] / 2, sum(phi.max(1).values)
    for price, same in ((0.99 * limit, True), (1.01 * limit, False)):
        path = chain.viterbi(phi, switch * price).states
        assert torch.equal(path, phi.argmax(1)) is same
    a, b = (g(x) for x in v[0])
    answer = [
        f"frame 0: $v = ({a}, {b})$",
        rf"Frame 1: A: $\max({a}, {b} - 1) + {g(phi[1, 0])} = {g(v[1][0])}$",
        rf"B: $\max({a} - 1, {b}) + {g(phi[1, 1])} = {g(v[1][1])}$",
        rf"Frame 2: A: $\max({g(v[1][0])}, {g(v[1][1])} - 1) + {g(phi[2, 0])} = {g(v[2][0])}$",
        rf"B: $\max({g(v[1][0])} - 1, {g(v[1][1])}) + {g(phi[2, 1])} = {g(v[2][1])}$",
        f"AAA with ${g(best.score)}$",
        f"ABA with $2 + 1 + 2 - {g(-2 * change)} = {g(alone)}$",
        f"$Z = {total:.2f}$ over {len(paths)} paths",
        rf"e^{{{g(best.score)}}} / Z = {share:.3f}$",
        f"advantage of {g(phi[1, 1])} is less than the price of its two changes, {g(-2 * change)}",
        f"below a price of {g(limit)} a change",
        f"limit of price {g(0)} both",
    ]
    spoken = [
        f"A has {words(v[0][0])} and B has {words(v[0][1])}",
        f"A from A has {words(v[1][0])}, and B",
        f"so it has {words(v[1][1])} as well",
        f"A from A has {words(v[2][0])}",
        f"with a score of {words(best.score)}",
        f"it has {words(frames)} from its frames",
        f"two changes, so {words(alone)}",
        {97.75: "ninety-seven and three quarters"}[round(total, 2)],
        {56: "about fifty-six per cent"}[round(100 * share)],
    ]
    return answer, spoken


# ---------------------------------------------------------------- the laws


def test_every_question_to_compute_is_computed():
    """A new one needs a function of its own above."""
    assert sorted(COMPUTED) == sorted(QUESTIONS)


@pytest.mark.parametrize("label", sorted(COMPUTED))
def test_every_number_of_the_answer_is_computed(label):
    answer, spoken = COMPUTED[label]()
    question = QUESTIONS[label]
    left = uncovered(question.answer, answer)
    assert re.findall(r".{0,25}\d.{0,25}", left) == []
    if question.spoken:
        assert spoken, "the answer as it is said has numbers too"
        assert re.findall(r".{0,25}\d.{0,25}", uncovered(question.spoken, spoken)) == []


@pytest.mark.parametrize("label", sorted(COMPUTED))
def test_a_changed_number_is_noticed(label):
    """Whichever digit of the answer becomes another one."""
    fragments, text = COMPUTED[label]()[0], plain(QUESTIONS[label].answer)

    def passes(text):
        try:
            return not re.search(r"\d", uncovered(text, fragments))
        except AssertionError:
            return False

    assert passes(text)
    changed = (
        text[: m.start()] + str((int(m[0]) + 1) % 10) + text[m.end() :]
        for m in re.finditer(r"\d", text)
    )
    assert not any(map(passes, changed))


def test_what_an_answer_says_was_measured_is_what_the_study_measured():
    (question,) = (
        q
        for page in book_chapters(ROOT)
        for q in page.oral_questions
        if q.label == "oral-beat-present"
    )
    result = study.load(beats_study.STUDY)
    familiar, unfamiliar = (
        f"{fmean(result.values(name, 900)):.2f}" for name in ("held out: F", "both: F")
    )
    for text in (question.answer, question.outline):
        assert {familiar, unfamiliar} <= set(re.findall(r"0\.\d\d", text))
