"""A wave from its settings to the first day of fieldwork."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import audit
from survey.database import Statements
from survey.errors import UserError
from survey.models.local_questions import LocalQuestions
from survey.models.municipality import Participation
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.preparation.geography import find_municipality
from survey.preparation.population import age_groups_between, population_on
from survey.questionnaire.definition import Questionnaire, load
from survey.questionnaire.yaml_source import QuestionnaireError

CODE = re.compile(r"\d{4}(-\w{1,11})?", re.ASCII)
# From the last answer day until names, and then links, are to be destroyed, when nothing else is decided.
CONTACT_DAYS, LINK_DAYS = 30, 90
LARGEST_SAMPLE = 1_000_000  # more than any area has inhabitants
STATUS_WORDS = {
    WaveStatus.PLANNED: "planerad",
    WaveStatus.FRAMED: "urvalsram inläst",
    WaveStatus.SAMPLED: "urval draget",
    WaveStatus.OPEN: "öppen för svar",
    WaveStatus.CLOSED: "stängd",
}

# Prepared once: the first and the last page of every resident ask.
_SIMULATED = select(Wave.code).where(Wave.synthetic).limit(1)
_OPEN_SIMULATED = _SIMULATED.where(Wave.status == WaveStatus.OPEN.value)
_OPEN_KINDS = select(Wave.synthetic).where(Wave.status == WaveStatus.OPEN.value).distinct()


@dataclass(frozen=True)
class WaveSettings:
    """What is decided about a wave before anything else; fixed from then on."""

    code: str
    title: str
    population_date: date
    field_start: date
    field_end: date
    questionnaire: str = "trygghet"
    age_min: int = 16
    age_max: int = 84
    sample_per_area: int = 300
    seed: int = 1
    synthetic: bool = False
    contacts_until: date | None = None  # left out: so many days after the last answer day
    links_until: date | None = None


@dataclass(frozen=True)
class WaveSummary:
    """A wave as it stands in the list."""

    code: str
    title: str
    status: str
    field_start: date
    field_end: date
    synthetic: bool
    accepted: tuple[str, ...]
    declined: tuple[str, ...]
    areas: int
    population: int
    sampled: int
    questionnaire: str
    contacts_until: date | None
    links_until: date | None
    step: WaveStatus


def create_wave(session: Session, settings: WaveSettings, by: str) -> Wave:
    """Plan a wave with its settings and the questionnaire as it stands now."""
    _check(settings)
    require_new_code(session, settings.code)
    questionnaire = load_questionnaire(settings.questionnaire)
    values = {**settings.__dict__, "questionnaire_hash": questionnaire.hash}
    for name, days in (("contacts_until", CONTACT_DAYS), ("links_until", LINK_DAYS)):
        values[name] = values[name] or settings.field_end + timedelta(days=days)
    _check_deletion_days(settings.field_end, values["contacts_until"], values["links_until"])
    wave = Wave(**values, status=WaveStatus.PLANNED.value)
    session.add(wave)
    session.flush()
    audit.record(session, by, "create wave", wave.code, **values)
    return wave


def find_wave(session: Session, code: str) -> Wave:
    """The wave with this code."""
    wave = session.get(Wave, code)
    if wave is None:
        known = ", ".join(session.scalars(select(Wave.code).order_by(Wave.code))) or "inga"
        raise UserError(f"Omgången {code!r} finns inte. Omgångar som finns: {known}.")
    return wave


def lock_wave(session: Session, code: str) -> Wave:
    """The wave as it stands now, kept from other steps until the transaction ends."""
    wave = find_wave(session, code)
    session.flush()  # a refresh forgets what is not written yet
    session.refresh(wave, with_for_update=True)
    return wave


def questionnaire_of(wave: Wave) -> Questionnaire:
    """The wave's questionnaire, refused when its file is no longer the one the wave was created with."""
    return load_unchanged(wave.questionnaire, wave.questionnaire_hash)


def load_unchanged(name: str, content_hash: str) -> Questionnaire:
    """A questionnaire by name and content hash."""
    questionnaire = load_questionnaire(name)
    if questionnaire.hash != content_hash:
        raise UserError(f"Frågeformuläret {name} har ändrats sedan omgången skapades och kan inte användas.")
    return questionnaire


def set_participation(
    session: Session, wave_code: str, municipality_code: str, accepted: bool, by: str
) -> None:
    """Note a municipality's yes or no."""
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.PLANNED, WaveStatus.FRAMED)
    find_municipality(session, municipality_code)
    session.merge(Participation(wave_code=wave_code, municipality_code=municipality_code, accepted=accepted))
    session.flush()
    audit.record(session, by, "participation", f"{wave_code} {municipality_code}", accepted=accepted)


def accepted_municipalities(session: Session, wave_code: str) -> tuple[str, ...]:
    """Who said yes, in order of code."""
    return _participants(session, wave_code, True)


