"""The truth behind the demonstration: who responds and what they answer, cell by cell.

A cell is area x register sex x age band. Response depends on these register variables only and not on the
answers (missing at random given the cell): weighting on them can therefore undo the distortion, which in a
real survey is a hope and not a fact. Given cell and outlook (see `opinions`) the answers are independent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from analysis.synthetic_answers import draw_codes, solve_level
from survey.demo.geography import Plan, counts, stream
from survey.demo.opinions import (
    AGE_PROFILES,
    BASE_WAVE,
    GENDER_CODES,
    GENDER_SHARES,
    ITEMS,
    LANGUAGE_SHARES,
    LANGUAGES,
    OUTLOOK_SHARES,
    OUTLOOK_SHIFTS,
    Item,
)
from survey.preparation.population import AGE_GROUPS, GENDERS

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]
Index = NDArray[np.intp]

WAVES = ("2018", "2019", "2022")
POPULATION_DATES = {"2018": date(2018, 9, 30), "2019": date(2019, 12, 31), "2022": date(2022, 9, 30)}
# Region Stockholm: 65 % in 2020, 53 % in 2021, about 44 % in 2023 (polisen.se). Later waves as the last.
RESPONSE_RATES = {"2018": 0.65, "2019": 0.58, "2022": 0.45}
# NTU 2018: 36.7 % responded, 22.5 % of those aged 16-29: 0.7 logits lower. The rise with age is assumed.
_RESPONSE_BY_AGE = np.array([-0.8, -0.8, -0.65, -0.5, -0.25, 0.0, 0.35, 0.75, 0.75])
_RESPONSE_WOMAN = 0.18
_RESPONSE_PLACE = -0.35  # areas with more problems respond less, as in Järva (38 %, polisen.se 2022)


@dataclass(frozen=True)
class WaveResidents:
    """Probabilities of one wave: response by cell, answers by outlook and cell."""

    plan: Plan
    wave: str
    response: Floats  # area x sex x band
    answers: Mapping[str, Floats]  # item -> outlook x area x sex x band x code
    codes: Mapping[str, tuple[str, ...]]  # item -> codes in the order of the last axis

    def responds(self, cell: Index, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Who of the drawn persons (flat cell numbers) hands in a response."""
        return np.asarray(rng.random(len(cell)) < self.response.ravel()[cell])

    def answer(self, cell: Index, rng: np.random.Generator) -> dict[str, Texts]:
        """Raw codes by question for persons in the given cells; what no path leads to is empty."""
        outlook = rng.choice(len(OUTLOOK_SHARES), size=len(cell), p=OUTLOOK_SHARES)
        result = {"gender": _genders(cell, rng)}
        for name, table in self.answers.items():
            row = outlook * self.response.size + cell
            result[name] = _pick(table.reshape(-1, table.shape[-1])[row], self.codes[name], rng)
        for name in self.answers:
            gate = ITEMS[name].gate
            if gate:
                result[name] = np.where(result[gate] == "1", result[name], "")
        return result

    def languages(self, number: int, rng: np.random.Generator) -> Texts:
        """Language each person chooses."""
        return rng.choice(np.array(LANGUAGES), size=number, p=LANGUAGE_SHARES)


