"""What municipalities hand in steers frame and sample: re-cut areas, extra persons, a complete yes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tiny_wave
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, PER_AREA, Person, draw_sample, people, write_register

from survey.database import Databases
from survey.errors import UserError
from survey.models.case import Case
from survey.models.municipality import Participation
from survey.models.wave import Stratum
from survey.preparation import recuts
from survey.preparation.extra_samples import set_extra


@pytest.fixture
def quick(sqlite_databases: Databases) -> Iterator[Session]:
    """A transaction on SQLite alone, for what has nothing to do with the database."""
    with Session(sqlite_databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as opened:
        yield opened
        opened.rollback()


def load(session: Session, register: Path, change: Callable[[list[Person]], object]) -> None:
    rows = people()
    change(rows)
    write_register(register, rows)
    tiny_wave.load_frame(session, CODE, register, BY)


def test_the_extra_sample_that_a_municipality_pays_for_is_drawn_in_its_area(
    session: Session, identity: Session, register: Path
) -> None:
    tiny_wave.plan_wave(session)
    set_extra(session, CODE, "0187", {"0187-01": "5", "0187-02": "1000"}, BY)
    write_register(register, people())
    tiny_wave.load_frame(session, CODE, register, BY)
    draw_sample(session, identity, CODE, register, BY)
    drawn = {area: n for area, n in session.execute(select(Stratum.area_code, Stratum.sampled))}
    assert drawn == {"0140-01": 4, "0187-01": 9, "0187-02": PER_AREA}
    cases = select(Case.area_code, func.count()).group_by(Case.area_code)
    assert {area: n for area, n in session.execute(cases)} == drawn


def test_the_sample_of_a_real_wave_is_not_drawn_while_an_agreement_is_missing(
    session: Session, identity: Session, register: Path
) -> None:
    tiny_wave.plan_wave(session, synthetic=False)
    write_register(register, people())
    tiny_wave.load_frame(session, CODE, register, BY)
    session.get_one(Participation, (CODE, "0187")).incomplete_because = ""
    with pytest.raises(UserError, match=r"Vaxholm \(0187\): .*överenskommelsen"):
        draw_sample(session, identity, CODE, register, BY)
    assert session.scalars(select(Case)).all() == []


def test_a_register_may_name_a_re_cut_area_by_its_parts_or_by_its_code(
    quick: Session, register: Path
) -> None:
    tiny_wave.plan_wave(quick)
    recuts.propose(quick, CODE, "0187", "Norr;0187A01 0187A02\nSöder;0187B01", BY)
    assert recuts.apply(quick, CODE, "0187", BY) == ("0187-03", "0187-04")

    def rename(rows: list[Person]) -> None:
        first, second = ([row for row in rows if row["delomrade"] == f"0187-0{n}"] for n in (1, 2))
        for number, row in enumerate(first):
            row["delomrade"] = ("0187A01", "0187A02", "0187-03")[number % 3]
        for row in second:
            row["delomrade"] = "0187B01"

    load(quick, register, rename)
    found = quick.execute(select(Stratum.area_code, Stratum.population).order_by(Stratum.area_code))
    assert {area: n for area, n in found} == {"0140-01": PER_AREA, "0187-03": PER_AREA, "0187-04": PER_AREA}


def test_the_parts_of_an_area_of_another_municipality_are_refused(quick: Session, register: Path) -> None:
    tiny_wave.plan_wave(quick)
    recuts.propose(quick, CODE, "0187", "Hela;0187A01", BY)
    recuts.apply(quick, CODE, "0187", BY)

    def misplace(rows: list[Person]) -> None:
        for row in rows:
            row["delomrade"] = "0187A01"

    with pytest.raises(UserError, match="delområde i en annan kommun"):
        load(quick, register, misplace)
