"""A closed wave becomes a draft, and the draft a release that cannot be changed."""

import json
from datetime import UTC, datetime

import orjson
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from survey import audit
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.release import (
    Change,
    Comparison,
    Diagnostic,
    Estimate,
    ItemNonresponse,
    QualityFigure,
    Release,
)
from survey.models.response import Response
from survey.models.table_request import TableRequest
from survey.models.wave import WaveStatus
from survey.processing import answers, sources
from survey.processing.drafts import TABLES
from survey.processing.releasable import find_draft, outdated_by
from survey.processing.releases import compute, keep_draft, process, release
from survey.processing.sources import answers_sha256
from survey.processing.told_so_far import beside_now

pytestmark = pytest.mark.usefixtures("computed_once")

BY = "analyst@example.se"
RELEASED = {
    "wave_code": "2023",
    "version": 1,
    "synthetic": False,
    "created_at": datetime(2023, 12, 1, tzinfo=UTC),
    "created_by": BY,
    "released_at": datetime(2023, 12, 1, tzinfo=UTC),
    "released_by": BY,
    "manifest": "{}",
}
KEY = (Estimate.wave, Estimate.geography, Estimate.code, Estimate.gender, Estimate.age_group)


def count(session, table, release_id):
    return session.scalar(select(func.count()).where(table.release_id == release_id))


def figures(session, release_id):
    rows = session.execute(
        select(*KEY, Estimate.indicator, Estimate.statistic, Estimate.estimate, Estimate.se, Estimate.reason)
        .where(Estimate.release_id == release_id)
        .order_by(*KEY, Estimate.indicator, Estimate.statistic)
    )
    return [tuple(row) for row in rows]


def test_a_wave_becomes_a_draft_with_all_its_tables(three_waves):
    done = process(three_waves, "2022", by=BY)
    stored = three_waves.get(Release, done.release_id)
    assert (stored.version, stored.released_at, stored.synthetic) == (1, None, True)
    for name, table in TABLES.items():
        assert count(three_waves, table, done.release_id) == done.rows[name] > 0
    assert three_waves.scalar(select(func.count()).where(Change.verdict == "up")) > 0
    declared = three_waves.execute(select(QualityFigure.wave, QualityFigure.measure).distinct()).all()
    assert {wave for wave, _ in declared} == {"2022"}
    assert {"response_rate", "r_indicator", "mode_share", "completeness"} <= {name for _, name in declared}
    asked = three_waves.scalars(select(ItemNonresponse.asked).where(ItemNonresponse.asked.is_not(None))).all()
    assert asked
    assert all(persons % 10 == 0 for persons in asked)
    followed = select(ItemNonresponse).where(ItemNonresponse.item == "reported_theft")
    everybody, *municipalities = three_waves.scalars(followed.order_by(ItemNonresponse.id)).all()
    assert 30 <= everybody.asked < 150
    assert everybody.missing < 0.1
    assert {(row.asked, row.answered, row.reason) for row in municipalities} == {
        (None, None, "asked_of_some")
    }


def test_the_index_of_problems_is_a_mean_from_0_to_100_with_an_interval(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022")
    done = process(sqlite_session, "2022", by=BY)
    index = select(Estimate).where(
        Estimate.release_id == done.release_id,
        Estimate.indicator == "problem_index",
        Estimate.geography == "all",
    )
    rows = [row for row in sqlite_session.scalars(index) if row.estimate is not None]
    assert {row.statistic for row in rows} == {"mean"}
    assert rows
    assert all(0 <= row.lower < row.estimate < row.upper <= 100 for row in rows)
    assert max(row.estimate for row in rows) > 1  # a score, no share


def test_hidden_rows_have_no_figures_in_the_database(three_sqlite_waves):
    process(three_sqlite_waves, "2022", by=BY)
    for table, figure in ((Estimate, Estimate.estimate), (Estimate, Estimate.n), (Change, Change.change)):
        hidden = select(func.count()).select_from(table).where(table.released.is_(False))
        assert three_sqlite_waves.scalar(hidden) > 0
        assert three_sqlite_waves.scalar(hidden.where(figure.is_not(None))) == 0
        assert three_sqlite_waves.scalar(hidden.where(table.reason == "")) == 0


def test_the_manifest_names_everything_the_figures_rest_on(three_sqlite_waves):
    done = process(three_sqlite_waves, "2022", by=BY)
    manifest = json.loads(three_sqlite_waves.get(Release, done.release_id).manifest)
    assert manifest["disclosure"] == "primary and secondary"
    assert manifest["seed"] == 7
    assert manifest["answers"] == {"2018": 160, "2019": 320, "2022": 480}
    assert set(manifest["fingerprints"]["2022"]) == {
        "answers",
        "frame",
        "population",
        "register",
        "questionnaire",
    }
    assert len(manifest["versions"]["code_sha256"]) == 64
    assert manifest["settings"]["thresholds"]["minimum_n"] == 30


@pytest.mark.long
def test_the_same_answers_give_the_same_figures_and_the_new_draft_takes_the_old_ones_place(
    three_sqlite_waves, runs
):
    first = process(three_sqlite_waves, "2022", by=BY)
    before = figures(three_sqlite_waves, first.release_id)
    runs.clear()  # for this test nothing is remembered
    three_sqlite_waves.execute(update(Response).values(id=-Response.id))
    second = process(three_sqlite_waves, "2022", by=BY)
    assert figures(three_sqlite_waves, second.release_id) == before
    assert three_sqlite_waves.scalar(select(func.count()).select_from(Release)) == 1
    assert three_sqlite_waves.scalar(select(func.count()).select_from(Estimate)) == len(before)


def test_a_release_is_dated_signed_and_in_the_audit_log(three_sqlite_waves):
    process(three_sqlite_waves, "2022", by=BY)
    done = release(three_sqlite_waves, "2022", by="chief@example.se")
    stored = three_sqlite_waves.get(Release, done.release_id)
    assert stored.released_at is not None
    assert (stored.version, stored.created_by, stored.released_by) == (1, BY, "chief@example.se")
    actions = three_sqlite_waves.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-2:] == ["process wave", "release wave"]


