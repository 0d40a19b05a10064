"""The signed picture of a municipality for everybody, once its figures are open to all; in Swedish."""

from typing import Any

from flask import g, render_template
from flask.typing import ResponseReturnValue

from survey import clock, languages
from survey.access import requires
from survey.database import reading
from survey.followup import places
from survey.followup.pictures import records, signing
from survey.followup.pictures.drafts import PARTS
from survey.followup.pictures.records import PictureRecord
from survey.followup.pictures.sharing import EVERYBODY
from survey.followup.places import Level, Place
from survey.partners.room import Opened, audience_words, blueprint, signed_picture
from survey.permissions import Permission
from survey.publication.embargo import reader_of
from survey.publication.releases import NotReleased


@blueprint.get("/oppen/<code:open_code>")
@requires(Permission.PUBLIC)
def open_picture(open_code: str) -> ResponseReturnValue:
    """The newest whose figures are open, less what was meant for police and municipality; never a draft."""
    g.language = languages.SOURCE
    with reading() as session:
        place = places.place_ever(session, Level.MUNICIPALITY, open_code)
        record, opened = _newest_open(session, place)
        sides = signing.signers(session, place, record)
    return render_template(
        "partners/open.html",
        opened=opened,
        picture=opened.picture,
        sides=sides,
        links=(),
        parts=PARTS,
        audiences=audience_words(),
        local=clock.local,
        synthetic=opened.picture.synthetic,
    )


def _newest_open(session: Any, place: Place) -> tuple[PictureRecord, Opened]:
    """One that waits for its figures does not take away the one before it.

    Raises:
        NotReleased: none is open; when the newest opens, where that is set.
    """
    reader, kept = reader_of("", clock.now()), records.pictures_of(session, place)
    record = records.latest_signed(kept)
    waits = NotReleased("Det finns ingen undertecknad lägesbild.")
    while record is not None:
        try:
            return record, signed_picture(session, place, record, reader, EVERYBODY)
        except NotReleased as error:
            waits = error if record.replaced_by is None else waits
            record = next((one for one in kept if one.replaced_by == record.id), None)
    raise waits
