"""What stands beside the survey in the demonstration, all invented: levels, series, listed areas, events."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from survey.demo.geography import Plan, stream
from survey.demo.stage import BY, Stage
from survey.followup.events import EventText, write_event
from survey.followup.level_files import COLUMNS as LEVEL_COLUMNS
from survey.followup.places import Level, place
from survey.followup.series.files import COLUMNS as SERIES_COLUMNS
from survey.followup.vulnerable_files import COLUMNS as VULNERABLE_COLUMNS

SOURCE = "Påhittad källa, bara för demonstration"
FIRST_YEAR, LAST_YEAR = 2018, 2022
CLASSES = (
    (2019, ("utsatt område", "riskområde", "")),
    (2021, ("utsatt område", "utsatt område", "utsatt område")),
    (2023, ("riskområde", "utsatt område", "")),
)
# First day, last day, kind, what, who may read.
EVENTS = (
    (date(2022, 9, 12), date(2022, 10, 21), "police", "Fler poliser till fots i centrum", "municipality"),
    (date(2022, 10, 14), None, "incident", "Skadegörelse på en skola", "public"),
    (date(2022, 11, 7), date(2022, 12, 2), "measure", "Ny belysning på gångvägen till stationen", "public"),
    (date(2019, 10, 21), None, "media", "Reportage om ungdomar på torget", "public"),
)
SAID_TO_BE_INVENTED = "(påhittad händelse)"
Row = Sequence[object]


def stand_beside(stage: Stage) -> None:
    """A police area for the districts, some areas on a list, two series, and events in two municipalities."""
    folder = stage.output / "sources"
    codes = [municipality.code for municipality in stage.plan.municipalities]
    districts = _districts(codes)
    write_rows(folder / "levels.csv", LEVEL_COLUMNS, level_rows(stage.plan, districts))
    write_rows(folder / "vulnerable.csv", VULNERABLE_COLUMNS, vulnerable_rows(stage.plan))
    write_rows(folder / "reported.csv", SERIES_COLUMNS, monthly_rows(codes, districts, stage.seed))
    write_rows(folder / "other_survey.csv", SERIES_COLUMNS, yearly_rows(codes, stage.seed))
    stage.console.run("source", "load", "levels", str(folder / "levels.csv"))
    stage.console.run("source", "load", "vulnerable", str(folder / "vulnerable.csv"))
    _load_series(
        stage,
        folder / "reported.csv",
        ("anmalda-brott", "Anmälda brott mot person", "anmälda brott per månad", "municipality"),
        "Bara det som har anmälts. Ett sent anmält brott räknas i den månad då det anmäldes.",
    )
    _load_series(
        stage,
        folder / "other_survey.csv",
        ("annan-enkat", "Otrygga sent på kvällen, i en annan undersökning", "procent", "public"),
        "Andra frågor och ett annat urval än i trygghetsmätningen. Går inte att jämföra rakt av.",
    )
    _write_events(stage, codes[:2])
    stage.console.say("Polisområde, utsatta områden, serier och händelser är påhittade och säger det.")


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def level_rows(plan: Plan, districts: Sequence[str]) -> Iterator[Row]:
    """One police area for all; where two districts share a municipality, every other area lies in each."""
    yield "region", "R1", "Stockholm", "", "", "", ""
    yield "police_area", "P1", "Påhittat polisområde 1", "region", "R1", "2018-01-01", ""
    for code in districts:
        yield "district", code, "", "police_area", "P1", "2018-01-01", ""
    codes = [municipality.code for municipality in plan.municipalities]
    for number, code in enumerate(codes[2::2], start=1):
        if number >= len(districts):
            break
        for place_of_row, row in enumerate(plan.rows_of(code)):
            district = districts[number - 1 + place_of_row % 2]
            yield "area", plan.areas[row].code, "", "district", district, "2018-01-01", ""


def vulnerable_rows(plan: Plan) -> Iterator[Row]:
    """An invented area in each of the first municipalities, on and off the list."""
    for number, municipality in enumerate(plan.municipalities[:3]):
        area = plan.areas[plan.rows_of(municipality.code)[0]].code
        for year, classes in CLASSES:
            if classes[number]:
                name = f"Påhittat område {number + 1}"
                yield year, name, classes[number], municipality.code, "", area, SOURCE


def monthly_rows(codes: Sequence[str], districts: Sequence[str], seed: int) -> Iterator[Row]:
    """Counts with a season, without a month that the source has not given out."""
    months = [f"{year}-{month:02d}" for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in range(1, 13)]
    for level, code in [("municipality", one) for one in codes] + [("district", one) for one in districts]:
        rng = stream(seed, "reported crime", code)
        usual = float(rng.uniform(12, 60)) * (3 if level == "district" else 1)
        for number, month in enumerate(months):
            count = rng.poisson(usual * (1.15 if 4 < number % 12 < 9 else 1.0))
            yield (
                (level, code, month, "", "saknas i källan")
                if number == 30
                else (level, code, month, count, "")
            )


def yearly_rows(codes: Sequence[str], seed: int) -> Iterator[Row]:
    for level, code in [("nation", "SE"), *(("municipality", one) for one in codes)]:
        rng = stream(seed, "other survey", code)
        usual = float(rng.uniform(18, 32))
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            yield level, code, year, f"{usual + float(rng.normal(0, 1.5)):.1f}", ""


def _districts(codes: Sequence[str]) -> list[str]:
    """The codes of the districts as the geography was set up."""
    return [f"L{number}" for number, _ in enumerate(range(0, max(len(codes) - 1, 1), 2), start=1)]


def _load_series(stage: Stage, path: Path, about: tuple[str, str, str, str], limits: str) -> None:
    code, title, unit, audience = about
    stage.console.run(
        *("source", "load", "series", str(path), "--code", code, "--title", title, "--source", SOURCE),
        *("--limits", limits, "--unit", unit, "--audience", audience, "--synthetic"),
    )


def _write_events(stage: Stage, codes: Sequence[str]) -> None:
    now = datetime.now(UTC)
    with stage.databases.transaction() as session:
        for number, (first, last, kind, text, audience) in enumerate(EVENTS):
            at = place(session, Level.MUNICIPALITY, codes[number % len(codes)], first)
            given = EventText(first, last, kind, f"{text} {SAID_TO_BE_INVENTED}.", SOURCE, audience)
            write_event(session, at, given, BY, now)
