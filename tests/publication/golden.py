"""Made-up released tables, one for each thing a report must get right."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from math import nan, sqrt
from typing import Any

import pandas as pd
from shapely import Geometry, box

from analysis.settings import Settings
from survey.publication.released import Place, Released, ReleaseFacts, Wave
from survey.questionnaire import definition
from survey.questionnaire import indicators as library

AGES = ("16-29", "30-44", "45-64", "65-84")
GROUPS = (
    ("all", "all", 1.0),
    ("woman", "all", 0.5),
    ("man", "all", 0.5),
    *(("all", age, 0.25) for age in AGES),
    *((gender, age, 0.125) for gender in ("woman", "man") for age in AGES),
)
WAVES = {
    "2018": (date(2018, 9, 3), date(2018, 10, 14)),
    "2019": (date(2019, 9, 2), date(2019, 10, 13)),
    "2022": (date(2022, 9, 5), date(2022, 10, 16)),
}
WHOLE_OF = {"municipality": "all", "area": "municipality"}
TOWN = ("area", "all", "all")
Row = dict[str, Any]
Judge = Callable[[str, str, str, float], tuple[float, str]]


def wave(code: str, synthetic: bool = False) -> Wave:
    start, end = WAVES[code]
    asked = definition.load("trygghet")
    return Wave(
        code=code,
        title=f"Trygghetsmätning {code}",
        field_start=start,
        field_end=end,
        population_date=date(start.year, 9, 30),
        age_min=16,
        age_max=84,
        sample_per_area=300,
        synthetic=synthetic,
        questionnaire=asked.name,
        questionnaire_hash=asked.hash,
    )


def number_from(*parts: str) -> float:
    """A number in [0, 1) that depends on nothing but the names."""
    return int(hashlib.sha256("|".join(parts).encode()).hexdigest()[:8], 16) / 16**8


def estimate_row(
    code: str, place: tuple[str, str], group: tuple[str, str], name: str, p: float, n: int
) -> Row:
    se = sqrt(max(p * (1 - p), 0.0004) * 1.6 / max(n, 1))
    released = n >= 30 and se * 3.92 < 0.3
    shown = p if released else nan
    reason = "" if released and n >= 50 else "small_base" if released else "few_answers"
    return {
        "wave": code,
        "geography": place[0],
        "code": place[1],
        "gender": group[0],
        "age_group": group[1],
        "indicator": name,
        "statistic": "proportion",
        "n": n if released else nan,
        "population": 20.0 * n,
        "estimate": shown,
        "se": se if released else nan,
        "df": 200.0,
        "n_eff": n / 1.6,
        "lower": max(0.0, p - 1.96 * se) if released else nan,
        "upper": min(1.0, p + 1.96 * se) if released else nan,
        "released": int(released),
        "reason": reason,
    }


def change_row(now: Row, before: Row, change: float, verdict: str) -> Row:
    released = bool(now["released"]) and bool(before["released"])
    se = 0.025 if not released else sqrt(now["se"] ** 2 + before["se"] ** 2)
    figures = {
        "n": now["n"],
        "n_previous": before["n"],
        "change": change,
        "se": se,
        "df": 400.0,
        "p": 0.001 if verdict in ("up", "down") else 0.4,
        "p_bh": nan,
        "p_holm": nan,
        "p_adjusted": nan,
        "family_size": 35,
        "lower": change - 1.96 * se,
        "upper": change + 1.96 * se,
        "equivalence_margin": 0.05,
        "detectable_change": 2.8 * se,
    }
    if not released:
        figures = dict.fromkeys(figures, nan)
    keys = ("wave", "geography", "code", "gender", "age_group", "indicator", "statistic")
    return {
        **{key: now[key] for key in keys},
        "previous_wave": before["wave"],
        **figures,
        "verdict": verdict if released else "not_comparable",
        "released": int(released),
        "reason": "" if released else now["reason"] or "previous_suppressed",
    }


def comparison_rows(estimates: list[Row], wave_code: str, alike: bool = False) -> list[Row]:
    """The municipality beside the region and its areas beside it; of sensitive measures the word alone.

    Where all are `alike`, no difference is certain.
    """
    now = [row for row in estimates if row["wave"] == wave_code]
    keys = ("geography", "gender", "age_group", "indicator")
    whole = {tuple(row[key] for key in keys): row for row in now if row["geography"] != "area"}
    sensitive = {one.id for one in library.indicators() if one.sensitive}
    return [
        _comparison_row(row, against, sensitive, alike)
        for row in now
        if row["geography"] == "municipality" or (row["geography"], row["age_group"], row["gender"]) == TOWN
        if "all" in (row["gender"], row["age_group"])
        if (against := whole.get((WHOLE_OF[row["geography"]], *(row[key] for key in keys[1:]))))
    ]


def _comparison_row(part: Row, whole: Row, sensitive: set[str], alike: bool) -> Row:
    released = bool(part["released"] and whole["released"])
    difference = part["estimate"] - whole["estimate"] if released else nan
    half = 1.96 * sqrt(part["se"] ** 2 + whole["se"] ** 2) if released else nan
    verdict = "not_comparable"
    if released:
        verdict = "no_certain_difference"
        if abs(difference) > half and not alike:
            verdict = "above" if difference > 0 else "below"
    points = (difference, difference - half, difference + half)
    if part["indicator"] in sensitive:
        points = (nan, nan, nan)
    same = ("wave", "geography", "code", "gender", "age_group", "indicator", "statistic")
    return {
        **{key: part[key] for key in same},
        "previous_wave": "",
        "against_geography": whole["geography"],
        "against_code": whole["code"],
        **dict(zip(("difference", "lower", "upper"), points, strict=True)),
        "verdict": verdict,
        "released": int(released),
        "reason": "" if released else part["reason"] or "against_suppressed",
    }


def mixed(name: str, gender: str, age: str, p: float) -> tuple[float, str]:
    """Some changes are certain, most are not."""
    if name == "problem_drugs":
        return 0.06, "up"
    if name in ("worry_burglary", "unsafe_evening"):
        return -0.05, "down"
    if name == "police_trust":
        return 0.052, "up"
    return (number_from(name, gender, age) - 0.5) * 0.04, ("unchanged" if p < 0.06 else "too_uncertain")


def uncertain(name: str, gender: str, age: str, p: float) -> tuple[float, str]:
    return (number_from(name, gender, age) - 0.5) * 0.08, "too_uncertain"


def all_up(name: str, gender: str, age: str, p: float) -> tuple[float, str]:
    return 0.07, "up"


def all_down(name: str, gender: str, age: str, p: float) -> tuple[float, str]:
    return -0.07, "down"


def level(name: str) -> float:
    base = {"victim": 0.05, "worry": 0.22, "unsafe": 0.3, "avoid": 0.25, "problem": 0.25}
    start = base.get(name.split("_")[0], 0.45)
    return min(0.95, start * (0.5 + number_from("level", name)))


def release(
    n: int = 1100,
    name: str = "Nacka",
    judge: Judge | None = mixed,
    areas: int = 12,
    p: Callable[[str], float] = level,
    synthetic: bool = False,
    current: str = "2019",
    earlier: str = "2018",
    alike: bool = False,
    borders: bool = False,
) -> Released:
    """The released tables of one municipality; `judge` decides every change, None means no earlier wave.

    Where places are `alike`, none certainly differs from the larger whole. With `borders` the areas lie
    beside each other, ten in a row.
    """
    code = "0182"
    codes = {f"{code}-{i:02d}": f"Område {i}" for i in range(1, areas + 1)}
    places = [("municipality", code, n), ("all", "all", 30 * n)]
    places += [("area", area, round(n / max(areas, 1))) for area in codes]
    estimates: list[Row] = []
    changes: list[Row] = []
    for geography, place_code, size in places:
        for gender, age, share in GROUPS if geography != "area" else GROUPS[:3]:
            for indicator in library.indicators():
                count = round(size * share * (0.12 if indicator.base else 0.97))
                shift = (number_from(place_code, gender, age, indicator.id) - 0.5) * 0.1
                now_p = p(indicator.id)
                if 0 < now_p < 1:
                    now_p = min(0.98, max(0.005, now_p * (1 + shift * 4)))
                change, verdict = judge(indicator.id, gender, age, now_p) if judge else (0.0, "")
                group, place = (gender, age), (geography, place_code)
                now = estimate_row(current, place, group, indicator.id, now_p, count)
                estimates.append(now)
                if judge:
                    before_p = min(1.0, max(0.0, now_p - change))
                    before = estimate_row(earlier, place, group, indicator.id, before_p, count)
                    estimates.append(before)
                    changes.append(change_row(now, before, now_p - before_p, verdict))
    names = [*change_row(estimates[0], estimates[0], 0.0, "unchanged")]
    return Released(
        estimates=pd.DataFrame(estimates),
        changes=pd.DataFrame(changes, columns=names),
        comparisons=pd.DataFrame(comparison_rows(estimates, current, alike)),
        item_nonresponse=item_nonresponse(n, current, code),
        response_rates=response_rates(n, (current, earlier) if judge else (current,)),
        diagnostics=pd.DataFrame(
            [
                {
                    "wave": current,
                    "municipality_code": code,
                    "r_indicator": 0.81,
                    "weight_min": 4.0,
                    "weight_median": 15.0,
                    "weight_max": 52.0,
                    "weight_cv2": 0.35,
                    "deff_kish": 1.35,
                    "n_eff": n / 1.35,
                    "trimmed_share": 0.0123,
                }
            ]
        ),
        wave=wave(current, synthetic),
        earlier={earlier: wave(earlier, synthetic)} if judge else {},
        place=Place(code, name, codes, borders=squares(codes) if borders else {}),
        participants=tuple(f"Kommun {i}" for i in range(27)),
        release=ReleaseFacts(
            version=1,
            released_on=date(2023, 2, 1),
            synthetic=synthetic,
            hashes={
                "svar": hashlib.sha256(b"answers").hexdigest(),
                "frågeformulär": hashlib.sha256(b"questionnaire").hexdigest(),
                "urvalsram": hashlib.sha256(b"frame").hexdigest(),
            },
            disclosure="primary and secondary",
            settings=Settings.default().as_dict(),
        ),
    )


def by_measure(rows: list[Row]) -> list[Row]:
    """Rows in the order of a municipality's table: each measure in each group, in all places."""
    keys = ("indicator", "gender", "age_group")
    order = {name: list(dict.fromkeys(row[name] for row in rows)) for name in keys}
    return sorted(rows, key=lambda row: [order[name].index(row[name]) for name in keys])


