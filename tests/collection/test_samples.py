"""Drawing the sample: who is kept, where, and that the file is the same."""

import json
from collections import Counter
from pathlib import Path

import pytest
import tiny_wave
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from tiny_wave import AREAS, BY, CODE, PER_AREA, draw_sample, people, write_register

from survey.collection import register_text as register_module
from survey.collection import samples
from survey.collection.samples import check_digit
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case
from survey.models.contact import Contact
from survey.models.wave import Stratum, Wave
from survey.preparation import waves
from survey.preparation.plan_checks import PlanSettings
from survey.preparation.plans import decided_allocation, set_plan


def framed(session: Session, register: Path, rows: list[tiny_wave.Person] | None = None) -> None:
    tiny_wave.plan_wave(session)
    write_register(register, people() if rows is None else rows)
    tiny_wave.load_frame(session, CODE, register, BY)


def drawn_names(identity: Session) -> set[str]:
    return set(identity.scalars(select(Contact.name)))


def test_every_area_gives_the_same_number(session: Session, identity: Session, register: Path) -> None:
    framed(session, register)
    report = draw_sample(session, identity, CODE, register, BY)
    assert report.sampled == 12
    assert Counter(session.scalars(select(Case.area_code))) == dict.fromkeys(AREAS, 4)
    assert set(session.scalars(select(Stratum.sampled))) == {4}
    assert session.get_one(Wave, CODE).status == "sampled"


def test_a_case_carries_the_design_of_the_person_its_contact_names(
    session: Session, identity: Session, register: Path
) -> None:
    framed(session, register)
    draw_sample(session, identity, CODE, register, BY)
    by_name = {f"{row['fornamn']} {row['efternamn']}": row for row in people()}
    contacts = {contact.reference: contact for contact in identity.scalars(select(Contact))}
    for case in session.scalars(select(Case)):
        contact = contacts.pop(case.reference)
        person = by_name[contact.name]
        low, high = map(int, case.age_group.split("-"))
        assert case.area_code == person["delomrade"]
        assert case.legal_gender == {"K": "woman", "M": "man"}[person["kon"]]
        assert low <= int(person["alder"]) <= high
        assert (contact.street, contact.postal_code, contact.city) == (
            person["adress"],
            person["postnummer"],
            person["postort"],
        )
    assert not contacts


def test_the_same_seed_draws_the_same_persons_however_the_file_is_cut_into_blocks(
    session: Session, identity: Session, register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    framed(session, register)
    draw_sample(session, identity, CODE, register, BY)
    first = drawn_names(identity)
    session.rollback()
    identity.rollback()
    monkeypatch.setattr(register_module, "_BLOCK", 400)
    framed(session, register)
    draw_sample(session, identity, CODE, register, BY)
    assert drawn_names(identity) == first


def test_a_drawn_sample_is_told_with_all_it_takes_to_draw_it_again(
    session: Session, identity: Session, register: Path
) -> None:
    framed(session, register)
    draw_sample(session, identity, CODE, register, BY)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "draw sample")).one()
    told = json.loads(event.detail)
    wave = session.get_one(Wave, CODE)
    assert (told["seed"], told["register"]) == (7, wave.frame_hash)
    assert told["allocation"] == dict.fromkeys(AREAS, 4)
    assert told["allocation_sha256"] == decided_allocation(session, wave).sha256
    wave.sample_per_area = 5
    assert told["allocation_sha256"] != decided_allocation(session, wave).sha256


