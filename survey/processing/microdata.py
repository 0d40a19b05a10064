"""Coarsened microdata of a closed wave: one row an answer, with a codebook, for a named analyst."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import randbelow
from tempfile import NamedTemporaryFile

import numpy as np
import pandas as pd
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from analysis.domains import reporting_ages
from analysis.errors import AnalysisError
from analysis.microdata import DESIGN, FEWEST, CoarseRecords, coarsen_records, smallest_cell
from analysis.schema import validate_bundle
from analysis.settings import Settings
from analysis.weights import Weighted, weigh
from survey import audit
from survey.errors import UserError
from survey.models.case import Case
from survey.models.municipality import Municipality
from survey.models.wave import Wave, WaveStatus
from survey.notice import NOTICE, file_suffix
from survey.preparation.one_line import one_line
from survey.preparation.waves import find_wave, questionnaire_of, require_not_void, require_status
from survey.processing.codebook import codebook
from survey.processing.datasets import GENDER, build_bundle
from survey.processing.history import municipalities_by_wave
from survey.processing.refusals import in_swedish
from survey.processing.sources import read_source
from survey.processing.spss import EXTENSION, read_spss, write_spss
from survey.questionnaire.definition import OptionKind, Questionnaire

LEVELS = ("area", "municipality", "county", "police_region")
LONGEST_DECISION = 60
SAME_SUM = 1e-6  # of the weights, as a share


@dataclass(frozen=True)
class Prepared:
    """A wave's microdata, not written yet."""

    wave_code: str
    synthetic: bool
    decision: str
    table: pd.DataFrame
    codebook: pd.DataFrame
    missing: Mapping[str, tuple[str, ...]]  # the codes of each question that are no answer
    suppressed: Mapping[str, int]
    weights: float  # their sum as computed, for the check of what is written


@dataclass(frozen=True)
class Microdata:
    """What was written."""

    data: Path
    codebook: Path
    rows: int
    suppressed: Mapping[str, int]


def prepare_microdata(session: Session, wave_code: str, decision: str) -> Prepared:
    """Coarsen a wave's answers; only reads, so that residents of an open wave are not kept waiting."""
    wave = find_wave(session, wave_code)
    _require_forgotten(session, wave)
    number = _checked_decision(decision)
    table, coarse = _table(session, wave)
    return Prepared(
        wave_code=wave_code,
        synthetic=wave.synthetic,
        decision=number,
        table=table,
        codebook=codebook(wave, questionnaire_of(wave), table, coarse.suppressed, number),
        missing=_missing_codes(questionnaire_of(wave), table),
        suppressed=coarse.suppressed,
        weights=float(coarse.table["weight"].sum()),
    )


def export_microdata(
    session: Session, prepared: Prepared, target: Path, *, analyst: str, by: str
) -> Microdata:
    """Write the answers and a codebook beside, whole or not at all, and record who got what."""
    data, beside = _targets(target, prepared.synthetic)
    _write_both(prepared, data, beside)
    written = Microdata(data, beside, len(prepared.table), prepared.suppressed)
    audit.record(
        session,
        by,
        "export microdata",
        prepared.wave_code,
        analyst=analyst,
        decision=prepared.decision,
        rows=written.rows,
        suppressed=written.suppressed,
        sha256=sha256(data.read_bytes()).hexdigest(),
    )
    session.flush()
    return written


def _require_forgotten(session: Session, wave: Wave) -> None:
    require_not_void(wave)
    require_status(wave, WaveStatus.CLOSED)
    if not wave.synthetic and session.scalar(select(exists().where(Case.wave_code == wave.code))):
        raise UserError(
            f"Omgången {wave.code} har kvar kopplingen mellan person och svar. Mikrodata lämnas ut först "
            f"när den är förstörd: trygg wave forget {wave.code} links"
        )


def _checked_decision(decision: str) -> str:
    number = one_line(decision, LONGEST_DECISION)
    if not number:
        raise UserError("Ange numret på beslutet att lämna ut uppgifterna, högst 60 tecken.")
    return number


def _targets(target: Path, synthetic: bool) -> tuple[Path, Path]:
    """The two files to write, marked when the answers are simulated; nothing is ever written over."""
    if target.suffix not in (".csv", EXTENSION):
        raise UserError(f"{target} ska sluta på .csv eller {EXTENSION}.")
    if not target.parent.is_dir():
        raise UserError(f"Mappen {target.parent} finns inte. Skapa den först.")
    stem = f"{target.stem}{file_suffix(synthetic)}"
    found = target.with_name(f"{stem}{target.suffix}"), target.with_name(f"{stem}-kodbok.csv")
    for path in found:
        if path.exists():
            raise UserError(f"{path} finns redan. Välj ett annat namn: ingenting skrivs över.")
    return found


