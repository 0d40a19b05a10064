"""Takes in a wave collected elsewhere, so that our first wave has one before it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.collection import item_mapping
from survey.collection.import_files import SourceWave, read_files, read_source_wave
from survey.collection.import_storage import store_answers, store_design
from survey.collection.imported_areas import match_areas
from survey.errors import UserError
from survey.models.imported_wave import ImportedWave
from survey.models.wave import Wave, WaveStatus
from survey.preparation.new_waves import require_new_code, require_title_and_days
from survey.preparation.waves import load_questionnaire

UNUSED = ("domains", "age_groups", "margins")  # tables of the format that we have no place for


@dataclass(frozen=True)
class ImportSettings:
    """What the files do not say of a wave collected elsewhere."""

    title: str
    source: str
    population_date: date
    field_start: date
    field_end: date
    code: str = ""  # empty: as in the files
    wave: str = ""  # which of the files' waves; empty: the only one
    questionnaire: str = "trygghet"
    mode: str = ""  # of the answers, when the files have no such column
    synthetic: bool = False


@dataclass(frozen=True)
class ImportReport:
    """What was taken in, and what was not."""

    code: str
    answers: int
    sampled: int
    municipalities: int
    areas: int
    areas_added: int
    comparable: tuple[str, ...]  # questions
    broken: tuple[str, ...]  # questions taken in but never compared
    left_out: tuple[str, ...]  # items
    off_path: Mapping[str, int]  # answers to questions that were not to be asked
    unused_files: tuple[str, ...]


def import_wave(
    session: Session, folder: Path, settings: ImportSettings, by: str, today: date
) -> ImportReport:
    """Store a wave of a bundle as a closed wave of ours, with its origin; flushes, never commits."""
    source = read_source_wave(folder, settings.wave, settings.mode)
    code = settings.code or source.name
    _check(session, code, settings, source)
    questionnaire = load_questionnaire(settings.questionnaire)
    items = source.bundle.items
    mapped = item_mapping.read_mapping(folder / item_mapping.FILE, items, questionnaire)
    everything = (item_mapping.gender_as_it_is(questionnaire), *mapped)
    answers = item_mapping.apply(everything, source.responses)
    off_path = item_mapping.leave_path(answers, everything)
    left_out = tuple(sorted(set(items) - {one.item for one in mapped}))
    origin = ImportedWave(
        wave_code=code,
        source=settings.source,
        source_wave=source.name,
        bundle_sha256=source.sha256,
        mapped_to=questionnaire.name,
        items=_as_json([one.as_dict() for one in everything]),
        left_out=_as_json(left_out),
        imported_on=today,
    )
    wave = _wave(settings, source, origin)
    session.add(wave)
    session.flush()
    session.add(origin)
    matched = match_areas(session, folder, source.strata, settings.population_date, code)
    store_design(session, wave, source, matched.code)
    store_answers(session, wave, source, matched.code, answers)
    session.flush()
    report = ImportReport(
        code=code,
        answers=len(source.responses),
        sampled=len(source.sample),
        municipalities=source.strata["municipality_code"].nunique(),
        areas=len(matched.code),
        areas_added=matched.added,
        comparable=tuple(one.question.id for one in mapped if one.comparable),
        broken=tuple(one.question.id for one in mapped if not one.comparable),
        left_out=left_out,
        off_path=off_path,
        unused_files=tuple(f"{name}.csv" for name in UNUSED if getattr(source.bundle, name) is not None),
    )
    audit.record(session, by, "import wave", code, **{**report.__dict__, "source": settings.source})
    return report


def mapping_template(folder: Path, questionnaire: str) -> str:
    """The text of a mapping.csv to fill in, from the items and codes of a bundle."""
    bundle = read_files(folder)
    table = item_mapping.template(bundle.responses, bundle.items, load_questionnaire(questionnaire))
    return table.to_csv(index=False, lineterminator="\n")


def origin_of(session: Session, wave_code: str) -> str:
    """Where an imported wave came from; empty for one of our own."""
    origin = session.get(ImportedWave, wave_code)
    return "" if origin is None else origin.source


def _check(session: Session, code: str, settings: ImportSettings, source: SourceWave) -> None:
    same = ImportedWave.bundle_sha256 == source.sha256, ImportedWave.source_wave == source.name
    earlier = session.scalar(select(ImportedWave.wave_code).where(*same))
    if earlier is not None:
        raise UserError(f"Omgången är redan importerad ur samma filer, som {earlier}. Inget har sparats.")
    require_new_code(session, code)
    require_title_and_days(settings.title, settings.field_start, settings.field_end)
    if not 1 <= len(settings.source) <= 200 or not settings.source.isprintable():
        raise UserError("Källan ska ha 1–200 tecken, inga styrtecken.")


def _wave(settings: ImportSettings, source: SourceWave, origin: ImportedWave) -> Wave:
    age_min, age_max = source.ages
    return Wave(
        code=origin.wave_code,
        title=settings.title,
        # A version of its own: no questionnaire of the library, but these items mapped in this way.
        questionnaire=f"import-{origin.wave_code}",
        questionnaire_hash=sha256(f"{origin.items}\n{origin.left_out}".encode()).hexdigest(),
        population_date=settings.population_date,
        field_start=settings.field_start,
        field_end=settings.field_end,
        age_min=age_min,
        age_max=age_max,
        sample_per_area=max(1, int(source.strata["sampled"].max())),
        seed=0,  # nothing was drawn here
        synthetic=settings.synthetic,
        status=WaveStatus.CLOSED.value,
        frame_hash=origin.bundle_sha256,
    )


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