def test_the_young_are_drawn_more_densely_and_the_same_again(
    session: Session, identity: Session, register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = PlanSettings(sample_per_area=12, young_factor=2.0, young_until=29)
    framed(session, register)
    set_plan(session, CODE, plan, None, BY)
    draw_sample(session, identity, CODE, register, BY)
    ages = select(Case.area_code, Case.age_group)
    young = Counter(area for area, group in session.execute(ages) if group in ("16-19", "20-24", "25-29"))
    # 12 of 36 over 2 x 12 young and 24 older: six of each.
    assert young == dict.fromkeys(AREAS, 6)
    assert set(session.scalars(select(Stratum.sampled))) == {12}
    first = drawn_names(identity)
    session.rollback()
    identity.rollback()
    monkeypatch.setattr(register_module, "_BLOCK", 400)
    framed(session, register)
    set_plan(session, CODE, plan, None, BY)
    draw_sample(session, identity, CODE, register, BY)
    assert drawn_names(identity) == first


def test_protected_persons_are_nowhere(session: Session, identity: Session, register: Path) -> None:
    rows = people()
    protected = rows[5::PER_AREA]  # one in each area
    for row in protected:
        row["skyddad"] = "J"
    framed(session, register, rows)
    session.get_one(Wave, CODE).sample_per_area = 1000  # everybody who can be drawn
    draw_sample(session, identity, CODE, register, BY)
    everybody = {f"{row['fornamn']} {row['efternamn']}" for row in rows}
    assert len(protected) == 3
    assert drawn_names(identity) == everybody - {f"{row['fornamn']} {row['efternamn']}" for row in protected}


def test_another_file_than_the_one_loaded_is_refused(
    session: Session, identity: Session, register: Path
) -> None:
    framed(session, register)
    rows = people()
    rows[0]["fornamn"] = "Utbytt"
    write_register(register, [*rows, {**rows[0], "personid": "P999999"}])
    with pytest.raises(UserError, match="är inte den som urvalsramen lästes in från"):
        draw_sample(session, identity, CODE, register, BY)
    assert session.get_one(Wave, CODE).status == "framed"


def test_a_sample_is_drawn_once(session: Session, identity: Session, register: Path) -> None:
    framed(session, register)
    draw_sample(session, identity, CODE, register, BY)
    with pytest.raises(UserError, match="urval draget"):
        draw_sample(session, identity, CODE, register, BY)


def test_a_participation_changed_after_the_frame_asks_for_a_new_frame(
    session: Session, identity: Session, register: Path
) -> None:
    framed(session, register)
    waves.set_participation(session, CODE, "0140", False, BY)
    with pytest.raises(UserError, match="Läs in den igen"):
        draw_sample(session, identity, CODE, register, BY)


def test_contacts_of_a_broken_attempt_are_replaced(
    session: Session, identity: Session, register: Path
) -> None:
    framed(session, register)
    draw_sample(session, identity, CODE, register, BY)
    session.rollback()  # the survey database was not committed, the identity database was
    framed(session, register)
    draw_sample(session, identity, CODE, register, BY)
    assert identity.scalar(select(func.count()).select_from(Contact)) == 12
    assert set(identity.scalars(select(Contact.reference))) == set(session.scalars(select(Case.reference)))


def test_signs_that_no_envelope_can_carry_are_left_out(
    session: Session, identity: Session, register: Path
) -> None:
    rows = people()
    for row in rows:
        row["fornamn"] = "An\x00na\u202e"
    framed(session, register, rows)
    draw_sample(session, identity, CODE, register, BY)
    assert all(name.startswith("An na Efternamn") for name in drawn_names(identity))


@given(st.text("0123456789", min_size=9, max_size=9), st.integers(0, 9), st.integers(1, 9))
def test_a_reference_number_read_out_with_one_wrong_digit_is_found(
    digits: str, place: int, shift: int
) -> None:
    whole = digits + check_digit(digits)
    wrong = whole[:place] + str((int(whole[place]) + shift) % 10) + whole[place + 1 :]
    assert check_digit(wrong[:-1]) != wrong[-1]


def test_reference_numbers_are_all_different() -> None:
    class _Session:
        def scalars(self, _: object) -> list[str]:
            return []

    references = samples._References(_Session())  # type: ignore[arg-type]
    assert len({references.new() for _ in range(2000)}) == 2000
