"""Labels that charts and tables of the public pages share, in the reader's language."""

from datetime import date

from survey import languages
from survey.publication.changed_parts import ChangedPart
from survey.publication.content import GroupFigures
from survey.publication.drawings.chart_rows import Chart
from survey.publication.drawings.resident_charts import measure_chart
from survey.publication.numbers import NBSP
from survey.publication.pages.public_results import PlaceResult, Told
from survey.publication.receipt import Receipt
from survey.translation import current_language, gettext

# A text of its own direction: within a chart, which runs left to right, or a range within Arabic.
LEFT_TO_RIGHT, RIGHT_TO_LEFT, END = "\u2066", "\u2067", "\u2069"


def group_label(group: GroupFigures) -> str:
    """Women, men or an age group."""
    return _group(group.key)


def among(receipt: Receipt) -> list[str]:
    """Among whom a promise is to be seen: women or men, an age group; nobody in particular is nothing."""
    return [_group(key) for key in (receipt.gender, receipt.age_group) if key not in ("", "all")]


def part_label(place: PlaceResult, changed: ChangedPart) -> str:
    """Where in the place, or among whom, something has changed."""
    area = [changed.area_name] if changed.area and not place.area_code else []
    return ", ".join([*area, *map(_group, changed.groups)])


def _group(key: str) -> str:
    fixed = {"woman": gettext("Kvinnor"), "man": gettext("Män")}
    if key in fixed:
        return fixed[key]
    ages = key.replace("-", "–")
    if _runs_left():
        ages = f"{LEFT_TO_RIGHT}{ages}{END}"
    return (gettext("%(ages)s år") % {"ages": ages}).replace(" ", NBSP)


def month(day: date) -> str:
    """A month in words, as in "september 2025"."""
    return languages.format_month(current_language().code, day)


def groups_of(place: PlaceResult, told: Told) -> list[tuple[str, GroupFigures]]:
    """The rows of a measure's chart and table: for an area beside its municipality, else by sex and age."""
    if place.area_code:
        return [(place.name, told.group), (place.report.municipality, told.measure.total)]
    groups = (*told.measure.genders, *told.measure.ages)
    return [(gettext("Alla"), told.group), *((group_label(group), group) for group in groups)]


def problem_rows(place: PlaceResult) -> list[tuple[str, GroupFigures]]:
    """The rows of the table over problems."""
    return [(gettext(told.measure.label), told.group) for told in place.problems]


def chart_of(place: PlaceResult, told: Told) -> Chart:
    """The chart of a measure; its text says what it shows and the table beside it holds every figure."""
    rows = [(_in_chart(label), group.now) for label, group in groups_of(place, told)]
    title = gettext("Antal av 100, med osäkerhet")
    label = gettext(told.measure.label)
    alt = gettext("Staplar för varje grupp: %(measure)s. Alla siffror finns i tabellen.") % {"measure": label}
    return measure_chart(rows, title, alt)


def _in_chart(label: str) -> str:
    return f"{RIGHT_TO_LEFT}{label}{END}" if _runs_left() else label


def _runs_left() -> bool:
    return current_language().direction == "rtl"
