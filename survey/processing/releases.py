"""The statistics of a wave as a draft, and the draft as an immutable release."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from analysis import pipeline, provenance
from analysis.changes import OTHER_MUNICIPALITIES
from analysis.coherence import KIND
from analysis.errors import AnalysisError
from analysis.schema import validate_bundle
from analysis.settings import Settings
from analysis.small_groups import shown_items, shown_quality, shown_rates
from survey import audit
from survey.errors import UserError
from survey.models.imported_wave import ImportedWave
from survey.models.release import Release
from survey.models.wave import Wave, WaveStatus
from survey.preparation.local_questions import local_questionnaires
from survey.preparation.waves import find_wave, require_not_void, require_status
from survey.processing import embargoes, run_changes
from survey.processing.beside_tables import Approved, approved_beside, rows_to_hide, until_safe
from survey.processing.comparisons import kept_comparisons
from survey.processing.datasets import Dataset, build_bundle
from survey.processing.drafts import TABLES, store_table
from survey.processing.history import municipalities_by_wave
from survey.processing.local_items import add_local_items
from survey.processing.refusals import in_swedish
from survey.processing.releasable import find_draft, require_releasable
from survey.processing.remarks import blank_forms, kept, sentences
from survey.processing.told_so_far import outputs_of, released_before
from survey.progress import Progress

LABELS = {"weights": "vikter", "estimates": "skattningar"}  # what progress is called on the way


@dataclass(frozen=True)
class Processed:
    """What a run gave: which draft or release, how much, and what the statistics had to remark."""

    release_id: int
    wave_code: str
    version: int
    rows: Mapping[str, int]
    compared_with: Mapping[str, tuple[str, ...]]  # earlier wave -> municipalities
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Computed:
    """The statistics of a wave before they are stored: tables and what they were made from."""

    wave_code: str
    tables: Mapping[str, pd.DataFrame]
    manifest: Mapping[str, Any]
    municipalities: Mapping[str, list[str]]


def process(session: Session, wave_code: str, *, by: str, progress: Progress | None = None) -> Processed:
    """Compute a closed wave against each municipality's previous one, and keep it as the wave's draft."""
    return keep_draft(session, compute(session, wave_code, progress=progress), by=by, progress=progress)


def compute(session: Session, wave_code: str, *, progress: Progress | None = None) -> Computed:
    """Compute a closed wave; only reads, so that residents of an open wave are not kept waiting."""
    wave = find_wave(session, wave_code)
    require_status(wave, WaveStatus.CLOSED)
    require_not_void(wave)
    if session.get(ImportedWave, wave_code) is not None:
        raise UserError(
            f"Omgången {wave_code} är importerad och räknas inte för sig: nästa omgång jämförs med den."
        )
    municipalities = municipalities_by_wave(session, wave)
    beside = {code: asdict(outputs_of(session, code)) for code in municipalities}
    dataset = build_bundle(session, municipalities)
    settings = replace(Settings.default(), seed=wave.seed)
    try:
        approved = approved_beside(session, municipalities)
        results = _results(session, wave_code, dataset, settings, tuple(municipalities), approved, progress)
        tables = _tables(results, wave_code, municipalities, dataset.bundle.indicators)
        tables["estimates"] = add_local_items(
            session, wave, municipalities[wave_code], settings, tables["estimates"], results.changes, approved
        )
    except AnalysisError as error:
        raise UserError(f"Omgången {wave_code} kan inte räknas. {in_swedish(error)}") from error
    manifest = _manifest(dataset, results, settings, municipalities)
    manifest["beside"] = beside
    manifest["local_questions"] = {
        code: {"name": own.name, "hash": own.hash}
        for code, own in local_questionnaires(session, wave_code).items()
    }
    return Computed(wave_code, tables, manifest, municipalities)


def _results(
    session: Session,
    wave_code: str,
    dataset: Dataset,
    settings: Settings,
    wave_codes: tuple[str, ...],
    approved: Sequence[Approved],
    progress: Progress | None,
) -> pipeline.Results:
    """The statistics beside everything told before: releases, and approved tables."""
    earlier, bundle = released_before(session, wave_codes), validate_bundle(dataset.bundle)

    def run(withheld: pd.DataFrame) -> pipeline.Results:
        return pipeline.run(
            bundle,
            settings,
            _named_in_swedish(progress),
            earlier=earlier,
            withheld=withheld,
            jobs=len(os.sched_getaffinity(0)),
        )

    def telling(results: pipeline.Results) -> pd.DataFrame:
        return rows_to_hide(approved, results.estimates, results.changes)

    return until_safe(run, telling, wave_code)


def keep_draft(
    session: Session, computed: Computed, *, by: str, progress: Progress | None = None
) -> Processed:
    """Store what was computed as the wave's draft, in the place of the one there may have been."""
    wave = find_wave(session, computed.wave_code)
    former = find_draft(session, wave.code)
    before = run_changes.stored_run(session, former) if former else None
    draft = _new_draft(session, wave, by)
    rows = {}
    for done, name in enumerate(TABLES, start=1):
        rows[name] = store_table(session, draft.id, name, computed.tables[name])
        if progress:
            progress("tabeller", done, len(TABLES))
    draft.manifest = json.dumps({**computed.manifest, "rows": rows}, ensure_ascii=False, sort_keys=True)
    if before:
        now = run_changes.computed_run(computed.manifest, computed.tables, wave.code)
        run_changes.keep_last(session, draft.id, run_changes.compare_runs(before, now))
    session.flush()
    audit.record(session, by, "process wave", wave.code, version=draft.version, rows=rows)
    compared = {code: tuple(names) for code, names in computed.municipalities.items() if code != wave.code}
    said = sentences(computed.manifest["remarks"])
    return Processed(draft.id, wave.code, draft.version, rows, compared, said)