class Residents:
    """Everybody in a plan, over all waves, from one seed."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self._seed = seed
        rng = stream(seed, "area effects")
        self._area = rng.normal(0.0, 0.45, len(plan.areas))
        self._area_response = rng.normal(0.0, 0.12, len(plan.areas))

    def wave(self, wave: str) -> WaveResidents:
        """The probabilities of one wave; a wave after the last known is like the last."""
        known = max((code for code in WAVES if code <= wave), default=WAVES[0])
        answers = {name: self._answers(name, item, known) for name, item in ITEMS.items()}
        codes = {name: (*item.levels, *item.outside) for name, item in ITEMS.items()}
        return WaveResidents(self.plan, wave, self._response(known), answers, codes)

    @cached_property
    def _places(self) -> dict[str, Floats]:
        # The condition of each area in each wave; some municipalities really change between two waves.
        effects = {code: np.zeros(len(self.plan.areas)) for code in WAVES}
        for municipality in self.plan.municipalities:
            rng = stream(self._seed, "municipality", municipality.code)
            level = rng.normal(0.0, 0.3)
            rows = self.plan.rows_of(municipality.code)
            for wave in WAVES:
                effects[wave][rows] = self._area[rows] + level
                if rng.random() < 0.3:  # from the next wave on
                    level += rng.choice([-1.0, 1.0]) * rng.uniform(0.25, 0.55)
        return effects

    @cached_property
    def _base_weights(self) -> Floats:
        cells = counts(self.plan, POPULATION_DATES[BASE_WAVE])
        weights = np.asarray(OUTLOOK_SHARES)[:, None, None, None] * cells[None]
        return np.asarray(weights / weights.sum())

    @cached_property
    def _thresholds(self) -> dict[str, Floats]:
        # Set so that the region as a whole has each item's shares in the base wave.
        return {
            name: solve_level(
                self._inclination(item, BASE_WAVE), self._base_weights, 1.0 - np.cumsum(item.shares)[:-1]
            )
            for name, item in ITEMS.items()
        }

    def _inclination(self, item: Item, wave: str) -> Floats:
        woman = np.array([gender == "woman" for gender in GENDERS], dtype=float)[:, None]
        age = item.age_scale * np.asarray(AGE_PROFILES[item.age])[None, :]
        young_woman = item.young_woman * np.maximum(np.asarray(AGE_PROFILES["young"]), 0.0)[None, :] * woman
        person = item.woman * woman + age + young_woman
        place = item.place * self._places[wave]
        outlook = item.outlook * np.asarray(OUTLOOK_SHIFTS)
        total = outlook[:, None, None, None] + place[None, :, None, None] + person[None, None]
        return np.asarray(total + item.change.get(wave, 0.0))

    def _answers(self, name: str, item: Item, wave: str) -> Floats:
        # Cumulative logits: P(beyond level k) = expit(threshold_k + inclination).
        beyond = expit(self._inclination(item, wave)[..., None] + self._thresholds[name])
        end = np.zeros_like(beyond[..., :1])
        edges = np.concatenate([end + 1.0, beyond, end], axis=-1)
        outside = np.array(list(item.outside.values()))
        levels = (edges[..., :-1] - edges[..., 1:]) * (1.0 - outside.sum())
        return np.concatenate([levels, np.broadcast_to(outside, (*levels.shape[:-1], len(outside)))], axis=-1)

    def _response(self, wave: str) -> Floats:
        woman = np.array([gender == "woman" for gender in GENDERS], dtype=float) * _RESPONSE_WOMAN
        place = _RESPONSE_PLACE * self._places[wave] + self._area_response
        leaning = place[:, None, None] + woman[None, :, None] + _RESPONSE_BY_AGE[None, None, :]
        # As many are drawn in every area, so the rate among the invited weighs areas alike.
        cells = counts(self.plan, POPULATION_DATES[wave]).astype(float)
        drawn = cells / cells.sum(axis=(1, 2), keepdims=True)
        start = solve_level(leaning, drawn / drawn.sum(), np.array([RESPONSE_RATES[wave]]))
        return np.asarray(expit(leaning + start[0]))


def cell_numbers(plan: Plan, areas: Texts, legal_gender: Texts, age_group: Texts) -> Index:
    """Flat cell number of each drawn person."""
    place = {area.code: i for i, area in enumerate(plan.areas)}
    gender = {code: i for i, code in enumerate(GENDERS)}
    band = {code: i for i, code in enumerate(AGE_GROUPS)}
    triples = zip(areas, legal_gender, age_group, strict=True)
    flat = [(place[a] * len(GENDERS) + gender[g]) * len(AGE_GROUPS) + band[b] for a, g, b in triples]
    return np.array(flat, dtype=np.intp)


def _genders(cell: Index, rng: np.random.Generator) -> Texts:
    legal = (cell // len(AGE_GROUPS)) % len(GENDERS)
    shares = np.array([GENDER_SHARES[gender] for gender in GENDERS])
    return _pick(shares[legal], GENDER_CODES, rng)


def _pick(shares: Floats, codes: tuple[str, ...], rng: np.random.Generator) -> Texts:
    return np.asarray(np.array(codes)[draw_codes(shares, rng)])
