"""A draft that police and municipality write together: texts, their history, sign-off by all sides."""

import re
from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import own_email, requires
from survey.database import reading
from survey.errors import Faults, UserError
from survey.followup import pointing_out
from survey.followup.pictures import draft_form, drafts, records, sharing, signing
from survey.followup.pictures.composing import released_wave
from survey.followup.pictures.content import NOTE
from survey.followup.pictures.draft_form import Given
from survey.followup.pictures.records import PictureRecord
from survey.followup.places import Place
from survey.followup.text_check import LONGEST, WARNING
from survey.partners.room import OF_WAVE, Refused, blueprint, open_place, partner
from survey.permissions import Permission
from survey.publication.releases import NotReleased
from survey.readers import own_reader
from survey.receiving import accepts_texts
from survey.submissions import Change, hand_in

NOT_BEGUN = "Det finns inget utkast för den här platsen och mätningen. Börja ett på lägesbildens sida."
NOT_SAVED = (
    "Du har skrivit text som inte är sparad. Den står kvar här nedanför. "
    "Spara den och läs lägesbilden innan du undertecknar."
)
NOT_WRITTEN = (
    "Inget är skrivet under: {parts}. Kryssa i att lägesbilden ska undertecknas ändå, eller skriv först."
)
LARGEST_FORM = 512 * 1024  # every text as long as it may be
FIELD = re.compile(rf"text-({'|'.join(drafts.PARTS)}|{NOTE}\d{{0,3}})", re.ASCII)


@blueprint.post(f"{OF_WAVE}/borja")
@requires(Permission.WRITE_PICTURES)
def begin(level: str, place_code: str, wave_code: str) -> ResponseReturnValue:
    def change(session: Any, by: str) -> None:
        place = _writable(session, level, place_code, wave_code)
        drafts.begin(session, place, wave_code, own_reader(), by, clock.now())

    return _hand_in(change, level, place_code, wave_code)


@blueprint.get(f"{OF_WAVE}/utkast")
@requires(Permission.WRITE_PICTURES)
def draft(level: str, place_code: str, wave_code: str) -> ResponseReturnValue:
    """The texts in one form, every version of them, and who has signed."""
    return _page(level, place_code, wave_code)


@blueprint.post(f"{OF_WAVE}/text")
@requires(Permission.WRITE_PICTURES)
@accepts_texts(LARGEST_FORM)
def write(level: str, place_code: str, wave_code: str) -> ResponseReturnValue:
    def change(session: Any, by: str) -> None:
        place = _writable(session, level, place_code, wave_code)
        record = _draft(session, place, wave_code)
        draft_form.write_texts(session, place, record.id, _given(), by, clock.now(), partner().audience)

    return _hand_in(change, level, place_code, wave_code)


@blueprint.post(f"{OF_WAVE}/underteckna")
@requires(Permission.WRITE_PICTURES)
@accepts_texts(LARGEST_FORM)
def sign(level: str, place_code: str, wave_code: str) -> ResponseReturnValue:
    """Sign for one side what the page showed; the last side freezes the picture."""
    side, shown = request.form.get("side", ""), request.form.get("fingerprint", "")
    frozen: list[int] = []

    def change(session: Any, by: str) -> None:
        place = _writable(session, level, place_code, wave_code)
        record = _draft(session, place, wave_code)
        who = partner()
        if not signing.may_sign(who.role, who.municipality_code, side):
            raise UserError("Du kan bara underteckna för din egen part.")
        if draft_form.has_unsaved(session, record.id, _given(), by, who.audience):
            raise UserError(NOT_SAVED)
        if (empty := drafts.unwritten(session, record.id)) and request.form.get("empty") != "yes":
            raise Faults({"empty": NOT_WRITTEN.format(parts=", ".join(empty))})
        if signing.sign(session, place, record, side, shown, by, clock.now()):
            frozen.append(record.id)

    answer = _hand_in(change, level, place_code, wave_code, "underteckna")
    if frozen:
        answer.location = url_for(  # type: ignore[union-attr]
            "partners.picture", level=level, place_code=place_code, wave_code=wave_code, nr=frozen[0]
        )
    return answer


def _writable(session: Any, level: str, place_code: str, wave_code: str) -> Place:
    """The place, for who may write there and may read the figures: the texts of a draft tell of them."""
    place = open_place(session, level, place_code)
    if not sharing.may_write(partner(), place):
        raise Refused(drafts.named(place))
    released_wave(session, wave_code, own_reader())
    return place


def _draft(session: Any, place: Place, wave_code: str) -> PictureRecord:
    found = records.draft_of(session, place, wave_code)
    if found is None:
        raise UserError(NOT_BEGUN)
    return found


def _given() -> tuple[Given, ...]:
    """Every text of the form, as it was sent."""
    found = {match[1]: name for name in request.form if (match := FIELD.fullmatch(name))}
    return tuple(
        Given(
            part=part,
            text=request.form[name],
            audience=request.form.get(f"audience-{part}", ""),
            based_on=request.form.get(f"based_on-{part}", -1, type=int),
        )
        for part, name in found.items()
    )


def _hand_in(
    change: Change, level: str, place_code: str, wave_code: str, part: str | None = None
) -> ResponseReturnValue:
    return hand_in(
        change,
        lambda faults: _page(level, place_code, wave_code, faults),
        url_for("partners.draft", level=level, place_code=place_code, wave_code=wave_code, _anchor=part),
        (NotReleased,),
    )


def _by_field(faults: Mapping[str, str]) -> dict[str, str]:
    """Faults of texts at the fields they were written in."""
    parts = {one.part for one in _given()}
    return {f"text-{name}" if name in parts else name: fault for name, fault in faults.items()}


def _page(
    level: str, place_code: str, wave_code: str, faults: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    """The page; after a fault, what was written and not saved stays in its field."""
    with reading() as session:
        place = _writable(session, level, place_code, wave_code)
        record = records.draft_of(session, place, wave_code)
        if record is None:
            texts = [(drafts.title_of(one.part), one.text) for one in _given() if one.text.strip()]
            return render_template("login/unsaved.html", message=NOT_BEGUN, texts=texts), 404
        now, who = clock.now(), partner()
        try:
            picture, waits = signing.as_signed(session, place, record, now), ""
        except NotReleased as error:
            picture, waits = None, str(error)
        stands = signing.shared_fingerprint(picture, place.level) if picture else ""
        sides = signing.sides_of(session, place, record, stands)
        editables = draft_form.editables(session, record.id, who.audience, _given(), own_email())
        written = {one.title: one.text for one in editables}
        return render_template(
            "partners/draft.html",
            place=place,
            wave_code=wave_code,
            kind=picture.kind if picture else "",
            waits=waits,
            stands=stands,
            sides=sides,
            mine={one.code for one in sides if signing.may_sign(who.role, who.municipality_code, one.code)},
            editables=editables,
            pointed_out=pointing_out.pointed_out(session, written, clock.today()),
            history=drafts.history(session, record.id, who.audience),
            empty=drafts.unwritten(session, record.id),
            warning=WARNING,
            longest=LONGEST,
            faults=_by_field(faults or {}),
            **({"synthetic": picture.synthetic} if picture else {}),
        ), 422 if faults else 200
