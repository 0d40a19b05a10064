"""Where something has certainly changed within a place: its areas and groups of people, by verdict alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from survey.publication import numbers, wording
from survey.publication.content import ChangeFigure, GroupFigures
from survey.publication.figures import Figures
from survey.publication.released import ALL, Place
from survey.publication.speech import say
from survey.questionnaire.indicators import Indicator

MOST_NAMED = 3  # so many changes a sentence names
MOST_LISTED = 40  # and a report lists: about a page


@dataclass(frozen=True)
class ChangedPart:
    """A certain change of one measure in an area, in a group of people, or in a group within an area."""

    area: str  # its code; empty for a group of the whole place
    area_name: str
    part: str  # "Område 2", "Kvinnor, 16–29 år", "Område 2, kvinnor"
    groups: tuple[str, ...]  # a gender, an age group, both; empty for all who live in an area
    indicator: str
    label: str
    headline: bool
    figures: GroupFigures

    @property
    def change(self) -> ChangeFigure:
        return self.figures.change

    @property
    def size_span(self) -> str:
        """The interval of the change without its sign: "4–24"."""
        return numbers.size_span(self.change.lower or 0.0, self.change.upper or 0.0)

    @property
    def told(self) -> str:
        """ "otrygg kväll ▼ −14"."""
        size = f"{self.change.mark}{numbers.NBSP}{self.change.text}"
        return f"{wording.lower(self.label)} {size}"

    @property
    def entry(self) -> str:
        """ "Område 2: otrygg kväll ▼ −14"."""
        return f"{self.part}: {self.told}"


@dataclass(frozen=True)
class PartRow:
    """The certain changes of an area or group, a line each: "otrygg kväll ▼ −14 (4–24)"."""

    part: str
    better: str
    worse: str


def changed_parts(figures: Figures, place: Place, library: Sequence[Indicator]) -> tuple[ChangedPart, ...]:
    """The certain changes below a place's total: areas in the order of the survey, then sexes and ages."""
    order = {code: number for number, code in enumerate(place.areas)}
    at = {indicator.id: number for number, indicator in enumerate(library)}
    keys = sorted(
        (key for key in figures.certain if key[-1] in at and _within(key, place)),
        key=lambda key: (order.get(key[1], len(order)), *_group_order(key), at[key[-1]]),
    )
    return tuple(_changed(figures, place.areas, library[at[key[-1]]], key) for key in keys)


def changed_in(parts: Sequence[ChangedPart]) -> dict[str, tuple[ChangedPart, ...]]:
    """The changes by the area or group that they are of, in their order."""
    return {
        name: tuple(one for one in parts if one.part == name) for name in dict.fromkeys(p.part for p in parts)
    }


def part_rows(parts: Sequence[ChangedPart]) -> tuple[PartRow, ...]:
    """The changes as a table, groups within areas last; none where they are too many."""
    if len(parts) > MOST_LISTED:
        return ()
    rows = changed_in(sorted(parts, key=lambda one: bool(one.area and one.groups)))
    return tuple(
        PartRow(part, _lines(found, "better"), _lines(found, "worse")) for part, found in rows.items()
    )


def _lines(parts: Sequence[ChangedPart], tone: str) -> str:
    return "\n".join(f"{one.told} ({one.size_span})" for one in parts if one.change.tone == tone)


def parts_sentence(parts: Sequence[ChangedPart]) -> str:
    """Which areas and groups have changed for certain, headlines first, and how many more; empty for none.

    A group within an area is named last: it is the smallest of the parts.
    """
    if not parts:
        return ""
    named = sorted(parts, key=lambda one: (not one.headline, bool(one.area and one.groups)))[:MOST_NAMED]
    told = [one.entry for one in named]
    if left := len(parts) - len(named):
        told.append(say("och %(count)s till", count=numbers.number(left)))
    return say(_where(parts), changes="; ".join(told))


def _where(parts: Sequence[ChangedPart]) -> str:
    if all(one.area for one in parts):
        return "Säkert förändrat i delområden, i procentenheter: %(changes)s."
    if not any(one.area for one in parts):
        return "Säkert förändrat i grupper, i procentenheter: %(changes)s."
    return "Säkert förändrat i delområden eller grupper, i procentenheter: %(changes)s."


def _within(key: Sequence[str], place: Place) -> bool:
    geography, code, gender, age_group, _ = key
    if geography == "area" and code in place.areas:
        return len(place.areas) > 1  # a municipality's only area is the municipality
    return (geography, code) == (place.geography, place.code) and (gender, age_group) != (ALL, ALL)


def _group_order(key: Sequence[str]) -> tuple[bool, bool, str, str]:
    """The total first, then women and men, then the ages, then women and men by age."""
    _, _, gender, age_group, _ = key
    return (age_group != ALL, gender != ALL, age_group, {"woman": "0", "man": "1"}.get(gender, gender))


def _changed(
    figures: Figures, areas: Mapping[str, str], indicator: Indicator, key: Sequence[str]
) -> ChangedPart:
    geography, code, gender, age_group, _ = key
    area = code if code in areas else ""
    groups = tuple(one for one in (gender, age_group) if one != ALL)
    name = areas.get(code, "")
    part = ", ".join(_names(name, gender, age_group))
    group = figures.group(
        part,
        indicator.id,
        indicator.direction,
        geography=geography,
        code=code,
        gender=gender,
        age_group=age_group,
    )
    return ChangedPart(
        area, name, part, groups, indicator.id, say(indicator.label), indicator.headline, group
    )


def _names(area: str, gender: str, age_group: str) -> Iterator[str]:
    if area:
        yield area
    if gender != ALL:
        sex = say(wording.SEXES.get(gender, gender))
        yield wording.lower(sex) if area else sex
    if age_group != ALL:
        yield say("%(ages)s år", ages=age_group.replace("-", "–"))
