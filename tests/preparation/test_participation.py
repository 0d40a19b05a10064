"""A municipality is invited, answers, and hands in what its yes needs; too late is told."""

from datetime import date, timedelta
from io import BytesIO

import invited_wave
import pytest
from invited_wave import BY, LAST_DAY, LISTING, NOW, OTHER, OWN, TODAY, WAVE
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import Faults, UserError
from survey.models.audit_event import AuditEvent
from survey.models.participation import AgreementConfirmation
from survey.models.wave import Wave, WaveStatus
from survey.preparation import (
    agreements,
    completeness,
    extra_samples,
    local_questions,
    logos,
    participation,
    recuts,
    senders,
    standings,
    waves,
)
from survey.preparation.completeness import Part
from survey.preparation.participation import Answer
from survey.preparation.senders import Contact, Sender


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
