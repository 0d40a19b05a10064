"""What is said of a series: what it counts, whose it is, what it cannot tell, who may read it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from survey.errors import Faults, UserError
from survey.followup.audiences import AUDIENCE_WORDS, readable_by
from survey.followup.places import Level
from survey.followup.series.files import SeriesFile
from survey.models.source import Series, SourceAudience
from survey.preparation.one_line import one_line

CODE = re.compile(r"[0-9A-Za-z_-]{1,40}")
LONGEST = {"title": 120, "source": 200, "limits": 1000, "unit": 60}
_ASKED = {
    "title": "Skriv vad serien visar",
    "source": "Skriv varifrån uppgifterna kommer",
    "limits": "Skriv vad serien inte säger och vad som gör den osäker",
    "unit": "Skriv vad som räknas, till exempel anmälda brott per 100 000 invånare",
}
LABELS = {"title": "Vad serien visar", "source": "Källa", "limits": "Begränsningar", "unit": "Vad som räknas"}
NOT_BY_FILE = (
    "Serien får läsas av {held}. En fil kan inte öppna den för fler: alla värden som redan är inlästa skulle "
    "följa med. Välj {held}, och låt sedan fler läsa serien på seriens egen sida."
)
STAYS_INVENTED = (
    "Serien är märkt som påhittad, och det gäller värdena som redan är inlästa. Låt märkningen stå kvar, "
    "eller ge de riktiga uppgifterna en egen kod."
)


@dataclass(frozen=True)
class Said:
    """Something that stands at a series: before a file and with it; before is empty of a new series."""

    label: str
    before: str
    now: str

    @property
    def changed(self) -> bool:
        return bool(self.before) and self.before != self.now

    @property
    def words(self) -> str:
        return f"{self.label}: {self.before} → {self.now}" if self.changed else f"{self.label}: {self.now}"


@dataclass(frozen=True)
class SeriesDescription:
    """A series as it is stored."""

    code: str
    title: str
    source: str
    limits: str
    unit: str
    audience: str
    synthetic: bool


def described(given: Mapping[str, str], found: SeriesFile) -> SeriesDescription:
    """What the form says, and what the file says where the form is silent.

    Raises:
        Faults: something is missing or too long, at its field.
    """
    texts = {
        name: one_line(given.get(name, "") or getattr(found, name, ""), longest)
        for name, longest in LONGEST.items()
    }
    faults = {
        name: f"{_ASKED[name]}, högst {longest} tecken."
        for name, longest in LONGEST.items()
        if not texts[name]
    }
    code, audience = given.get("code", "").strip(), given.get("audience", "")
    if not CODE.fullmatch(code):
        faults["code"] = "Skriv en kort kod: bokstäver a–z, siffror, bindestreck och understreck, högst 40."
    if audience not in set(SourceAudience):
        faults["audience"] = "Välj vilka som får läsa serien."
    if faults:
        raise Faults(faults)
    return SeriesDescription(code, audience=audience, synthetic=bool(given.get("synthetic")), **texts)


def told_beside(held: Series | None, new: SeriesDescription) -> tuple[Said, ...]:
    """All that stands at a series, before and with a file."""
    before, now = (_in_words(held) if held else {}), _in_words(new)
    return tuple(Said(label, before.get(label, ""), words) for label, words in now.items())


def require_no_wider(held: Series | None, new: SeriesDescription) -> None:
    """Stop a file that would let more people read what a series holds, or hold it out as not invented.

    Raises:
        Faults: at the field that would do it.
    """
    if held is None:
        return
    faults = {}
    if SourceAudience(held.audience).value not in readable_by(SourceAudience(new.audience)):
        faults["audience"] = NOT_BY_FILE.format(held=AUDIENCE_WORDS[SourceAudience(held.audience)])
    if held.synthetic and not new.synthetic:
        faults["synthetic"] = STAYS_INVENTED
    if faults:
        raise Faults(faults)


def _in_words(one: Series | SeriesDescription) -> dict[str, str]:
    return {
        **{label: getattr(one, name) for name, label in LABELS.items()},
        "Får läsas av": AUDIENCE_WORDS[SourceAudience(one.audience)],
        "Uppgifterna är påhittade": "ja" if one.synthetic else "nej",
    }


def chosen_categories(given: str) -> dict[str, str]:
    """What of a table's variables is to be read, written as kön=kvinnor; ålder=totalt."""
    found = {}
    for part in filter(None, (one.strip() for one in re.split(r"[;\n]", given))):
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise Faults({"chosen": f"{part[:40]!r} ska vara variabeln, = och värdet: kön=kvinnor."})
        found[name.strip()] = value.strip()
    return found


def place_about(given: str) -> tuple[Level, str] | None:
    """The place that a whole table is about, written as municipality:0187; empty when the table tells."""
    if not given.strip():
        return None
    level, _, code = given.strip().partition(":")
    try:
        return Level(level), code.strip()
    except ValueError:
        raise UserError(f"{given[:40]!r} är ingen plats. Skriv nivån och koden: municipality:0187.") from None
