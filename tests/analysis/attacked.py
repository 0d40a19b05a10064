"""A survey with everything an attacker hopes for, and the rows as an audience gets them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from attack import ROW, Knowledge, groups_of

from analysis import pipeline
from analysis.indicators import measure
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings
from survey.publication.numbers import points, whole_percent

BANDS = ("16-29", "30-44", "45-64", "65-84")
ITEMS = {"robbery": 0.02, "theft": 0.12, "unsafe": 0.45}
WORRY, LEVELS = "worry", ("1", "2", "3", "4")  # an item of levels; 3 and 4 count as yes
WAVES = ("2025", "2026")
LIMITS = Settings.default().thresholds
WIDTH = LIMITS.protection_width


def survey(seed: int, areas: int = 4, drawn: int = 260, municipalities: int = 1) -> Bundle:
    """Unequal areas, some who are neither woman nor man, rare and common items, overlapping unions.

    The first municipality is larger than the others, and the unions `police` reach over two.
    """
    chance = np.random.default_rng(seed)
    population, people, strata, unions = [], [], [], []
    for wave in WAVES:
        for place in range(municipalities):
            code = f"{100 + place:04d}"
            for area in range(areas):
                stratum, size = (
                    f"{code}-{area}",
                    8 * int(chance.integers(100, 1200)) * (4 if place == 0 else 1),
                )
                strata.append((wave, stratum, code, str(area), size, drawn))
                population += [
                    (wave, code, str(area), sex, band, size / 8) for sex in ("woman", "man") for band in BANDS
                ]
                people.append(_people(chance, wave, stratum, drawn))
                unions += [(wave, "district", f"d{code}", stratum)] * (area > 0)  # all but one area
                unions += [(wave, "vulnerable_area", f"v{code}", stratum)] * (area < 2)
                unions += [(wave, "police", f"p{place // 2}", stratum)] * (municipalities > 1 and area != 1)
    everyone = pd.concat(people, ignore_index=True)
    everyone["case_id"] = [f"c{number}" for number in range(len(everyone))]
    sample = ["wave", "case_id", "stratum", "legal_gender", "age_group", "responded"]
    indicators = pd.DataFrame({"indicator": list(ITEMS), "item": list(ITEMS)})
    indicators = indicators.assign(type="binary", yes="1", levels="0 1")
    indicators.loc[len(ITEMS)] = [WORRY, WORRY, "ordinal", "3 4", " ".join(LEVELS)]
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
            responses=everyone[everyone["responded"] == 1][
                ["wave", "case_id", "gender", "mode", *ITEMS, WORRY]
            ],
            indicators=indicators,
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
    table[WORRY] = chance.choice(LEVELS, drawn, p=[0.5, 0.33, 0.14, 0.03])
    return pd.DataFrame(table)


def only(bundle: Bundle, *waves: str) -> Bundle:
    """The bundle as it was when there were no other waves."""
    tables = {
        name: table[table["wave"].isin(waves)].reset_index(drop=True)
        for name, table in vars(bundle).items()
        if name in ("strata", "population", "sample", "responses", "domains") and table is not None
    }
    return replace(bundle, **tables)


def run(bundle: Bundle, **options: object) -> pipeline.Results:
    """The default profile."""
    return pipeline.run(bundle, Settings.default(), **options)


def printed(results: pipeline.Results, item: str) -> pd.DataFrame:
    """The shown rows of an item as the public files print them, the change beside them."""
    shown, moved = (
        table[table["indicator"].astype(str).eq(item) & table["released"].eq(1)]
        for table in (results.estimates, results.changes)
    )
    shown, moved = (table[table["statistic"].astype(str).ne("mean")] for table in (shown, moved))
    moved = moved.astype({**dict.fromkeys(ROW, str), "previous_wave": str})
    moved = moved[[*ROW, "previous_wave", "change", "lower", "upper"]]
    moved = moved.rename(columns={"lower": "change_lower", "upper": "change_upper"})
    table = shown.astype(dict.fromkeys(ROW, str))[[*ROW, "estimate", "lower", "upper"]]
    table = table.merge(moved, on=list(ROW), how="left").rename(columns={"estimate": "percent"})
    for name in ("percent", "lower", "upper"):
        table[name] = table[name].map(whole_percent).astype(float)
    for name in ("change", "change_lower", "change_upper"):
        table[name] = table[name].map(points, na_action="ignore").astype(float)
    return with_margins(table, item, results)


def with_margins(table: pd.DataFrame, item: str, *results: pipeline.Results) -> pd.DataFrame:
    """Printed rows of one item with what is known of the size of their intervals."""
    estimates = pd.concat([one.estimates for one in results]).astype({**dict.fromkeys(ROW, str)})
    changes = pd.concat([one.changes for one in results]).astype({**dict.fromkeys(ROW, str)})
    p, ends = estimates["estimate"], {name: estimates[name] for name in ("lower", "upper")}
    with np.errstate(divide="ignore", invalid="ignore"):
        known = {f"margin_{name}": (p - q).abs() / np.sqrt(q * (1 - q)) for name, q in ends.items()}
    change = changes["change"]
    moved = {f"change_margin_{name}": 100 * (change - changes[name]).abs() for name in ("lower", "upper")}
    for found, columns in ((estimates.assign(**known), known), (changes.assign(**moved), moved)):
        found = found[[*ROW, "indicator", *columns]].astype({"indicator": str})
        found = found[found["indicator"].eq(item)].drop_duplicates(list(ROW), keep="last")
        table = table.merge(found.drop(columns="indicator"), on=list(ROW), how="left")
    return table


def hidden(results: pipeline.Results, item: str) -> pd.DataFrame:
    """The rows of an item that are not shown, and the persons no row shows who are neither woman nor man."""
    estimates = results.estimates[results.estimates["indicator"].astype(str).eq(item)]
    estimates = estimates[estimates["statistic"].astype(str).ne("mean")].astype(dict.fromkeys(ROW, str))
    rows = estimates.loc[estimates["released"].eq(0), list(ROW)]
    return pd.concat([rows, estimates.loc[estimates["gender"].eq("woman"), list(ROW)].assign(gender="rest")])


def sample_known(
    bundle: Bundle, results: Sequence[pipeline.Results], item: str, further: Sequence[str] = ()
) -> Knowledge:
    """What is known of the respondents of an item."""
    drawn = bundle.responses.merge(bundle.sample.drop(columns="responded"), on=["wave", "case_id"])
    weights = pd.concat([one.weights for one in results]).drop_duplicates(["wave", "case_id"])
    weights = weights[["wave", "case_id", "municipality_code", "weight"]].astype(
        {"wave": str, "case_id": str, "municipality_code": str}
    )
    people = drawn.astype({"wave": str, "case_id": str}).merge(weights, on=["wave", "case_id"])
    people = people.rename(columns={"municipality_code": "municipality"})
    measured = next(one for one in measure(bundle).measured if one.indicator == item)
    levels = {"proportion": frozenset(np.array(measured.codes)[measured.yes == 1].tolist())}
    if item == WORRY:
        levels |= {f"p{code}": frozenset({code}) for code in LEVELS}
    unions: dict[tuple[str, str, str], frozenset[str]] = {}
    if bundle.domains is not None:
        for key, rows in bundle.domains.groupby(["wave", "geography", "code"])["stratum"]:
            unions[key] = frozenset(rows)
    base = measured.level >= 0
    return Knowledge(
        groups_of(people, base, further),
        unions,
        levels,
        LIMITS.hidden_persons,
        LIMITS.hidden_persons_municipality,
    )