def _table(session: Session, wave: Wave) -> tuple[pd.DataFrame, CoarseRecords]:
    """The rows to write, in random order under new numbers, and the coarse records in the old order."""
    municipalities = municipalities_by_wave(session, wave)[wave.code]
    dataset = build_bundle(session, {wave.code: municipalities})
    try:
        weighted = weigh(validate_bundle(dataset.bundle), Settings.default())
        coarse = coarsen_records(_records(session, weighted), LEVELS)
    except AnalysisError as error:
        raise UserError(f"Omgången {wave.code} kan inte lämnas ut. {in_swedish(error)}") from error
    # Beside a register sex another one that was answered would single out the few who differ.
    asked = [question.id for question in questionnaire_of(wave).coded if question.id != GENDER]
    answers = read_source(session, wave, municipalities, asked).submitted.codes.to_pandas()
    if len(answers) != len(coarse.table):
        raise UserError(f"Svaren i omgången {wave.code} ändras just nu. Försök igen.")
    rows = pd.concat([coarse.table, answers.astype(str)], axis=1)
    rows = rows.iloc[_random_order(len(rows))].reset_index(drop=True)
    rows.insert(0, "row", np.arange(1, len(rows) + 1))
    if wave.synthetic:
        rows.insert(0, "notice", NOTICE)
    return rows, coarse


def _records(session: Session, weighted: Weighted) -> pd.DataFrame:
    """Place, register sex, reporting age group and weight of every respondent, as the answers are ordered."""
    sample, table = weighted.bundle.sample, weighted.table
    area = weighted.bundle.strata.drop_duplicates("stratum").set_index("stratum")["area"]
    answered = sample[sample["responded"].eq(1)].set_index("case_id").loc[table["case_id"]]
    ages, of_band = reporting_ages(weighted)
    wide = {band: ages[place] for band, place in zip(weighted.frame.bands, of_band, strict=True)}
    owner = table["municipality_code"].astype(str)
    regions = {
        code: (county, region)
        for code, county, region in session.execute(
            select(Municipality.code, Municipality.county_code, Municipality.police_region)
        )
    }
    return pd.DataFrame(
        {
            "area": table["stratum"].astype(str).map(area.astype(str)).to_numpy(),
            "municipality": owner.to_numpy(),
            "county": [regions[code][0] for code in owner],
            "police_region": [regions[code][1] for code in owner],
            "legal_gender": answered["legal_gender"].astype(str).to_numpy(),
            "age_group": [wide[band] for band in answered["age_group"].astype(str)],
            "weight": table["weight"].to_numpy(),
        }
    )


def _random_order(count: int) -> Sequence[int]:
    """An order that no seed of ours gives again."""
    order = list(range(count))
    for last in range(count - 1, 0, -1):
        other = randbelow(last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def _write_both(prepared: Prepared, data: Path, beside: Path) -> None:
    """Write both, read the data back and check them, and only then give the files their names, data last."""
    waiting: dict[Path, Path] = {}
    try:
        for path, table in ((beside, prepared.codebook), (data, prepared.table)):
            with NamedTemporaryFile("w", dir=path.parent, prefix=".", delete=False, encoding="utf-8") as file:
                waiting[path] = Path(file.name)
                if path.suffix == EXTENSION:
                    write_spss(table, prepared.codebook, prepared.missing, waiting[path])
                else:
                    table.to_csv(file, index=False, lineterminator="\n")
                    file.flush()
                os.fsync(file.fileno())
        _check(_read(waiting[data], data.suffix), len(prepared.table), prepared.weights)
        for path, written in waiting.items():
            written.replace(path)
    except OSError as error:
        raise UserError(f"Filen kunde inte skrivas: {error.strerror}. Ingenting är lämnat ut.") from error
    finally:
        for written in waiting.values():
            written.unlink(missing_ok=True)


def _missing_codes(asked: Questionnaire, table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """The codes of each question that say why it was not answered."""
    return {
        question.id: tuple(
            option.code for option in question.options if option.kind is not OptionKind.REGULAR
        )
        for question in asked.coded
        if question.id in table
    }


def _read(path: Path, kind: str) -> pd.DataFrame:
    """The design variables and the weight as they stand on the disk."""
    if kind == EXTENSION:
        return read_spss(path, [*DESIGN, "weight"])
    kinds = {name: str for name in DESIGN}
    return pd.read_csv(path, usecols=[*kinds, "weight"], dtype=kinds, keep_default_na=False)


def _check(found: pd.DataFrame, rows: int, weights: float) -> None:
    """Stop an export that is not whole or not coarse."""
    if len(found) != rows or abs(float(found["weight"].sum()) / weights - 1.0) > SAME_SUM:
        raise UserError(f"Exporten är inte hel: {len(found)} av {rows} rader. Ingenting är lämnat ut.")
    if smallest_cell(found) < FEWEST:
        raise UserError(f"Exporten har en grupp med färre än {FEWEST} personer. Ingenting är lämnat ut.")
