"""The municipalities of a wave beside each other: the own first, then in the order of the alphabet."""

from survey.publication.content import NOT_COMPARED, GroupFigures, IndicatorResult
from survey.publication.figures import NO_CHANGE, NO_FIGURE, figure
from survey.publication.pages.indicator_totals import IndicatorTotals
from survey.publication.released import ALL, records
from survey.publication.standings import Standings

LAST_LETTERS = str.maketrans({"å": "{", "ä": "|", "ö": "}"})  # the signs that follow z


def build_neighbours(
    totals: IndicatorTotals, wave: str, code: str, result: IndicatorResult
) -> tuple[GroupFigures, ...]:
    """The own municipality, the whole region, and the others by name; empty when there are no others."""
    rows = records(totals.estimates[totals.estimates["wave"].eq(wave)])
    beside = None if totals.comparisons is None else Standings(totals.comparisons, wave)
    shown = [
        GroupFigures(
            row["code"],
            totals.names[row["code"]],
            figure(row),
            NO_FIGURE,
            NO_CHANGE,
            beside.of(("municipality", row["code"], ALL, ALL), result.id, result.direction)
            if beside
            else NOT_COMPARED,
        )
        for row in rows
        if row["code"] in totals.names
    ]
    others = sorted((one for one in shown if one.key != code), key=lambda one: alphabetical(one.label))
    if not others:
        return ()
    own = [one for one in shown if one.key == code]
    return (*own, *((result.region,) if result.region else ()), *others)


def alphabetical(name: str) -> str:
    """The key that sorts names as Swedish does: å, ä and ö after z."""
    return name.lower().translate(LAST_LETTERS)
