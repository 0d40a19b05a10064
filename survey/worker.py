"""Carries out what pages have asked for, one job at a time; may be killed at any moment and started again."""

import logging
import secrets
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from sqlalchemy.exc import OperationalError

from analysis.errors import AnalysisError
from survey import clock
from survey.collection import letters, recipients, samples, snapshots, uploads
from survey.collection.do_not_contact import DoNotContactList
from survey.collection.frame_check import check_frame
from survey.collection.frames import keep_frame
from survey.collection.manifest import LetterBatch
from survey.config import Settings
from survey.database import Databases
from survey.errors import Conflict, UserError
from survey.followup.promises.receipt import report_receipts
from survey.models.job import JobKind
from survey.models.mailing import MailingKind
from survey.preparation import jobs
from survey.preparation.jobs import Claim
from survey.processing import releases, request_answers, table_requests
from survey.processing.refusals import in_swedish
from survey.progress import Progress
from survey.publication.report.batches import write_everything

POLL_SECONDS = 2.0
BEAT_SECONDS = 3.0
SWEEP_SECONDS = 600.0
LONGEST_CAUSE = 200
log = logging.getLogger("survey.worker")

Step = Callable[[Databases, Settings, Claim, Progress], None]


def work(stores: Databases, settings: Settings, *, once: bool) -> None:
    """Take jobs until there are none, or for ever; a database that is away is waited for."""
    swept, away = float("-inf"), ""
    while True:
        try:
            if time.monotonic() - swept > SWEEP_SECONDS:
                with stores.transaction() as session:
                    uploads.sweep(session, settings.output, _now())
                    snapshots.take_due(session, clock.today(), "worker")
                swept = time.monotonic()
            busy, away = run_next(stores, settings), ""
        except OperationalError as error:
            if once:
                raise
            busy, told = False, _why_away(error)
            if told != away:
                log.error("the database is away: %s", told)
            away = told
        if not busy:
            if once:
                return
            time.sleep(POLL_SECONDS)


def _why_away(error: OperationalError) -> str:
    """The first line of the driver's own words: neither the statement nor its values."""
    words = str(error.orig).strip().splitlines() or [""]
    return f"{type(error.orig).__name__}: {words[0][:LONGEST_CAUSE]}"


def run_next(stores: Databases, settings: Settings) -> bool:
    """Carry out one job; whether there was one."""
    with stores.transaction() as session:
        claimed = jobs.claim(session, _now())
    if claimed is None:
        return False
    try:
        with _heartbeat(stores, claimed) as progress:
            STEPS[claimed.kind](stores, settings, claimed, progress)
    except _Lost:
        log.warning("job %d was taken over", claimed.job_id)
    except AnalysisError as error:
        _fail(stores, claimed, in_swedish(error))
    except UserError as error:
        # The name that the file has here tells nobody anything.
        _fail(stores, claimed, str(error).replace(f" {claimed.parameters.get('upload')}", ""))
    except OperationalError:
        raise
    except Exception as error:
        _fail(stores, claimed, _unexpected(claimed, error))
    return True


class _Lost(Exception):
    """Somebody else has taken the job: whatever is not committed is dropped."""


@contextmanager
def _heartbeat(stores: Databases, claimed: Claim) -> Iterator[Progress]:
    """Tell from a thread of its own that the job goes on, and how far it has come.

    The work itself may hold SQLite's one place for writers: the thread waits for it, the work never does.
    """
    latest: tuple[str, int, int] = ("", 0, 0)
    over, lost = Event(), Event()

    def progress(label: str, done: int, total: int) -> None:
        nonlocal latest
        if lost.is_set():
            raise _Lost
        latest = (label, done, total)

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                with stores.transaction() as session:
                    if not jobs.beat(session, claimed, *latest, _now()):
                        lost.set()
            except OperationalError as error:
                log.info("no heartbeat: %s", type(error).__name__)

    thread = Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        over.set()
        thread.join()


def _check_frame(stores: Databases, settings: Settings, claimed: Claim, progress: Progress) -> None:
    with stores.reading() as session:
        path = uploads.path_of(session, settings.output, claimed.wave_code)
        report = check_frame(session, claimed.wave_code, path, progress).report
    message = (
        f"Filen kan inte läsas in: {len(report.faults)} fel." if report.faults else "Filen kan läsas in."
    )
    with stores.transaction() as session:
        jobs.finish(session, claimed, message, _now(), report.__dict__)


def _load_frame(stores: Databases, settings: Settings, claimed: Claim, progress: Progress) -> None:
    # Read outside the transaction, which would keep residents of an open wave waiting.
    with stores.reading() as session:
        path = uploads.path_of(session, settings.output, claimed.wave_code)
        check = check_frame(session, claimed.wave_code, path, progress)
    with stores.transaction() as session:
        report = keep_frame(session, check, claimed.by)
        jobs.finish(session, claimed, f"{report.persons} personer i urvalsramen.", _now(), report.__dict__)


