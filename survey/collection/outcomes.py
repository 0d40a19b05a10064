"""How a case ended, read from what happened to it; and response rates by the names of the field.

Rates follow AAPOR's Standard Definitions (2023) for a sample of named persons: of everybody drawn less those
known not to belong to the population any more; whoever gave no sign counts as one who should have answered.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Exists, case, exists, func, literal, select
from sqlalchemy.orm import Session, aliased

from survey.models.case import Case, CaseEvent, CaseEventKind
from survey.models.fieldwork import FieldOutcome, Outcome

# The event that decides, the most telling first.
ENDS = (
    (CaseEventKind.WITHDRAWN, Outcome.WITHDRAWN),
    (CaseEventKind.SUBMITTED, Outcome.SUBMITTED),
    (CaseEventKind.REFUSED, Outcome.REFUSED),
    (CaseEventKind.DECEASED, Outcome.INELIGIBLE),
    (CaseEventKind.MOVED, Outcome.INELIGIBLE),
    (CaseEventKind.STARTED, Outcome.BREAK_OFF),
    (CaseEventKind.RETURNED, Outcome.RETURNED),
    (CaseEventKind.INVITED, Outcome.NO_ANSWER),
)
OUTCOME_WORDS = {
    Outcome.SUBMITTED: "Har lämnat in",
    Outcome.BREAK_OFF: "Har börjat men inte lämnat in",
    Outcome.REFUSED: "Vill inte delta",
    Outcome.WITHDRAWN: "Har tagit tillbaka sitt svar",
    Outcome.RETURNED: "Brevet kom i retur",
    Outcome.INELIGIBLE: "Tillhör inte längre urvalet (avlidna, utflyttade)",
    Outcome.NO_ANSWER: "Har inte svarat",
    Outcome.NOT_INVITED: "Har inte fått något brev",
}


def has(kind: CaseEventKind) -> Exists:
    """Whether something happened to a case."""
    event = aliased(CaseEvent)  # also where the question itself is about events
    return exists().where(event.case_id == Case.id, event.kind == kind.value).correlate(Case)


OUTCOME = case(
    *((has(kind), literal(outcome.value)) for kind, outcome in ENDS), else_=literal(Outcome.NOT_INVITED.value)
)


def outcome_of(session: Session, case_id: int) -> Outcome:
    """How a case stands."""
    return Outcome(session.execute(select(OUTCOME).select_from(Case).where(Case.id == case_id)).scalar_one())


def count_outcomes(session: Session, wave_code: str) -> Counter[str]:
    """How many cases of a wave ended in which way, from the cases or from what is kept of them."""
    # In two steps: PostgreSQL groups by what a subquery gives, not by a question asked anew in each row.
    ended = select(OUTCOME.label("outcome")).where(Case.wave_code == wave_code).subquery()
    found = session.execute(select(ended.c.outcome, func.count()).group_by(ended.c.outcome)).all()
    if not found:
        kept = select(FieldOutcome.outcome, func.sum(FieldOutcome.cases))
        of_wave = FieldOutcome.wave_code == wave_code
        found = session.execute(kept.where(of_wave).group_by(FieldOutcome.outcome)).all()
    return Counter({outcome: int(cases) for outcome, cases in found})


@dataclass(frozen=True)
class Rates:
    """AAPOR rates in [0, 1]; None when nobody eligible was drawn."""

    rr1: float | None  # complete answers
    rr2: float | None  # the same, with those who broke off
    ref1: float | None  # refusals and withdrawals
    returned: float | None  # letters that came back


def rates(counts: Mapping[str, int]) -> Rates:
    """Rates of counts by outcome."""
    eligible = sum(counts.values()) - counts.get(Outcome.INELIGIBLE, 0)
    complete, partial = (counts.get(one, 0) for one in (Outcome.SUBMITTED, Outcome.BREAK_OFF))
    refused = counts.get(Outcome.REFUSED, 0) + counts.get(Outcome.WITHDRAWN, 0)
    return Rates(
        rr1=_share(complete, eligible),
        rr2=_share(complete + partial, eligible),
        ref1=_share(refused, eligible),
        returned=_share(counts.get(Outcome.RETURNED, 0), eligible),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