def squares(codes: Collection[str]) -> dict[str, Geometry]:
    corners = [(18 + at % 10 / 50, 59 + at // 10 / 50) for at, _ in enumerate(codes)]
    return {code: box(x, y, x + 0.02, y + 0.02) for code, (x, y) in zip(codes, corners, strict=True)}


def response_rates(n: int, waves: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for code in waves:
        for gender, age, share in GROUPS:
            rate = 0.3 + 0.5 * number_from("rate", gender, age) if age != "all" or gender != "all" else 0.54
            rows.append((code, "0182", gender, age, round(n * share / 0.54), round(n * share * rate / 0.54)))
    return pd.DataFrame(
        rows, columns=["wave", "municipality_code", "legal_gender", "age_group", "sampled", "responded"]
    )


def item_nonresponse(n: int, wave_code: str, code: str) -> pd.DataFrame:
    items = dict.fromkeys(item for one in library.indicators() for item in one.items)
    passed = [[number_from("passed", item, fate) / 20 for fate in ("missing", "dont_know")] for item in items]
    return pd.DataFrame(
        [
            (wave_code, code, item, n, 1 - missing - dont_know, dont_know, 0.0, missing, "")
            for item, (missing, dont_know) in zip(items, passed, strict=True)
        ],
        columns=[
            *("wave", "municipality_code", "item", "asked"),
            *("answered", "dont_know", "refused", "missing", "reason"),
        ],
    )


def without_figures(released: Released) -> Released:
    """The same tables with nearly everything hidden: only the totals of one topic stay."""
    tables = {}
    for table in ("estimates", "changes", "comparisons"):
        frame = getattr(released, table).copy()
        hidden = ~(
            frame["indicator"].str.startswith("worry")
            & frame["gender"].eq("all")
            & frame["age_group"].eq("all")
        )
        figures = frame.select_dtypes("number").columns.drop("released")
        frame[figures] = frame[figures].astype(float)
        frame.loc[hidden, figures] = nan
        frame.loc[hidden, "released"] = 0
        frame.loc[hidden, "reason"] = "few_answers"
        if "verdict" in frame:
            frame.loc[hidden, "verdict"] = "not_comparable"
        tables[table] = frame
    return replace(released, **tables)


def changed_in(released: Released, parts: Mapping[tuple[str, str], float]) -> Released:
    """The same tables with a certain change of unsafe evenings in some parts, by place and gender."""
    changes = released.changes.copy()
    for (code, gender), change in parts.items():
        at = changes["code"].eq(code) & changes["gender"].eq(gender) & changes["age_group"].eq("all")
        at &= changes["indicator"].eq("unsafe_evening")
        figures = (change, change - 0.05, change + 0.05, "up" if change > 0 else "down", 1)
        changes.loc[at, ["change", "lower", "upper", "verdict", "released"]] = figures
    return replace(released, changes=changes)


CASES: dict[str, Callable[[], Released]] = {
    "large": lambda: release(n=9000, name="Stockholm", areas=110, synthetic=True, borders=True),
    "typical": lambda: release(synthetic=True, borders=True),
    "uncertain": lambda: release(
        n=420, name="Gotland", judge=uncertain, areas=3, current="2022", earlier="2019"
    ),
    "nothing": lambda: release(n=700, name="Ekerö", judge=uncertain, areas=8, alike=True),
    "hidden": lambda: without_figures(release(n=300, judge=uncertain, areas=2)),
    "first": lambda: release(judge=None, areas=4),
    "extremes": lambda: release(
        p=lambda name: float(name.startswith(("police", "municipality"))), judge=uncertain
    ),
    "long": lambda: release(name="Malung-Sälens och Upplands Väsbys gemensamma storkommun", areas=6),
    "rising": lambda: release(judge=all_up, areas=6),
}
