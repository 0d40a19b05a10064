"""A municipality is invited, answers, and hands in what its yes needs; too late is told."""

from datetime import date, timedelta
from io import BytesIO

import invited_wave
import pytest
from invited_wave import BY, LAST_DAY, NOW, OTHER, OWN, POPULATION_DATE, TODAY, WAVE
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.precision import expected_precision
from survey.errors import Faults, UserError
from survey.models.area import Area
from survey.models.audit_event import AuditEvent
from survey.models.participation import AgreementConfirmation, AreaChoice
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.preparation import (
    agreements,
    completeness,
    extra_samples,
    local_questions,
    logos,
    new_waves,
    participation,
    recuts,
    senders,
    standings,
    waves,
)
from survey.preparation.completeness import Part
from survey.preparation.geography import areas_on
from survey.preparation.participation import Answer
from survey.preparation.plan_checks import PlanSettings
from survey.preparation.plans import set_plan
from survey.preparation.senders import Contact, Sender
from survey.preparation.wave_settings import WaveSettings

LISTING = "namn;nycklar\nVaxön;0187A0010 0187A0020\nResarö;0187B0010\nÖarna;0187B0020\n"


@pytest.fixture
def planned(quick: Session) -> Session:
    invited_wave.plan_wave(quick)
    return quick


@pytest.fixture
def accepted(planned: Session) -> Session:
    invited_wave.accept(planned)
    return planned


def answers(session: Session) -> dict[str, Answer]:
    return {one.municipality_code: one.answer for one in participation.participants(session, WAVE)}


def at(session: Session, status: WaveStatus) -> None:
    session.get_one(Wave, WAVE).status = status.value
    session.flush()


def test_an_answer_goes_from_not_invited_over_invited_to_yes_or_no(planned: Session) -> None:
    assert answers(planned) == {OWN: Answer.NOT_INVITED, OTHER: Answer.NOT_INVITED}
    invited_wave.invite(planned)
    assert answers(planned) == {OWN: Answer.INVITED, OTHER: Answer.NOT_INVITED}
    participation.answer(planned, WAVE, OWN, False, "Ingen budget i år.", BY)
    assert participation.find_participant(planned, WAVE, OWN).reason == "Ingen budget i år."
    assert answers(planned)[OWN] is Answer.DECLINED
    participation.answer(planned, WAVE, OWN, True, "", BY)
    found = participation.find_participant(planned, WAVE, OWN)
    assert (found.answer, found.reason) == (Answer.ACCEPTED, "")
    assert (found.invited_on, found.answer_until) == (TODAY, LAST_DAY)
    assert waves.accepted_municipalities(planned, WAVE) == (OWN,)


def test_a_new_invitation_leaves_those_alone_that_have_answered(accepted: Session) -> None:
    later = LAST_DAY + timedelta(days=7)
    invited = participation.invite(accepted, WAVE, [OWN, OTHER], later, "Sista chansen.", BY, TODAY)
    assert invited == (OTHER,)
    assert participation.find_participant(accepted, WAVE, OWN).answer_until == LAST_DAY
    assert participation.find_participant(accepted, WAVE, OTHER).late(later + timedelta(days=1))


def test_an_answer_noted_for_a_municipality_keeps_its_invitation(planned: Session) -> None:
    invited_wave.invite(planned)
    waves.set_participation(planned, WAVE, OWN, True, BY)
    found = participation.find_participant(planned, WAVE, OWN)
    assert (found.answer, found.answer_until) == (Answer.ACCEPTED, LAST_DAY)