def test_nothing_of_a_release_can_be_changed(three_waves):
    done = process(three_waves, "2022", by=BY)
    release(three_waves, "2022", by=BY)
    one_more = {"release_id": done.release_id, "wave": "2022", "municipality_code": "0114", "collapsed": ""}
    for tamper in (
        update(Release).values(reason="quietly"),
        update(Estimate).values(estimate=0.5),
        update(Change).values(verdict="down"),
        update(Comparison).values(verdict="above"),
        update(QualityFigure).values(value=0.5),
        update(ItemNonresponse).values(asked=0),
        Diagnostic.__table__.insert().values(**one_more, sampled=1, responded=1),
        *(table.__table__.delete() for table in (Release, *TABLES.values())),
    ):
        with pytest.raises(DBAPIError, match="immutable"), three_waves.begin_nested():
            three_waves.execute(tamper)


def test_a_correction_is_a_new_version_with_a_reason_beside_the_old_one(three_sqlite_waves):
    first = process(three_sqlite_waves, "2022", by=BY)
    release(three_sqlite_waves, "2022", by=BY)
    kept = figures(three_sqlite_waves, first.release_id)
    second = process(three_sqlite_waves, "2022", by=BY)
    assert second.version == 2
    with pytest.raises(UserError, match="behöver ett skäl"):
        release(three_sqlite_waves, "2022", by=BY, reason=" ")
    release(three_sqlite_waves, "2022", by=BY, reason="Sena pappersenkäter")
    assert figures(three_sqlite_waves, first.release_id) == kept
    assert set(three_sqlite_waves.scalars(select(Release.version))) == {1, 2}


def test_there_must_be_a_draft_to_release(three_sqlite_waves):
    with pytest.raises(UserError, match="inget utkast"):
        release(three_sqlite_waves, "2022", by=BY)


@pytest.mark.parametrize("step", [process, release])
def test_a_wave_that_is_still_open_is_refused(sqlite_session, add_wave, step):
    add_wave(sqlite_session, "2022", status=WaveStatus.OPEN)
    with pytest.raises(UserError, match="stängd"):
        step(sqlite_session, "2022", by=BY)


@pytest.mark.parametrize("step", [process, release])
def test_a_wave_that_does_not_exist_is_refused(sqlite_session, step):
    with pytest.raises(UserError, match="finns inte"):
        step(sqlite_session, "1999", by=BY)


@pytest.mark.parametrize("kind", ["primary", "none: internal tables"])
def test_real_answers_without_secondary_suppression_are_not_released(sqlite_session, add_wave, kind):
    add_wave(sqlite_session, "2022", synthetic=False)
    draft = sqlite_session.get(Release, process(sqlite_session, "2022", by=BY).release_id)
    draft.manifest = json.dumps({**json.loads(draft.manifest), "disclosure": kind})
    with pytest.raises(UserError, match=kind):
        release(sqlite_session, "2022", by=BY)


