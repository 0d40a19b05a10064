"""Finite populations whose every figure is known: the truth that estimates are held against.

Everyone has a place, a register sex, an age band, a reported gender, a trait nobody registers, and an answer
to every item in both waves. Answers are cut from a score by rank, so that the level of an item is exact in
the municipality, and an item whose level is the same in both waves has the same answers: its change is
exactly 0 in every domain.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.schema import GENDERS
from tests.study.plan import BAND_SHARES, BANDS, Item, Plan, Response, Run, Shape, items, shape_named

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OTHER, UNDISCLOSED = 0.007, 0.008  # of the population, whatever the register says
REPORTING = np.array(
    [0, 0, 0, 1, 1, 2, 2, 3, 3]
)  # reporting age group of each band: 16-29, 30-44, 45-64, 65-84
DOMAIN_GENDERS = ("all", "woman", "man")
DOMAIN_AGES = ("all", "16-29", "30-44", "45-64", "65-84")


@dataclass(frozen=True)
class Population:
    """Everyone in one municipality.

    Attributes:
        shape: areas and sample sizes.
        items: the questions.
        area, sex, band, gender: positions (area in `shape.areas`; sex, gender in `GENDERS`), by area.
        answers: 2 waves x persons x items: position among the item's levels.
        rate: 2 waves x persons: chance of answering when drawn.
        truth: 2 waves x places (0 the municipality, then its areas) x `DOMAIN_GENDERS` x `DOMAIN_AGES` x
            items: the proportion of yes, or the mean of the codes 1 to 5.
    """

    shape: Shape
    items: tuple[Item, ...]
    area: Ints
    sex: Ints
    band: Ints
    gender: Ints
    answers: npt.NDArray[np.int8]
    rate: Floats
    truth: Floats


def build(run: Run, plan: Plan) -> Population:
    """The population of a run; the same for every run of one shape and table but for who answers."""
    shape, questions = shape_named(run.shape), items(run.table)
    generator = np.random.default_rng([plan.seed, *run.shape.encode()])
    area = np.repeat(np.arange(len(shape.areas)), shape.areas)
    count = len(area)
    sex = generator.integers(0, 2, count)
    band = _bands(area, generator)
    reported = generator.random(count)
    gender = np.where(reported < OTHER, 2, np.where(reported < OTHER + UNDISCLOSED, 3, sex))
    trait = generator.standard_normal(count)
    tilt = _area_tilt(len(shape.areas))[area]
    effects = {"none": 0.0 * tilt, "persons": 0.9 * (1 - sex) - 0.35 * (band - 4), "areas": 1.2 * tilt}
    answers = np.empty((2, count, len(questions)), dtype=np.int8)
    for column, item in enumerate(questions):
        score = effects[item.structure] + 0.7 * trait + generator.logistic(size=count)
        rank = (np.argsort(np.argsort(score)) + 0.5) / count
        for wave, shares in enumerate((item.before, item.after)):
            answers[wave, :, column] = np.searchsorted(np.cumsum(shares)[:-1], rank)
    rate = np.array([_rate(run.response, wave, (sex, band, tilt, trait), plan) for wave in (0, 1)])
    truth = _truth(shape, questions, area, gender, band, answers)
    return Population(shape, questions, area, sex, band, gender, answers, rate, truth)


def _bands(area: Ints, generator: np.random.Generator) -> Ints:
    """Age bands; every second area is younger and every second older than the municipality."""
    steps = np.linspace(-0.5, 0.5, len(BANDS))
    found = np.empty(len(area), dtype=np.int64)
    for number in range(int(area.max()) + 1):
        shares = np.array(BAND_SHARES) * np.exp(steps * (-1) ** number * (area.max() > 0))
        here = area == number
        found[here] = generator.choice(len(BANDS), int(here.sum()), p=shares / shares.sum())
    return found


def _area_tilt(areas: int) -> Floats:
    """-1 to 1, unrelated to the size of the area; 0 where there is one."""
    if areas == 1:
        return np.zeros(1)
    order = np.argsort([(number * 7) % (areas + 1) for number in range(areas)])
    return np.linspace(-1.0, 1.0, areas)[order]


def _rate(response: Response, wave: int, person: tuple[Ints, Ints, Floats, Floats], plan: Plan) -> Floats:
    """Chance of answering, about `answer_rate` on average.

    `register`: rises with age (logit 1.6 from youngest to oldest), is higher for women and differs between
    areas. `answer`: besides, those with more of the trait, who say yes more often, answer less.
    `answer_later`: so in the second wave only.
    """
    sex, band, tilt, trait = person
    if response == "equal":
        return np.full(len(sex), plan.answer_rate)
    logit = 0.2 * (band - 4) + 0.25 * (0.5 - sex) + 0.3 * tilt
    if response == "answer" or (response == "answer_later" and wave == 1):
        logit = logit - 0.4 * trait
    middle = _intercept(logit, plan.answer_rate)
    rate: Floats = 1 / (1 + np.exp(-middle - logit))
    return rate


def _intercept(logit: Floats, rate: float) -> float:
    """What to add to the logits so that their mean chance is `rate`, by bisection."""
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-middle - logit))).mean() < rate else (low, middle)
    return (low + high) / 2


def _truth(
    shape: Shape,
    questions: tuple[Item, ...],
    area: Ints,
    gender: Ints,
    band: Ints,
    answers: npt.NDArray[np.int8],
) -> Floats:
    scored = answers + np.array([0 if item.binary else 1 for item in questions])
    size = (2, len(shape.areas) + 1, len(DOMAIN_GENDERS), len(DOMAIN_AGES), len(questions))
    truth = np.empty(size)
    everyone = np.ones(len(area), dtype=bool)
    for place in range(size[1]):
        here = everyone if place == 0 else area == place - 1
        for g, sex in enumerate(DOMAIN_GENDERS):
            same = here if sex == "all" else here & (gender == GENDERS.index(sex))
            for a in range(len(DOMAIN_AGES)):
                inside = same if a == 0 else same & (REPORTING[band] == a - 1)
                truth[:, place, g, a] = scored[:, inside].mean(axis=1)
    return truth
