"""Letters that came back, as a list: malformed is refused whole, the rest is told number by number."""

from io import StringIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, TODAY

from survey.collection import invitations, responses
from survey.collection.returns import Found, Returns, record_returns
from survey.collection.samples import check_digit
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case, CaseEvent
from survey.models.wave import Wave
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

PAGES = [(page.id, dict[str, list[str]]()) for page in path(load("trygghet"), {})]


@pytest.fixture
def references(session: Session, cases: list[int]) -> list[str]:
    invitations.issue(session, cases, TODAY)
    return list(session.scalars(select(Case.reference).order_by(Case.id)))


def spaced(reference: str) -> str:
    return f"{reference[:5]}-{reference[5:]}"


def record(session: Session, text: str, kind: str = "returned", *, whole: bool = False) -> Returns:
    return record_returns(session, CODE, text, kind, TODAY, BY, whole=whole)


def kinds(session: Session) -> list[str]:
    told = select(CaseEvent.kind).where(CaseEvent.kind.not_in(["invited", "started", "submitted"]))
    return sorted(session.scalars(told))


def unknown(session: Session) -> str:
    taken = set(session.scalars(select(Case.reference)))
    numbers = (f"{n:09d}" for n in range(10**6))
    return next(found for n in numbers if (found := n + check_digit(n)) not in taken)


def test_each_number_is_told_by_what_became_of_it(session: Session, references: list[str]) -> None:
    missing = unknown(session)
    text = "\n".join(
        [
            "\ufeffreferens;händelse",
            spaced(references[0]),
            f"{references[1]} ; flyttat",
            f"{references[2]},Avliden",
            f" {references[3]}\tvill inte ",
            "",
            references[0],
            spaced(missing),
        ]
    )
    returns = record(session, text)
    assert returns.stored
    assert {found: returns.count(found) for found in Found} == {
        Found.RECORDED: 4,
        Found.KNOWN: 1,
        Found.ANSWERED: 0,
        Found.OTHER_WAVE: 0,
        Found.MISSING: 1,
    }
    assert returns.lines[Found.MISSING] == (spaced(missing),)
    assert kinds(session) == ["deceased", "moved", "refused", "returned"]
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "record returns")).one()
    assert not [one for one in references if one in event.detail + event.subject]


def test_a_list_with_a_malformed_line_is_refused_whole_with_every_fault(
    session: Session, references: list[str]
) -> None:
    wrong = references[1][:-1] + str((int(references[1][-1]) + 1) % 10)
    text = StringIO(f"{references[0]}\n{wrong}\n123\n{references[2]};bortrest\nx1\n\0{references[3]}\n")
    with pytest.raises(UserError) as refused:
        record(session, text.read())
    lines = str(refused.value).splitlines()
    assert [line.split(":")[0] for line in lines[1:]] == ["rad 2", "rad 3", "rad 4", "rad 5", "rad 6"]
    assert kinds(session) == []


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [("", "returned", "tom"), ("rubrik\n\n", "returned", "tom"), ("1", "submitted", "Välj")],
)
def test_an_empty_list_or_another_kind_is_told(
    session: Session, references: list[str], text: str, kind: str, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        record(session, text, kind)


def test_too_long_a_list_is_told(session: Session, references: list[str]) -> None:
    with pytest.raises(UserError, match="5001 rader"):
        record(session, f"{references[0]}\n" * 5001)


def test_with_everything_or_nothing_one_unknown_number_keeps_all_back(
    session: Session, references: list[str]
) -> None:
    returns = record(session, f"{references[0]}\n{unknown(session)}", whole=True)
    assert not returns.stored
    assert kinds(session) == []
    assert record(session, references[0], whole=True).stored


def test_an_answer_that_is_in_is_not_touched(session: Session, references: list[str]) -> None:
    case_id = session.scalars(select(Case.id).where(Case.reference == references[0])).one()
    responses.begin(session, case_id, "sv", TODAY)
    responses.answer_pages(session, case_id, PAGES, "sv", TODAY)
    responses.submit(session, case_id, len(PAGES), TODAY)
    returns = record(session, references[0], "refused")
    assert returns.lines[Found.ANSWERED] == (spaced(references[0]),)
    assert kinds(session) == []


def test_a_number_of_another_wave_is_told_and_left_alone(session: Session, references: list[str]) -> None:
    wave = session.get_one(Wave, CODE)
    values = {column.key: getattr(wave, column.key) for column in Wave.__table__.columns}
    session.add(Wave(**{**values, "code": "2025"}))
    session.flush()
    session.scalars(select(Case).where(Case.reference == references[0])).one().wave_code = "2025"
    session.flush()
    assert record(session, references[0]).lines[Found.OTHER_WAVE] == (spaced(references[0]),)
    assert kinds(session) == []


def test_a_closed_wave_takes_no_list(session: Session, references: list[str]) -> None:
    session.get_one(Wave, CODE).status = "closed"
    session.flush()
    with pytest.raises(UserError, match="tar inte emot svar"):
        record(session, references[0])
