"""A paper form comes in: noted once, and given to whoever is to key it, unless the answer is in already."""

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey import audit
from survey.collection import paper_answers
from survey.collection.form_numbers import find_form, shown
from survey.collection.keying import Step, pair_of
from survey.collection.paper_forms import Fate, fate
from survey.errors import UserError
from survey.models.paper_form import Keying, PaperForm


@dataclass(frozen=True)
class Opened:
    """Where the form goes, and the keying to go on with when there is one."""

    step: Step
    keying_id: str = ""


def open_form(session: Session, typed: str, today: date, by: str) -> Opened:
    """Note that a form has come in, and say what comes next for it and this person."""
    sent = find_form(session, typed)
    case = paper_answers.lock(session, sent.case_id, today)
    form = session.get(PaperForm, sent.case_id)
    if form is None:
        form = PaperForm(case_id=sent.case_id, form_id=sent.number, received_on=today)
        session.add(form)
        session.flush()
        audit.record(session, by, "receive a paper form", case.wave_code)  # not whose: the log outlives it
    found = fate(session, sent.case_id)
    if found is Fate.COUNTS:
        raise UserError("Formuläret är redan inmatat två gånger och inlämnat.")
    if found is not Fate.WAITS:
        return Opened(Step.AFTER_WEB if found is Fate.AFTER_WEB else Step.NOT_WANTED)
    if form.form_id != sent.number:
        raise UserError(
            f"Personen har skickat två formulär. Det som kom först gäller: {shown(form.form_id)}."
        )
    return _turn(session, sent.case_id, today, by)


def _turn(session: Session, case_id: int, today: date, by: str) -> Opened:
    pair = pair_of(session, case_id)
    if len(pair) == 2 and all(one.finished for one in pair):
        return Opened(Step.DECIDE, pair[1].id)
    mine = next((one for one in pair if one.keyed_by == by), None)
    if mine is not None:
        return Opened(Step.KEY_AGAIN if mine.finished else Step.KEY, mine.id)
    if len(pair) == 2:
        left = next((one for one in pair if not one.finished and one.begun_on < today), None)
        if left is None:
            raise UserError("Två personer matar in formuläret just nu.")
        # Whoever began it on another day has left it: the form must not be stuck.
        session.delete(left)
        session.flush()
        pair.remove(left)
    begun = Keying(
        id=secrets.token_hex(8),
        case_id=case_id,
        turn=2 if pair and pair[0].turn == 1 else 1,
        keyed_by=by,
        begun_on=today,
    )
    session.add(begun)
    session.flush()
    return Opened(Step.KEY, begun.id)
