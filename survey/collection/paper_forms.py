"""Paper forms that have come in: what became of each, and how many there are of each kind."""

from collections import Counter
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.collection.outcomes import OUTCOME
from survey.models.case import Case
from survey.models.fieldwork import Outcome
from survey.models.paper_form import PaperForm
from survey.models.response import Mode, Response, ResponseLink


class Fate(StrEnum):
    """What became of a paper form."""

    COUNTS = "counts"
    WAITS = "waits"
    AFTER_WEB = "after_web"
    NOT_WANTED = "not_wanted"


FATE_WORDS = {
    Fate.COUNTS: "Inmatade, räknas som svar",
    Fate.WAITS: "Väntar på inmatning",
    Fate.AFTER_WEB: "Kom efter svaret på webben, matas inte in",
    Fate.NOT_WANTED: "Personen har sagt nej, tagit tillbaka sitt svar eller lämnat urvalet",
}
_NOT_WANTED = (Outcome.WITHDRAWN, Outcome.REFUSED, Outcome.INELIGIBLE)
_FORMS = (
    select(OUTCOME.label("outcome"), Response.mode.label("mode"), PaperForm.several, PaperForm.off_path)
    .select_from(PaperForm)
    .join(Case, Case.id == PaperForm.case_id)
    .outerjoin(ResponseLink, ResponseLink.case_id == Case.id)
    .outerjoin(Response, Response.id == ResponseLink.response_id)
)


def fate(session: Session, case_id: int) -> Fate:
    """What has become of the form of a case."""
    found = session.execute(_FORMS.where(Case.id == case_id)).one()
    return _fate(found.outcome, found.mode)


def received(session: Session, case_id: int) -> tuple[date, Fate] | None:
    """When the form of a case came in and what became of it; None when none has come in."""
    form = session.get(PaperForm, case_id)
    return None if form is None else (form.received_on, fate(session, case_id))


def count_fates(session: Session, wave_code: str) -> Counter[Fate]:
    """How many forms of a wave have come in, by what became of them."""
    # In two steps: PostgreSQL groups by what a subquery gives, not by a question asked anew in each row.
    forms = _FORMS.where(Case.wave_code == wave_code).subquery()
    kinds = (forms.c.outcome, forms.c.mode)
    counted = Counter[Fate]()
    for outcome, mode, number in session.execute(select(*kinds, func.count()).group_by(*kinds)):
        counted[_fate(outcome, mode)] += number
    return counted


def count_unread(session: Session, wave_code: str) -> tuple[int, int]:
    """Questions with several marks, and answers that a filter had closed, in the forms handed in."""
    forms = _FORMS.where(Case.wave_code == wave_code).subquery()
    several, off_path = session.execute(select(func.sum(forms.c.several), func.sum(forms.c.off_path))).one()
    return several or 0, off_path or 0


def _fate(outcome: str, mode: str | None) -> Fate:
    if outcome in _NOT_WANTED:
        return Fate.NOT_WANTED
    if outcome != Outcome.SUBMITTED:
        return Fate.WAITS
    return Fate.COUNTS if mode == Mode.PAPER else Fate.AFTER_WEB