def release(session: Session, wave_code: str, *, by: str, reason: str | None = None) -> Processed:
    """Make the wave's draft the next version of its results, for good; whether one may is `approval`'s."""
    draft = require_releasable(session, wave_code, reason)
    manifest = json.loads(draft.manifest)
    now = datetime.now(UTC)
    opens = embargoes.start(session, draft, now)
    run_changes.forget_last(session, draft.id)
    draft.released_at, draft.released_by, draft.reason = now, by, reason
    session.flush()
    audit.record(
        session, by, "release wave", wave_code, version=draft.version, reason=reason or "", opens=opens
    )
    compared = {code: tuple(names) for code, names in manifest["municipalities"].items() if code != wave_code}
    said = sentences(manifest.get("remarks", ()))
    return Processed(draft.id, wave_code, draft.version, manifest["rows"], compared, said)


def _named_in_swedish(progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda label, done, total: progress(LABELS.get(label, label), done, total)


def _new_draft(session: Session, wave: Wave, by: str) -> Release:
    """An empty draft in the place of the one there may have been."""
    session.execute(delete(Release).where(Release.wave_code == wave.code, Release.released_at.is_(None)))
    last = session.scalar(select(func.max(Release.version)).where(Release.wave_code == wave.code)) or 0
    draft = Release(
        wave_code=wave.code,
        version=last + 1,
        synthetic=wave.synthetic,
        created_at=datetime.now(UTC),
        created_by=by,
        manifest="{}",
    )
    session.add(draft)
    session.flush()
    return draft


def _tables(
    results: pipeline.Results,
    wave_code: str,
    municipalities: Mapping[str, list[str]],
    indicators: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """The tables to keep: `all` of an earlier wave only when it stands for the municipalities of this one.

    Unions of a kind are there to be compared with; who is of a kind may change: their figures are not kept.
    """
    here = set(municipalities[wave_code])
    partial = [code for code, names in municipalities.items() if set(names) != here]
    estimates, changes, rates = results.estimates, results.changes, results.response_rates
    diagnostics = results.diagnostics
    other_union = estimates["geography"].eq("all") & estimates["wave"].isin(partial)
    other_weights = diagnostics["municipality_code"].eq("all") & diagnostics["wave"].isin(partial)
    other_change = changes["reason"].eq(OTHER_MUNICIPALITIES)
    return {
        "estimates": estimates[~other_union & estimates["geography"].ne(KIND)],
        "changes": changes[changes["wave"].eq(wave_code) & ~other_change & changes["geography"].ne(KIND)],
        "comparisons": kept_comparisons(results.comparisons, indicators, wave_code, partial),
        "diagnostics": diagnostics[~other_weights],
        "response_rates": shown_rates(rates),
        "quality": shown_quality(_of_wave(results.quality, wave_code)),
        "item_nonresponse": shown_items(_of_wave(results.item_nonresponse, wave_code)),
    }


def _of_wave(table: pd.DataFrame, wave_code: str) -> pd.DataFrame:
    """The rows of the wave itself: earlier ones have been declared with their own release."""
    return table[table["wave"].eq(wave_code)]


def _manifest(
    dataset: Dataset,
    results: pipeline.Results,
    settings: Settings,
    municipalities: Mapping[str, list[str]],
) -> dict[str, object]:
    """Everything needed to make the same figures again and to see that they are the same."""
    return {
        "disclosure": results.disclosure,
        "versions": provenance.versions(),
        "settings": settings.as_dict(),
        "seed": settings.seed,
        "municipalities": municipalities,
        "answers": dataset.answers,
        "fingerprints": dataset.fingerprints,
        "remarks": kept([*blank_forms(dataset.blank), *results.remarks]),
        "cpu_seconds": results.seconds,
    }
