"""Takes the mark of the invented from a series that got it by mistake, while nothing signed rests on it."""

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Faults, UserError
from survey.followup.promises.sign_off import UNSIGNED, state_of
from survey.followup.series.lookup import find_series
from survey.followup.series.opening import values_held
from survey.models.promise import GoalKind, Promise, PromiseStep, PromiseVersion, StepKind
from survey.models.situation_picture import SituationPicture
from survey.models.source import Series, SourceAudience
from survey.preparation.one_line import one_line

LONGEST_REASON = 500
NOT_CONFIRMED = "Kryssa i att alla värden är riktiga uppgifter."


def resting_on(session: Session, series_code: str) -> tuple[str, ...]:
    """What somebody has signed with the series in it, in words: it says that the figures are invented."""
    return (*_pictures(session, series_code), *_promises(session, series_code))


def unmark_invented(
    session: Session,
    series_code: str,
    reason: str,
    *,
    confirmed: bool,
    reads_as: SourceAudience,
    by: str,
) -> None:
    """Say that all values of a series are real.

    Raises:
        UserError: there is no such series, it is not marked, or something signed rests on it.
        Faults: the reason is missing or too long, or nobody has confirmed it.
    """
    find_series(session, series_code, reads_as)
    row = session.get_one(Series, series_code, with_for_update=True, populate_existing=True)
    if not row.synthetic:
        raise UserError("Serien är inte märkt som påhittad.")
    if found := resting_on(session, series_code):
        raise UserError(
            f"Märkningen kan inte tas bort: {', '.join(found)} är undertecknat med serien som påhittad. "
            "Läs in de riktiga uppgifterna med en egen kod."
        )
    faults, reason = {}, one_line(reason, LONGEST_REASON)
    if not reason:
        faults["reason"] = f"Skriv varför märkningen var fel, högst {LONGEST_REASON} tecken."
    if not confirmed:
        faults["real"] = NOT_CONFIRMED
    if faults:
        raise Faults(faults)
    row.synthetic = False
    session.flush()
    values = values_held(session, series_code)
    audit.record(session, by, "unmark invented series", series_code, reason=reason, values=values)


def _pictures(session: Session, series_code: str) -> list[str]:
    # The text is looked through first: few of the pictures have the series, and each is long.
    written = SituationPicture.content.contains(orjson.dumps(series_code).decode(), autoescape=True)
    signed = session.scalars(select(SituationPicture).where(written).order_by(SituationPicture.id))
    return [
        f"lägesbild {one.id}"
        for one in signed
        if any(of["code"] == series_code for of in orjson.loads(one.content or "{}")["other_sources"])
    ]


def _promises(session: Session, series_code: str) -> list[str]:
    """Promises with a version that somebody has signed; a signature that was taken back is none."""
    on_series = (PromiseVersion.kind == GoalKind.SERIES.value, PromiseVersion.indicator == series_code)
    rows = session.execute(
        select(Promise.id, PromiseStep.version_id, PromiseStep.kind)
        .join(PromiseVersion, PromiseVersion.promise_id == Promise.id)
        .join(PromiseStep, PromiseStep.version_id == PromiseVersion.id)
        .where(*on_series)
        .order_by(PromiseStep.id)
    )
    taken: dict[tuple[int, int], list[StepKind]] = {}
    for promise, version, kind in rows:
        taken.setdefault((promise, version), []).append(StepKind(kind))
    signed = {promise for (promise, _), steps in taken.items() if state_of(steps) not in UNSIGNED}
    return [f"löfte {promise}" for promise in sorted(signed)]
