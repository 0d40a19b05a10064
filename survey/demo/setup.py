"""The first steps: databases, geography, population, and each wave up to its open door."""

import csv
from collections.abc import Sequence
from pathlib import Path

from survey.collection.letters import print_letters
from survey.demo import own_words
from survey.demo.borders import write_borders
from survey.demo.geography import MUNICIPALITIES_FILE, POPULATION_FILE, Plan, counts
from survey.demo.participation import take_part
from survey.demo.register import write_register
from survey.demo.scenario import DemoWave, register_plan
from survey.demo.sources import stand_beside
from survey.demo.stage import BY, SAMPLE_PER_AREA, Stage
from survey.preparation.districts import COLUMNS

_AREAS_VALID_FROM = "2018-01-01"


def create_databases(stage: Stage) -> None:
    """Step 1."""
    stage.console.step(1, "Skapar de två databaserna genom migrering")
    stage.console.run("database", "upgrade")


def load_geography(stage: Stage) -> None:
    """Step 2: municipalities and their areas, where the areas lie by invention, and the real population."""
    stage.console.step(2, "Läser in geografi och verklig befolkning (SCB)")
    folder = stage.output / "geography"
    _copy_rows(stage, MUNICIPALITIES_FILE, folder / "municipalities.csv")
    _copy_rows(stage, POPULATION_FILE, folder / "population.csv")
    write_areas(stage.plan, folder / "areas.csv")
    stage.console.run("geography", "load", str(folder / "municipalities.csv"), str(folder / "areas.csv"))
    drawn = write_borders(stage.plan, stage.seed)
    for kind, content in (("municipality", drawn.municipalities), ("area", drawn.areas)):
        borders = folder / f"{kind}-borders.geojson"
        borders.write_text(content, encoding="utf-8")
        stage.console.run("geography", "load-borders", str(borders), "--kind", kind)
    districts = write_districts(stage.plan, folder / "districts.csv")
    stage.console.run("geography", "load-districts", str(folder / "districts.csv"))
    stage.console.say(f"{districts} lokalpolisområden är påhittade, liksom vilka kommuner de täcker.")
    stage.console.run("population", "load", str(folder / "population.csv"))
    stand_beside(stage)


def write_districts(plan: Plan, path: Path) -> int:
    """Invented local police districts of three municipalities each, the last one shared with the next."""
    codes = [municipality.code for municipality in plan.municipalities]
    starts = range(0, max(len(codes) - 1, 1), 2)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, start in enumerate(starts, start=1):
            name = f"Påhittat lokalpolisområde {number}"
            writer.writerows(
                [f"L{number}", name, code, _AREAS_VALID_FROM, ""] for code in codes[start : start + 3]
            )
    return len(starts)


def set_up_waves(stage: Stage, waves: Sequence[DemoWave]) -> None:
    """Step 3: register file, frame, sample; codes and letters for one area of the last wave."""
    stage.console.step(3, "Registerfiler med påhittade personer, urvalsram och urval")
    for wave in waves:
        set_up_wave(stage, wave)
    _print_letters(stage, waves[-1])


def set_up_wave(stage: Stage, wave: DemoWave) -> None:
    """One wave from its settings to open."""
    run = stage.console.run
    run(
        *("wave", "create", wave.code, "--title", wave.title),
        *("--population-date", str(wave.population_date)),
        *("--field-start", str(wave.field_start), "--field-end", str(wave.field_end)),
        *("--sample-per-area", str(SAMPLE_PER_AREA), "--seed", str(stage.seed), "--synthetic"),
        *(("--texts-until", str(own_words.texts_until())) if wave.own_words else ()),
    )
    if wave.invited:
        take_part(stage, wave)
    else:
        run("wave", "participation", wave.code, *wave.municipalities, "--yes")
    if wave.declined:
        run("wave", "participation", wave.code, *wave.declined, "--no")
    own_words.ask(stage, wave)
    path = _write_register(stage, wave)
    run("wave", "load-frame", wave.code, str(path))
    run("wave", "draw-sample", wave.code, str(path))
    path.unlink()  # a delivery is destroyed when the sample is drawn
    run("wave", "open", wave.code)


def _print_letters(stage: Stage, wave: DemoWave) -> None:
    # As `trygg wave invite`, but on the first day of the field period instead of today.
    owner = wave.municipalities[-1]
    area = next(area.code for area in stage.plan.areas if area.municipality_code == owner)
    with (
        stage.databases.transaction() as session,
        stage.databases.identity_transaction() as identity_session,
    ):
        (batch,) = print_letters(
            session,
            identity_session,
            wave.code,
            area,
            stage.workplace.settings,
            wave.field_start,
            BY,
            stage.console.progress,
        )
    stage.console.say(f"{batch.letters} brev: letters/{wave.code}/{batch.file}")


def _write_register(stage: Stage, wave: DemoWave) -> Path:
    people = register_plan(stage.plan, wave)
    path = stage.output / "register" / f"register_{wave.code}.csv"
    cells = counts(people, wave.population_date)
    write_register(path, people, cells, stage.seed, wave.code, stage.console.progress)
    return path


def _copy_rows(stage: Stage, source: Path, target: Path) -> None:
    codes = {municipality.code for municipality in stage.plan.municipalities}
    with (
        source.open(encoding="utf-8", newline="") as reading,
        target.open("w", encoding="utf-8", newline="") as writing,
    ):
        reader = csv.DictReader(reading)
        writer = csv.DictWriter(writing, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(row for row in reader if row["municipality_code"] in codes)


def write_areas(plan: Plan, target: Path) -> None:
    """The areas of a plan as the file that `trygg geography load` reads."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["area_code", "municipality_code", "name", "valid_from", "valid_to"])
        for area in plan.areas:
            writer.writerow([area.code, area.municipality_code, area.name, _AREAS_VALID_FROM, ""])
