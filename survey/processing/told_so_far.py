"""What releases and approved tables have told of a wave so far, and the weights to judge more by."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answer_states import TableQuestion, related_indicators
from analysis.errors import AnalysisError
from analysis.keys import ESTIMATE
from analysis.schema import validate_bundle
from analysis.settings import Settings
from analysis.told_figures import Told, as_later
from analysis.weights import Weighted, weigh
from survey.errors import UserError
from survey.models.release import Change, Estimate, Release
from survey.models.table_request import RequestState, TableRequest
from survey.preparation.waves import find_wave, questionnaire_of
from survey.processing.datasets import build_bundle
from survey.processing.history import municipalities_by_wave
from survey.processing.refusals import in_swedish
from survey.processing.request_questions import (
    Question,
    asked_of_own,
    from_text,
    further_questions,
    table_of,
)
from survey.processing.sources import answers_sha256

FIGURES = ("n", "estimate", "se", "df", "n_eff", "lower", "upper")
CHANGED = ("change", "lower", "upper")


REMEMBERED = (*ESTIMATE, "n", "estimate", "released")


@dataclass(frozen=True)
class Outputs:
    """What has told of a wave: releases that hold it or come after it, and approved tables."""

    releases: tuple[int, ...]
    requests: tuple[int, ...]

    @classmethod
    def of(cls, kept: Mapping[str, Sequence[int]]) -> "Outputs":
        """As they were kept with a draft."""
        return cls(tuple(kept["releases"]), tuple(kept["requests"]))


@dataclass(frozen=True)
class Beside(Outputs):
    """What a table was checked against; an approval holds only as long as it is the same."""

    own: int  # the newest release of the wave itself
    answers: str


def outputs_of(session: Session, wave_code: str) -> Outputs:
    """Everything released or approved of a wave; simulated releases tell nothing of real answers."""
    releases = select(Release.id).where(
        Release.released_at.is_not(None),
        Release.wave_code >= wave_code,
        Release.synthetic == find_wave(session, wave_code).synthetic,
    )
    approved = select(TableRequest.id).where(
        TableRequest.wave_code == wave_code, TableRequest.state == RequestState.APPROVED.value
    )
    return Outputs(
        tuple(session.scalars(releases.order_by(Release.id))),
        tuple(session.scalars(approved.order_by(TableRequest.id))),
    )


def newest_release(session: Session, wave_code: str) -> Release | None:
    """The newest version of a wave's result."""
    return session.scalar(
        select(Release)
        .where(Release.released_at.is_not(None), Release.wave_code == wave_code)
        .order_by(Release.version.desc())
        .limit(1)
    )


def beside_now(session: Session, wave_code: str) -> Beside:
    """Everything released of a wave, and the fingerprint of its answers.

    Raises:
        UserError: nothing is released, or the answers have changed since.
    """
    own = newest_release(session, wave_code)
    if own is None:
        raise UserError(f"Omgången {wave_code} är inte släppt. Tabeller beställs efter det.")
    wave = find_wave(session, wave_code)
    here = municipalities_by_wave(session, wave)[wave_code]
    answers = answers_sha256(session, wave_code, here)
    told = json.loads(own.manifest).get("fingerprints", {}).get(wave_code, {}).get("answers")
    if told != answers:
        raise UserError(
            f"Svaren i omgången {wave_code} har ändrats sedan resultatet släpptes. "
            "Räkna och släpp en rättelse innan tabeller beställs."
        )
    return Beside(**vars(outputs_of(session, wave_code)), own=own.id, answers=answers)


def released_before(session: Session, wave_codes: Sequence[str]) -> pd.DataFrame:
    """What every release so far has shown or hidden of some waves, as `suppression.suppress` takes it."""
    columns = [getattr(Estimate, name) for name in REMEMBERED]
    query = (
        select(*columns)
        .join(Release, Release.id == Estimate.release_id)
        .where(Release.released_at.is_not(None), Estimate.wave.in_(wave_codes))
    )
    rows = session.execute(query).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=list(REMEMBERED)).drop_duplicates()


def approved_tables(
    session: Session, wave_code: str
) -> list[tuple[Question, TableQuestion, pd.DataFrame, str]]:
    """The tables that approved requests tell: question, table, rows and fingerprint of the answers."""
    found = []
    query = select(TableRequest).where(
        TableRequest.wave_code == wave_code, TableRequest.state == RequestState.APPROVED.value
    )
    for one in session.scalars(query.order_by(TableRequest.id)):
        result = json.loads(one.result or "{}")
        question = from_text(one.kind, one.question)
        for table in result["tables"]:
            rows = pd.DataFrame(table["rows"])
            found.append((question, table_of(table), rows, str(result["beside"]["answers"])))
    return found


def weighted_for(session: Session, wave_code: str, questions: Sequence[Question]) -> Weighted:
    """The weights of a wave, with every answer that some questions are about."""
    wave = find_wave(session, wave_code)
    here = municipalities_by_wave(session, wave)[wave_code]
    own = asked_of_own(session, wave, questions)
    further = further_questions((questionnaire_of(wave), *own), questions)
    dataset = build_bundle(session, {wave_code: here}, further=further, own=own)
    try:
        return weigh(validate_bundle(dataset.bundle), replace(Settings.default(), seed=wave.seed))
    except AnalysisError as error:
        raise UserError(f"Omgången {wave_code} kan inte räknas. {in_swedish(error)}") from error


def told_of(
    session: Session,
    weighted: Weighted,
    wave_code: str,
    question: Question,
    tables: Sequence[tuple[TableQuestion, pd.DataFrame]],
) -> Told:
    """Everything released of the answers that a question is about."""
    names = related_indicators(weighted, wave_code, question.tables)
    return released_of(session, wave_code, names, tables)


def released_of(
    session: Session,
    wave_code: str,
    names: Sequence[str],
    tables: Sequence[tuple[TableQuestion, pd.DataFrame]],
) -> Told:
    """Everything released of some indicators in a wave, and the tables approved beside it."""
    estimates = _released(
        session, Estimate, [*ESTIMATE, *FIGURES, "released"], Estimate.wave == wave_code, names
    )
    of_wave = (Change.wave == wave_code) | (Change.previous_wave == wave_code)
    changes = _released(session, Change, [*ESTIMATE, "previous_wave", *CHANGED, "released"], of_wave, names)
    return Told(estimates, as_later(changes, wave_code), tuple(tables))


def _released(
    session: Session,
    model: type[Estimate] | type[Change],
    columns: list[str],
    condition: Any,
    names: Sequence[str],
) -> pd.DataFrame:
    query = (
        select(*(getattr(model, name) for name in columns))
        .join(Release, Release.id == model.release_id)
        .where(Release.released_at.is_not(None), condition, model.indicator.in_(names))
    )
    table = pd.DataFrame([tuple(row) for row in session.execute(query)], columns=columns)
    numbers = [name for name in (*FIGURES, *CHANGED) if name in columns]
    return table.astype({**dict.fromkeys(numbers, float), "released": int})
