"""A municipality's own questions: simple shares, weighted and protected as those of the core are."""

from collections.abc import Iterable, Sequence

import pandas as pd
from pandas.api.types import union_categoricals
from sqlalchemy.orm import Session

from analysis import pipeline
from analysis.keys import MUNICIPALITY
from analysis.schema import validate_bundle
from analysis.settings import Settings
from survey.models.wave import Wave
from survey.preparation.local_questions import local_questionnaires
from survey.processing.beside_tables import Approved, rows_to_hide, until_safe
from survey.processing.datasets import build_bundle
from survey.processing.told_so_far import released_before
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.local_shares import local_shares


def add_local_items(
    session: Session,
    wave: Wave,
    municipalities: Iterable[str],
    settings: Settings,
    estimates: pd.DataFrame,
    changes: pd.DataFrame,
    approved: Sequence[Approved],
) -> pd.DataFrame:
    """The estimates with those of each municipality's own questions behind them.

    Each municipality is computed by itself, since nobody else was asked; only its own rows are kept, and none
    that beside approved tables would tell what is hidden.
    """
    wanted = set(municipalities)
    found = [
        _shares(session, wave, municipality, questionnaire, settings, estimates, changes, approved)
        for municipality, questionnaire in local_questionnaires(session, wave.code).items()
        if municipality in wanted and local_shares(questionnaire)
    ]
    return _below([estimates, *found]) if found else estimates


def _shares(
    session: Session,
    wave: Wave,
    municipality: str,
    questionnaire: Questionnaire,
    settings: Settings,
    estimates: pd.DataFrame,
    changes: pd.DataFrame,
    approved: Sequence[Approved],
) -> pd.DataFrame:
    recipes = local_shares(questionnaire)
    dataset = build_bundle(session, {wave.code: [municipality]}, asked=questionnaire, recipes=recipes)
    bundle, earlier = validate_bundle(dataset.bundle), released_before(session, [wave.code])
    own = [recipe.id for recipe in recipes]
    concerned = [one for one in approved if set(own).intersection(one.indicators)]

    def run(withheld: pd.DataFrame) -> pd.DataFrame:
        found = pipeline.run(bundle, settings, earlier=earlier, withheld=withheld).estimates
        kept: pd.DataFrame = found[found["geography"].eq(MUNICIPALITY)]
        return kept

    def telling(kept: pd.DataFrame) -> pd.DataFrame:
        # Judged with the rest of the draft, of which nothing tells by itself.
        rows = rows_to_hide(concerned, pd.concat([estimates, kept], ignore_index=True), changes)
        return rows[rows["indicator"].isin(own)]

    return until_safe(run, telling, wave.code)


def _below(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table below the other; what is packed as categories stays so."""
    whole = pd.concat(tables, ignore_index=True)
    for name in tables[0].columns[tables[0].dtypes.eq("category")]:
        parts = [table[name].astype("category") for table in tables]
        whole[name] = union_categoricals(parts)
    return whole
