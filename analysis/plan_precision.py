"""What a planned sample is expected to show of an area, a municipality or a region. METHODS.md M-31.

A unit is a union of strata; the variance of a proportion in it is that of the stratified estimate, so unequal
sampling fractions cost what they cost without a design effect being guessed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.precision import Precision, precision_of

PROPORTIONS = (0.5, 0.2)


@dataclass(frozen=True)
class Part:
    """A stratum as a plan sees it.

    Attributes:
        population, sampled: persons.
        answers: expected, above 0 and at most `sampled`.
        deff: design effect within the stratum, above 0: of response and weighting; 1 when nothing is known.
    """

    population: int
    sampled: int
    answers: float
    deff: float = 1.0


@dataclass(frozen=True)
class Prospect:
    """What is expected of a unit.

    Attributes:
        population, sampled: persons.
        answers: expected.
        n_eff: answers of a simple random sample from a large population that would tell as much.
        by_proportion: precision at each of `PROPORTIONS`.
        compared: whether the detectable changes are against an earlier wave's own precision; otherwise they
            are between two waves as precise as this one.
    """

    population: int
    sampled: int
    answers: float
    n_eff: float
    by_proportion: Mapping[float, Precision]
    compared: bool


def prospect(
    parts: Iterable[Part], previous: Iterable[Part] = (), comparable: Iterable[Part] | None = None
) -> Prospect:
    """The precision to expect of one unit.

    Args:
        parts: the strata of the unit, at least one, each with answers.
        previous: those of the same unit in the earlier wave, with the answers it had; those without answers
            are left out. None when it did not take part.
        comparable: the strata that a change is about, when they are not all of `parts`: a region is compared
            on the municipalities of both waves.

    Raises:
        ValueError: no strata.
    """
    now = list(parts)
    if not now:
        raise ValueError("a unit without strata has no precision")
    before = [part for part in previous if part.answers > 0.0]
    sampled, answers = sum(part.sampled for part in now), sum(part.answers for part in now)
    n_eff = effective(now)
    changing = now if comparable is None else list(comparable)
    compared = (effective(changing), effective(before)) if before and changing else None
    return Prospect(
        population=sum(part.population for part in now),
        sampled=sampled,
        answers=answers,
        n_eff=n_eff,
        by_proportion={p: precision_of(sampled, answers, n_eff, p, compared) for p in PROPORTIONS},
        compared=compared is not None,
    )


def effective(parts: Iterable[Part]) -> float:
    """n_eff of a stratified proportion that is the same in all strata: 1 / sum W^2 (1 - f) deff / r.

    W is the stratum's share of the population and f = r/N the share of it that answers.
    """
    strata = list(parts)
    everybody = sum(part.population for part in strata)
    variance = sum(
        (part.population / everybody) ** 2
        * max(1.0 - part.answers / part.population, 1e-12)
        * part.deff
        / part.answers
        for part in strata
    )
    return 1.0 / variance


def expected_overlap(now: Iterable[tuple[int, int, int]]) -> float:
    """Persons expected to be drawn both now and in an earlier wave: sum of n x n_before / N.

    An upper limit: who has moved, died or grown out of the ages since cannot be drawn again.

    Args:
        now: of each stratum the persons in the frame (N), those drawn (n), and those drawn from it in the
            earlier wave (n_before, at most N counts).
    """
    return sum(n * min(before, N) / N for N, n, before in now)
