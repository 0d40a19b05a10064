"""What a draft may not show because tables approved before it stand beside it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd
from sqlalchemy.orm import Session

from analysis.answer_states import related_indicators
from analysis.beside_tables import telling_rows
from analysis.errors import AnalysisError
from analysis.keys import CELL, ESTIMATE
from analysis.told_figures import Told, as_later
from analysis.weights import Weighted
from survey.errors import UserError
from survey.processing.refusals import in_swedish
from survey.processing.told_so_far import (
    CHANGED,
    FIGURES,
    approved_tables,
    released_of,
    weighted_for,
)

MOST_ROUNDS = 5  # of hiding rows for the sake of approved tables
Key = tuple[str, ...]
Figures = TypeVar("Figures")


@dataclass(frozen=True)
class Approved:
    """The approved tables of a wave, all that is told beside them, and the weights to judge a draft by."""

    wave_code: str
    weighted: Weighted
    told: Told
    indicators: tuple[str, ...]  # those that tell of the same answers


def approved_beside(session: Session, wave_codes: Iterable[str]) -> list[Approved]:
    """Of those of some waves that have approved tables."""
    found = []
    for code in wave_codes:
        if tables := approved_tables(session, code):
            weighted = weighted_for(session, code, [question for question, *_ in tables])
            names = related_indicators(weighted, code, [table for _, table, *_ in tables])
            told = released_of(session, code, names, [(table, rows) for _, table, rows, _ in tables])
            found.append(Approved(code, weighted, told, names))
    return found


def until_safe(
    run: Callable[[pd.DataFrame], Figures], telling: Callable[[Figures], pd.DataFrame], wave_code: str
) -> Figures:
    """What a run gives when every row that is telling has been withheld from it."""
    withheld = pd.DataFrame(columns=ESTIMATE, dtype=str)
    for _ in range(MOST_ROUNDS):
        figures = run(withheld)
        hidden = telling(figures)
        if hidden.empty:
            return figures
        withheld = pd.concat([withheld, hidden], ignore_index=True)
    raise UserError(
        f"Omgången {wave_code} kan inte räknas: för mycket måste döljas bredvid de godkända tabellerna."
    )


def rows_to_hide(
    approved: Sequence[Approved], estimates: pd.DataFrame, changes: pd.DataFrame
) -> pd.DataFrame:
    """The keys of rows that together with releases and approved tables would tell what is hidden.

    A row of an earlier wave tells by the change from it: the row it is compared with goes.
    """
    found = [key for one in approved for key in _of_wave(one, estimates, changes)]
    return pd.DataFrame(found, columns=ESTIMATE).drop_duplicates()


def _of_wave(approved: Approved, estimates: pd.DataFrame, changes: pd.DataFrame) -> list[Key]:
    code, names = approved.wave_code, approved.indicators
    own = estimates["wave"].astype(str).eq(code) & estimates["indicator"].astype(str).isin(names)
    about = changes["wave"].astype(str).eq(code) | changes["previous_wave"].astype(str).eq(code)
    compared = changes[about & changes["indicator"].astype(str).isin(names)]
    draft = Told(
        estimates.loc[own, [*ESTIMATE, *FIGURES, "released"]],
        as_later(compared[[*ESTIMATE, "previous_wave", *CHANGED, "released"]], code),
    )
    try:
        keys = telling_rows(approved.weighted, code, approved.told, draft)
    except AnalysisError as error:
        raise UserError(
            f"Omgången {code} har godkända tabeller som inte kan prövas. {in_swedish(error)}"
        ) from error
    return _in_the_way(keys, approved.told, compared)


def _in_the_way(keys: list[Key], told: Told, compared: pd.DataFrame) -> list[Key]:
    """The rows themselves, and those later ones whose change from them would tell."""
    shown = told.estimates[told.estimates["released"].eq(1)]
    before = set(shown[ESTIMATE].astype(str).itertuples(index=False, name=None))
    later = compared[compared["released"].eq(1)]
    from_key: dict[Key, list[Key]] = {}
    columns = [["previous_wave", *CELL], ESTIMATE]
    for former, own in zip(
        *(later[names].astype(str).itertuples(index=False, name=None) for names in columns), strict=True
    ):
        from_key.setdefault(former, []).append(own)
    wanted = [key for key in keys if key not in before or key not in from_key]
    return wanted + [own for key in keys for own in from_key.get(key, ())]
