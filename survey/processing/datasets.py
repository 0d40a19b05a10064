"""The dataset: one pseudonymous row per person drawn, built from answers and counts, never from the link."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat

import pandas as pd
import pyarrow as pa
from pyarrow import compute, json
from sqlalchemy.orm import Session

from analysis.schema import Bundle
from survey.preparation.waves import find_wave, questionnaire_of
from survey.processing.comparability import comparable_since, questionnaires, same_ages, unchanged_items
from survey.processing.sources import Source, read_source
from survey.questionnaire import indicators
from survey.questionnaire.definition import Questionnaire

GENDER = "gender"
COMMON = "common"  # geography of the municipalities that took part both now and in an earlier wave


@dataclass(frozen=True)
class Dataset:
    """The tables that the statistics start from, with the fingerprints of what they were made of."""

    bundle: Bundle
    fingerprints: Mapping[str, Mapping[str, str]]  # wave -> answers, frame, population, questionnaire
    answers: Mapping[str, int]  # wave -> how many


def build_bundle(session: Session, waves: Mapping[str, Iterable[str]]) -> Dataset:
    """The dataset of the last of some waves and of the earlier ones it is compared with.

    `waves` names the municipalities wanted of each wave; the questions counted are those of the last wave.
    """
    sources = [read_source(session, find_wave(session, code), waves[code]) for code in sorted(waves)]
    now = sources[-1].wave
    asked = questionnaire_of(now)
    comparable = questionnaires([source.wave for source in sources if same_ages(source.wave, now)])
    unchanged = {
        source.wave.code: unchanged_items(asked, comparable.get(source.wave.code)) for source in sources
    }
    bundle = Bundle(
        strata=pd.concat([_strata(source) for source in sources], ignore_index=True),
        population=pd.concat([_population(source) for source in sources], ignore_index=True),
        sample=pd.concat([_sample(source) for source in sources], ignore_index=True),
        responses=_responses(sources, _counted_items(asked), unchanged),
        indicators=_indicators(unchanged, current=now.code),
        domains=_common(sources),
    )
    return Dataset(
        bundle=bundle,
        fingerprints={source.wave.code: source.fingerprints() for source in sources},
        answers={source.wave.code: len(source.submitted) for source in sources},
    )


def _strata(source: Source) -> pd.DataFrame:
    table = pd.DataFrame(source.places, columns=["area", "municipality_code", "population", "sampled"])
    return table.assign(wave=source.wave.code, stratum=table["area"])


def _population(source: Source) -> pd.DataFrame:
    """Official totals of the municipality where there are any, else the counts of the frame."""
    official = {municipality for municipality, _, _, _ in source.totals}
    owner = {area: municipality for area, municipality, _, _ in source.places}
    rows = [(municipality, "", *rest) for municipality, *rest in source.totals]
    rows += [(owner[area], area, *rest) for area, *rest in source.frame if owner[area] not in official]
    columns = ["municipality_code", "area", "legal_gender", "age_group", "population"]
    return pd.DataFrame(rows, columns=columns).assign(wave=source.wave.code)


def _sample(source: Source) -> pd.DataFrame:
    """Everyone drawn: those who answered in the order of the responses, then the others by their counts."""
    cells = [row[:3] for row in source.submitted]
    answered = Counter(cells)
    for cell in sorted(source.drawn):
        cells.extend(repeat(cell, source.drawn[cell] - answered[cell]))
    table = pd.DataFrame(cells, columns=["stratum", "legal_gender", "age_group"])
    given = len(source.submitted)
    responded = [1] * given + [0] * (len(cells) - given)
    return table.assign(wave=source.wave.code, case_id=_case_ids(len(cells)), responded=responded)


def _responses(
    sources: list[Source], items: list[str], unchanged: Mapping[str, frozenset[str]]
) -> pd.DataFrame:
    """One row per answer; a question that has changed since then is left empty, it cannot be counted."""
    read = pa.concat_tables(_answers(source, items, unchanged[source.wave.code]) for source in sources)
    codes: pd.DataFrame = read.to_pandas(categories=read.column_names)
    key = {
        "wave": [source.wave.code for source in sources for _ in source.submitted],
        "case_id": [number for source in sources for number in _case_ids(len(source.submitted))],
        "mode": [row[3] for source in sources for row in source.submitted],
    }
    return pd.concat([pd.DataFrame(key, dtype=str), codes], axis=1)


def _answers(source: Source, items: list[str], unchanged: frozenset[str]) -> pa.Table:
    """The packed answers as columns of codes, "" where there is none."""
    schema = pa.schema([(item, pa.string()) for item in [GENDER, *items]])
    if not source.submitted:
        return schema.empty_table()
    # Packed answers have no line breaks, so together they are JSON lines, which arrow reads in one go.
    lines = "\n".join(packed for *_, packed in source.submitted).encode()
    options = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    read = json.read_json(pa.BufferReader(lines), parse_options=options)
    empty = pa.array([""] * len(read), pa.string())
    columns = [
        compute.fill_null(read[item], "") if item in unchanged else pa.chunked_array([empty])
        for item in schema.names
    ]
    return pa.table(columns, schema=schema)


def _counted_items(questionnaire: Questionnaire) -> list[str]:
    """The questions that some indicator is made of."""
    counted = {item for recipe in _recipes() for item in recipe.items}
    return [question.id for question in questionnaire.questions if question.id in counted]


def _indicators(unchanged: Mapping[str, frozenset[str]], current: str) -> pd.DataFrame:
    table = pd.DataFrame(
        {**recipe.row(), "comparable_since": comparable_since(recipe, unchanged, current)}
        for recipe in _recipes()
    )
    return table.fillna("")


def _recipes() -> tuple[indicators.Indicator | indicators.ScoreIndex, ...]:
    return (*indicators.indicators(), *indicators.indices())


def _common(sources: list[Source]) -> pd.DataFrame | None:
    """For each earlier wave, the municipalities in both, when not all of today's were in it."""
    now, rows = sources[-1], []
    for source in sources[:-1]:
        shared = source.municipalities & now.municipalities
        if 1 < len(shared) < len(now.municipalities):
            rows += [
                (one.wave.code, COMMON, source.wave.code, area)
                for one in (source, now)
                for area, municipality, _, _ in one.places
                if municipality in shared
            ]
    return pd.DataFrame(rows, columns=["wave", "geography", "code", "stratum"]) if rows else None


def _case_ids(count: int) -> list[str]:
    """Fresh numbers within the wave: no id of the database gets into the dataset."""
    return [str(number) for number in range(1, count + 1)]
