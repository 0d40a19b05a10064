"""What a reviewer weighs before a draft is released: weights, quality, what is hidden, what has changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from analysis.keys import TOTAL
from survey import clock
from survey.errors import UserError
from survey.models.release import Audience, Diagnostic, Estimate, Release
from survey.preparation.geography import municipality_names
from survey.processing import approval, checklist, embargoes, remarks, review_quality, run_changes
from survey.processing.releasable import find_draft, outdated_by
from survey.processing.review_quality import Declared, Figure, Spread
from survey.processing.run_changes import RunChange

# From here on a reviewer is told: the weights then cost half the answers, or a few answers weigh much.
HIGH_DEFF, LOW_R, HEAVY, TRIMMED = 2.0, 0.75, 10.0, 0.01
PAGE_ROWS = 200
GROUPS = {
    (True, True): "alla svarande",
    (False, True): "ett kön",
    (True, False): "en åldersgrupp",
    (False, False): "kön och ålder",
}
GEOGRAPHIES = {"all": "hela regionen", "municipality": "kommun", "area": "delområde"}


@dataclass(frozen=True)
class WeightLine:
    """Response and weights of one municipality, with what a reviewer should look at."""

    code: str
    name: str
    sampled: int
    responded: int
    response_rate: float | None
    even: Figure | None  # the R-indicator
    deff: float | None
    heaviest: float | None  # the largest weight, in medians
    trimmed: float | None
    remarks: tuple[str, ...]
    spread: Spread | None


@dataclass(frozen=True)
class HiddenCount:
    """How many rows of a kind are hidden for a reason."""

    kind: str
    reason: str
    rows: int


@dataclass(frozen=True)
class Review:
    """A draft as a reviewer reads it."""

    version: int
    outdated: str  # why it cannot be released as it is
    computed_at: datetime
    computed_by: str
    remarks: tuple[remarks.Told, ...]
    disclosure: str
    rows: int
    hidden_rows: int
    weights: tuple[WeightLine, ...]
    quality: Declared
    hidden: tuple[HiddenCount, ...]
    changes: tuple[RunChange, ...]  # against the draft before, against the newest release
    ticks: tuple[checklist.Tick, ...]
    request: approval.Request | None
    times: Mapping[Audience, datetime | None]


@dataclass(frozen=True)
class Version:
    """A released version: by whom, why, and when each audience may read it."""

    version: int
    released_at: datetime
    released_by: str
    reason: str
    times: Mapping[Audience, datetime | None]
    replaced: bool
    ticks: tuple[checklist.Tick, ...]

    def waiting(self, now: datetime) -> bool:
        """Whether some audience may not read it yet."""
        return any(moment is None or moment > now for moment in self.times.values())


def review(session: Session, wave_code: str) -> Review | None:
    """The draft of a wave; None when there is none."""
    draft = find_draft(session, wave_code)
    if draft is None:
        return None
    manifest = json.loads(draft.manifest)
    hidden = _hidden_counts(session, draft.id, wave_code)
    names = municipality_names(session)
    total = select(func.count()).where(Estimate.release_id == draft.id, Estimate.wave == wave_code)
    return Review(
        version=draft.version,
        outdated=outdated_by(session, draft),
        computed_at=clock.local(draft.created_at),
        computed_by=draft.created_by,
        remarks=remarks.by_kind(manifest.get("remarks", ()), names),
        disclosure=str(manifest.get("disclosure", "")),
        rows=session.scalar(total) or 0,
        hidden_rows=sum(count.rows for count in hidden),
        weights=_weights(session, draft.id, wave_code, names),
        quality=review_quality.declared(session, draft, TOTAL),
        hidden=hidden,
        changes=tuple(
            change
            for change in (run_changes.last_change(session, draft.id), _since_release(session, draft))
            if change
        ),
        ticks=checklist.ticks_of(session, draft.id),
        request=approval.request_of(session, draft.id),
        times=_local(embargoes.times_of(session, draft)),
    )


def versions(session: Session, wave_code: str) -> tuple[Version, ...]:
    """The released versions of a wave, the newest first."""
    query = select(Release).where(Release.wave_code == wave_code, Release.released_at.is_not(None))
    found = session.scalars(query.order_by(Release.version.desc())).all()
    return tuple(
        Version(
            row.version,
            clock.local(row.released_at),
            row.released_by or "",
            row.reason or "",
            _local(embargoes.times_of(session, row)),
            place > 0,
            checklist.ticks_of(session, row.id),
        )
        for place, row in enumerate(found)
        if row.released_at is not None
    )


def hidden_rows(session: Session, wave_code: str, page: int) -> tuple[list[dict[str, str]], int]:
    """A page of the hidden rows of a draft, and how many pages there are."""
    draft = find_draft(session, wave_code)
    if draft is None:
        raise UserError(f"Omgången {wave_code} har inget utkast att granska.")
    hidden = _hidden_rows(draft.id, wave_code)
    rows = session.scalar(select(func.count()).select_from(hidden.subquery())) or 0
    pages = max(1, -(-rows // PAGE_ROWS))
    at = (min(max(page, 1), pages) - 1) * PAGE_ROWS
    names = (Estimate.geography, Estimate.code, Estimate.gender, Estimate.age_group)
    columns = (*names, Estimate.indicator, Estimate.statistic, Estimate.reason)
    query = hidden.with_only_columns(*columns).order_by(Estimate.id).limit(PAGE_ROWS).offset(at)
    return [dict(row._mapping) for row in session.execute(query)], pages


def _hidden_rows(draft_id: int, wave_code: str) -> Select[Estimate]:
    return select(Estimate).where(
        Estimate.release_id == draft_id, Estimate.wave == wave_code, Estimate.released.is_(False)
    )


def _hidden_counts(session: Session, draft_id: int, wave_code: str) -> tuple[HiddenCount, ...]:
    everybody, all_ages = Estimate.gender == TOTAL, Estimate.age_group == TOTAL
    kind = (Estimate.geography, everybody, all_ages, Estimate.reason)
    query = _hidden_rows(draft_id, wave_code).with_only_columns(*kind, func.count()).group_by(*kind)
    counts = [
        HiddenCount(
            f"{GEOGRAPHIES.get(geography, geography)}, {GROUPS[bool(gender), bool(age)]}", reason, rows
        )
        for geography, gender, age, reason, rows in session.execute(query)
    ]
    return tuple(sorted(counts, key=lambda count: -count.rows))


def _weights(
    session: Session, draft_id: int, wave_code: str, names: Mapping[str, str]
) -> tuple[WeightLine, ...]:
    spreads = review_quality.weight_spreads(session, draft_id)
    even = review_quality.evenness(session, draft_id)
    rows = session.scalars(
        select(Diagnostic).where(Diagnostic.release_id == draft_id, Diagnostic.wave == wave_code)
    )
    lines = [
        _line(row, names, even.get(row.municipality_code), spreads.get(row.municipality_code)) for row in rows
    ]
    return tuple(sorted(lines, key=lambda line: (-len(line.remarks), line.code)))


def _line(
    row: Diagnostic, names: Mapping[str, str], even: Figure | None, spread: Spread | None
) -> WeightLine:
    heaviest = row.weight_max / row.weight_median if row.weight_max and row.weight_median else None
    noted = [
        words
        for noteworthy, words in (
            (not row.responded, "inga svar"),
            ((row.deff_kish or 0) > HIGH_DEFF, "vikterna kostar mer än halva underlaget"),
            (
                bool(even and even.value is not None and even.value < LOW_R),
                "ojämn svarsfrekvens mellan grupper",
            ),
            ((heaviest or 0) > HEAVY, "enskilda svar väger mycket"),
            ((row.trimmed_share or 0) > TRIMMED, "många vikter är kapade"),
            (bool(row.collapsed), "grupper viktas tillsammans"),
        )
        if noteworthy
    ]
    return WeightLine(
        row.municipality_code,
        names.get(row.municipality_code, GEOGRAPHIES["all"]),
        row.sampled,
        row.responded,
        row.response_rate,
        even,
        row.deff_kish,
        heaviest,
        row.trimmed_share,
        tuple(noted),
        spread,
    )


def _since_release(session: Session, draft: Release) -> RunChange | None:
    earlier = session.scalar(
        select(Release)
        .where(Release.wave_code == draft.wave_code, Release.released_at.is_not(None))
        .order_by(Release.version.desc())
        .limit(1)
    )
    if earlier is None:
        return None
    before, now = (run_changes.stored_run(session, release) for release in (earlier, draft))
    return run_changes.compare_runs(before, now)


def _local(times: embargoes.Times) -> dict[Audience, datetime | None]:
    return {audience: clock.local(moment) if moment else None for audience, moment in times.items()}
