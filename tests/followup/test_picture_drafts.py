"""A shared draft: every version kept, nothing overwritten, signed by all sides as it stands, then frozen."""

import pytest
from pictured import NOW, TODAY, add_pictured_wave
from released_wave import NACKA, WAVE
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.errors import Conflict, Faults
from survey.followup.pictures import draft_form, drafts
from survey.followup.pictures.draft_form import Given
from survey.followup.pictures.drafts import ANALYSIS, MAPPING, PLAN
from survey.followup.places import Level, Place, place
from survey.models.source import SourceAudience
from survey.publication.embargo import reader_of

BY_MUNICIPALITY, BY_POLICE = "kommun@example.se", "polis@example.se"
READER = reader_of("municipality", NOW)


@pytest.fixture
def nacka(session: Session, settings: Settings) -> Place:
    add_pictured_wave(session, settings.output)
    return place(session, Level.MUNICIPALITY, NACKA, TODAY)


def written(session: Session, here: Place, picture_id: int, part: str, words: str, audience: str) -> None:
    """Write over the newest version, as whoever has just opened the page does."""
    shown = {one.part: one for one in draft_form.editables(session, picture_id, SourceAudience.POLICE)}
    handed_in(session, here, picture_id, Given(part, words, audience, shown[part].based_on))


def handed_in(
    session: Session, here: Place, picture_id: int, *given: Given, by: str = BY_MUNICIPALITY
) -> None:
    draft_form.write_texts(session, here, picture_id, given, by, NOW, SourceAudience.POLICE)


@pytest.mark.parametrize("any_settings", ["sqlite"], indirect=True)
def test_every_version_of_a_text_is_kept_and_shown_to_whom_it_is_for(session: Session, nacka: Place) -> None:
    draft = drafts.begin(session, nacka, WAVE, READER, BY_MUNICIPALITY, NOW)
    with pytest.raises(Conflict, match="redan ett utkast"):
        drafts.begin(session, nacka, WAVE, READER, BY_POLICE, NOW)
    written(session, nacka, draft.id, ANALYSIS, "Vi ser mörka vägar.", "municipality")
    written(session, nacka, draft.id, ANALYSIS, "Vi ser mörka parker.", "public")
    written(session, nacka, draft.id, "note-", "En hemlig tråd.", "police")
    written(session, nacka, draft.id, "note-1", "En öppen tråd.", "municipality")

    stale = Given(ANALYSIS, "Skrivet på en gammal sida.", "public", 0)
    with pytest.raises(Faults, match="Någon annan har ändrat"):
        handed_in(session, nacka, draft.id, stale, by=BY_POLICE)
    for words, what in (
        ("Ring 070-123 45 67", "telefonnummer"),
        ("Född 19900101-1234", "personnummer"),
        ("Skriv till kim@example.se", "e-postadress"),
        ("En röd bil, ABC12D", "registreringsnummer"),
        ("x" * 6001, "6001 tecken"),
    ):
        with pytest.raises(Faults, match=what):
            written(session, nacka, draft.id, ANALYSIS, words, "public")
    with pytest.raises(Faults, match="Välj vilka"):  # a part of the picture is never for the police alone
        written(session, nacka, draft.id, ANALYSIS, "Nytt", "police")
    written(
        session,
        nacka,
        draft.id,
        ANALYSIS,
        "År 2019–2020 ökade 12 av 35 mått enligt NTU 2019 och SCB 120.",
        "public",
    )

    texts = drafts.texts_of(session, draft.id)
    assert [(one.part, one.text, one.audience) for one in texts] == [
        (ANALYSIS, "År 2019–2020 ökade 12 av 35 mått enligt NTU 2019 och SCB 120.", "public"),
        ("note-1", "En öppen tråd.", "municipality"),
    ]
    police = drafts.history(session, draft.id, SourceAudience.POLICE)
    assert [one.text for one in police][1:] == [
        "En öppen tråd.",
        "En hemlig tråd.",
        "Vi ser mörka parker.",
        "Vi ser mörka vägar.",
    ]
    assert [(one.kind, one.text.strip()) for one in police[3].changes] == [
        ("same", "Vi ser mörka"),
        ("removed", "vägar."),
        ("added", "parker."),
    ]
    municipality = drafts.history(session, draft.id, SourceAudience.MUNICIPALITY)
    assert "hemlig" not in str(municipality)


@pytest.mark.parametrize("any_settings", ["sqlite"], indirect=True)
def test_a_form_is_kept_whole_or_not_at_all_and_nothing_written_is_lost(
    session: Session, nacka: Place
) -> None:
    draft = drafts.begin(session, nacka, WAVE, READER, BY_MUNICIPALITY, NOW)
    first = [Given(MAPPING, "Mörkt.", "public", 0), Given("note-", "En tråd.", "municipality", 0)]
    handed_in(session, nacka, draft.id, *first)
    handed_in(session, nacka, draft.id, *first)  # sent twice: kept once
    assert len(drafts.history(session, draft.id, SourceAudience.POLICE)) == 2
    mapping, plan, note = (
        {one.part: one for one in draft_form.editables(session, draft.id, SourceAudience.POLICE)}[part]
        for part in (MAPPING, PLAN, "note-1")
    )
    handed_in(session, nacka, draft.id, Given(MAPPING, "Ljust.", "public", mapping.based_on), by=BY_POLICE)

    # On the older page one has only written a plan: what another has changed since is no conflict.
    page = [Given(one.part, one.text, one.audience, one.based_on) for one in (mapping, plan, note)]
    page[1] = Given(PLAN, "Vi bygger.", "public", plan.based_on)
    handed_in(session, nacka, draft.id, *page)
    assert [one.text for one in drafts.texts_of(session, draft.id)] == ["Ljust.", "Vi bygger.", "En tråd."]

    # A form with a conflict and a fault keeps nothing, and shows everything again.
    page[0] = Given(MAPPING, "Mörkare.", "public", mapping.based_on)
    page[1] = Given(PLAN, "Ring 070-123 45 67", "public", 0)
    page[2] = Given("note-1", "En längre tråd.", "municipality", note.based_on)
    with pytest.raises(Faults) as refused:
        handed_in(session, nacka, draft.id, *page)
    assert set(refused.value.by_field) == {MAPPING, PLAN}
    assert draft_form.has_unsaved(session, draft.id, page, BY_MUNICIPALITY, SourceAudience.POLICE)
    shown = draft_form.editables(session, draft.id, SourceAudience.POLICE, page, BY_MUNICIPALITY)
    unsaved = {one.part: (one.text, one.stands) for one in shown if one.unsaved}
    assert unsaved == {
        MAPPING: ("Mörkare.", "Ljust."),
        PLAN: ("Ring 070-123 45 67", "Vi bygger."),
        "note-1": ("En längre tråd.", None),
    }
    # Sent again as it is shown, it is knowingly written over the other's.
    again = [Given(one.part, one.text, one.audience, one.based_on) for one in shown if one.part != PLAN]
    handed_in(session, nacka, draft.id, *again)
    assert "Mörkare." in str(drafts.texts_of(session, draft.id))
    # Whoever can no longer read a note keeps what they wrote over it on the page.
    written(session, nacka, draft.id, "note-1", "Bara vi.", "police")
    over = [Given("note-1", "Min egen rad.", "municipality", note.based_on)]
    seen = draft_form.editables(session, draft.id, SourceAudience.MUNICIPALITY, over, BY_MUNICIPALITY)
    assert (seen[-1].text, seen[-1].stands) == ("Min egen rad.", "")
    assert "Bara vi." not in str(seen)
