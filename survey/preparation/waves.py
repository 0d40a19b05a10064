"""A wave as everybody finds it: its row, its questionnaire, who takes part, how far it has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import audit, clock
from survey.errors import UserError
from survey.models.local_questions import LocalQuestions
from survey.models.municipality import Participation
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.preparation.geography import find_municipality
from survey.preparation.population import population_on
from survey.prepared import Prepared, Statements
from survey.questionnaire.definition import Questionnaire, load
from survey.questionnaire.yaml_source import QuestionnaireError

STATUS_WORDS = {
    WaveStatus.PLANNED: "planerad",
    WaveStatus.FRAMED: "urvalsram inläst",
    WaveStatus.SAMPLED: "urval draget",
    WaveStatus.OPEN: "öppen för svar",
    WaveStatus.CLOSED: "stängd",
}
VOID_WORDS = "makulerad"

# Prepared once: the first and the last page of every resident ask.
_ANY_SIMULATED = select(Wave.code).where(Wave.synthetic).limit(1)
_OPEN = Wave.status == WaveStatus.OPEN.value
_SIMULATED = Prepared(_ANY_SIMULATED)
_OPEN_SIMULATED = Prepared(_ANY_SIMULATED.where(_OPEN))
_OPEN_KINDS = Prepared(select(Wave.synthetic).where(_OPEN).distinct())


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
    texts_until: date | None
    step: WaveStatus
    void_reason: str | None


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


def if_unchanged(name: str, content_hash: str) -> Questionnaire | None:
    """The same; None when its file is no longer the one that was used."""
    try:
        return load_unchanged(name, content_hash)
    except UserError:
        return None


def set_participation(
    session: Session,
    wave_code: str,
    municipality_code: str,
    accepted: bool,
    by: str,
    reason: str = "",
    on: date | None = None,
) -> None:
    """Note a municipality's yes or no, invited or not."""
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.PLANNED, WaveStatus.FRAMED)
    find_municipality(session, municipality_code)
    # What the row already holds of the invitation stays.
    session.merge(
        Participation(
            wave_code=wave_code,
            municipality_code=municipality_code,
            accepted=accepted,
            answered_on=on or clock.today(),
            reason=reason,
        )
    )
    session.flush()
    audit.record(
        session, by, "participation", f"{wave_code} {municipality_code}", accepted=accepted, reason=reason
    )


def accepted_municipalities(session: Session, wave_code: str) -> tuple[str, ...]:
    """Who said yes, in order of code."""
    return _participants(session, wave_code, True)


def open_wave(session: Session, wave_code: str, by: str) -> None:
    """Let residents in; the field period's first day decides when the door really opens."""
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.SAMPLED)
    chosen = session.scalars(select(LocalQuestions).where(LocalQuestions.wave_code == wave_code))
    asked = [questionnaire_of(wave), *(load_unchanged(o.questionnaire, o.questionnaire_hash) for o in chosen)]
    if not _sampled(session, wave_code)[2]:
        raise UserError(f"Omgången {wave_code} är tom: ingen är dragen till urvalet.")
    if wave.contacts_until is None or wave.links_until is None:
        raise UserError(
            f"Omgången {wave_code} saknar datum för när kontaktuppgifter och kopplingar ska förstöras."
        )
    if wave.texts_until is None and any(one.free_texts for one in asked):
        raise UserError(f"Omgången {wave_code} saknar datum för när svaren med egna ord ska förstöras.")
    if not population_on(session, wave.population_date):
        raise UserError(f"Befolkningen den {wave.population_date} är inte inläst.")
    wave.status = WaveStatus.OPEN.value
    session.flush()
    audit.record(session, by, "open wave", wave_code)


def require_status(wave: Wave, *wanted: WaveStatus) -> None:
    """Stop a step that comes too early or too late."""
    status = WaveStatus(wave.status)
    if status not in wanted:
        words = " eller ".join(f"”{STATUS_WORDS[choice]}”" for choice in wanted)
        now = VOID_WORDS if wave.void_reason else STATUS_WORDS[status]
        raise UserError(f"Omgången {wave.code} har läget ”{now}”, men steget kräver {words}.")


def require_not_void(wave: Wave) -> None:
    """Stop what a wave that was given up is no longer used for."""
    if wave.void_reason is not None:
        raise UserError(f"Omgången {wave.code} är makulerad: inget mer görs med den.")


def list_waves(session: Session) -> list[WaveSummary]:
    """Every wave in order of time."""
    return [_summary(session, wave) for wave in session.scalars(select(Wave).order_by(Wave.code))]


def wave_status(session: Session, wave_code: str) -> WaveSummary:
    """One wave as it stands."""
    return _summary(session, find_wave(session, wave_code))


def any_simulated(session: Statements, only_open: bool) -> bool:
    """Whether there is a wave with simulated answers, of all waves or of those open now."""
    return (_OPEN_SIMULATED if only_open else _SIMULATED).scalar(session) is not None


def only_simulated_open(session: Statements) -> bool:
    """Whether some wave is open, and no open wave takes real answers."""
    return set(_OPEN_KINDS.scalars(session)) == {True}


def _summary(session: Session, wave: Wave) -> WaveSummary:
    areas, population, sampled = _sampled(session, wave.code)
    return WaveSummary(
        code=wave.code,
        title=wave.title,
        status=VOID_WORDS if wave.void_reason else STATUS_WORDS[WaveStatus(wave.status)],
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
        texts_until=wave.texts_until,
        step=WaveStatus(wave.status),
        void_reason=wave.void_reason,
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