@pytest.mark.parametrize(
    ("codes", "day", "text", "words"),
    [
        ([], LAST_DAY, "Hej", "minst en kommun"),
        ([OWN], date(2026, 11, 1), "Hej", "har redan varit"),
        ([OWN], LAST_DAY, " ", "1–2000 tecken"),
        ([OWN], LAST_DAY, "a\x00b", "styrtecken"),
        (["9999"], LAST_DAY, "Hej", "ingen inläst kommun"),
        (["\x00"], LAST_DAY, "Hej", "ingen inläst kommun"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(
    planned: Session, codes: list[str], day: date, text: str, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        participation.invite(planned, WAVE, codes, day, text, BY, TODAY)


def test_nobody_answers_without_an_invitation(planned: Session) -> None:
    with pytest.raises(participation.NotInvited):
        participation.answer(planned, WAVE, OWN, True, "", BY)


def test_nothing_is_handed_in_before_a_yes(planned: Session) -> None:
    invited_wave.invite(planned)
    with pytest.raises(UserError, match="Svara först ja"):
        recuts.keep_areas(planned, WAVE, OWN, BY)


def test_what_the_frame_rests_on_is_locked_when_it_is_loaded_and_the_rest_when_the_sample_is_drawn(
    accepted: Session,
) -> None:
    at(accepted, WaveStatus.FRAMED)
    for change in (
        lambda: participation.answer(accepted, WAVE, OWN, False, "", BY),
        lambda: recuts.propose(accepted, WAVE, OWN, LISTING, BY),
        lambda: extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "10"}, BY),
    ):
        with pytest.raises(UserError, match="inte längre att ändra"):
            change()
    invited_wave.complete(accepted)
    at(accepted, WaveStatus.SAMPLED)
    with pytest.raises(UserError, match="inte längre att ändra"):
        senders.set_contact(accepted, WAVE, OWN, invited_wave.CONTACT, BY)


def test_a_yes_is_complete_when_areas_contact_and_agreement_are_there(accepted: Session) -> None:
    assert completeness.missing(accepted, WAVE, OWN) == tuple(Part)
    recuts.keep_areas(accepted, WAVE, OWN, BY)
    assert completeness.missing(accepted, WAVE, OWN) == (Part.CONTACT, Part.AGREEMENT)
    invited_wave.complete(accepted)
    assert completeness.missing(accepted, WAVE, OWN) == ()
    assert completeness.state_words((), Answer.ACCEPTED) == "komplett"


def test_the_sample_of_a_real_wave_waits_for_what_is_missing_or_a_decision(accepted: Session) -> None:
    wave = accepted.get_one(Wave, WAVE)
    with pytest.raises(UserError, match=r"Vaxholm \(0187\): besked om delområdena, kontaktperson, överens"):
        completeness.require_complete(accepted, wave)
    with pytest.raises(UserError, match="Skriv varför"):
        completeness.allow_incomplete(accepted, WAVE, OWN, " ", BY)
    completeness.allow_incomplete(accepted, WAVE, OWN, "Avtal på papper, dnr 2026/17.", BY)
    completeness.require_complete(accepted, wave)
    told = accepted.scalars(select(AuditEvent).where(AuditEvent.action == "allow incomplete")).one()
    assert "dnr 2026/17" in told.detail and "agreement" in told.detail


def test_a_simulated_wave_asks_for_no_agreement(quick: Session) -> None:
    invited_wave.plan_wave(quick, synthetic=True)
    invited_wave.accept(quick)
    completeness.require_complete(quick, quick.get_one(Wave, WAVE))


def test_a_confirmation_holds_for_the_text_that_was_read(
    accepted: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    invited_wave.complete(accepted)
    read = agreements.current_agreement()
    with pytest.raises(UserError, match="har ändrats sedan"):
        agreements.confirm(accepted, WAVE, OWN, "0" * 64, "Bo Ek", "Direktör", BY, NOW)
    changed = agreements._agreement("## Nytt\nEn ny text.\n")
    monkeypatch.setattr(agreements, "current_agreement", lambda: changed)
    found = agreements.find_confirmation(accepted, WAVE, OWN)
    assert found is not None
    assert (found.agreement, found.name, found.position, found.current) == (
        read,
        "Bo Ek",
        "Kommundirektör",
        False,
    )
    assert completeness.missing(accepted, WAVE, OWN) == (Part.AGREEMENT,)


def test_every_confirmation_is_kept_and_the_newest_counts(accepted: Session) -> None:
    invited_wave.complete(accepted)
    read = agreements.current_agreement().content_hash
    agreements.confirm(accepted, WAVE, OWN, read, "Eva Å", "Stadsjurist", BY, NOW + timedelta(days=1))
    assert len(accepted.scalars(select(AgreementConfirmation)).all()) == 2
    found = agreements.find_confirmation(accepted, WAVE, OWN)
    assert found is not None and found.name == "Eva Å"
    with pytest.raises(Faults) as refused:
        agreements.confirm(accepted, WAVE, OWN, read, "", "x" * 81, BY, NOW)
    assert set(refused.value.by_field) == {"name", "position"}


def test_the_agreement_names_the_article_and_both_parties() -> None:
    text = agreements.current_agreement()
    words = " ".join(part for section in text.sections for part in (*section.paragraphs, *section.points))
    for needed in ("artikel 26", "Polisregionen", "kommunen", "artiklarna 15–21", "incident"):
        assert needed in words


def test_a_contact_person_who_cannot_be_reached_is_refused(accepted: Session) -> None:
    with pytest.raises(Faults) as refused:
        senders.set_contact(accepted, WAVE, OWN, Contact("Bo\u202eEk", "bo@", "ring mig"), BY)
    assert set(refused.value.by_field) == {"name", "email", "phone"}
    assert senders.find_contact(accepted, WAVE, OWN) is None


def test_a_contact_person_stays_out_of_the_audit_log(accepted: Session) -> None:
    senders.set_contact(accepted, WAVE, OWN, invited_wave.CONTACT, BY)
    for event in accepted.scalars(select(AuditEvent)):
        assert "Karin" not in event.detail and "karin" not in event.detail


def test_a_sender_needs_a_name_and_may_be_taken_away(accepted: Session) -> None:
    with pytest.raises(Faults) as refused:
        senders.set_sender(accepted, WAVE, OWN, Sender(phone="08-465 004 02"), BY)
    assert set(refused.value.by_field) == {"name"}
    senders.set_sender(accepted, WAVE, OWN, Sender("Vaxholms stad", "", "08-465 004 02", ""), BY)
    found = senders.find_sender(accepted, WAVE, OWN)
    assert found is not None and found.ways == ("08-465 004 02",)
    senders.set_sender(accepted, WAVE, OWN, Sender(), BY)
    assert senders.find_sender(accepted, WAVE, OWN) is None
    told = accepted.scalars(select(AuditEvent.detail).where(AuditEvent.action == "letter sender")).all()
    assert told == ['{"changed": ["name", "phone"]}'] * 2  # which fields, never what they say


def test_a_proposal_changes_no_area_until_the_operator_applies_it(accepted: Session) -> None:
    before = areas_on(accepted, POPULATION_DATE)
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    assert areas_on(accepted, POPULATION_DATE) == before
    assert Part.AREAS in completeness.missing(accepted, WAVE, OWN)
    assert recuts.apply(accepted, WAVE, OWN, BY) == ("0187-03", "0187-04", "0187-05")
    assert list(areas_on(accepted, POPULATION_DATE)) == ["0187-03", "0187-04", "0187-05"]
    assert Part.AREAS not in completeness.missing(accepted, WAVE, OWN)


def test_a_re_cut_ends_the_old_areas_the_day_before_and_leaves_the_past_as_it_was(accepted: Session) -> None:
    before = areas_on(accepted, POPULATION_DATE - timedelta(days=1))
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    recuts.apply(accepted, WAVE, OWN, BY)
    assert areas_on(accepted, POPULATION_DATE - timedelta(days=1)) == before
    old = accepted.get_one(Area, "0187-01")
    assert (old.valid_from, old.valid_to) == (date(2018, 1, 1), POPULATION_DATE - timedelta(days=1))
    assert recuts.register_keys(accepted, ("0187-03",)) == {"0187A0010": "0187-03", "0187A0020": "0187-03"}


def test_a_re_cut_that_begins_after_a_day_that_was_moved_is_to_be_decided_again(accepted: Session) -> None:
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    recuts.apply(accepted, WAVE, OWN, BY)
    assert Part.AREAS not in completeness.missing(accepted, WAVE, OWN)
    accepted.get_one(Wave, WAVE).population_date = POPULATION_DATE - timedelta(days=30)
    assert Part.AREAS in completeness.missing(accepted, WAVE, OWN)


def test_a_second_re_cut_before_the_frame_replaces_the_first_and_reuses_no_code(accepted: Session) -> None:
    for _ in range(2):
        recuts.propose(accepted, WAVE, OWN, LISTING, BY)
        codes = recuts.apply(accepted, WAVE, OWN, BY)
    assert codes == ("0187-06", "0187-07", "0187-08")
    assert accepted.get(Area, "0187-03") is None
    assert list(areas_on(accepted, POPULATION_DATE)) == list(codes)


def test_areas_that_a_wave_already_uses_after_that_day_are_not_ended(accepted: Session) -> None:
    later = WaveSettings(
        "2028", "Annan omgång", POPULATION_DATE, date(2028, 2, 1), date(2028, 3, 1), synthetic=True
    )
    new_waves.create_wave(accepted, later, BY)
    accepted.add(Stratum(wave_code="2028", area_code="0187-01", municipality_code=OWN, population=900))
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    with pytest.raises(UserError, match="används redan i omgång 2028"):
        recuts.apply(accepted, WAVE, OWN, BY)
    assert accepted.get_one(Area, "0187-01").valid_to is None


def test_a_refused_proposal_tells_why_and_leaves_the_areas_undecided(accepted: Session) -> None:
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    recuts.refuse(accepted, WAVE, OWN, "Öarna har för få invånare.", BY)
    found = recuts.find_proposal(accepted, WAVE, OWN)
    assert found is not None
    assert (found.choice, found.decided_because) == (AreaChoice.REFUSED, "Öarna har för få invånare.")
    assert Part.AREAS in completeness.missing(accepted, WAVE, OWN)
    with pytest.raises(UserError, match="inget förslag"):
        recuts.apply(accepted, WAVE, OWN, BY)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "har 0 delområden"),
        ("Vaxön", "Rad 1: Vaxön saknar nycklar"),
        ("Vaxön;0186A0010", "Rad 1: nyckeln '0186A0010' ska börja med kommunens kod, 0187"),
        ("Vaxön;0187A0010\nvaxön;0187A0020", "Namnet 'vaxön' står 2 gånger"),
        ("Vaxön;0187A0010\nResarö;0187A0010", "Nyckeln '0187A0010' står 2 gånger"),
        (";0187A0010", "Rad 1: delområdet ska ha ett namn"),
        ("a\u202eb;0187A0010", "Rad 1: delområdet ska ha ett namn"),
        ("x" * 81 + ";0187A0010", "Rad 1: delområdet ska ha ett namn"),
        ("\n".join(f"Område {i};0187{i:03d}" for i in range(100)), "har 100 delområden"),
    ],
)
def test_a_listing_that_cannot_be_used_is_told_by_line(accepted: Session, text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        recuts.propose(accepted, WAVE, OWN, text, BY)
    assert recuts.find_proposal(accepted, WAVE, OWN) is None


def test_areas_are_shown_with_the_inhabitants_of_the_newest_frame(accepted: Session) -> None:
    for code, day, persons in (("2020", date(2020, 9, 30), 800), ("2022", date(2022, 9, 30), 900)):
        past = WaveSettings(code, code, day, date(2030, 1, 1), date(2030, 2, 1), synthetic=True)
        new_waves.create_wave(accepted, past, BY)
        accepted.add(Stratum(wave_code=code, area_code="0187-01", municipality_code=OWN, population=persons))
    accepted.flush()
    first, second = recuts.current_areas(accepted, WAVE, OWN)
    assert (first.population, first.counted_in) == (900, "2022")
    assert (second.population, second.counted_in) == (None, None)


def test_the_extra_sample_is_kept_by_area_with_what_it_buys(accepted: Session) -> None:
    extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "300", "0187-02": ""}, BY)
    assert extra_samples.extra_per_area(accepted, WAVE) == {"0187-01": 300}
    first, second = extra_samples.area_sizes(accepted, WAVE, OWN)
    assert (first.planned, first.extra, second.extra) == (300, 300, 0)
    assert first.now == expected_precision(300, 0.45, 0.3, 1.3)
    assert first.then == expected_precision(600, 0.45, 0.3, 1.3)
    assert second.then == second.now
    assert first.then.detectable_change < first.now.detectable_change
    # By a plan that draws more in some areas nobody knows yet how many an area has.
    set_plan(accepted, WAVE, PlanSettings(rule="proportional"), None, BY)
    first, second = extra_samples.area_sizes(accepted, WAVE, OWN)
    assert (first.planned, first.extra, first.now, second.then) == (None, 300, None, None)
    assert extra_samples.steps(accepted, WAVE) == []
    assert PlanSettings(rule="proportional").mean == 300
    assert not PlanSettings(area_factors={"0187-01": 2.0}).equal
    extra_samples.set_extra(accepted, WAVE, OWN, {}, BY)
    assert extra_samples.extra_per_area(accepted, WAVE) == {}


