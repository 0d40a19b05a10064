"""Several people decide on one table at the same moment: one decision is left, the others are told."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from threading import Barrier

from sqlalchemy import func, select

from survey.database import Databases
from survey.errors import Conflict
from survey.models.audit_event import AuditEvent
from survey.models.release import Release
from survey.models.requested_table import RequestedFigure
from survey.models.table_request import TableRequest
from survey.processing.sources import answers_sha256
from survey.processing.table_requests import approve, compute_again, refuse
from survey.processing.told_so_far import beside_now

NOW = datetime(2022, 12, 1, tzinfo=UTC)
ROW = {"category": "all", "other_category": "", "statistic": "proportion", "n": 50, "estimate": 0.5}
ROW |= {"se": 0.1, "lower": 0.3, "upper": 0.7, "p": None, "released": 1, "reason": ""}
ACTS = {
    "approves": lambda session, number: approve(session, number, by="bo@example.se"),
    "approves too": lambda session, number: approve(session, number, by="cia@example.se"),
    "refuses": lambda session, number: refuse(session, number, "Behövs inte", by="dan@example.se"),
    "takes it back": lambda session, number: refuse(session, number, "Fel fråga", by="anna@example.se"),
    "computes again": lambda session, number: compute_again(session, number, by="anna@example.se"),
}


def test_of_many_decisions_at_once_exactly_one_holds(databases: Databases, add_wave) -> None:
    with databases.transaction() as session:
        add_wave(session, "2022", ("0114",))
        told = {"fingerprints": {"2022": {"answers": answers_sha256(session, "2022", ["0114"])}}}
        release = Release(wave_code="2022", version=1, synthetic=True, created_at=NOW, created_by="tests")
        release.manifest, release.released_at, release.released_by = json.dumps(told), NOW, "tests"
        session.add(release)
        session.flush()
        result = json.dumps({"rows": [ROW], "beside": asdict(beside_now(session, "2022"))})
        request = TableRequest(
            wave_code="2022",
            kind="table",
            question='{"item": "unsafe_evening", "by": ["gender"], "where": []}',
            purpose="Till rapporten",
            state="computed",
            asked_by="anna@example.se",
            asked_at=NOW,
            release_id=release.id,
            result=result,
        )
        session.add(request)
        session.flush()
        number = request.id
    barrier = Barrier(len(ACTS))

    def decide(name: str) -> str | None:
        barrier.wait()
        try:
            with databases.transaction() as session:
                ACTS[name](session, number)
        except Conflict:
            return None
        return name

    with ThreadPoolExecutor(len(ACTS)) as pool:
        held = [name for name in pool.map(decide, ACTS) if name]
    with databases.reading() as session:
        request = session.get_one(TableRequest, number)
        rows = session.scalar(select(func.count()).where(RequestedFigure.request_id == number))
        told_of = session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("%table"))).all()
    decided = [name for name in held if name != "computes again"]
    # Whoever has it computed again first leaves nothing to approve; it may still be refused.
    assert len(decided) == 1
    assert request.state == ("approved" if decided[0].startswith("approves") else "refused")
    assert rows == (1 if request.state == "approved" else 0)
    assert len(told_of) == len(held)
