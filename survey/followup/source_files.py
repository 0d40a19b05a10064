"""Files of other sources: checked when they come, kept as they came, read in when somebody says so."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from survey import audit, clock
from survey.errors import Faults, UserError
from survey.followup.level_files import read_levels, store_levels
from survey.followup.series.description import (
    Said,
    chosen_categories,
    described,
    place_about,
    require_no_wider,
    told_beside,
)
from survey.followup.series.files import FIELD, read_series
from survey.followup.series.place_codes import PlaceCodes
from survey.followup.series.versions import compare, require_same_kind, store_series, store_values
from survey.followup.vulnerable_files import read_vulnerable, store_vulnerable
from survey.models.source import Series, SourceFile, SourceKind

LARGEST_FILE = 10 * 1024 * 1024
KIND_WORDS: Mapping[SourceKind, str] = {
    SourceKind.LEVELS: "Nivåer",
    SourceKind.VULNERABLE: "Utsatta områden",
    SourceKind.SERIES: "Serie",
}
_WITHOUT_CONTENT = select(SourceFile).options(defer(SourceFile.content))
Store = Callable[[Session, int, datetime], None]


@dataclass(frozen=True)
class Sent:
    """A file with what was said of it."""

    kind: SourceKind
    file_name: str
    content: bytes
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Checked:
    """What a file would give, and how to read it in."""

    subject: str
    summary: tuple[str, ...]
    remarks: tuple[str, ...]
    store: Store
    said: tuple[Said, ...] = ()  # what stands at a series, before and with the file

    @property
    def changed(self) -> tuple[Said, ...]:
        return tuple(one for one in self.said if one.changed)


@dataclass(frozen=True)
class FileStatus:
    """A file as the list shows it."""

    id: int
    kind: SourceKind
    subject: str
    file_name: str
    sha256: str
    received_at: datetime
    received_by: str
    accepted_at: datetime | None
    accepted_by: str | None
    result: str

    @property
    def words(self) -> str:
        return f"{KIND_WORDS[self.kind]} {self.subject}".strip()


def sent_file(kind: str, file_name: str, content: bytes, settings: Mapping[str, str]) -> Sent:
    """A file as a form or a command gives it."""
    return Sent(SourceKind(kind), _plain_name(file_name), content, settings)


def check(session: Session, sent: Sent) -> Checked:
    """What a file would give if it were read in now.

    Raises:
        UserError: it cannot be read; told by file, line and column.
    """
    if len(sent.content) > LARGEST_FILE:
        raise Faults({FIELD: f"Filen är större än {LARGEST_FILE // 1024**2} MB. Dela den."})
    return _CHECKS[sent.kind](session, sent)


def receive(session: Session, sent: Sent, by: str, now: datetime) -> int:
    """Keep a file that can be read, until it is read in or taken away; its number."""
    return _keep(session, sent, check(session, sent).subject, by, now).id


def accept(session: Session, file_id: int, by: str, now: datetime) -> None:
    """Read a file in: what it says holds from now on, and what it says otherwise than before is kept."""
    row = _waiting(session, file_id)
    _wait_for_others(session, row.kind, row.subject)
    session.refresh(row)
    _read_in(session, row, check(session, _sent(_waiting(session, file_id))), by, now)


def load(session: Session, sent: Sent, by: str, now: datetime) -> Checked:
    """Receive a file and read it in at once; what it gave."""
    checked = check(session, sent)
    _wait_for_others(session, sent.kind.value, checked.subject)
    _read_in(session, _keep(session, sent, checked.subject, by, now), checked, by, now)
    return checked


def discard(session: Session, file_id: int, by: str) -> None:
    """Take away a file that has only been checked."""
    row = _waiting(session, file_id)
    session.delete(row)
    session.flush()
    audit.record(session, by, "discard source file", row.file_name, kind=row.kind, code=row.subject)


def files(session: Session) -> list[FileStatus]:
    """Every file, the newest first."""
    return [_status(row) for row in session.scalars(_WITHOUT_CONTENT.order_by(SourceFile.id.desc()))]


def find_file(session: Session, file_id: int) -> FileStatus:
    row = session.scalar(_WITHOUT_CONTENT.where(SourceFile.id == file_id))
    if row is None:
        raise UserError("Filen finns inte, eller har tagits bort.")
    return _status(row)


def check_again(session: Session, file_id: int) -> Checked:
    """What a file that waits would give if it were read in now."""
    return check(session, _sent(_waiting(session, file_id)))


def _keep(session: Session, sent: Sent, subject: str, by: str, now: datetime) -> SourceFile:
    row = SourceFile(
        kind=sent.kind.value,
        subject=subject,
        file_name=sent.file_name,
        sha256=hashlib.sha256(sent.content).hexdigest(),
        content=sent.content,
        settings=json.dumps(dict(sent.settings), ensure_ascii=False, sort_keys=True),
        received_at=now.astimezone(UTC),
        received_by=by,
    )
    session.add(row)
    session.flush()
    audit.record(session, by, "check source file", row.file_name, kind=row.kind, code=row.subject)
    return row


def _wait_for_others(session: Session, kind: str, subject: str) -> None:
    """Files of a subject one after another: each is compared with what the one before has left."""
    session.scalars(
        select(SourceFile.id)
        .where(SourceFile.kind == kind, SourceFile.subject == subject)
        .order_by(SourceFile.id)
        .with_for_update()
    ).all()


def _read_in(session: Session, row: SourceFile, checked: Checked, by: str, now: datetime) -> None:
    checked.store(session, row.id, now)
    row.accepted_at, row.accepted_by = now.astimezone(UTC), by
    told = [*checked.summary, *(one.words for one in checked.changed)]
    row.result = "; ".join(one.rstrip(".") for one in told)
    session.flush()
    detail = {"kind": row.kind, "code": row.subject, "changed": [one.label for one in checked.changed]}
    audit.record(session, by, "read source file", row.file_name, **detail)


def _waiting(session: Session, file_id: int) -> SourceFile:
    row = session.get(SourceFile, file_id)
    if row is None:
        raise UserError("Filen finns inte, eller har tagits bort.")
    if row.accepted_at is not None:
        raise UserError("Filen är redan inläst.")
    return row


def _sent(row: SourceFile) -> Sent:
    return Sent(SourceKind(row.kind), row.file_name, row.content, json.loads(row.settings))


def _status(row: SourceFile) -> FileStatus:
    return FileStatus(
        row.id,
        SourceKind(row.kind),
        row.subject,
        row.file_name,
        row.sha256,
        clock.local(row.received_at),
        row.received_by,
        clock.local(row.accepted_at) if row.accepted_at else None,
        row.accepted_by,
        row.result,
    )


def _plain_name(name: str) -> str:
    """What the sender calls the file, without folders and signs that no name should have."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(one for one in last if one.isprintable())[:120] or "fil"