def test_who_takes_no_part_has_no_extra_sample(accepted: Session) -> None:
    extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "300"}, BY)
    participation.answer(accepted, WAVE, OWN, False, "", BY)
    assert extra_samples.extra_per_area(accepted, WAVE) == {}


def test_an_extra_sample_that_cannot_be_drawn_is_told_at_its_area(accepted: Session) -> None:
    past = WaveSettings("2022", "2022", date(2022, 9, 30), date(2030, 1, 1), date(2030, 2, 1), synthetic=True)
    new_waves.create_wave(accepted, past, BY)
    accepted.add(Stratum(wave_code="2022", area_code="0187-01", municipality_code=OWN, population=400))
    accepted.flush()
    with pytest.raises(Faults) as refused:
        extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "101", "0187-02": "många"}, BY)
    assert "bor 400 personer" in refused.value.by_field["0187-01"]
    assert "heltal" in refused.value.by_field["0187-02"]
    assert extra_samples.extra_per_area(accepted, WAVE) == {}
    extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "100"}, BY)


def test_a_re_cut_takes_the_extra_sample_of_the_areas_that_end(accepted: Session) -> None:
    extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "300"}, BY)
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    recuts.apply(accepted, WAVE, OWN, BY)
    assert [size.extra for size in extra_samples.area_sizes(accepted, WAVE, OWN)] == [0, 0, 0]


