"""Writes a wave collected elsewhere into our tables: counts of the drawn, answers under random ids.

No person, case number or order comes along.
"""

import secrets
from collections.abc import Mapping
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey.collection.import_files import CELL, SourceWave
from survey.errors import UserError
from survey.models.municipality import Participation
from survey.models.population import PopulationCount
from survey.models.response import Response
from survey.models.wave import FrameCount, SampleCount, Stratum, Wave

UNKNOWN_LANGUAGE = "und"  # ISO 639-2: undetermined
Areas = Mapping[str, str]  # stratum -> area


def store_design(session: Session, wave: Wave, source: SourceWave, areas: Areas) -> None:
    """Participation, strata, population, and the drawn as counts."""
    for municipality in sorted(set(source.strata["municipality_code"])):
        session.add(Participation(wave_code=wave.code, municipality_code=municipality, accepted=True))
    columns = source.strata[["stratum", "municipality_code", "population", "sampled"]]
    session.execute(
        insert(Stratum),
        [
            {
                "wave_code": wave.code,
                "area_code": areas[stratum],
                "municipality_code": owner,
                "population": int(persons),
                "sampled": int(drawn),
            }
            for stratum, owner, persons, drawn in columns.itertuples(index=False, name=None)
        ],
    )
    drawn = source.sample.groupby(CELL, observed=True).size()
    session.execute(
        insert(SampleCount),
        [{**_cell(wave, areas, cell), "sampled": int(number)} for cell, number in drawn.items()],
    )
    _store_frame(session, wave, source, areas)
    _store_totals(session, wave, source.population[source.population["area"].eq("")])


def store_answers(
    session: Session, wave: Wave, source: SourceWave, areas: Areas, answers: pd.DataFrame
) -> None:
    """Every answer packed as ours are, in the order of the random ids: the order of the file is lost."""
    names = list(answers.columns)
    rows = [
        {
            "id": number,
            "questionnaire_hash": wave.questionnaire_hash,
            "language": UNKNOWN_LANGUAGE,
            "mode": mode,
            "version": 1,
            "answers": orjson.dumps(
                {name: code for name, code in zip(names, codes, strict=True) if code}
            ).decode(),
            "submitted_on": wave.field_end,
            **_cell(wave, areas, cell),
        }
        for number, mode, codes, cell in zip(
            _random_ids(len(answers)),
            source.responses["mode"].astype(str),
            answers.itertuples(index=False, name=None),
            source.responses[CELL].itertuples(index=False, name=None),
            strict=True,
        )
    ]
    session.execute(insert(Response), sorted(rows, key=lambda row: row["id"]))


def _store_frame(session: Session, wave: Wave, source: SourceWave, areas: Areas) -> None:
    """Population by area, when the files have it so."""
    key = ["municipality_code", "area"]
    population = source.population.merge(source.strata[[*key, "stratum"]], on=key)
    cells = zip(
        population[CELL].itertuples(index=False, name=None), population["population"].tolist(), strict=True
    )
    rows = [{**_cell(wave, areas, cell), "population": int(number)} for cell, number in cells]
    if rows:
        session.execute(insert(FrameCount), rows)


def _store_totals(session: Session, wave: Wave, totals: pd.DataFrame) -> None:
    """Totals of whole municipalities as the official ones of the date, where none are loaded."""
    known = _official_groups(session, wave)
    rows = []
    columns = totals[["municipality_code", "legal_gender", "age_group", "population"]]
    for line, (owner, sex, age_group, persons) in zip(
        totals.index + 2, columns.itertuples(index=False, name=None), strict=True
    ):
        groups = known.get(owner)
        if groups is None:
            rows.append(
                {
                    "reference_date": wave.population_date,
                    "municipality_code": owner,
                    "legal_gender": sex,
                    "age_group": age_group,
                    "population": int(persons),
                }
            )
        elif age_group not in groups:
            raise UserError(
                f"population.csv, rad {line}: kolumnen age_group är {age_group!r}, men folkmängden i kommun "
                f"{owner} den {wave.population_date} är redan inläst med åldersgrupperna "
                f"{', '.join(sorted(groups))}. Inget har sparats."
            )
    if rows:
        session.execute(insert(PopulationCount), rows)


def _official_groups(session: Session, wave: Wave) -> dict[str, set[str]]:
    """Age groups of the official population of the wave's date, by municipality."""
    counted = PopulationCount
    query = select(counted.municipality_code, counted.age_group).where(
        counted.reference_date == wave.population_date
    )
    found: dict[str, set[str]] = {}
    for code, group in session.execute(query.distinct()):
        found.setdefault(code, set()).add(group)
    return found


def _random_ids(count: int) -> list[int]:
    """Different random numbers; kept in the order they came, which has nothing to do with their size."""
    ids: dict[int, None] = {}
    while len(ids) < count:
        ids[secrets.randbits(63)] = None
    return list(ids)


def _cell(wave: Wave, areas: Areas, cell: Any) -> dict[str, Any]:
    stratum, sex, age_group = cell
    return {"wave_code": wave.code, "area_code": areas[stratum], "legal_gender": sex, "age_group": age_group}
