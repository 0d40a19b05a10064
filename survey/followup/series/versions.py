"""Values of a series as files give them: a value that a later file gives otherwise is kept and marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from survey import clock
from survey.errors import UserError
from survey.followup.places import Level, Place
from survey.followup.series.files import Key, SeriesFile
from survey.followup.series.periods import KIND_WORDS, parse
from survey.models.source import PeriodKind, Series, SeriesValue, SourceFile

Value = tuple[float | None, str]


@dataclass(frozen=True)
class Compared:
    """The values of a file beside those that hold now."""

    new: Mapping[Key, Value]
    changed: Mapping[Key, Value]
    unchanged: int
    replaced: Mapping[Key, int]  # the rows whose values are given otherwise

    def summary(self, kind: PeriodKind) -> list[str]:
        keys = [*self.new, *self.changed]
        told = [
            f"Nya värden: {len(self.new)}",
            f"Ändrade värden: {len(self.changed)}",
            f"Oförändrade värden: {self.unchanged}",
        ]
        if keys:
            periods = sorted(period for _, _, period in keys)
            places = len({(level, code) for level, code, _ in keys})
            told.append(
                f"Perioder: {parse(periods[0]).words}–{parse(periods[-1]).words} ({KIND_WORDS[kind]})"
            )
            told.append(f"Platser: {places}")
        return told


@dataclass(frozen=True)
class FormerValue:
    """A value that held until a later file gave another."""

    period: str
    value: float | None
    note: str
    file_name: str
    read_on: date | None


def compare(session: Session, series_code: str, found: SeriesFile) -> Compared:
    """What of a file is new, what is otherwise than before and what is the same."""
    rows = session.execute(
        select(
            SeriesValue.level,
            SeriesValue.code,
            SeriesValue.period,
            SeriesValue.id,
            SeriesValue.value,
            SeriesValue.note,
        ).where(SeriesValue.series_code == series_code, SeriesValue.replaced_by.is_(None))
    )
    held = {
        (Level(level), code, period): (number, (value, note))
        for level, code, period, number, value, note in rows
    }
    changed = {key: value for key, value in found.values.items() if key in held and held[key][1] != value}
    return Compared(
        new={key: value for key, value in found.values.items() if key not in held},
        changed=changed,
        unchanged=len(found.values.keys() & held.keys()) - len(changed),
        replaced={key: held[key][0] for key in changed},
    )


def require_same_kind(session: Session, series_code: str, found: SeriesFile) -> None:
    """Stop a file whose periods are of another length than those the series has."""
    held = session.scalar(select(Series.period_kind).where(Series.code == series_code))
    if held is not None and held != found.kind.value:
        raise UserError(
            f"Serien {series_code} har ett värde för varje {KIND_WORDS[PeriodKind(held)]} men filen för "
            f"varje {KIND_WORDS[found.kind]}. Ge den nya serien en egen kod. Inget har sparats."
        )


def store_values(session: Session, series_code: str, compared: Compared, file_id: int) -> None:
    """Keep what is new or changed."""
    numbers = list(compared.replaced.values())
    for start in range(0, len(numbers), 500):  # SQLite takes only so many at once
        session.execute(
            update(SeriesValue)
            .where(SeriesValue.id.in_(numbers[start : start + 500]))
            .values(replaced_by=file_id)
        )
    rows = [
        {
            "series_code": series_code,
            "level": level.value,
            "code": code,
            "period": period,
            "value": value,
            "note": note,
            "file_id": file_id,
        }
        for (level, code, period), (value, note) in {**compared.new, **compared.changed}.items()
    ]
    if rows:
        session.execute(insert(SeriesValue), rows)


def store_series(
    session: Session, described: Mapping[str, str | bool], kind: PeriodKind, today: date
) -> Series:
    """Keep what is said of a series."""
    row = session.merge(Series(**described, period_kind=kind.value, read_on=today))
    session.flush()
    return row


def former_values(session: Session, series_code: str, place: Place) -> list[FormerValue]:
    """The values of a place that no longer hold, by period."""
    rows = session.execute(
        select(SeriesValue, SourceFile.file_name, SourceFile.accepted_at)
        .join(SourceFile, SourceFile.id == SeriesValue.file_id)
        .where(
            SeriesValue.series_code == series_code,
            SeriesValue.level == place.level.value,
            SeriesValue.code == place.code,
            SeriesValue.replaced_by.is_not(None),
        )
    )
    found = [
        FormerValue(row.period, row.value, row.note, name, clock.local(read).date() if read else None)
        for row, name, read in rows
    ]
    return sorted(found, key=lambda one: one.period)
