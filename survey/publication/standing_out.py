"""What stands out: a municipality beside its region and its kind, an area beside its municipality.

Only the verdict of a released comparison says that something is higher or lower; it is never read out of two
figures or their intervals, and no difference in points is told.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.publication import numbers, wording
from survey.publication.content import Figure, GroupFigures, IndicatorResult, MunicipalityReport
from survey.publication.figures import ALL
from survey.publication.standings import STATISTIC

REGION, KIND, MUNICIPALITY, AREA = "all", "skr_group", "municipality", "area"
AGAINST = {REGION: "hela regionen", KIND: "andra kommuner av samma slag", MUNICIPALITY: "hela kommunen"}
WORDS = {"above": "högre", "below": "lägre", "no_certain_difference": "ingen säker skillnad"}
Row = dict[Hashable, Any]


@dataclass(frozen=True)
class Standing:
    """One measure of one group of people or one area beside what it is compared with."""

    indicator: str
    label: str  # of the measure
    against: str
    verdict: str  # above, below, no_certain_difference; empty: not comparable or hidden
    tone: str  # better, worse or empty
    own: Figure
    other: Figure | None  # None where the figure compared with is not itself released

    @property
    def certain(self) -> bool:
        return self.verdict in ("above", "below")

    @property
    def word(self) -> str:
        return WORDS.get(self.verdict, "kan inte jämföras")

    @property
    def sentence(self) -> str:
        """How the share stands, with the other figure where it is released; empty where nothing is known."""
        if not self.verdict:
            return ""
        if not self.certain:
            return f"Mot {self.against} finns ingen säker skillnad."
        there = ""
        if self.other and self.other.shown:
            there = f", där den är {self.other.value}{numbers.NBSP}procent ({self.other.interval})"
        return f"Andelen är säkert {self.word} än i {self.against}{there}."


@dataclass(frozen=True)
class StandingOut:
    """All measures beside the same thing: those that certainly differ, and how many that do not."""

    against: str
    higher: tuple[Standing, ...]
    lower: tuple[Standing, ...]
    counts: str
    note: str  # which kind it is


@dataclass(frozen=True)
class AreaStanding:
    """The measures in which an area certainly differs from its municipality."""

    label: str
    higher: tuple[Standing, ...]
    lower: tuple[Standing, ...]


class Comparisons:
    """The released comparisons of a municipality's report, found by what is compared with what."""

    def __init__(self, table: pd.DataFrame, report: MunicipalityReport) -> None:
        self._report = report
        self._rows = {
            _key(row): row
            for row in table.to_dict("records")
            if row["wave"] == report.wave.code and row["statistic"] == STATISTIC
        }

    def standing(self, result: IndicatorResult, against: str, group: GroupFigures | None = None) -> Standing:
        """A measure of the municipality, or of one of its genders or ages, beside region or kind."""
        group = group or result.total
        code = self._report.municipality_code
        other = result.region.now if against == REGION and group is result.total and result.region else None
        return self._standing(
            result, against, group.now, other, (MUNICIPALITY, code, *_people(group, result))
        )

    def of_area(self, result: IndicatorResult, area: GroupFigures) -> Standing:
        """A measure of an area beside its municipality."""
        place = (AREA, area.key, ALL, ALL)
        return self._standing(result, MUNICIPALITY, area.now, result.total.now, place)

    def change(self, result: IndicatorResult) -> str:
        """The verdict on the municipality's change beside the region's; empty where there is none."""
        key = (MUNICIPALITY, self._report.municipality_code, ALL, ALL, REGION, result.id, True)
        return _verdict(self._rows.get(key))

    def kind(self) -> str:
        """Which kind of municipality it is compared with the others of; empty where there is none."""
        kinds = (str(row["against_code"]) for key, row in self._rows.items() if key[4] == KIND)
        return next(kinds, "")

    def has(self, against: str) -> bool:
        """Whether anything was compared with this at all."""
        return any(key[4] == against for key in self._rows)

    def _standing(
        self,
        result: IndicatorResult,
        against: str,
        own: Figure,
        other: Figure | None,
        place: tuple[str, str, str, str],
    ) -> Standing:
        verdict = _verdict(self._rows.get((*place, against, result.id, False)))
        tone = ""
        if verdict in ("above", "below"):
            tone = "better" if (verdict == "above") == (result.direction == "up") else "worse"
        return Standing(result.id, result.label, AGAINST[against], verdict, tone, own, other)


