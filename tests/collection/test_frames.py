"""Loading the sampling frame: what is stored, and every way a file can be wrong."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import tiny_wave
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, PER_AREA, PER_CELL, Person, load_frame, people, write_register

from survey.collection.frame_check import FrameReport, check_frame
from survey.collection.frames import keep_frame
from survey.collection.register_layout import COLUMNS
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.population import PopulationCount
from survey.models.wave import FrameCount, Stratum, Wave
from survey.preparation import waves

Change = Callable[[list[Person]], object]


def load(session: Session, register: Path, change: Change = lambda rows: None) -> FrameReport:
    rows = people()
    change(rows)
    write_register(register, rows)
    return load_frame(session, CODE, register, BY)


def refusal(session: Session, register: Path, change: Change) -> str:
    """The message for a register that is changed so; nothing may have been stored."""
    with pytest.raises(UserError) as caught:
        load(session, register, change)
    assert stored(session) == (0, 0, "planned", None)
    return str(caught.value)


def stored(session: Session) -> tuple[int, int, str, str | None]:
    wave = session.get_one(Wave, CODE)
    return (
        session.scalar(select(func.count()).select_from(Stratum)) or 0,
        session.scalar(select(func.count()).select_from(FrameCount)) or 0,
        wave.status,
        wave.frame_hash,
    )


def test_counts_and_hash_of_a_sound_register_are_stored(session: Session, register: Path) -> None:
    tiny_wave.plan_wave(session)
    report = load(session, register)
    digest = sha256(register.read_bytes()).hexdigest()
    assert (report.rows, report.persons, report.areas, report.sha256) == (
        3 * PER_AREA,
        3 * PER_AREA,
        3,
        digest,
    )
    assert stored(session) == (3, 3 * 18, "framed", digest)
    assert set(session.scalars(select(Stratum.population))) == {PER_AREA}
    assert set(session.scalars(select(FrameCount.population))) == {PER_CELL}


def test_columns_may_come_in_any_order_and_with_others_between(quick: Session, register: Path) -> None:
    tiny_wave.plan_wave(quick)
    rows = [{**row, "lan": "01"} for row in people()]
    write_register(register, rows, ["lan", *reversed(COLUMNS)])
    assert load_frame(quick, CODE, register, BY).persons == 3 * PER_AREA


def test_a_frame_can_be_loaded_again_until_the_sample_is_drawn(session: Session, register: Path) -> None:
    tiny_wave.plan_wave(session)
    load(session, register)
    load(session, register)
    assert stored(session)[:2] == (3, 54)


def test_protected_persons_are_left_out_and_only_counted(session: Session, register: Path) -> None:
    tiny_wave.plan_wave(session)

    def protect(rows: list[Person]) -> None:
        rows[0].update(skyddad="J")
        # What is withheld for a protected person is no fault of the file.
        rows[40].update(skyddad="J", adress="", kommunkod="", delomrade="", kon="", alder="")

    report = load(session, register, protect)
    assert (report.protected, report.persons) == (2, 3 * PER_AREA - 2)
    for name in ("Förnamn0", "Efternamn0", "Förnamn40"):
        assert name not in repr(report)
        assert not any(name in event.detail for event in session.scalars(select(AuditEvent)))


def test_persons_of_a_municipality_that_is_not_part_are_left_out_and_counted(
    session: Session, register: Path
) -> None:
    tiny_wave.plan_wave(session, accepted=["0187"])
    waves.set_participation(session, CODE, "0140", False, BY)
    report = load(session, register)
    assert report.elsewhere == {"Nykvarn": PER_AREA}
    assert (report.municipalities, report.areas, report.persons) == (1, 2, 2 * PER_AREA)


def test_persons_without_address_are_counted(quick: Session, register: Path) -> None:
    tiny_wave.plan_wave(quick)
    assert load(quick, register, lambda rows: rows[3].update(adress="")).without_address == 1


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(quick: Session, register: Path, column: str) -> None:
    tiny_wave.plan_wave(quick)
    write_register(register, people(), [name for name in COLUMNS if name != column])
    with pytest.raises(UserError, match=f"saknar kolumnerna {column}\\."):
        load_frame(quick, CODE, register, BY)
    assert stored(quick)[0] == 0


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"kommunkod": "9999"}, "okänd kommunkod '9999' på rad 7; 1 rader"),
        ({"delomrade": "0140-77"}, "okänt delområde '0140-77' på rad 7"),
        ({"delomrade": "0187-01"}, "delområde i en annan kommun än kommunkoden '0187-01' på rad 7"),
        ({"kon": "X"}, "kon är varken K eller M: 'X' på rad 7"),
        ({"alder": "femtio"}, "alder är inget heltal från 0 till 130: (visas inte) på rad 7"),
        ({"alder": "-1"}, "alder är inget heltal"),
        ({"alder": ""}, "alder är inget heltal"),
        ({"alder": "15"}, "ålder utanför omgångens åldrar 16–84: '15' på rad 7; 1 rader"),
        ({"alder": "85"}, "ålder utanför omgångens åldrar 16–84: '85' på rad 7"),
        ({"skyddad": ""}, "skyddad är varken J eller N: '' på rad 7"),
        ({"personid": ""}, "personid saknas på rad 7"),
        ({"personid": "1,99001E+11"}, "personid har blivit ett avrundat tal i ett kalkylprogram på rad 7"),
        ({"delomrade": "Hemliga gatan 3"}, "okänt delområde (visas inte) på rad 7"),
        ({"fornamn": "a" * 81}, "fornamn är längre än 80 tecken på rad 7"),
    ],
)
def test_a_wrong_value_is_told_with_line_and_count(
    quick: Session, register: Path, values: Person, told: str
) -> None:
    tiny_wave.plan_wave(quick)
    message = refusal(quick, register, lambda rows: rows[5].update(values))
    assert told in message
    assert "Inget har sparats" in message
    assert "Förnamn5" not in message


def test_every_kind_of_fault_is_told_at_once(quick: Session, register: Path) -> None:
    tiny_wave.plan_wave(quick)

    def spoil(rows: list[Person]) -> None:
        rows[1].update(kon="X")
        rows[2].update(alder="12")
        rows[3].update(alder="99")

    message = refusal(quick, register, spoil)
    assert "'X' på rad 3; 1 rader" in message
    assert "'12' på rad 4; 2 rader" in message


def test_a_check_tells_all_that_is_wrong_at_once_and_writes_nothing(session: Session, register: Path) -> None:
    tiny_wave.plan_wave(session, sample_per_area=PER_AREA)
    before = session.scalar(select(func.count()).select_from(AuditEvent))
    rows = people()[:-1]
    rows[1].update(kon="X")
    rows[2].update(alder="12")
    rows[3].update(skyddad="J")
    rows[4].update(adress="")
    for row in rows[5:8]:
        row.update(delomrade="0140-77")
    rows[8].update(delomrade="Provgatan 8")
    rows[9].update(personid=rows[10]["personid"])
    report = check_frame(session, CODE, write_register(register, rows)).report
    assert (report.rows, report.repeated, report.protected, report.without_address) == (len(rows), 1, 1, 1)
    assert report.unknown_areas == {"0140-77": 3, "(visas inte)": 1}
    assert report.small_areas == (
        f"Område 1 (0140-01): {PER_AREA - 7} personer, {PER_AREA} ska dras",
        f"Område 2 (0187-02): {PER_AREA - 1} personer, {PER_AREA} ska dras",
    )
    told = "\n".join(report.faults)
    for fault in ("kon är varken", "ålder utanför", "okänt delområde", "samma person", "avviker mer än 5%"):
        assert fault in told
    assert "Provgatan" not in told
    assert stored(session) == (0, 0, "planned", None)
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == before


def test_a_frame_checked_before_the_areas_changed_is_not_kept(quick: Session, register: Path) -> None:
    tiny_wave.plan_wave(quick)
    check = check_frame(quick, CODE, write_register(register, people()))
    waves.set_participation(quick, CODE, "0140", False, BY)
    with pytest.raises(UserError, match="ändrades medan filen lästes"):
        keep_frame(quick, check, BY)
    assert stored(quick) == (0, 0, "planned", None)


def test_a_person_who_stands_twice_is_found_anywhere_in_the_file(session: Session, register: Path) -> None:
    tiny_wave.plan_wave(session)
    message = refusal(session, register, lambda rows: rows[100].update(personid=rows[9]["personid"]))
    assert "rad 102 är densamma som rad 11; 1 rader för mycket" in message
    assert "P000009" not in message


def test_an_area_without_persons_is_named(session: Session, register: Path) -> None:
    tiny_wave.plan_wave(session)
    message = refusal(session, register, lambda rows: rows.__delitem__(slice(2 * PER_AREA, None)))
    assert "ingen person i delområde 0187-02" in message


def test_a_municipality_far_from_the_official_population_is_named(session: Session, register: Path) -> None:
    tiny_wave.plan_wave(session)
    message = refusal(session, register, lambda rows: rows.__delitem__(slice(0, 10)))
    assert "avviker mer än 5%" in message
    assert f"Nykvarn (0140): {PER_AREA - 10} personer i registerfilen, {PER_AREA} i befolkningen" in message


def test_a_population_that_does_not_cover_the_frame_is_told_by_cell(session: Session, register: Path) -> None:
    tiny_wave.plan_wave(session)
    session.execute(
        update(PopulationCount)
        .where(
            PopulationCount.municipality_code == "0140",
            PopulationCount.legal_gender == "man",
            PopulationCount.age_group == "75-84",
        )
        .values(population=0)
    )
    message = refusal(session, register, lambda rows: None)
    assert "täcker inte urvalsramen: den saknar Nykvarn (0140) man 75-84" in message


def test_a_population_of_another_date_is_refused(session: Session, register: Path) -> None:
    tiny_wave.plan_wave(session)
    session.execute(update(PopulationCount).values(reference_date=tiny_wave.FIRST_DAY))
    assert "Befolkningen den 2026-09-30 är inte inläst" in refusal(session, register, lambda rows: None)


def test_a_wave_without_participants_is_refused(quick: Session, register: Path) -> None:
    tiny_wave.plan_wave(quick, accepted=[])
    assert "Ingen kommun har tackat ja" in refusal(quick, register, lambda rows: None)


def test_a_file_without_columns_is_told_before_what_else_is_missing(quick: Session, register: Path) -> None:
    tiny_wave.plan_wave(quick, accepted=[])
    register.write_bytes("ålder;namn\n".encode("latin-1"))
    with pytest.raises(UserError, match="Den ska ha kolumnerna personid, fornamn"):
        load_frame(quick, CODE, register, BY)


def test_a_participant_without_areas_is_named(quick: Session, register: Path) -> None:
    tiny_wave.plan_wave(quick, accepted=["0187", "0192"])
    assert "Kommun 0192 har inga delområden" in refusal(quick, register, lambda rows: None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "saknar kolumnerna"),
        (";".join(COLUMNS).encode() + b"\n", "inga rader"),
        (";".join(COLUMNS).encode() + b"\nP1;Hemlig Person;B\n", "fel antal fält, först rad 2"),
        (";".join(COLUMNS).encode() + b"\n\n", "personid saknas på rad 2"),
        (";".join((*COLUMNS, "kon")).encode() + b"\n", "har kolumnen kon mer än en gång"),
    ],
)
def test_a_broken_file_is_told_without_quoting_persons(
    quick: Session, register: Path, content: bytes, told: str
) -> None:
    tiny_wave.plan_wave(quick)
    register.write_bytes(content)
    with pytest.raises(UserError) as caught:
        load_frame(quick, CODE, register, BY)
    assert told in str(caught.value)
    assert "Hemlig" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert stored(quick)[0] == 0


def test_a_file_that_is_not_there_is_told(quick: Session, register: Path) -> None:
    tiny_wave.plan_wave(quick)
    with pytest.raises(UserError, match="kan inte läsas"):
        load_frame(quick, CODE, register, BY)


def test_a_sampled_wave_takes_no_new_frame(session: Session, identity: Session, register: Path) -> None:
    tiny_wave.sampled_wave(session, identity, register)
    with pytest.raises(UserError, match="har läget ”urval draget”, men steget kräver"):
        load_frame(session, CODE, register, BY)
