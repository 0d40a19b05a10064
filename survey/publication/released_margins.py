"""Rows of a table on request that the release compares itself: of those its verdict alone is told."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from analysis.keys import AREA, MUNICIPALITY
from survey.models.release import Comparison
from survey.models.requested_table import RequestedFigure, RequestedTable
from survey.publication.released import ALL
from survey.publication.requested_tables import Words, pairs_of
from survey.publication.results import read_table
from survey.publication.standings import STATISTIC, Standings

GROUPS = ("gender", "age_group")
Domain = tuple[str, str, str, str]  # geography, code, gender, age group


def released_marks(
    session: Session, table: RequestedTable, words: Words, figures: Sequence[RequestedFigure]
) -> dict[int, bool]:
    """Whether a difference is certain by the release, for each row whose very comparison stands in it.

    A table corrects its tests as a family of its own, the release as another (METHODS.md M-23, M-36); of one
    and the same comparison there must not be two answers.
    """
    limits = _limits(table)
    domains = {
        one.id: domain for one in figures if (domain := _domain(pairs_of(words, one), limits, one.statistic))
    }
    if not domains:
        return {}
    places = {code for _, code, _, _ in domains.values()}
    condition = Comparison.code.in_(places) & (Comparison.indicator == table.item)
    standings = Standings(read_table(session, Comparison, table.release_id, condition), table.wave_code)
    found = {number: standings.of(domain, table.item, "up") for number, domain in domains.items()}
    return {number: one.certain for number, one in found.items() if one.text}


def _limits(table: RequestedTable) -> dict[str, str]:
    """The one category that each limit leaves; several together are no domain of a release."""
    parted = [one.partition("=") for one in table.limited_to.split()]
    return {name: values for name, _, values in parted}


def _domain(pairs: Sequence[tuple[str, str]], limits: Mapping[str, str], statistic: str) -> Domain | None:
    """The domain of a row that is a margin by place; None for every other row."""
    divided = {name: code for name, code in pairs if code != ALL}
    known = {*GROUPS, MUNICIPALITY}
    if statistic != STATISTIC or len(divided) != 1 or not known.issuperset(limits):
        return None
    if any("|" in values for values in limits.values()):
        return None
    ((name, code),) = divided.items()
    # A municipality is compared with all, an area with its municipality: so must the table be limited.
    if (name == MUNICIPALITY and MUNICIPALITY in limits) or (name == AREA and MUNICIPALITY not in limits):
        return None
    if name not in (MUNICIPALITY, AREA):
        return None
    gender, age_group = (limits.get(one, ALL) for one in GROUPS)
    return name, code, gender, age_group
