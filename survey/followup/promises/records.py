"""Promises as they are stored: every version with its measures and steps, notes and results."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import clock
from survey.errors import UserError
from survey.followup.promises.sign_off import SIGNED, SIGNING, State, state_of
from survey.followup.promises.tertials import Tertial, parse
from survey.models.municipality import Municipality
from survey.models.promise import (
    Promise,
    PromiseMeasure,
    PromiseNote,
    PromiseResult,
    PromiseStep,
    PromiseVersion,
    StepKind,
)

Row = TypeVar("Row", PromiseMeasure, PromiseStep, PromiseNote, PromiseResult)


class NoSuchPromise(UserError):
    """The municipality has no promise of that number."""

    def __init__(self) -> None:
        super().__init__("Det finns inget sådant löfte i kommunen.")


@dataclass(frozen=True)
class Version:
    """What a promise said from a moment on, and how far its signing came."""

    text: PromiseVersion
    measures: tuple[PromiseMeasure, ...]
    steps: tuple[PromiseStep, ...]

    @property
    def state(self) -> State:
        return state_of(StepKind(step.kind) for step in self.steps)

    @property
    def due(self) -> Tertial:
        return parse(self.text.due)

    @property
    def signed_on(self) -> date:
        """The day of the last signature, of a version that both have signed; it may be published later."""
        return max(clock.local(step.taken_at).date() for step in self.steps if step.kind in SIGNING)

    def has_taken(self, *kinds: StepKind) -> bool:
        return any(step.kind in kinds for step in self.steps)


@dataclass(frozen=True)
class PromiseRecord:
    """A promise with all that was ever written of it, the oldest first."""

    id: int
    municipality_code: str
    versions: tuple[Version, ...]
    notes: tuple[PromiseNote, ...]
    results: tuple[PromiseResult, ...]

    @property
    def newest(self) -> Version:
        """The last version; where that was discarded, the one that both have signed, if there is one."""
        last = self.versions[-1]
        return self.agreed or last if last.state is State.DISCARDED else last

    @property
    def discarded(self) -> bool:
        """Whether nothing was ever signed by both and the draft has been thrown away."""
        return self.newest.state is State.DISCARDED

    @property
    def agreed(self) -> Version | None:
        """The newest version that both have signed; none once it is withdrawn."""
        return self._holding(SIGNED, StepKind.SIGN_POLICE, StepKind.SIGN_MUNICIPALITY)

    @property
    def published(self) -> Version | None:
        """The version that everybody may read; none once it is withdrawn."""
        return self._holding({State.PUBLISHED}, StepKind.PUBLISH)

    def note(self, tertial: str) -> PromiseNote | None:
        """The newest note of a tertial."""
        return next((note for note in reversed(self.notes) if note.tertial == tertial), None)

    @property
    def result(self) -> PromiseResult | None:
        """The newest figure or word on what was done."""
        return self.results[-1] if self.results else None

    def _holding(self, states: Iterable[State], *kinds: StepKind) -> Version | None:
        for version in reversed(self.versions):
            if version.state in states:
                return version
            if version.state is State.WITHDRAWN and version.has_taken(*kinds):
                return None
        return None


def promising_municipality(session: Session, code: str) -> Municipality:
    """The municipality whose promises are asked for; of one that is not loaded there are none."""
    found = session.get(Municipality, code) if code.isprintable() else None
    if found is None:
        raise NoSuchPromise
    return found


def list_promises(session: Session, municipality_code: str | None = None) -> tuple[PromiseRecord, ...]:
    """The promises of a municipality, or of all, in the order they were first written."""
    wanted = select(Promise).order_by(Promise.municipality_code, Promise.id)
    if municipality_code is not None:
        wanted = wanted.where(Promise.municipality_code == municipality_code)
    return _records(session, session.scalars(wanted).all())


def find_promise(session: Session, municipality_code: str, promise_id: int) -> PromiseRecord:
    """One promise of a municipality."""
    wanted = select(Promise).where(Promise.id == promise_id, Promise.municipality_code == municipality_code)
    found = _records(session, session.scalars(wanted).all())
    if not found:
        raise NoSuchPromise
    return found[0]


def lock_promise(session: Session, municipality_code: str, promise_id: int) -> PromiseRecord:
    """The same for whoever is about to add to it: nobody else does meanwhile."""
    session.scalar(select(Promise).where(Promise.id == promise_id).with_for_update())
    return find_promise(session, municipality_code, promise_id)


def _records(session: Session, promises: Sequence[Promise]) -> tuple[PromiseRecord, ...]:
    if not promises:
        return ()
    ids = [promise.id for promise in promises]
    wanted = select(PromiseVersion).where(PromiseVersion.promise_id.in_(ids)).order_by(PromiseVersion.number)
    texts = session.scalars(wanted).all()
    version_ids = [text.id for text in texts]
    measures = _by(
        "version_id",
        session.scalars(
            select(PromiseMeasure)
            .where(PromiseMeasure.version_id.in_(version_ids))
            .order_by(PromiseMeasure.position)
        ),
    )
    steps = _by(
        "version_id",
        session.scalars(
            select(PromiseStep).where(PromiseStep.version_id.in_(version_ids)).order_by(PromiseStep.id)
        ),
    )
    notes = _by(
        "promise_id",
        session.scalars(select(PromiseNote).where(PromiseNote.promise_id.in_(ids)).order_by(PromiseNote.id)),
    )
    results = _by(
        "promise_id",
        session.scalars(
            select(PromiseResult).where(PromiseResult.promise_id.in_(ids)).order_by(PromiseResult.id)
        ),
    )
    versions: defaultdict[int, list[Version]] = defaultdict(list)
    for text in texts:
        versions[text.promise_id].append(Version(text, tuple(measures[text.id]), tuple(steps[text.id])))
    return tuple(
        PromiseRecord(
            promise.id,
            promise.municipality_code,
            tuple(versions[promise.id]),
            tuple(notes[promise.id]),
            tuple(results[promise.id]),
        )
        for promise in promises
    )


def _by(column: str, rows: Iterable[Row]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found
