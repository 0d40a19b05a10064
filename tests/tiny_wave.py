"""A register of two small municipalities, and a wave over it as far as a test wants."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey.collection import frames, samples
from survey.collection.do_not_contact import DoNotContactList
from survey.collection.frame_check import FrameReport, check_frame
from survey.collection.register_layout import COLUMNS
from survey.models.area import Area
from survey.models.case import Case
from survey.models.municipality import Municipality
from survey.models.population import PopulationCount
from survey.preparation import completeness, new_waves, waves
from survey.preparation.population import AGE_GROUPS, GENDERS, bounds
from survey.preparation.wave_settings import WaveSettings

CODE = "2026"
BY = "test"
POPULATION_DATE = date(2026, 9, 30)
FIRST_DAY, TODAY, LAST_DAY = date(2026, 10, 1), date(2026, 10, 5), date(2026, 10, 31)
LATE = date(2099, 12, 31)  # the last day of a wave that must be under way whenever the tests are run
AREAS = {"0140-01": "0140", "0187-01": "0187", "0187-02": "0187"}
PER_CELL = 2  # persons in each area x sex x age group
PER_AREA = PER_CELL * len(GENDERS) * len(AGE_GROUPS)

Person = dict[str, str]


def people(areas: Iterable[str] = AREAS) -> list[Person]:
    """Everybody in the areas, one row each, with names that nobody else has."""
    found: list[Person] = []
    for area in areas:
        for letter in ("K", "M"):
            for age_group in AGE_GROUPS:
                for extra in range(PER_CELL):
                    number = len(found)
                    found.append(
                        {
                            "personid": f"P{number:06d}",
                            "fornamn": f"Förnamn{number}",
                            "efternamn": f"Efternamn{number}",
                            "adress": f"Provgatan {number}",
                            "postnummer": "01234",
                            "postort": "Påhittsköping",
                            "kommunkod": AREAS[area],
                            "delomrade": area,
                            "kon": letter,
                            "alder": str(bounds(age_group)[extra % 2]),
                            "skyddad": "N",
                        }
                    )
    return found


def write_register(path: Path, rows: Iterable[Person], columns: Iterable[str] = COLUMNS) -> Path:
    names = list(columns)
    lines = [";".join(names), *(";".join(row[name] for name in names) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def plan_wave(
    session: Session,
    accepted: Iterable[str] = ("0140", "0187"),
    last_day: date = LAST_DAY,
    **settings: object,
) -> None:
    """Municipalities, areas, population and a planned wave with its participants."""
    for code, name in (("0140", "Nykvarn"), ("0187", "Vaxholm"), ("0192", "Nynäshamn")):
        session.add(
            Municipality(
                code=code, name=name, county_code="01", county="Stockholms län", police_region="Stockholm"
            )
        )
    session.flush()
    for area, owner in AREAS.items():
        session.add(
            Area(
                code=area,
                municipality_code=owner,
                name=f"Område {int(area[-2:])}",
                valid_from=date(2018, 1, 1),
            )
        )
    session.flush()
    add_population(session)
    given: dict[str, object] = {"sample_per_area": 4, "seed": 7, "synthetic": True, **settings}
    new_waves.create_wave(
        session,
        WaveSettings(
            CODE,
            "Trygghetsmätning 2026",
            POPULATION_DATE,
            FIRST_DAY,
            last_day,
            **given,  # type: ignore[arg-type]
        ),
        BY,
    )
    for code in accepted:
        waves.set_participation(session, CODE, code, True, BY)
        completeness.allow_incomplete(session, CODE, code, "Avtal på papper.", BY)


def add_population(session: Session) -> None:
    session.execute(
        insert(PopulationCount),
        [
            {
                "reference_date": POPULATION_DATE,
                "municipality_code": owner,
                "legal_gender": gender,
                "age_group": age_group,
                "population": PER_CELL * list(AREAS.values()).count(owner),
            }
            for owner in sorted(set(AREAS.values()))
            for gender in GENDERS
            for age_group in AGE_GROUPS
        ],
    )


def load_frame(session: Session, code: str, register: Path, by: str) -> FrameReport:
    """Check a register and keep its frame."""
    return frames.keep_frame(session, check_frame(session, code, register), by)


def draw_sample(
    session: Session, identity: Session, code: str, register: Path, by: str, *, do_not_contact_key: str = ""
) -> samples.SampleReport:
    """Read whom to draw and keep them."""
    chosen = samples.choose(session, DoNotContactList(identity, do_not_contact_key), code, register)
    return samples.keep_sample(session, identity, chosen, by, do_not_contact_key=do_not_contact_key)


def sampled_wave(session: Session, identity: Session, register: Path, **settings: object) -> list[int]:
    """A wave with its sample drawn from the tiny register; the cases."""
    plan_wave(session, **settings)
    write_register(register, people())
    load_frame(session, CODE, register, BY)
    draw_sample(session, identity, CODE, register, BY)
    return list(session.scalars(select(Case.id).order_by(Case.id)))


def open_wave(session: Session, identity: Session, register: Path, **settings: object) -> list[int]:
    """A wave that takes answers; the cases."""
    cases = sampled_wave(session, identity, register, **settings)
    waves.open_wave(session, CODE, BY)
    return cases