def _levels(session: Session, sent: Sent) -> Checked:
    found = read_levels(session, sent.file_name, sent.content)

    def store(session: Session, _file_id: int, _now: datetime) -> None:
        store_levels(session, found)

    return Checked("", tuple(found.summary()), (), store)


def _vulnerable(session: Session, sent: Sent) -> Checked:
    found = read_vulnerable(session, sent.file_name, sent.content)

    def store(session: Session, file_id: int, _now: datetime) -> None:
        store_vulnerable(session, found, file_id)

    return Checked("", tuple(found.summary()), (), store)


def _series(session: Session, sent: Sent) -> Checked:
    chosen = chosen_categories(sent.settings.get("chosen", ""))
    about = place_about(sent.settings.get("place", ""))
    if about is not None and about not in PlaceCodes.of(session):
        raise Faults({"place": "Platsen är inte inläst. Skriv nivån och koden: municipality:0187."})
    found = read_series(session, sent.file_name, sent.content, chosen, about)
    description = described(sent.settings, found)
    held = session.get(Series, description.code, populate_existing=True)
    require_no_wider(held, description)
    said = told_beside(held, description)
    require_same_kind(session, description.code, found)
    compared = compare(session, description.code, found)

    def store(session: Session, file_id: int, now: datetime) -> None:
        store_series(session, asdict(description), found.kind, clock.local(now).date())
        store_values(session, description.code, compared, file_id)

    return Checked(description.code, tuple(compared.summary(found.kind)), found.remarks, store, said)


_CHECKS: Mapping[SourceKind, Callable[[Session, Sent], Checked]] = {
    SourceKind.LEVELS: _levels,
    SourceKind.VULNERABLE: _vulnerable,
    SourceKind.SERIES: _series,
}
