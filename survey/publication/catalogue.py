"""What there is to ask for: waves with results, the places in them, the measures with their recipes."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.release import Estimate, Release
from survey.publication.embargo import visible_to
from survey.publication.extract_columns import Value
from survey.publication.extracts import Extract, Filters, Viewer, open_releases, readable
from survey.publication.local_questions import questionnaires_in
from survey.publication.released import ALL
from survey.publication.releases import ReleasedWave
from survey.questionnaire import indicators as library
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.indicators import Indicator, ScoreIndex
from survey.questionnaire.local_shares import local_shares

WAVE_COLUMNS = ("wave", "title", "field_start", "field_end", "version", "released_on", "synthetic")
PLACE_COLUMNS = ("geography", "code", "name", "municipality_code")
INDICATOR_COLUMNS = (
    "indicator",
    "label",
    "meaning",
    "base",
    "unit",
    "direction",
    "headline",
    "sensitive",
    "items",
)
EVERYWHERE = "Alla kommuner"
Measure = Indicator | ScoreIndex


def list_waves(session: Session, viewer: Viewer, filters: Filters) -> Extract:
    """The waves that the reader may see, the newest first."""
    releases = open_releases(session, viewer, filters.get("wave", ()))
    rows: list[tuple[Value, ...]] = [
        (
            one.code,
            one.title,
            one.field_start.isoformat(),
            one.field_end.isoformat(),
            one.version,
            one.released_on.isoformat(),
            one.synthetic,
        )
        for one in releases
    ]
    return Extract(WAVE_COLUMNS, rows, len(rows), releases)


def list_places(session: Session, viewer: Viewer, filters: Filters) -> Extract:
    """The places with figures that the reader may see in these waves: the whole first, then by code."""
    releases = open_releases(session, viewer, filters.get("wave", ()))
    found = session.execute(
        select(Estimate.geography, Estimate.code)
        .join(Release, Release.id == Estimate.release_id)
        .where(
            Estimate.release_id.in_([one.release_id for one in releases]),
            Estimate.wave == Release.wave_code,
            readable(Estimate, viewer),
        )
        .distinct()
    ).all()
    names = _names(session, [code for _, code in found])
    rows: list[tuple[Value, ...]] = [
        (geography, code, *names.get((geography, code), (code, None)))
        for geography, code in sorted(found, key=lambda pair: (pair[1] != ALL, pair[1]))
        if _asked(filters, geography=geography, code=code)
    ]
    return Extract(PLACE_COLUMNS, rows, len(rows), releases)


def list_indicators(session: Session, viewer: Viewer, filters: Filters) -> Extract:
    """The library's measures, then those of the municipalities' own questions in these waves."""
    releases = open_releases(session, viewer, filters.get("wave", ()))
    measures = measures_of(session, viewer, releases)
    rows = [_row(one) for one in measures if _asked(filters, indicator=one.id)]
    return Extract(INDICATOR_COLUMNS, rows, len(rows), releases)


def local_questionnaires(session: Session, viewer: Viewer, release_ids: Sequence[int]) -> list[Questionnaire]:
    """The questionnaires with local questions behind the rows that the reader may see."""
    for_all = set(session.scalars(select(Release.id).where(visible_to(viewer.as_everybody.reader))))
    manifests = session.execute(select(Release.id, Release.manifest).where(Release.id.in_(release_ids)))
    found = {
        one.hash: one
        for number, text in manifests
        for one in questionnaires_in(text, (viewer.as_everybody if number in for_all else viewer).may_read_of)
    }
    return sorted(found.values(), key=lambda one: one.name)


def measures_of(session: Session, viewer: Viewer, releases: Sequence[ReleasedWave]) -> list[Measure]:
    """The measures behind the rows that the reader may see, each once."""
    found: list[Measure] = [*library.indicators(), *library.indices()]
    for own in local_questionnaires(session, viewer, [one.release_id for one in releases]):
        found += local_shares(own)
    return list({measure.id: measure for measure in found}.values())


def _row(measure: Measure) -> tuple[Value, ...]:
    unit, headline, sensitive = "score", False, False
    if isinstance(measure, Indicator):
        unit, headline, sensitive = str(measure.unit), measure.headline, measure.sensitive
    return (
        measure.id,
        measure.label,
        measure.measure,
        measure.base_text,
        unit,
        measure.direction,
        headline,
        sensitive,
        " ".join(measure.items),
    )


def _names(session: Session, codes: Sequence[str]) -> dict[tuple[str, str], tuple[str, str | None]]:
    named = select(Municipality.code, Municipality.name).where(Municipality.code.in_(codes))
    municipalities = session.execute(named)
    areas = session.execute(select(Area.code, Area.name, Area.municipality_code).where(Area.code.in_(codes)))
    return {
        (ALL, ALL): (EVERYWHERE, None),
        **{("municipality", code): (name, code) for code, name in municipalities},
        **{("area", code): (name, of) for code, name, of in areas},
    }


def _asked(filters: Filters, **values: str) -> bool:
    return all(not filters.get(name) or value in filters[name] for name, value in values.items())
