"""What stands out: a municipality beside its region and its kind, an area beside its municipality.

Only the verdict of a released comparison says that something is higher or lower.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.keys import MUNICIPALITY
from survey.publication import numbers, wording
from survey.publication.content import Figure, GroupFigures, IndicatorResult, MunicipalityReport, Standing
from survey.publication.released import ALL, Released
from survey.publication.speech import say
from survey.publication.standings import Standings

REGION, KIND = "hela regionen", "andra kommuner av samma slag"
SIDES = ("Säkert högre än i %(whole)s: %(measures)s.", "Säkert lägre än i %(whole)s: %(measures)s.")
MOST_ENTRIES = 8  # so many measures a summary names on each side
WHOLE = "hela kommunen"


@dataclass(frozen=True)
class Beside:
    """A measure of a municipality or an area beside what it is compared with."""

    indicator: str
    label: str
    against: str
    standing: Standing
    own: Figure
    other: Figure | None  # None where the figure compared with is not itself released

    @property
    def entry(self) -> str:
        """As a line of a list: "Skräp utomhus högre: 35 % (32–38) mot 30 %"."""
        told = f"{self.label} {self.standing.text}: {self.own.text} ({self.own.interval})"
        if self.other and self.other.shown:
            return say("%(told)s mot\u00a0%(region)s", told=told, region=self.other.text)
        return told

    @property
    def sentence(self) -> str:
        """How the share stands, with the other figure where it is released; empty where nothing is known."""
        if not self.standing.verdict:
            return ""
        if not self.standing.certain:
            return f"Mot {self.against} finns ingen säker skillnad."
        there = ""
        if self.other and self.other.shown:
            there = f", där den är {self.other.value}{numbers.NBSP}procent ({self.other.interval})"
        return f"Andelen är säkert {self.standing.text} än i {self.against}{there}."


@dataclass(frozen=True)
class StandingOut:
    """All measures beside the same thing: those that certainly differ, and how many that do not."""

    against: str
    higher: tuple[Beside, ...]
    lower: tuple[Beside, ...]
    counts: str
    note: str  # which kind it is


@dataclass(frozen=True)
class AreaStanding:
    """The measures in which an area certainly differs from its municipality."""

    label: str
    higher: tuple[Beside, ...]
    lower: tuple[Beside, ...]


@dataclass(frozen=True)
class GroupStanding:
    """A group of people in one measure, and what is certain of it."""

    indicator: str
    label: str
    group: str
    own: Figure
    findings: tuple[str, ...]


def beside_region(result: IndicatorResult) -> Beside:
    """The municipality's share beside the region's."""
    region = result.region.now if result.region else None
    return Beside(result.id, result.label, REGION, result.total.standing, result.total.now, region)


def beside_kind(result: IndicatorResult) -> Beside:
    """The share beside that of the others of the municipality's kind, whose figure is not released."""
    return Beside(result.id, result.label, KIND, result.beside_kind, result.total.now, None)


def beside_regions(results: Sequence[IndicatorResult]) -> tuple[Beside, ...]:
    """Every measure beside the region's."""
    return tuple(beside_region(result) for result in results)


def beside_kinds(results: Sequence[IndicatorResult]) -> tuple[Beside, ...]:
    """Every measure beside that of others of the municipality's kind."""
    return tuple(beside_kind(result) for result in results)


def counts(measures: Sequence[Beside]) -> str:
    """How many measures certainly differ; empty when none is compared."""
    compared = [one.standing for one in measures if one.standing.verdict]
    if not compared:
        return ""
    against, certain = say(measures[0].against), sum(standing.certain for standing in compared)
    if not certain:
        return say(
            "Inget av %(all)s mått skiljer sig säkert från %(whole)s.", all=len(compared), whole=against
        )
    return say(
        "Av %(all)s mått skiljer sig %(count)s säkert från %(whole)s.",
        all=len(compared),
        count=certain,
        whole=against,
    )


def entries(measures: Sequence[Beside], tone: str) -> tuple[str, ...]:
    """The measures that are certainly better, or worse, as lines of a list that is not too long."""
    lines = [one.entry for one in measures if one.standing.tone == tone]
    left = len(lines) - MOST_ENTRIES
    return (*lines[:MOST_ENTRIES], *([say("och %(count)s mått till", count=left)] if left > 0 else []))


def sides(measures: Sequence[Beside]) -> str:
    """Which measures are certainly higher and which lower, in a sentence each; empty when none is."""
    parts = [
        say(
            sentence,
            whole=say(measures[0].against),
            measures=wording.enumeration([wording.lower(one.label) for one in certain]),
        )
        for sentence, certain in zip(SIDES, _certain(measures), strict=True)
        if certain
    ]
    return " ".join(parts)