def test_real_answers_with_secondary_suppression_are_released(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022", synthetic=False)
    process(sqlite_session, "2022", by=BY)
    assert release(sqlite_session, "2022", by=BY).version == 1


def test_what_is_withdrawn_or_told_of_a_compared_wave_after_the_computation_stops_the_release(
    three_sqlite_waves, add_wave
):
    session, now = three_sqlite_waves, RELEASED["released_at"]
    process(session, "2022", by=BY)
    correction = Release(**{**RELEASED, "wave_code": "2019", "synthetic": True})
    table = TableRequest(wave_code="2019", kind="table", question="{}", purpose="", asked_by="a")
    table.asked_at = table.decided_at = now
    table.state, table.decided_by = "approved", "b"
    withdrawn = session.scalars(select(Response).where(Response.wave_code == "2019")).first()
    for step, words in (
        (lambda: session.add(correction), "ur omgången 2019 sedan utkastet räknades"),
        (lambda: session.add(table), "ur omgången 2019 sedan utkastet räknades"),
        (lambda: session.delete(withdrawn), "Svaren i omgången 2019 har ändrats sedan utkastet räknades"),
    ):
        with session.begin_nested() as meanwhile:
            step()
            session.flush()
            with pytest.raises(UserError, match=words):
                release(session, "2022", by=BY)
            meanwhile.rollback()
    add_wave(session, "2023", ("0114",), synthetic=False)
    session.add(Release(**RELEASED))  # of real answers: it tells nothing of simulated ones
    session.flush()
    assert release(session, "2022", by=BY).version == 1


def test_the_review_reads_the_answers_once_and_anew_when_one_is_gone(three_sqlite_waves, monkeypatch):
    session, read = three_sqlite_waves, []

    def counted(session, wave_code, areas):
        read.append(wave_code)
        return answers.answers_fingerprint(session, wave_code, areas)

    process(session, "2022", by=BY)
    monkeypatch.setattr(sources, "answers_fingerprint", counted)
    draft = find_draft(session, "2022")
    assert [outdated_by(session, draft), outdated_by(session, draft)] == ["", ""]
    assert sorted(read) == ["2018", "2019", "2022"]
    session.delete(session.scalars(select(Response).where(Response.wave_code == "2019")).first())
    session.flush()
    assert "Svaren i omgången 2019 har ändrats" in outdated_by(session, draft)
    # What nobody can do by a page is not seen before the release, which reads everything.
    process(session, "2022", by=BY)
    draft = find_draft(session, "2022")
    assert outdated_by(session, draft) == ""
    session.scalars(select(Response).where(Response.wave_code == "2022")).first().answers = "{}"
    session.flush()
    read.clear()
    with pytest.raises(UserError, match="Svaren i omgången 2022 har ändrats"):
        release(session, "2022", by=BY)
    assert read == ["2022"]


def test_a_table_stands_beside_the_newest_release_of_its_own_wave(sqlite_session, add_wave):
    for code, synthetic in (("2021", True), ("2022", True), ("2023", False)):
        add_wave(sqlite_session, code, ("0114",), synthetic=synthetic)
    told = {"fingerprints": {"2021": {"answers": answers_sha256(sqlite_session, "2021", ["0114"])}}}
    own, later = (
        Release(**{**RELEASED, "wave_code": code, "synthetic": True, "manifest": json.dumps(told)})
        for code in ("2021", "2022")
    )
    sqlite_session.add_all([own, later, Release(**RELEASED)])
    sqlite_session.flush()
    beside = beside_now(sqlite_session, "2021")
    assert (beside.own, beside.releases) == (own.id, (own.id, later.id))


def test_an_empty_wave_is_refused_with_its_reason(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022", silent=("0114", "0180", "0187"))
    with pytest.raises(UserError, match="inga inlämnade svar"):
        process(sqlite_session, "2022", by=BY)
    assert sqlite_session.scalar(select(func.count()).select_from(Release)) == 0


def test_a_municipality_without_answers_is_shown_as_such_and_stops_nobody(session, add_wave):
    add_wave(session, "2019")
    add_wave(session, "2022", silent=("0187",))
    done = process(session, "2022", by=BY)
    row = session.scalars(
        select(Diagnostic).where(Diagnostic.wave == "2022", Diagnostic.municipality_code == "0187")
    ).one()
    assert (row.sampled, row.responded, row.n_eff) == (320, 0, None)
    assert "2022, 0187: Ingen har svarat." in done.remarks
    assert set(session.scalars(select(Change.code).where(Change.geography == "municipality"))) == {
        "0114",
        "0180",
    }
    release(session, "2022", by=BY)


def test_a_wave_whose_own_questionnaire_is_gone_is_refused(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022", questionnaire_hash="0" * 64)
    with pytest.raises(UserError, match="Frågeformuläret"):
        process(sqlite_session, "2022", by=BY)


def test_an_answer_the_questionnaire_does_not_know_is_named(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022")
    one = sqlite_session.scalars(select(Response)).first()
    one.answers = orjson.dumps({**orjson.loads(one.answers), "problem_drugs": "7"}).decode()
    sqlite_session.flush()
    with pytest.raises(UserError, match="problem_drugs"):
        process(sqlite_session, "2022", by=BY)


def test_progress_reaches_its_end(three_sqlite_waves):
    heard = []
    process(three_sqlite_waves, "2022", by=BY, progress=lambda *step: heard.append(step))
    assert heard[-1] == ("tabeller", len(TABLES), len(TABLES))
    assert {label for label, _, _ in heard} == {"vikter", "skattningar", "tabeller"}


def test_computing_keeps_nobody_from_writing(sqlite_databases, add_wave):
    with sqlite_databases.transaction() as session:
        add_wave(session, "2022")
    written = []

    def answer_meanwhile(label, done, total):
        with sqlite_databases.transaction() as other:
            audit.record(other, BY, "answered", label)
            written.append(label)

    with sqlite_databases.reading() as session:
        computed = compute(session, "2022", progress=answer_meanwhile)
    assert written
    with sqlite_databases.transaction() as session:
        assert keep_draft(session, computed, by=BY).rows["estimates"] > 0
