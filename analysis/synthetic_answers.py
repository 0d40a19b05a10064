"""An invented survey's answers, drawn from logits of every item by area, register sex and age band."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.arrays import Floats, Ints
from analysis.packed import pack
from analysis.schema import LEGAL_GENDERS
from analysis.synthetic_population import BANDS, Plan

RESPONSE_BY_BAND = np.array([-0.8, -0.6, -0.3, 0.0, 0.35, 0.7, 0.7])
GENDER_CODES = ("woman", "man", "other", "undisclosed")
GENDER_SHARES = np.array([[0.985, 0.0, 0.007, 0.008], [0.0, 0.985, 0.007, 0.008]])
MODES, MODE_SHARES = ("web", "paper"), np.array([[0.7, 0.3]])
LEVELS = ("1", "2", "3", "4", "5")
SKIPPED = 0.007
SENSITIVE = 9  # the first items, as many as a usual questionnaire asks about victimisation


def solve_level(leaning: Floats, weights: Floats, targets: Floats) -> Floats:
    """The levels to add so that the weighted mean of expit(level + leaning) is each of the targets.

    Args:
        leaning: logits, any shape.
        weights: of the same shape or one that spreads to it, adding up to 1.
        targets: in (0, 1).
    """
    low, high = np.full(len(targets), -25.0), np.full(len(targets), 25.0)
    values, place = np.unique(np.round(leaning.ravel(), 6), return_inverse=True)
    mass = np.bincount(place, weights=np.broadcast_to(weights, leaning.shape).ravel())
    for _ in range(50):
        middle = (low + high) / 2
        above = expit(values[:, None] + middle).T @ mass > targets
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray((low + high) / 2)


def draw_codes(shares: Floats, rng: np.random.Generator) -> Ints:
    """A position for each row, drawn with the row's shares (need not add up to 1)."""
    edges = np.cumsum(shares, axis=1)
    drawn = rng.random(len(shares))[:, None] * edges[:, -1:]
    return np.asarray((drawn >= edges[:, :-1]).sum(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class AnswerModel:
    """Logits of every item and of response: level, and what area, sex, age and wave add."""

    levels: list[Floats]  # thresholds of each item
    place: Floats  # waves x areas
    load: Floats  # of the place on each item
    woman: Floats
    age: Floats
    response: Floats  # areas x sexes x bands, without the level

    @classmethod
    def draw(cls, plan: Plan, strata: pd.DataFrame, rng: np.random.Generator) -> "AnswerModel":
        items = plan.binary + plan.ordinal
        municipality = pd.factorize(strata["municipality_code"])[0]
        steps = rng.normal(0.0, plan.change, (len(plan.waves), plan.municipalities))
        steps[0] = rng.normal(0.0, 0.3, plan.municipalities)
        place = np.cumsum(steps, axis=0)[:, municipality] + rng.normal(0.0, 0.4, len(strata))
        first = rng.uniform(0.02, 0.6, plan.binary)
        if plan.binary > 6:
            first[5], first[6] = 0.004, 0.985  # one rare and one nearly universal item
        levels = [np.array([_logit(share)]) for share in first]
        for _ in range(plan.ordinal):
            levels.append(np.sort(rng.normal(0.0, 1.2, len(LEVELS) - 1))[::-1])
        woman = np.array([gender == "woman" for gender in LEGAL_GENDERS], dtype=np.float64)
        response = (
            rng.normal(0.0, 0.12, len(strata))[:, None, None]
            - 0.3 * place[0][:, None, None]
            + 0.18 * woman[:, None]
            + RESPONSE_BY_BAND
        )
        return cls(
            levels, place, rng.uniform(0.0, 1.0, items), rng.normal(0.0, 0.5, items),
            rng.normal(0.0, 0.3, items), response,
        )  # fmt: skip

    def shares(self, item: int, wave: int) -> Floats:
        """Share of each level: areas x sexes x bands x levels."""
        woman = np.array([gender == "woman" for gender in LEGAL_GENDERS], dtype=np.float64)
        age = np.linspace(-1.0, 1.0, len(BANDS))
        lean = (
            self.load[item] * self.place[wave][:, None, None]
            + self.woman[item] * (woman[:, None] - 0.5)
            + self.age[item] * age
        )
        beyond = expit(lean[..., None] + self.levels[item])
        edges = np.concatenate(
            [np.ones_like(beyond[..., :1]), beyond, np.zeros_like(beyond[..., :1])], axis=-1
        )
        return np.asarray(edges[..., :-1] - edges[..., 1:])


def _logit(share: float) -> float:
    return float(np.log(share / (1.0 - share)))


def item_names(plan: Plan) -> list[str]:
    return [f"q{number:02d}" for number in range(1, plan.binary + plan.ordinal + 1)]


def indicators(plan: Plan) -> pd.DataFrame:
    names, binary = item_names(plan), plan.binary
    yes_no = pd.DataFrame({"indicator": names[:binary], "type": "binary", "yes": "1", "levels": "0 1"})
    ordinal = pd.DataFrame({"indicator": names[binary:], "type": "ordinal", "levels": " ".join(LEVELS)})
    table = pd.concat([yes_no, ordinal], ignore_index=True).fillna("")
    base = np.where((table["indicator"] == "q05") & (binary > 4), "q04=1", "")
    sensitive = (np.arange(len(table)) < SENSITIVE).astype(int).astype(str)
    return table.assign(item=table["indicator"], base=base, sensitive=sensitive)


def draw_answers(
    plan: Plan,
    wave: int,
    people: pd.DataFrame,
    cells: Ints,
    sex: Ints,
    model: AnswerModel,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The answers of those who answered, as Categoricals."""
    columns: dict[str, object] = {
        "wave": people["wave"].to_numpy(),
        "case_id": people["case_id"].to_numpy(),
        "gender": np.array(GENDER_CODES, dtype=object)[draw_codes(GENDER_SHARES[sex], rng)],
        "mode": np.array(MODES, dtype=object)[draw_codes(np.repeat(MODE_SHARES, len(cells), axis=0), rng)],
    }
    answers: dict[str, Ints] = {}
    for item, name in enumerate(item_names(plan)):
        shares = model.shares(item, wave)
        code = draw_codes(shares.reshape(-1, shares.shape[-1])[cells], rng)
        if name == "q05" and plan.binary > 4:
            code = np.where(answers["q04"] == 1, code, -1)
        answers[name] = np.where(rng.random(len(cells)) < SKIPPED, -1, code)
        names = ["0", "1"] if item < plan.binary else list(LEVELS)
        columns[name] = pack(answers[name] + 1, ["", *names])
    return pd.DataFrame(columns)
