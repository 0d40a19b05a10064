"""What charts say round their drawing: whom they are about, when, and the figures at the end of each row."""

from survey.publication.content import ChangeFigure, GroupFigures, MunicipalityReport
from survey.publication.speech import say


def subtitle(report: MunicipalityReport, when: str) -> str:
    """Below the title of shares: their intervals, whom they are about and when."""
    return say(
        "Andel i procent %(interval)s, %(people)s, %(when)s",
        interval=report.method.with_interval,
        people=people(report),
        when=when,
    )


def people(report: MunicipalityReport) -> str:
    """Whom the figures are about: "invånare 16–84 år i Nacka"."""
    return say("invånare %(ages)s år %(place)s", ages=report.wave.ages, place=report.place)


def both_waves(now: str, before: str) -> str:
    """When the figures are from: one wave or two."""
    return say("%(first)s och %(last)s", first=before, last=now) if before else now


def share_label(group: GroupFigures) -> tuple[str, str]:
    """At the end of a row, after the look of the text: a share with its interval, or why there is none."""
    if not group.now.shown:
        return "value", group.now.text
    return "strong", f"{group.now.text} ({group.now.interval})"


def change_label(group: GroupFigures) -> tuple[str, str]:
    """The change."""
    return group.change.tone or "value", change_text(group.change)


def change_text(change: ChangeFigure) -> str:
    """Mark, signed figure and, for a certain change, whether it is for the better."""
    tone = say({"better": "bättre", "worse": "sämre"}.get(change.tone, ""))
    return " ".join(part for part in (change.mark, change.text, tone) if part)


def genders_label(genders: tuple[GroupFigures, ...]) -> tuple[str, str]:
    """The shares of women and men."""
    return "value", " / ".join(gender.now.text for gender in genders)
