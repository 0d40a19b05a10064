"""What a draft may not show because tables approved before it stand beside it."""

from collections.abc import Iterable

import pandas as pd
from sqlalchemy.orm import Session

from analysis.answer_states import related_indicators
from analysis.beside_tables import telling_rows
from analysis.errors import AnalysisError
from analysis.keys import CELL, ESTIMATE
from analysis.told_figures import Told, as_later
from survey.errors import UserError
from survey.processing.refusals import in_swedish
from survey.processing.told_so_far import (
    CHANGED,
    FIGURES,
    approved_tables,
    released_of,
    weighted_for,
)

REMEMBERED = (*ESTIMATE, "n", "estimate", "released")


def rows_to_hide(
    session: Session, wave_codes: Iterable[str], estimates: pd.DataFrame, changes: pd.DataFrame
) -> pd.DataFrame:
    """Rows that together with releases and approved tables would tell what is hidden, as hidden before.

    A row of an earlier wave tells by the change from it: the row it is compared with goes.
    """
    found = [
        row
        for code in wave_codes
        if approved_tables(session, code)
        for row in _of_wave(session, code, estimates, changes)
    ]
    return pd.DataFrame(found, columns=list(REMEMBERED)).drop_duplicates(ESTIMATE)


def _of_wave(
    session: Session, wave_code: str, estimates: pd.DataFrame, changes: pd.DataFrame
) -> list[dict[str, object]]:
    tables = approved_tables(session, wave_code)
    weighted = weighted_for(session, wave_code, [question for question, *_ in tables])
    names = related_indicators(weighted, wave_code, [table for _, table, *_ in tables])
    told = released_of(session, wave_code, names, [(table, rows) for _, table, rows, _ in tables])
    own = estimates["wave"].astype(str).eq(wave_code) & estimates["indicator"].astype(str).isin(names)
    about = changes["wave"].astype(str).eq(wave_code) | changes["previous_wave"].astype(str).eq(wave_code)
    compared = changes[about & changes["indicator"].astype(str).isin(names)]
    draft = Told(
        estimates.loc[own, [*ESTIMATE, *FIGURES, "released"]],
        as_later(compared[[*ESTIMATE, "previous_wave", *CHANGED, "released"]], wave_code),
    )
    try:
        keys = telling_rows(weighted, wave_code, told, draft)
    except AnalysisError as error:
        raise UserError(
            f"Omgången {wave_code} har godkända tabeller som inte kan prövas. {in_swedish(error)}"
        ) from error
    return _hidden(keys, told, compared)


def _hidden(keys: list[tuple[str, ...]], told: Told, compared: pd.DataFrame) -> list[dict[str, object]]:
    """The rows themselves, and those later ones whose change from them would tell."""
    shown = told.estimates[told.estimates["released"].eq(1)]
    before = set(shown[ESTIMATE].astype(str).itertuples(index=False, name=None))
    later = compared[compared["released"].eq(1)]
    from_key: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    columns = [["previous_wave", *CELL], ESTIMATE]
    for former, own in zip(
        *(later[names].astype(str).itertuples(index=False, name=None) for names in columns), strict=True
    ):
        from_key.setdefault(former, []).append(own)
    wanted = [key for key in keys if key not in before or key not in from_key]
    wanted += [own for key in keys for own in from_key.get(key, ())]
    nothing = {"n": float("nan"), "estimate": float("nan"), "released": 0}
    return [{**dict(zip(ESTIMATE, key, strict=True)), **nothing} for key in wanted]
