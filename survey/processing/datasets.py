"""The dataset: one pseudonymous row per person drawn, built from answers and counts, never from the link."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy.orm import Session

from analysis.schema import Bundle
from survey.preparation.waves import find_wave, questionnaire_of
from survey.processing.answers import Ints
from survey.processing.comparability import comparable_since, unchanged_by_wave
from survey.processing.comparisons import unions_of_a_kind
from survey.processing.sources import Source, read_source
from survey.questionnaire import indicators
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.local_shares import local_shares

GENDER = "gender"
Recipes = Sequence[indicators.Indicator | indicators.ScoreIndex]


@dataclass(frozen=True)
class Dataset:
    """The tables that the statistics start from, with the fingerprints of what they were made of."""

    bundle: Bundle
    fingerprints: Mapping[str, Mapping[str, str]]  # wave -> answers, frame, population, questionnaire
    answers: Mapping[str, int]  # wave -> how many
    blank: Mapping[str, int]  # wave -> forms handed in without one answer, which are left out


def build_bundle(
    session: Session,
    waves: Mapping[str, Iterable[str]],
    asked: Questionnaire | None = None,
    recipes: Recipes | None = None,
    further: Sequence[str] = (),
    own: Sequence[Questionnaire] = (),
) -> Dataset:
    """The dataset of the last of some waves and of the earlier ones it is compared with.

    `waves` names the municipalities wanted of each wave; the questions counted are those of the last wave,
    unless others were `asked` and are counted by other `recipes`; answers to `further` questions come along,
    and what municipalities' `own` questions count.
    """
    records = [find_wave(session, code) for code in sorted(waves)]
    now = records[-1]
    questionnaire = asked or questionnaire_of(now)
    recipes = recipes or (*indicators.indicators(), *indicators.indices())
    recipes = (*recipes, *(share for one in own for share in local_shares(one)))
    counted = [item for one in (questionnaire, *own) for item in _counted_items(one, recipes)]
    questions = list(dict.fromkeys([GENDER, *counted, *further]))
    sources = [read_source(session, wave, waves[wave.code], questions) for wave in records]
    unchanged = unchanged_by_wave(session, records, now, questionnaire)
    if asked:
        unchanged[now.code] = frozenset(question.id for question in asked.questions)
    unchanged[now.code] |= {question.id for one in own for question in one.questions}
    strata = pd.concat([_strata(source) for source in sources], ignore_index=True)
    bundle = Bundle(
        strata=strata,
        population=pd.concat([_population(source) for source in sources], ignore_index=True),
        sample=_as_frame([_sample(source) for source in sources]),
        # A question that has changed since then is left empty, it cannot be counted.
        responses=_as_frame([_answers(source, unchanged[source.wave.code]) for source in sources]),
        indicators=_indicators(recipes, unchanged, current=now.code),
        domains=unions_of_a_kind(session, strata),
        routing=_routing((questionnaire, *own), {*questions}),
    )
    return Dataset(
        bundle=bundle,
        fingerprints={source.wave.code: source.fingerprints() for source in sources},
        answers={source.wave.code: len(source.submitted) for source in sources},
        blank={source.wave.code: source.submitted.blank for source in sources if source.submitted.blank},
    )


def _strata(source: Source) -> pd.DataFrame:
    rows = [(code, source.area_name(area), *rest) for code, (area, *rest) in source.strata]
    columns = ["stratum", "area", "municipality_code", "population", "sampled"]
    return pd.DataFrame(rows, columns=columns).assign(wave=source.wave.code)


def _population(source: Source) -> pd.DataFrame:
    """Official totals of the municipality where there are any, else the counts of the frame."""
    official = {municipality for municipality, _, _, _ in source.totals}
    owner = {area: municipality for area, municipality, _, _ in source.places}
    rows = [(municipality, "", *rest) for municipality, *rest in source.totals]
    rows += [
        (owner[area], source.area_name(area), *rest)
        for area, *rest in source.frame
        if owner[area] not in official
    ]
    columns = ["municipality_code", "area", "legal_gender", "age_group", "population"]
    return pd.DataFrame(rows, columns=columns).assign(wave=source.wave.code)


def _as_frame(waves: Iterable[pa.Table]) -> pd.DataFrame:
    """The waves one below the other, texts that repeat as codes."""
    frame: pd.DataFrame = pa.concat_tables(waves).unify_dictionaries().to_pandas()
    return frame


def _sample(source: Source) -> pa.Table:
    """Everyone drawn: those who answered in the order of the answers, then the others by their counts."""
    given, answered = source.submitted, source.answered
    silent = [(cell, source.drawn[cell] - answered.get(cell, 0)) for cell in sorted(source.drawn)]
    cells = [*(place[:3] for place in given.places), *(cell for cell, _ in silent)]
    others = np.repeat(np.arange(len(silent)) + len(given.places), [number for _, number in silent])
    row = np.concatenate([given.place, others])
    columns = zip(*((source.stratum(area, group), sex, group) for area, sex, group in cells), strict=True)
    return pa.table(
        {
            "wave": _same(source.wave.code, len(row)),
            "case_id": _case_ids(len(row)),
            **{
                name: _chosen(values, row)
                for name, values in zip(("stratum", "legal_gender", "age_group"), columns, strict=True)
            },
            "responded": (np.arange(len(row)) < len(given)).astype(np.int64),
        }
    )


def _answers(source: Source, unchanged: frozenset[str]) -> pa.Table:
    """The answers of a wave, numbered as in the sample."""
    given = source.submitted
    nothing = _same("", len(given))
    return pa.table(
        {
            "wave": _same(source.wave.code, len(given)),
            "case_id": _case_ids(len(given)),
            "mode": _chosen([mode for *_, mode in given.places], given.place),
            **{
                item: given.codes[item] if item in unchanged else nothing for item in given.codes.column_names
            },
        }
    )


def _counted_items(questionnaire: Questionnaire, recipes: Recipes) -> list[str]:
    """The questions that some indicator is made of, or that say whom it is about."""
    counted = {item for recipe in recipes for item in recipe.items}
    counted |= {part.split("=")[0] for recipe in recipes for part in recipe.base.split("|") if part}
    return [question.id for question in questionnaire.coded if question.id in counted]


def _routing(asked: Sequence[Questionnaire], wanted: set[str]) -> pd.DataFrame | None:
    """Questions that only some are asked, a row for each condition: all must hold."""
    questions = {question.id: question for one in asked for question in one.questions}
    counted = questions.keys() & wanted
    rows = [
        (question.id, "|".join(f"{condition.question}={code}" for code in condition.codes))
        for question in questions.values()
        if question.id in counted
        for condition in question.conditions
        if condition.question in counted
    ]
    return pd.DataFrame(rows, columns=["item", "base"]) if rows else None


def _indicators(recipes: Recipes, unchanged: Mapping[str, frozenset[str]], current: str) -> pd.DataFrame:
    table = pd.DataFrame(
        {**recipe.row(), "comparable_since": comparable_since(recipe, unchanged, current)}
        for recipe in recipes
    )
    return table.fillna("")


def _case_ids(count: int) -> pa.Array:
    """Fresh numbers within the wave: no id of the database gets into the dataset."""
    return pa.array(np.arange(1, count + 1)).cast(pa.string())


def _same(value: str, count: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([value]))


def _chosen(values: Sequence[str], number: Ints) -> pa.DictionaryArray:
    """`values[number]`, each text once."""
    codes = pa.array(values, pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(codes.indices.take(pa.array(number)), codes.dictionary)