def stand_out(comparisons: Comparisons, report: MunicipalityReport) -> tuple[StandingOut, ...]:
    """The municipality beside the region and beside others of its kind, where it was compared with them."""
    return tuple(
        _standing_out(
            [comparisons.standing(result, against) for result in report.indicators],
            against,
            f"Av samma slag: {comparisons.kind()} enligt SKR:s indelning." if against == KIND else "",
        )
        for against in (REGION, KIND)
        if comparisons.has(against)
    )


def areas_standing_out(comparisons: Comparisons, report: MunicipalityReport) -> tuple[AreaStanding, ...]:
    """The areas where something certainly differs from the municipality, in the order of the survey."""
    count = len(report.indicators[0].areas) if report.indicators else 0
    found = []
    for number in range(count):
        standings = [comparisons.of_area(result, result.areas[number]) for result in report.indicators]
        higher, lower = _certain(standings)
        if higher or lower:
            found.append(AreaStanding(report.indicators[0].areas[number].label, higher, lower))
    return tuple(found)


def change_words(verdict: str) -> str:
    """How the change stands beside the region's, in a sentence; empty where they were not compared."""
    way = {"above": "uppåt", "below": "nedåt"}.get(verdict)
    if way:
        return f"Andelen har säkert utvecklats mer {way} än i hela regionen."
    if verdict == "no_certain_difference":
        return "Det går inte att säga om utvecklingen skiljer sig från hela regionens."
    return ""


def _standing_out(standings: Sequence[Standing], against: str, note: str) -> StandingOut:
    higher, lower = _certain(standings)
    compared = sum(bool(one.verdict) for one in standings)
    counts = _counts(len(higher), len(lower), compared, against)
    return StandingOut(AGAINST[against], higher, lower, counts, note)


def _certain(standings: Sequence[Standing]) -> tuple[tuple[Standing, ...], tuple[Standing, ...]]:
    return (
        tuple(one for one in standings if one.verdict == "above"),
        tuple(one for one in standings if one.verdict == "below"),
    )


def _counts(higher: int, lower: int, compared: int, against: str) -> str:
    """How many measures are certainly higher, certainly lower and neither."""
    if not compared:
        return f"Inget mått kan jämföras med {AGAINST[against]}."
    rest = compared - higher - lower
    parts = [f"{higher} är säkert högre"] if higher else []
    parts += [f"{lower} är säkert lägre"] if lower else []
    if not parts:
        return f"{compared} mått jämförs med {AGAINST[against]}. I inget av dem finns en säker skillnad."
    parts += [f"för {rest} finns ingen säker skillnad"] if rest else []
    return f"{compared} mått jämförs med {AGAINST[against]}: {wording.enumeration(parts)}."


def _people(group: GroupFigures, result: IndicatorResult) -> tuple[str, str]:
    """Gender and age of a group as the tables have them."""
    if group is result.total:
        return ALL, ALL
    if any(group is one for one in result.genders):
        return group.key, ALL
    return ALL, group.key


def _key(row: Row) -> tuple[str, str, str, str, str, str, bool]:
    previous = row["previous_wave"]
    return (
        str(row["geography"]),
        str(row["code"]),
        str(row["gender"]),
        str(row["age_group"]),
        str(row["against_geography"]),
        str(row["indicator"]),
        bool(previous) and previous == previous,
    )


def _verdict(row: Row | None) -> str:
    """The verdict of a comparison that may be shown; `not_comparable` says nothing."""
    if row is None or not bool(row["released"]) or row["verdict"] not in WORDS:
        return ""
    return str(row["verdict"])
