"""Whoever asks never to be contacted again gets no letter in a later wave, and the weights do not notice."""

from pathlib import Path

import pytest
import tiny_wave
from sqlalchemy import select
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, TODAY

from survey.collection import forgetting, help_desk
from survey.collection.do_not_contact import DoNotContactList, remove_person
from survey.collection.letters import print_letters
from survey.collection.outcomes import count_outcomes, rates
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.case import Case, CaseEvent
from survey.models.contact import Contact, DoNotContact
from survey.models.wave import Stratum, Wave
from survey.preparation import new_waves, waves
from survey.preparation.wave_settings import WaveSettings

KEY = "a key for tests only, kept by nobody"
EVERYBODY = tiny_wave.PER_AREA


def draw(session: Session, identity: Session, register: Path, code: str = CODE, key: str = KEY) -> int:
    tiny_wave.write_register(register, tiny_wave.people())
    tiny_wave.load_frame(session, code, register, BY)
    return tiny_wave.draw_sample(session, identity, code, register, BY, do_not_contact_key=key).not_contacted


def next_wave(session: Session, code: str = "2027") -> None:
    settings = WaveSettings(
        code,
        "Nästa",
        tiny_wave.POPULATION_DATE,
        tiny_wave.FIRST_DAY.replace(year=2027),
        tiny_wave.LAST_DAY.replace(year=2027),
        sample_per_area=EVERYBODY,
        synthetic=True,
    )
    new_waves.create_wave(session, settings, BY)
    for owner in ("0140", "0187"):
        waves.set_participation(session, code, owner, True, BY)


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    """One write to each database: nothing that they do differently."""
    return sqlite_databases


@pytest.fixture
def asked(session: Session, identity: Session, register: Path) -> str:
    """The reference number of somebody who has asked never to be contacted again."""
    tiny_wave.plan_wave(session, sample_per_area=EVERYBODY)
    assert draw(session, identity, register) == 0
    waves.open_wave(session, CODE, BY)
    reference = session.scalars(select(Case.reference).order_by(Case.id)).first()
    assert reference
    help_desk.never_contact(session, identity, reference, KEY, TODAY, BY)
    return reference


def test_in_the_next_wave_the_person_is_drawn_and_counted_but_nothing_is_kept_or_sent(
    session: Session, identity: Session, register: Path, asked: str, settings: Settings
) -> None:
    next_wave(session)
    assert draw(session, identity, register, "2027") == 1
    drawn = session.scalars(select(Case).where(Case.wave_code == "2027")).all()
    assert len(drawn) == sum(session.scalars(select(Stratum.sampled).where(Stratum.wave_code == "2027")))
    contacts = select(Contact.reference).where(Contact.wave_code == "2027")
    (silent,) = {case.reference for case in drawn} - set(identity.scalars(contacts))
    case_id = session.scalars(select(Case.id).where(Case.reference == silent)).one()
    events = session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id)).all()
    assert [event.kind for event in events] == ["refused"]
    counts = count_outcomes(session, "2027")
    assert (counts["refused"], counts["not_invited"]) == (1, len(drawn) - 1)
    assert rates(counts).ref1 == pytest.approx(1 / len(drawn))
    waves.open_wave(session, "2027", BY)
    day = tiny_wave.FIRST_DAY.replace(year=2027)
    area = session.scalars(select(Case.area_code).where(Case.reference == silent)).one()
    (batch,) = print_letters(session, identity, "2027", area, settings, day, BY)
    assert batch.letters == EVERYBODY - 1
    with pytest.raises(UserError, match="får inga brev"):
        help_desk.undo(session, identity, silent, "refused", BY)


def test_the_list_keeps_a_keyed_hash_and_a_month_and_nothing_else(
    identity: Session, session: Session, asked: str
) -> None:
    (row,) = identity.execute(select(DoNotContact.__table__)).all()
    assert row.month == f"{TODAY:%Y-%m}"
    assert set(row._mapping) == {"person_hash", "key_mark", "month"}
    assert row.person_hash == identity.get_one(Contact, asked).person_hash
    others = (DoNotContactList(identity, KEY).hash_of(f"P{n:06d}") for n in range(100))
    assert row.person_hash in others
    assert "P0000" not in repr(identity.execute(select(Contact.__table__)).all())


def test_the_list_outlives_the_contacts(
    session: Session, identity: Session, asked: str, tmp_path: Path
) -> None:
    session.get_one(Wave, CODE).status = "closed"
    session.flush()
    forgetting.request(session, CODE, "contacts", "2026/17", "somebody else")
    number = next(
        f"P{n:06d}"
        for n in range(1000)
        if DoNotContactList(identity, KEY).hash_of(f"P{n:06d}")
        == identity.get_one(Contact, asked).person_hash
    )
    forgetting.purge_contacts(session, identity, CODE, tmp_path, BY)
    assert identity.scalars(select(Contact)).all() == []
    assert len(identity.scalars(select(DoNotContact)).all()) == 1
    with pytest.raises(UserError, match="trygg do-not-contact remove"):
        help_desk.contact_again(session, identity, asked, BY)
    with pytest.raises(UserError, match="står inte på listan"):
        remove_person(session, identity, "P999999", KEY, BY)
    remove_person(session, identity, f" {number[:3]}-{number[3:]}", KEY, BY)
    assert identity.scalars(select(DoNotContact)).all() == []


@pytest.mark.parametrize("key", ["", "another key, as long as the right one"])
def test_without_the_right_key_no_sample_is_drawn(
    session: Session, identity: Session, register: Path, asked: str, key: str
) -> None:
    next_wave(session)
    with pytest.raises(UserError, match="TRYGG_DO_NOT_CONTACT_KEY"):
        draw(session, identity, register, "2027", key)


def test_a_mistake_is_undone_and_the_person_can_be_written_to_again(
    session: Session, identity: Session, register: Path, asked: str
) -> None:
    with pytest.raises(UserError, match="Ta bort från listan"):
        help_desk.undo(session, identity, asked, "refused", BY)
    assert len(identity.scalars(select(DoNotContact)).all()) == 1
    help_desk.contact_again(session, identity, asked, BY)
    help_desk.undo(session, identity, asked, "refused", BY)
    assert identity.scalars(select(DoNotContact)).all() == []
    assert help_desk.look_up(session, identity, asked, TODAY, BY).may_get_code
    next_wave(session)
    assert draw(session, identity, register, "2027", "") == 0


def test_asking_twice_is_asking_once(session: Session, identity: Session, asked: str) -> None:
    help_desk.never_contact(session, identity, asked, KEY, TODAY, BY)
    assert len(identity.scalars(select(DoNotContact)).all()) == 1


def test_a_wave_drawn_without_a_key_has_nobody_to_list(
    session: Session, identity: Session, register: Path
) -> None:
    tiny_wave.plan_wave(session)
    draw(session, identity, register, key="")
    waves.open_wave(session, CODE, BY)
    reference = session.scalars(select(Case.reference)).first()
    assert reference
    with pytest.raises(UserError, match="var inte satt"):
        help_desk.never_contact(session, identity, reference, KEY, TODAY, BY)


@pytest.mark.parametrize("written", ["19121212-1212", "191212121212", "121212-1212", " 121212+1212"])
def test_a_personal_number_is_the_same_however_it_is_written(identity: Session, written: str) -> None:
    never = DoNotContactList(identity, KEY)
    assert never.hash_of(written) == never.hash_of("1212121212")
    assert never.hash_of(written) != never.hash_of("1212121213")
    assert never.hash_of("P191212121212") != never.hash_of("P1212121212")