def open_wave(session: Session, wave_code: str, by: str) -> None:
    """Let residents in; the field period's first day decides when the door really opens."""
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.SAMPLED)
    questionnaire_of(wave)
    for own in session.scalars(select(LocalQuestions).where(LocalQuestions.wave_code == wave_code)):
        load_unchanged(own.questionnaire, own.questionnaire_hash)
    if not _sampled(session, wave_code)[2]:
        raise UserError(f"Omgången {wave_code} är tom: ingen är dragen till urvalet.")
    if wave.contacts_until is None or wave.links_until is None:
        raise UserError(
            f"Omgången {wave_code} saknar datum för när kontaktuppgifter och kopplingar ska förstöras."
        )
    if not population_on(session, wave.population_date):
        raise UserError(f"Befolkningen den {wave.population_date} är inte inläst.")
    wave.status = WaveStatus.OPEN.value
    session.flush()
    audit.record(session, by, "open wave", wave_code)


def require_status(wave: Wave, *wanted: WaveStatus) -> None:
    """Stop a step that comes too early or too late."""
    status = WaveStatus(wave.status)
    if status not in wanted:
        words = " eller ".join(STATUS_WORDS[choice] for choice in wanted)
        raise UserError(
            f"Omgången {wave.code} är {STATUS_WORDS[status]}, men steget kräver att den är {words}."
        )


def list_waves(session: Session) -> list[WaveSummary]:
    """Every wave in order of time."""
    return [_summary(session, wave) for wave in session.scalars(select(Wave).order_by(Wave.code))]


def wave_status(session: Session, wave_code: str) -> WaveSummary:
    """One wave as it stands."""
    return _summary(session, find_wave(session, wave_code))


def any_simulated(session: Statements, only_open: bool) -> bool:
    """Whether there is a wave with simulated answers, of all waves or of those open now."""
    return session.scalar(_OPEN_SIMULATED if only_open else _SIMULATED) is not None


def only_simulated_open(session: Statements) -> bool:
    """Whether some wave is open, and no open wave takes real answers."""
    return set(session.scalars(_OPEN_KINDS)) == {True}


def _summary(session: Session, wave: Wave) -> WaveSummary:
    areas, population, sampled = _sampled(session, wave.code)
    return WaveSummary(
        code=wave.code,
        title=wave.title,
        status=STATUS_WORDS[WaveStatus(wave.status)],
        field_start=wave.field_start,
        field_end=wave.field_end,
        synthetic=wave.synthetic,
        accepted=_participants(session, wave.code, True),
        declined=_participants(session, wave.code, False),
        areas=areas,
        population=population,
        sampled=sampled,
        questionnaire=wave.questionnaire,
        contacts_until=wave.contacts_until,
        links_until=wave.links_until,
        step=WaveStatus(wave.status),
    )


def _sampled(session: Session, wave_code: str) -> tuple[int, int, int]:
    counted = select(func.count(), func.sum(Stratum.population), func.sum(Stratum.sampled))
    areas, population, sampled = session.execute(counted.where(Stratum.wave_code == wave_code)).one()
    return areas, int(population or 0), int(sampled or 0)


def _participants(session: Session, wave_code: str, accepted: bool) -> tuple[str, ...]:
    answered = select(Participation.municipality_code).where(
        Participation.wave_code == wave_code, Participation.accepted == accepted
    )
    codes: Sequence[str] = session.scalars(answered.order_by(Participation.municipality_code)).all()
    return tuple(codes)


def load_questionnaire(name: str) -> Questionnaire:
    """The questionnaire of this name as it stands now."""
    try:
        return load(name)
    except QuestionnaireError as error:
        raise UserError(f"Frågeformuläret {name} kan inte användas:\n{error}") from error


def require_new_code(session: Session, code: str) -> None:
    """Stop a wave whose code is malformed or taken."""
    _check_code(code)
    if session.get(Wave, code) is not None:
        raise UserError(f"Omgången {code} finns redan.")


def require_title_and_days(title: str, field_start: date, field_end: date) -> None:
    """Stop a wave without a printable title or with a field period that ends before it begins."""
    if not 1 <= len(title) <= 120 or not title.isprintable():
        raise UserError("Omgångens titel ska ha 1–120 tecken, inga styrtecken.")
    if field_end < field_start:
        raise UserError("Sista svarsdag ligger före första svarsdag.")


def _check_code(code: str) -> None:
    if not CODE.fullmatch(code):
        raise UserError(
            f"Omgångens kod är {code!r} men ska vara ett årtal, eller ett årtal med tillägg, "
            "som 2026 eller 2026-11."
        )


def _check_deletion_days(field_end: date, contacts_until: date, links_until: date) -> None:
    if not field_end < contacts_until <= links_until:
        raise UserError(
            "Kontaktuppgifterna ska förstöras efter sista svarsdag, och kopplingarna samma dag eller senare."
        )


def _check(settings: WaveSettings) -> None:
    _check_code(settings.code)
    require_title_and_days(settings.title, settings.field_start, settings.field_end)
    if not 1 <= settings.sample_per_area <= LARGEST_SAMPLE:
        raise UserError(f"Urvalet per delområde måste vara minst 1 och högst {LARGEST_SAMPLE}.")
    if not 0 <= settings.seed < 2**31:
        raise UserError("Slumpfröet måste vara ett heltal från 0 till 2147483647.")
    age_groups_between(settings.age_min, settings.age_max)
