"""A survey with everything an attacker hopes for, and the rows as an audience gets them."""

import numpy as np
import pandas as pd

from analysis import pipeline
from analysis.attack import CELL, Knowledge, knowledge
from analysis.indicators import measure
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings
from survey.publication.numbers import points, whole_percent

BANDS = ("16-29", "30-44", "45-64", "65-84")
ITEMS = {"robbery": 0.02, "theft": 0.12, "unsafe": 0.45}
WAVES = ("2025", "2026")


def survey(seed: int, areas: int = 4, drawn: int = 260, municipalities: int = 1) -> Bundle:
    """Unequal areas, some who are neither woman nor man, rare and common items, overlapping unions."""
    chance = np.random.default_rng(seed)
    population, people, strata, unions = [], [], [], []
    for wave in WAVES:
        for code in (f"{100 + m:04d}" for m in range(municipalities)):
            for area in range(areas):
                stratum, size = f"{code}-{area}", 8 * int(chance.integers(100, 1200))
                strata.append((wave, stratum, code, str(area), size, drawn))
                population += [
                    (wave, code, str(area), sex, band, size / 8) for sex in ("woman", "man") for band in BANDS
                ]
                people.append(_people(chance, wave, stratum, drawn))
                unions += [(wave, "district", f"d{code}", stratum)] * (area > 0)  # all but one area
                unions += [(wave, "vulnerable_area", f"v{code}", stratum)] * (area < 2)
    everyone = pd.concat(people, ignore_index=True)
    everyone["case_id"] = [f"c{number}" for number in range(len(everyone))]
    sample = ["wave", "case_id", "stratum", "legal_gender", "age_group", "responded"]
    indicators = pd.DataFrame({"indicator": list(ITEMS), "item": list(ITEMS)})
    return validate_bundle(
        Bundle(
            strata=pd.DataFrame(
                strata, columns=["wave", "stratum", "municipality_code", "area", "population", "sampled"]
            ),
            population=pd.DataFrame(
                population,
                columns=["wave", "municipality_code", "area", "legal_gender", "age_group", "population"],
            ),
            sample=everyone[sample],
            responses=everyone[everyone["responded"] == 1][["wave", "case_id", "gender", "mode", *ITEMS]],
            indicators=indicators.assign(type="binary", yes="1", levels="0 1"),
            domains=pd.DataFrame(unions, columns=["wave", "geography", "code", "stratum"]),
        )
    )


def _people(chance: np.random.Generator, wave: str, stratum: str, drawn: int) -> pd.DataFrame:
    sex, band = (
        chance.choice(["woman", "man"], drawn),
        chance.choice(BANDS, drawn, p=[0.15, 0.25, 0.35, 0.25]),
    )
    stated = chance.random(drawn) < 0.97
    gender = np.where(stated, sex, chance.choice(["other", "undisclosed", ""], drawn))
    table = {"wave": wave, "stratum": stratum, "legal_gender": sex, "age_group": band, "gender": gender}
    table |= {"responded": (chance.random(drawn) < 0.55).astype(int), "mode": "web"}
    level = np.exp(chance.normal(0, 0.3))
    for item, share in ITEMS.items():
        table[item] = (chance.random(drawn) < share * level).astype(int).astype(str)
    return pd.DataFrame(table)


def printed(results: pipeline.Results, item: str) -> pd.DataFrame:
    """The shown rows of an item with whole percent, and the change in points beside them."""
    estimates = results.estimates[results.estimates["indicator"].astype(str).eq(item)]
    changes = results.changes[results.changes["indicator"].astype(str).eq(item)]
    shown = estimates[estimates["released"].eq(1)].astype(dict.fromkeys(CELL, str))
    moved = changes[changes["released"].eq(1)].astype({**dict.fromkeys(CELL, str), "previous_wave": str})
    table = shown[[*CELL, "estimate"]].merge(
        moved[[*CELL, "previous_wave", "change"]], on=list(CELL), how="left"
    )
    table["percent"] = table["estimate"].map(whole_percent)
    table["change_points"] = table["change"].map(points, na_action="ignore").astype(float)
    return table


def hidden(results: pipeline.Results, item: str) -> pd.DataFrame:
    """The rows of an item that are not shown."""
    estimates = results.estimates[results.estimates["indicator"].astype(str).eq(item)]
    return estimates.loc[estimates["released"].eq(0), list(CELL)].astype(str)


def sample_known(bundle: Bundle, results: pipeline.Results, item: str) -> Knowledge:
    """What is known of the respondents of an item."""
    stratum = bundle.responses[["wave", "case_id"]].merge(bundle.sample, on=["wave", "case_id"])
    names = [one.indicator for one in measure(bundle).measured]
    base = measure(bundle).measured[names.index(item)].level >= 0
    unions: dict[tuple[str, str, str], frozenset[str]] = {}
    if bundle.domains is not None:
        for key, rows in bundle.domains.groupby(["wave", "geography", "code"])["stratum"]:
            unions[key] = frozenset(rows)
    age, place = (stratum[name].to_numpy(dtype=object) for name in ("age_group", "stratum"))
    return knowledge(results.weights, bundle.responses, bundle.strata, base, age, place, unions)


def run(bundle: Bundle) -> pipeline.Results:
    """The default profile."""
    return pipeline.run(bundle, Settings.default())
