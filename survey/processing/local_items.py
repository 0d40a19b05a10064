"""A municipality's own questions: simple shares, weighted and protected as those of the core are."""

from collections.abc import Iterable, Sequence

import pandas as pd
from pandas.api.types import union_categoricals
from sqlalchemy.orm import Session

from analysis import pipeline
from analysis.schema import validate_bundle
from analysis.settings import Settings
from survey.models.wave import Wave
from survey.preparation.local_questions import local_questionnaires
from survey.processing.datasets import build_bundle
from survey.processing.told_so_far import released_before
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.local_shares import local_shares

MUNICIPALITY = "municipality"


def add_local_items(
    session: Session, wave: Wave, municipalities: Iterable[str], settings: Settings, estimates: pd.DataFrame
) -> pd.DataFrame:
    """The estimates with those of each municipality's own questions behind them.

    Each municipality is computed by itself, since nobody else was asked; only its own rows are kept.
    """
    wanted = set(municipalities)
    found = [
        _shares(session, wave, municipality, questionnaire, settings)
        for municipality, questionnaire in local_questionnaires(session, wave.code).items()
        if municipality in wanted and local_shares(questionnaire)
    ]
    return _below([estimates, *found]) if found else estimates


def _shares(
    session: Session, wave: Wave, municipality: str, questionnaire: Questionnaire, settings: Settings
) -> pd.DataFrame:
    dataset = build_bundle(
        session, {wave.code: [municipality]}, asked=questionnaire, recipes=local_shares(questionnaire)
    )
    earlier = released_before(session, [wave.code])
    results = pipeline.run(validate_bundle(dataset.bundle), settings, earlier=earlier)
    kept: pd.DataFrame = results.estimates[results.estimates["geography"].eq(MUNICIPALITY)]
    return kept


def _below(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table below the other; what is packed as categories stays so."""
    whole = pd.concat(tables, ignore_index=True)
    for name in tables[0].columns[tables[0].dtypes.eq("category")]:
        parts = [table[name].astype("category") for table in tables]
        whole[name] = union_categoricals(parts)
    return whole
