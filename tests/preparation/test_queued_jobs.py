"""Jobs: asked for once, taken by one worker, taken up again from a dead one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from open_wave import add_open_wave

from survey.database import Databases
from survey.errors import Conflict
from survey.models.job import JobKind, JobState
from survey.models.wave import Wave
from survey.preparation import jobs
from survey.preparation.jobs import LAPSE, MOST_ATTEMPTS, Claim, JobStatus

CODE = "2026-11"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _wave(databases: Databases) -> None:
    with databases.transaction() as session:
        add_open_wave(session, letters=1)


def ask(databases: Databases, kind: JobKind = JobKind.PRINT_MAILING) -> int:
    with databases.transaction() as session:
        return jobs.enqueue(session, CODE, kind, "owner", NOW, area=None)


def take(databases: Databases, now: datetime = NOW) -> Claim | None:
    with databases.transaction() as session:
        return jobs.claim(session, now)


def newest(databases: Databases, now: datetime = NOW) -> JobStatus:
    with databases.reading() as session:
        return jobs.recent(session, CODE, now)[0]


def at_once(work: Callable[[], object], threads: int = 4) -> list[object]:
    barrier = Barrier(threads)

    def run(_: int) -> object:
        barrier.wait()
        try:
            return work()
        except Conflict:
            return "told"

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def test_a_job_asked_for_many_times_at_once_is_made_once(databases: Databases) -> None:
    assert sorted(map(str, at_once(lambda: ask(databases)))) == ["1", "told", "told", "told"]


def test_of_many_workers_one_takes_the_job(databases: Databases) -> None:
    ask(databases)
    taken = [one for one in at_once(lambda: take(databases)) if one is not None]
    assert len(taken) == 1
    assert newest(databases).state is JobState.RUNNING


def test_a_job_goes_from_queue_to_end_with_its_progress(databases: Databases) -> None:
    ask(databases)
    assert newest(databases).state_words == "väntar"
    claimed = take(databases)
    assert claimed is not None
    with databases.transaction() as session:
        assert jobs.beat(session, claimed, "brev", 3, 10, NOW)
    assert (newest(databases).label, newest(databases).done, newest(databases).total) == ("brev", 3, 10)
    with databases.transaction() as session:
        jobs.finish(session, claimed, "10 brev", NOW, {"letters": 10})
    assert (newest(databases).state, newest(databases).report) == (JobState.DONE, {"letters": 10})
    assert take(databases, NOW + 10 * LAPSE) is None


def test_a_living_worker_keeps_its_job_and_a_dead_one_loses_it(databases: Databases) -> None:
    ask(databases)
    dead = take(databases)
    assert dead is not None
    assert take(databases, NOW + LAPSE) is None
    late = NOW + LAPSE + timedelta(seconds=1)
    assert newest(databases, late).waits_for_worker
    alive = take(databases, late)
    assert alive is not None
    assert (alive.job_id, alive.attempt) == (dead.job_id, 2)
    with pytest.raises(Conflict, match="tagits över"), databases.transaction() as session:
        session.get_one(Wave, CODE).title = "changed by the dead"
        jobs.finish(session, dead, "", late)
    with databases.transaction() as session:
        assert not jobs.beat(session, dead, "", 0, 0, late)
        assert session.get_one(Wave, CODE).title != "changed by the dead"
        jobs.finish(session, alive, "", late)


def test_a_job_that_kills_its_workers_is_given_up_with_words(databases: Databases) -> None:
    ask(databases)
    now = NOW
    for _ in range(MOST_ATTEMPTS):
        assert take(databases, now) is not None
        now += 2 * LAPSE
    assert take(databases, now) is None
    assert newest(databases).state is JobState.FAILED
    assert "avbrutits 3 gånger" in newest(databases).message
    ask(databases)  # and another can be asked for