def topic_sentence(results: Sequence[IndicatorResult]) -> str:
    """What of a topic stands out against the region and against others of the kind."""
    region = beside_regions(results)
    told = sides(region)
    if not told and counts(region):
        told = say("Ingen andel skiljer sig säkert från hela regionens.")
    return f"{told} {sides(beside_kinds(results))}".strip()


def stand_out(report: MunicipalityReport) -> tuple[StandingOut, ...]:
    """The municipality beside the region and beside others of its kind, where it was compared with them."""
    found = []
    if any(result.total.standing.text for result in report.indicators):
        found.append(_standing_out(beside_regions(report.indicators), ""))
    if report.kind:
        note = f"Av samma slag: {report.kind} enligt SKR:s indelning."
        found.append(_standing_out(beside_kinds(report.indicators), note))
    return tuple(found)


def areas_standing_out(report: MunicipalityReport) -> tuple[AreaStanding, ...]:
    """The areas where something certainly differs from the municipality, in the order of the survey."""
    areas = report.indicators[0].areas if report.indicators else ()
    found = []
    for number, area in enumerate(areas):
        higher, lower = _certain([_beside_whole(result, number) for result in report.indicators])
        if higher or lower:
            found.append(AreaStanding(area.label, higher, lower))
    return tuple(found)


def area_standing_out(report: MunicipalityReport, area_code: str) -> StandingOut | None:
    """All measures of an area beside its municipality's; None where it was not compared."""
    codes = [group.key for group in report.indicators[0].areas] if report.indicators else []
    if area_code not in codes:
        return None
    number = codes.index(area_code)
    measures = [_beside_whole(result, number) for result in report.indicators]
    return _standing_out(measures, "") if any(one.standing.text for one in measures) else None


def groups_standing_out(report: MunicipalityReport) -> tuple[GroupStanding, ...]:
    """Women, men and age groups that certainly differ from the same group in the region, or have changed.

    Women and the youngest stand first; the groups are never compared with each other here.
    """
    if not report.indicators:
        return ()
    first = report.indicators[0]
    leading = [group.key for group in (*first.genders[:1], *first.ages[:1])]
    rest = [group.key for group in (*first.genders, *first.ages) if group.key not in leading]
    return tuple(
        GroupStanding(result.id, result.label, group.label, group.now, tuple(_group_findings(group)))
        for key in (*leading, *rest)
        for result in report.indicators
        for group in (*result.genders, *result.ages)
        if group.key == key and (group.standing.certain or group.change.certain)
    )


def _group_findings(group: GroupFigures) -> Iterator[str]:
    """What is certain of a group, in sentences without their subject's figure."""
    if group.standing.certain:
        yield f"säkert {group.standing.text} än bland {wording.lower(group.label)} i {REGION}"
    if group.change.certain:
        way = "ökat" if group.change.verdict == "up" else "minskat"
        span = numbers.size_span(group.change.lower or 0.0, group.change.upper or 0.0)
        yield f"har {way} med {numbers.points_in_words(group.change.value or 0.0)} ({span})"


def change_words(released: Released, result: IndicatorResult) -> str:
    """How the change stands beside the region's, in a sentence; empty where they were not compared."""
    changes = Standings(released.comparisons, released.wave.code, changes=True)
    verdict = changes.of((MUNICIPALITY, released.place.code, ALL, ALL), result.id, result.direction).verdict
    way = {"above": "uppåt", "below": "nedåt"}.get(verdict)
    if way:
        return f"Andelen har säkert utvecklats mer {way} än i hela regionen."
    if verdict:
        return "Det går inte att säga om utvecklingen skiljer sig från hela regionens."
    return ""


def _beside_whole(result: IndicatorResult, number: int) -> Beside:
    area = result.areas[number]
    return Beside(result.id, result.label, WHOLE, area.standing, area.now, result.total.now)


def _standing_out(measures: Sequence[Beside], note: str) -> StandingOut:
    against = measures[0].against
    told = counts(measures) or f"Inget mått kan jämföras med {against}."
    return StandingOut(against, *_certain(measures), told, note)


def _certain(measures: Sequence[Beside]) -> tuple[tuple[Beside, ...], tuple[Beside, ...]]:
    return (
        tuple(one for one in measures if one.standing.verdict == "above"),
        tuple(one for one in measures if one.standing.verdict == "below"),
    )