def _draw_sample(stores: Databases, settings: Settings, claimed: Claim, progress: Progress) -> None:
    key = settings.do_not_contact_key
    with stores.identity_transaction() as identity:
        never = DoNotContactList(identity, key)
    # The register is read outside the transactions, which would keep residents of an open wave waiting.
    with stores.reading() as session:
        path = uploads.path_of(session, settings.output, claimed.wave_code)
        chosen = samples.choose(session, never, claimed.wave_code, path, progress)
    # The contacts, innermost, are committed first: without them the cases would be nobody.
    with stores.transaction() as session, stores.identity_transaction() as identity:
        report = samples.keep_sample(session, identity, chosen, claimed.by, do_not_contact_key=key)
        jobs.finish(session, claimed, f"{report.sampled} dragna i {report.areas} delområden.", _now())
    with stores.transaction() as session:
        uploads.discard(session, settings.output, claimed.wave_code, claimed.by)


def _print_mailing(stores: Databases, settings: Settings, claimed: Claim, progress: Progress) -> None:
    kind = MailingKind(claimed.parameters["mailing"])
    waiting = _waiting(stores, claimed, kind)
    printed = files = 0
    progress("utskick, personer", 0, sum(waiting.values()))
    for area in waiting:
        while (batch := _print_file(stores, settings, claimed, area, kind)) is not None:
            printed, files = printed + batch.letters, files + 1
            progress("utskick, personer", printed, sum(waiting.values()))
    resumed = (
        " Arbetet togs upp igen efter ett avbrott; tidigare filer är kvar." if claimed.attempt > 1 else ""
    )
    with stores.transaction() as session:
        jobs.finish(session, claimed, f"{printed} utskick i {files} filer.{resumed}", _now())


def _print_file(
    stores: Databases, settings: Settings, claimed: Claim, area: str, kind: MailingKind
) -> LetterBatch | None:
    with stores.transaction() as session, stores.identity_transaction() as identity:
        batch = letters.print_file(
            *(session, identity, claimed.wave_code, area, settings, clock.today(), claimed.by), kind=kind
        )
        # With the letters of the file or not at all: who has lost the job sends none.
        if not jobs.hold(session, claimed, _now()):
            raise _Lost
    return batch


def _waiting(stores: Databases, claimed: Claim, kind: MailingKind) -> dict[str, int]:
    """How many of each area the mailing goes to today."""
    chosen = claimed.parameters.get("area")
    with stores.reading() as session:
        counted = recipients.count_recipients(session, claimed.wave_code, kind, clock.today())
    return {area: number for area, number in counted.items() if chosen in (None, area)}


def _process(stores: Databases, settings: Settings, claimed: Claim, progress: Progress) -> None:
    with stores.reading() as session:
        computed = releases.compute(session, claimed.wave_code, progress=progress)
    with stores.transaction() as session:
        draft = releases.keep_draft(session, computed, by=claimed.by, progress=progress)
        jobs.finish(session, claimed, f"Ett utkast till version {draft.version} finns att granska.", _now())


def _write_reports(stores: Databases, settings: Settings, claimed: Claim, progress: Progress) -> None:
    written = write_everything(
        stores,
        claimed.wave_code,
        settings.output,
        by=claimed.by,
        languages=settings.report_languages,
        progress=progress,
        receipts=report_receipts,
    )
    with stores.transaction() as session:
        jobs.finish(session, claimed, str(written), _now(), {"failed": written.failed})


def _make_tables(stores: Databases, settings: Settings, claimed: Claim, progress: Progress) -> None:
    with stores.reading() as session:
        answers = request_answers.answer_requests(session, claimed.wave_code, progress)
    with stores.transaction() as session:
        table_requests.keep_answers(session, answers, by=claimed.by)
        jobs.finish(session, claimed, f"{len(answers)} beställda tabeller är räknade.", _now())
        table_requests.order_rest(session, claimed.wave_code, claimed.by, _now())


STEPS: dict[JobKind, Step] = {
    JobKind.CHECK_FRAME: _check_frame,
    JobKind.LOAD_FRAME: _load_frame,
    JobKind.DRAW_SAMPLE: _draw_sample,
    JobKind.PRINT_MAILING: _print_mailing,
    JobKind.PROCESS: _process,
    JobKind.WRITE_REPORTS: _write_reports,
    JobKind.MAKE_TABLES: _make_tables,
}


def _fail(stores: Databases, claimed: Claim, message: str) -> None:
    try:
        with stores.transaction() as session:
            jobs.fail(session, claimed, message, _now())
    except Conflict:
        log.warning("job %d was taken over", claimed.job_id)


def _unexpected(claimed: Claim, error: Exception) -> str:
    """Words for whoever asked; the log gets the place in the program, never what the error says.

    An error may quote a row of the register.
    """
    reference = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    place = "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
    log.error("job %d failed, %s: %s\n%s", claimed.job_id, reference, type(error).__name__, place)
    return f"Något gick fel hos oss. Inget halvt har sparats. Uppge {reference} när du hör av dig."


def _now() -> datetime:
    return datetime.now(UTC)
