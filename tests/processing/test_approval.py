"""Real results take two persons where the operator wants it; a correction never opens what still waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from survey import clock
from survey.errors import Conflict, Faults, UserError
from survey.models.audit_event import AuditEvent
from survey.models.release import Audience, Estimate, Release
from survey.models.releasing import Embargo, ReleaseCheck
from survey.models.response import Response
from survey.preparation.accounts import invite
from survey.processing import approval, checklist, embargoes, run_changes
from survey.processing.releases import process, release

pytestmark = pytest.mark.usefixtures("computed_once")

ANNA, BO = "anna@example.se", "bo@example.se"


@pytest.fixture
def real(sqlite_session, add_wave):
    """A real wave of one municipality, computed."""
    add_wave(sqlite_session, "2022", ("0114",), synthetic=False)
    process(sqlite_session, "2022", by=ANNA)
    return sqlite_session


def ask(session, by=ANNA, times=None, reason=None, two_persons=True):
    return approval.ask(
        session, "2022", times or {}, reason, by=by, two_persons=two_persons, ticked=checklist.ITEMS
    )


def released(session):
    return session.scalars(select(Release.version).where(Release.released_at.is_not(None))).all()


def test_one_person_asks_and_another_releases(real):
    invite(real, "second@example.se", "analyst", None, ANNA, datetime.now(UTC))
    assert not ask(real).released
    assert released(real) == []
    with pytest.raises(UserError, match="En annan person"):
        approval.approve(real, "2022", by="Anna@example.se")
    with pytest.raises(UserError, match="bjudit in"):
        approval.approve(real, "2022", by="second@example.se")
    assert released(real) == []
    assert approval.approve(real, "2022", by=BO).version == 1
    assert real.scalars(select(Release.released_by)).all() == [BO]
    log = real.execute(select(AuditEvent.action, AuditEvent.actor).order_by(AuditEvent.id)).all()
    assert [tuple(event) for event in log[-2:]] == [("ask for release", ANNA), ("release wave", BO)]


def test_real_results_are_released_only_by_somebody_who_has_ticked_everything_and_it_is_kept(real):
    some = [item for item in checklist.ITEMS if item != "hidden"]
    with pytest.raises(Faults, match="Inte ikryssat: Jag vet vad som inte visas"):
        approval.ask(real, "2022", {}, None, by=ANNA, two_persons=False, ticked=some)
    assert released(real) == []
    ask(real, two_persons=False)
    (release_id,) = real.scalars(select(Release.id))
    ticks = checklist.ticks_of(real, release_id)
    assert [(tick.words, tick.by) for tick in ticks] == [(words, ANNA) for words in checklist.ITEMS.values()]
    with pytest.raises(DBAPIError, match="immutable"):
        real.execute(delete(ReleaseCheck))


def test_a_new_draft_tells_how_it_differs_from_the_last_and_a_release_forgets_it(real):
    (draft,) = real.scalars(select(Release))
    assert run_changes.last_change(real, draft.id) is None
    for late in real.scalars(select(Response).limit(40)).all():
        real.delete(late)
    real.flush()
    process(real, "2022", by=ANNA)
    (draft,) = real.scalars(select(Release))
    change = run_changes.last_change(real, draft.id)
    assert change.before.startswith(f"utkastet som {ANNA} räknade 20")
    assert change.facts == ("Svaren i 2022 är 120 i stället för 160.",)
    assert change.counts["annat tal"] > 0
    assert change.largest
    assert change.shown == len(real.scalars(select(Estimate.id).where(Estimate.released)).all())
    before = run_changes.stored_run(real, draft)
    changed = {**before.manifest, "settings": {**before.manifest["settings"], "confidence": 0.9}}
    asked = {"2022": {**before.manifest["fingerprints"]["2022"], "questionnaire": "another"}}
    changed |= {"fingerprints": asked}
    change = run_changes.compare_runs(before, replace(before, manifest=changed))
    assert change.facts == (
        "Frågeformuläret för 2022 är ett annat.",
        "Inställningen confidence är 0.9 i stället för 0.95.",
    )
    assert sum(change.counts.values()) == 0
    release(real, "2022", by=ANNA)
    assert run_changes.last_change(real, draft.id) is None


def test_nobody_approves_what_nobody_has_asked_for(real):
    with pytest.raises(UserError, match="Ingen har begärt"):
        approval.approve(real, "2022", by=BO)


def test_a_new_computation_takes_the_request_away(real):
    ask(real)
    process(real, "2022", by=ANNA)
    with pytest.raises(UserError, match="Ingen har begärt"):
        approval.approve(real, "2022", by=BO)


def test_a_request_that_was_changed_after_it_was_read_is_not_approved(real):
    ask(real)
    draft = real.scalars(select(Release.id)).one()
    read = approval.request_of(real, draft).key
    ask(real, times={"public": "2090-01-01 09:00"})
    with pytest.raises(Conflict, match="har ändrats"):
        approval.approve(real, "2022", by=BO, asked=read)
    assert released(real) == []


def test_one_person_is_enough_where_the_operator_wants_no_more(real):
    assert ask(real, two_persons=False).released
    assert released(real) == [1]


def test_simulated_answers_need_only_one_person(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022", ("0114",))
    process(sqlite_session, "2022", by=ANNA)
    assert ask(sqlite_session).released


def test_the_moments_asked_for_hold_and_what_is_left_out_follows_the_one_before(real):
    ask(real, times={"municipality": "2090-01-01 09:00"})
    before = datetime.now(UTC)
    approval.approve(real, "2022", by=BO)
    row = real.scalars(select(Release)).one()
    times = embargoes.times_of(real, row)
    assert times[Audience.REGION] == times[Audience.POLICE] == clock.utc(row.released_at) >= before
    assert times[Audience.MUNICIPALITY] == datetime(2090, 1, 1, 8, tzinfo=UTC) == times[Audience.PUBLIC]


def test_a_correction_opens_no_earlier_than_what_it_corrects_and_closes_that(real):
    ask(real, times={"municipality": "2090-01-01 09:00"}, two_persons=False)
    process(real, "2022", by=ANNA)
    ask(real, reason="Sena pappersenkäter", two_persons=False)
    first, second = real.scalars(select(Release).order_by(Release.version)).all()
    assert embargoes.times_of(real, first)[Audience.MUNICIPALITY] is None
    assert embargoes.times_of(real, first)[Audience.REGION] == clock.utc(first.released_at)
    times = embargoes.times_of(real, second)
    assert times[Audience.MUNICIPALITY] == times[Audience.PUBLIC] == datetime(2090, 1, 1, 8, tzinfo=UTC)
    assert times[Audience.REGION] == clock.utc(second.released_at)


def test_every_audience_has_a_moment_once_released(real):
    release(real, "2022", by=ANNA)
    moments = real.scalars(select(Embargo.opens_at)).all()
    assert len(moments) == len(Audience)
    assert all(clock.utc(moment) <= datetime.now(UTC) + timedelta(seconds=1) for moment in moments)
