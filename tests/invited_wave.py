"""A planned, real wave to which Vaxholm is invited; Lidingö is not."""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.preparation import agreements, new_waves, participation, recuts, senders
from survey.preparation.senders import Contact
from survey.preparation.wave_settings import WaveSettings

WAVE, OWN, OTHER = "2027", "0187", "0186"
BY = "test"
TODAY, LAST_DAY = date(2026, 11, 20), date(2026, 12, 15)
POPULATION_DATE = date(2026, 12, 31)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CONTACT = Contact("Karin Ek", "karin.ek@vaxholm.example.se", "08-465 004 01")
LISTING = "namn;nycklar\nVaxön;0187A0010 0187A0020\nResarö;0187B0010\nÖarna;0187B0020\n"


def plan_wave(session: Session, *, synthetic: bool = False) -> None:
    for code, name in ((OWN, "Vaxholm"), (OTHER, "Lidingö")):
        session.merge(
            Municipality(
                code=code, name=name, county_code="01", county="Stockholms län", police_region="Stockholm"
            )
        )
    session.flush()
    for number in (1, 2):
        area = Area(
            code=f"{OWN}-0{number}",
            municipality_code=OWN,
            name=f"Område {number}",
            valid_from=date(2018, 1, 1),
        )
        session.merge(area)
    session.flush()
    settings = WaveSettings(
        WAVE,
        "Trygghetsmätning 2027",
        POPULATION_DATE,
        date(2027, 2, 1),
        date(2027, 3, 15),
        synthetic=synthetic,
    )
    new_waves.create_wave(session, settings, BY)


def invite(session: Session) -> None:
    participation.invite(session, WAVE, [OWN], LAST_DAY, "Välkommen med i mätningen.", BY, TODAY)


def accept(session: Session) -> None:
    invite(session)
    participation.answer(session, WAVE, OWN, True, "", BY)


def complete(session: Session, now: datetime = NOW) -> None:
    """Hand in all that a yes needs, after it."""
    recuts.keep_areas(session, WAVE, OWN, BY)
    senders.set_contact(session, WAVE, OWN, CONTACT, BY)
    read = agreements.current_agreement().content_hash
    agreements.confirm(session, WAVE, OWN, read, "Bo Ek", "Kommundirektör", BY, now)
