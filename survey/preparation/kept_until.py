"""Until when personal data of the waves are kept: what everybody may read of it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models.deletion import Act, Deletion
from survey.models.local_questions import LocalQuestions
from survey.models.wave import Wave, WaveStatus
from survey.preparation.waves import if_unchanged


@dataclass(frozen=True)
class KeptUntil:
    """The last days of what a wave still holds; None of what is destroyed, or was never there."""

    title: str
    contacts: date | None
    links: date | None
    texts: date | None

    def overdue(self, today: date) -> bool:
        """Whether a day has passed and what it promised is not done."""
        return any(day is not None and day < today for day in (self.contacts, self.links, self.texts))


def kept_until(session: Session) -> list[KeptUntil]:
    """The waves that take answers or have done so, as long as something of them is to be destroyed."""
    waves = select(Wave).where(Wave.status.in_((WaveStatus.OPEN.value, WaveStatus.CLOSED.value)))
    done = {
        (code, act)
        for code, act in session.execute(
            select(Deletion.wave_code, Deletion.act).where(Deletion.approved_at.is_not(None))
        )
    }
    found = [_of_wave(session, wave, done) for wave in session.scalars(waves.order_by(Wave.code))]
    return [one for one in found if one.contacts or one.links or one.texts]


def _of_wave(session: Session, wave: Wave, done: set[tuple[str, str]]) -> KeptUntil:
    def still(act: Act, day: date | None) -> date | None:
        return None if (wave.code, act.value) in done else day

    texts = still(Act.TEXTS, wave.texts_until)
    return KeptUntil(
        title=wave.title,
        contacts=still(Act.CONTACTS, wave.contacts_until),
        links=still(Act.LINKS, wave.links_until),
        texts=texts if texts and _asks_for_own_words(session, wave) else None,
    )


def _asks_for_own_words(session: Session, wave: Wave) -> bool:
    """Whether something is answered in one's own words; nobody knows of a questionnaire that is gone."""
    own = session.scalars(select(LocalQuestions).where(LocalQuestions.wave_code == wave.code))
    asked = [if_unchanged(one.questionnaire, one.questionnaire_hash) for one in (wave, *own)]
    return any(one is None or one.free_texts for one in asked)