def test_all_that_is_handed_in_is_kept_on_every_database(session: Session) -> None:
    invited_wave.plan_wave(session)
    invited_wave.accept(session)
    picture = BytesIO()
    Image.new("RGB", (90, 30), "navy").save(picture, "PNG")
    recuts.propose(session, WAVE, OWN, LISTING, BY)
    codes = recuts.apply(session, WAVE, OWN, BY)
    extra_samples.set_extra(session, WAVE, OWN, {codes[0]: "50"}, BY)
    local_questions.choose_local_questions(session, WAVE, OWN, "skargard", BY)
    senders.set_contact(session, WAVE, OWN, invited_wave.CONTACT, BY)
    senders.set_sender(session, WAVE, OWN, Sender("Vaxholms stad"), BY)
    logos.set_logo(session, WAVE, OWN, picture.getvalue(), BY)
    read = agreements.current_agreement().content_hash
    agreements.confirm(session, WAVE, OWN, read, "Bo Ek", "Kommundirektör", BY, NOW)
    session.expire_all()
    found = standings.find_standing(session, WAVE, OWN)
    assert (found.missing, found.words, found.extra, found.has_logo) == ((), "komplett", 50, True)
    assert found.local_questions is not None and found.local_questions.name == "skargard"
    assert (found.contact, found.sender) == (invited_wave.CONTACT, Sender("Vaxholms stad"))
    assert found.proposal is not None and found.proposal.listing[0].name == "Vaxön"
    assert found.confirmation is not None and found.confirmation.confirmed_at.day == NOW.day
    assert logos.find_logo(session, WAVE, OWN) == logos.read_logo(picture.getvalue())
    (other, own) = standings.list_standings(session, WAVE)
    assert own == found and other.participant.answer is Answer.NOT_INVITED


def test_an_answer_noted_before_the_frame_is_listed_for_the_municipality_to_complete(
    planned: Session,
) -> None:
    assert participation.invitations_of(planned, OWN) == []
    waves.set_participation(planned, WAVE, OWN, True, BY)
    assert [one.wave_code for one in participation.invitations_of(planned, OWN)] == [WAVE]
    at(planned, WaveStatus.SAMPLED)
    assert participation.invitations_of(planned, OWN) == []
