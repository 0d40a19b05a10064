"""What is decided about a wave before anything else, and what is wrong with settings that cannot work."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from survey.errors import UserError
from survey.preparation.population import age_groups_between

CODE = re.compile(r"\d{4}(-\w{1,11})?", re.ASCII)
LARGEST_SAMPLE = 1_000_000  # more than any area has inhabitants
HIGHEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class WaveSettings:
    """What is decided about a wave before anything else; the sample fixes it."""

    code: str
    title: str
    population_date: date
    field_start: date
    field_end: date
    questionnaire: str = "trygghet"
    age_min: int = 16
    age_max: int = 84
    sample_per_area: int = 300
    seed: int | None = None  # left out: one is drawn
    synthetic: bool = False
    contacts_until: date | None = None  # left out: so many days after the last answer day
    links_until: date | None = None
    texts_until: date | None = None


def faults_of(settings: WaveSettings) -> dict[str, str]:
    """What is wrong with the settings of a wave, by the name of the setting."""
    return {
        **code_faults(settings.code),
        **title_and_day_faults(settings.title, settings.field_start, settings.field_end),
        **dict(_faults(settings)),
    }


def code_faults(code: str) -> dict[str, str]:
    """What is wrong with the code of a wave."""
    if CODE.fullmatch(code):
        return {}
    return {
        "code": f"Omgångens kod är {code!r} men ska vara ett årtal, eller ett årtal med tillägg, "
        "som 2026 eller 2026-11."
    }


def title_and_day_faults(title: str, field_start: date, field_end: date) -> dict[str, str]:
    """What is wrong with the printed title and the field period."""
    found = {}
    if not 1 <= len(title) <= 120 or not title.isprintable():
        found["title"] = "Omgångens titel ska ha 1–120 tecken, inga styrtecken."
    if field_end < field_start:
        found["field_end"] = "Sista svarsdag ligger före första svarsdag."
    return found


def _faults(settings: WaveSettings) -> Iterator[tuple[str, str]]:
    try:
        age_groups_between(settings.age_min, settings.age_max)
    except UserError as error:
        yield "age_min", str(error)
    if not 1 <= settings.sample_per_area <= LARGEST_SAMPLE:
        yield "sample_per_area", f"Urvalet per delområde måste vara minst 1 och högst {LARGEST_SAMPLE}."
    if settings.seed is not None and not 0 <= settings.seed <= HIGHEST_SEED:
        yield "seed", f"Slumpfröet måste vara ett heltal från 0 till {HIGHEST_SEED}."
    contacts, links = settings.contacts_until, settings.links_until
    if contacts and contacts <= settings.field_end:
        yield "contacts_until", "Kontaktuppgifterna ska förstöras efter sista svarsdag."
    if contacts and links and links < contacts:
        yield "links_until", "Kopplingarna ska förstöras samma dag som kontaktuppgifterna eller senare."
    elif links and links <= settings.field_end:
        yield "links_until", "Kopplingarna ska förstöras efter sista svarsdag."
    if settings.texts_until and settings.texts_until <= settings.field_end:
        yield "texts_until", "Svaren med egna ord ska förstöras efter sista svarsdag."
