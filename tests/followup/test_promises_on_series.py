"""A promise on an imported series; and a series marked as invented by mistake."""

import pytest
from promised import AFTER, BEFORE, BY, NACKA, SERIES, TODAY, only, sign, step, write
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import Faults, UserError
from survey.followup.promises.following import note_result
from survey.followup.promises.records import find_promise
from survey.followup.promises.writing import rewrite_promise
from survey.followup.series.invented import resting_on, unmark_invented
from survey.models.audit_event import AuditEvent
from survey.models.promise import StepKind
from survey.models.situation_picture import SituationPicture
from survey.models.source import Series, SeriesValue, SourceAudience, SourceFile


def add_series(session: Session, audience: str, **values: float) -> None:
    """A yearly series of Nacka, by year."""
    moment = {"received_at": BEFORE, "accepted_at": BEFORE}
    file = SourceFile(
        kind="series", subject=audience, file_name="s.csv", sha256="", content=b"", settings="", **moment
    )
    file.received_by = file.accepted_by = BY
    session.add(file)
    session.flush()
    about = {"source": "Brå", "limits": "Bara anmälda brott.", "unit": "brott", "period_kind": "year"}
    title = f"Anmälda brott, {audience}"
    session.add(Series(code=audience, title=title, audience=audience, synthetic=True, read_on=TODAY, **about))
    session.flush()
    where = {"series_code": audience, "level": "municipality", "code": NACKA, "file_id": file.id, "note": ""}
    session.add_all(SeriesValue(period=year[1:], value=value, **where) for year, value in values.items())
    session.flush()


def test_an_imported_series_gives_baseline_and_outcome_and_is_one_that_all_may_read(nacka: Session) -> None:
    add_series(nacka, "public", y2017=1300.0, y2018=1240.5)
    add_series(nacka, "police", y2018=7.0)
    wanted = {"indicator": "public", "baseline": "9999", "series": "", "unit": "", "baseline_source": "x"}
    number = write(nacka, SERIES, **wanted)
    for other in ("police", "none", "\x00"):
        with pytest.raises(Faults, match="alla får läsa"):
            write(nacka, SERIES, **{**wanted, "indicator": other})
    sign(nacka, number)
    text = find_promise(nacka, NACKA, number).newest.text
    assert (text.series, text.baseline, text.baseline_source) == (
        "Anmälda brott, public",
        1240.5,
        "Brå, 2018",
    )
    # A period that had ended when the promise was written says nothing of it.
    assert only(nacka).ground == "not_yet"
    given = {"on_day": "2019-02-28", "source": "Brå", "value": "1"}
    with pytest.raises(UserError, match="hämtas ur den serie"):
        note_result(nacka, NACKA, number, given, by=BY, now=BEFORE, today=TODAY)
    held = nacka.scalars(select(SourceFile.id)).first()
    where = {"series_code": "public", "level": "municipality", "code": NACKA, "file_id": held, "note": ""}
    nacka.add(SeriesValue(period="2019", value=1050.0, **where))
    nacka.flush()
    found = only(nacka)
    assert (found.status, found.source, found.result.split()) == (
        "reached",
        "Brå, 2019",
        ["1", "050", "brott"],
    )
    again = {**SERIES, **wanted, "version": "1", "reason": "Ord.", "title": "Färre brott."}
    rewrite_promise(nacka, NACKA, number, again, by=BY, now=AFTER)
    assert find_promise(nacka, NACKA, number).newest.text.baseline == 1240.5
    # A name that a promise has no room for is told, not cut.
    nacka.get_one(Series, "public").title = "A" * 81
    with pytest.raises(Faults, match="81 tecken och får ha högst 80"):
        write(nacka, SERIES, **wanted)


def test_a_series_marked_by_mistake_is_unmarked_while_nobody_has_signed_anything_with_it(
    nacka: Session,
) -> None:
    for audience in ("public", "police"):
        add_series(nacka, audience, y2018=1240.5)

    def unmark(code: str = "public", reason: str = "Fel kryss", confirmed: bool = True) -> None:
        who = SourceAudience.POLICE if code == "public" else SourceAudience.MUNICIPALITY
        unmark_invented(nacka, code, reason, confirmed=confirmed, reads_as=who, by=BY)

    number = write(nacka, SERIES, indicator="public", baseline="", series="", unit="", baseline_source="")
    step(nacka, number, StepKind.SIGN_POLICE)
    assert resting_on(nacka, "public") == (f"löfte {number}",)
    with pytest.raises(UserError, match=f"löfte {number} är undertecknat"):
        unmark()
    step(nacka, number, StepKind.TAKE_BACK)
    assert resting_on(nacka, "public") == ()
    picture = {
        "level": "municipality",
        "code": NACKA,
        "wave_code": "2018",
        "begun_by": BY,
        "begun_at": BEFORE,
    }
    picture |= {"signed_at": BEFORE, "fingerprint": "f"}
    other = SituationPicture(**picture, content='{"place":{"code":"public"},"other_sources":[]}')
    nacka.add(other)
    nacka.flush()
    for wrong in ({"reason": " "}, {"reason": "a" * 501}, {"confirmed": False}):
        with pytest.raises(Faults):
            unmark(**wrong)
    with pytest.raises(UserError, match="ingen serie"):
        unmark("police")
    unmark()
    event = nacka.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.action, "Fel kryss" in event.detail) == ("unmark invented series", True)
    with pytest.raises(UserError, match="inte märkt"):
        unmark()
    nacka.get_one(Series, "public").synthetic = True
    signed = SituationPicture(**picture, content='{"other_sources":[{"code":"public"}]}')
    nacka.add(signed)
    nacka.flush()
    with pytest.raises(UserError, match=f"lägesbild {signed.id} är undertecknat"):
        unmark()
