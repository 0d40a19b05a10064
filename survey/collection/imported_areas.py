"""The areas of a wave collected elsewhere: ours where they are the same, else areas of that wave alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.area import Area
from survey.preparation.csv_files import Row, read_rows
from survey.preparation.geography import municipality_names

FILE = "areas.csv"
COLUMNS = ("stratum", "area_code", "name")


@dataclass(frozen=True)
class Matched:
    """The area code of each stratum, and how many of them are areas of this wave alone."""

    code: Mapping[str, str]
    added: int = 0


def match_areas(session: Session, bundle: Path, strata: pd.DataFrame, day: date, wave_code: str) -> Matched:
    """Which area each stratum is; areas of this wave alone are added.

    Without areas.csv a stratum is the loaded area of the same code. With it every stratum has a row: an
    area_code says which loaded area it is, an empty one that it is none (its border was another, say), and
    then it gets a code of its own, valid on the wave's population date and no other.
    """
    owners = dict(zip(strata["stratum"], strata["municipality_code"], strict=True))
    _require_municipalities(session, strata)
    loaded = {area.code: area for area in session.scalars(select(Area))}
    path = bundle / FILE
    if not path.exists():
        return Matched(
            {stratum: _same_code(stratum, owner, loaded, day) for stratum, owner in owners.items()}
        )
    rows = _rows(path, owners)
    found: dict[str, str] = {}
    added = 0
    for stratum, owner in owners.items():
        row = rows[stratum]
        if row.values["area_code"]:
            found[stratum] = _loaded(row, owner, loaded, day)
            if list(found.values()).count(found[stratum]) > 1:
                raise row.error("area_code", "ett delområde som inte redan är ett annat stratum")
            continue
        area = Area(
            code=_free_code(owner, wave_code, loaded),
            municipality_code=owner,
            name=row.text("name"),
            valid_from=day,
            valid_to=day,
        )
        loaded[area.code] = area
        session.add(area)
        found[stratum] = area.code
        added += 1
    session.flush()
    return Matched(found, added)


def _require_municipalities(session: Session, strata: pd.DataFrame) -> None:
    unknown = sorted(set(strata["municipality_code"]) - municipality_names(session).keys())
    if unknown:
        raise UserError(
            f"strata.csv: kommunerna {', '.join(unknown)} är inte inlästa. "
            "Läs in dem med: trygg geography load. Inget har sparats."
        )


def _same_code(stratum: str, owner: str, loaded: Mapping[str, Area], day: date) -> str:
    fault = _fault(loaded.get(stratum), owner, day)
    if fault:
        raise UserError(
            f"strata.csv: stratum {stratum!r} {fault}. Skriv en fil {FILE} med kolumnerna "
            f"{', '.join(COLUMNS)}: en rad för varje stratum, med koden för det inlästa "
            "delområdet, eller med tom area_code och ett namn när området inte finns kvar. Inget har sparats."
        )
    return stratum


def _loaded(row: Row, owner: str, loaded: Mapping[str, Area], day: date) -> str:
    code = row.values["area_code"]
    fault = _fault(loaded.get(code), owner, day)
    if fault:
        raise row.error(
            "area_code", f"ett inläst delområde i {owner} som gällde den {day}, eller tom ({fault})"
        )
    return code


def _fault(area: Area | None, owner: str, day: date) -> str:
    """Why an area is not the one that was drawn from; empty when it is."""
    if area is None:
        return "är inget inläst delområde"
    if area.municipality_code != owner:
        return f"hör till kommun {area.municipality_code}, inte {owner}"
    if not (area.valid_from <= day and (area.valid_to is None or day <= area.valid_to)):
        return f"gällde inte den {day}; ett område med ny gräns har ingen historik"
    return ""


def _rows(path: Path, strata: Mapping[str, str]) -> dict[str, Row]:
    """One row for each stratum; strata of other waves may have theirs too."""
    rows: dict[str, Row] = {}
    for row in read_rows(path, COLUMNS):
        stratum = row.text("stratum")
        if stratum in rows:
            raise row.error("stratum", "ett stratum som inte redan står i filen")
        rows[stratum] = row
    missing = sorted(strata.keys() - rows.keys())
    if missing:
        raise UserError(f"{FILE}: rad saknas för stratum {', '.join(missing[:5])}. Inget har sparats.")
    return rows


def _free_code(owner: str, wave_code: str, taken: Mapping[str, Area]) -> str:
    year = wave_code[:4]
    return next(code for number in range(1, 10_000) if (code := f"{owner}-{year}_{number:02}") not in taken)
