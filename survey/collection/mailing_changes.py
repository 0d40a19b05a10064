"""Changes to the mailing calendar as they are written, checked one by one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from survey.collection.usual_mailings import USUAL
from survey.errors import UserError
from survey.models.mailing import MailingKind

LINK = re.compile(r"://|\bwww\.|\w\.\w")


@dataclass(frozen=True)
class Change:
    """What is decided about a mailing; None leaves it as it is, an empty text brings back the usual."""

    planned_on: date | None = None
    left_out: bool = False
    text: str | None = None

    @property
    def told(self) -> Mapping[str, object]:
        """The change for the audit log."""
        day = {"day": str(self.planned_on or "left out")} if self.planned_on or self.left_out else {}
        return day | ({"text": self.text} if self.text is not None else {})


def changes_of(days: Sequence[str], texts: Sequence[str]) -> dict[MailingKind, Change]:
    """Changes as they are written: `form=2026-11-03`, `last=-` to leave it out, `card=What it says`."""
    found: dict[MailingKind, Change] = {}
    for kind, day in map(_split, days):
        found[kind] = Change(left_out=True) if day == "-" else Change(planned_on=_day(kind, day))
    for kind, text in map(_split, texts):
        found[kind] = replace(found.get(kind, Change()), text=clean_text(kind, text))
    return found


def changes_in_form(
    now: Iterable[tuple[MailingKind, date | None, str]], fields: Mapping[str, str]
) -> dict[MailingKind, Change]:
    """Where a form with `day-card`, `text-card` and so on differs from how the mailings stand now."""
    days, texts = [], []
    for kind, planned_on, text in now:
        day = fields.get(f"day-{kind}", str(planned_on or "")).strip()
        if day != str(planned_on or ""):
            days.append(f"{kind}={day or '-'}")
        written = fields.get(f"text-{kind}", text)
        if " ".join(written.split()) != text:
            texts.append(f"{kind}={written}")
    return changes_of(days, texts)


def clean_text(kind: MailingKind, text: str) -> str:
    """The text in one paragraph; refused when it would not fit, or leads to an address from an open card."""
    words, usual = " ".join(text.split()), USUAL[kind]
    if len(words) > usual.longest or not words.isprintable():
        raise UserError(f"{usual.words}: texten får ha högst {usual.longest} tecken och inga styrtecken.")
    if kind in (MailingKind.SMS, MailingKind.CARD) and LINK.search(words):
        raise UserError(f"{usual.words}: texten får inte innehålla någon länk eller adress på nätet.")
    return words


def _split(written: str) -> tuple[MailingKind, str]:
    kind, equals, value = written.partition("=")
    if not equals or kind not in set(MailingKind):
        raise UserError(f"{written[:40]!r} ska skrivas SLAG=VÄRDE, där slaget är {', '.join(MailingKind)}.")
    return MailingKind(kind), value.strip()


def _day(kind: MailingKind, written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise UserError(
            f"{USUAL[kind].words}: {written[:20]!r} är inget datum. Skriv det som 2026-11-03."
        ) from None
