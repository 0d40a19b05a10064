"""For everybody, in Swedish: a municipality's signed picture once its figures are open, and other sources."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import requires
from survey.database import reading
from survey.followup import overview, places
from survey.followup.pictures import sharing, signing
from survey.followup.pictures.drafts import PARTS
from survey.followup.pictures.sharing import EVERYBODY
from survey.followup.places import Level
from survey.followup.vulnerable import NOT_READ
from survey.partners.room import blueprint, signed_picture
from survey.permissions import Permission
from survey.publication.embargo import reader_of
from survey.readers import keep_pace_of_network

OPEN = "/lagesbild/oppen/"


@blueprint.before_request
def keep_pace() -> None:
    if request.path.startswith(OPEN):
        keep_pace_of_network()


@blueprint.get("/oppen/<code:open_code>")
@requires(Permission.PUBLIC)
def open_picture(open_code: str) -> ResponseReturnValue:
    """The newest whose figures are open, less what was for police and municipality; never a draft."""
    reader = reader_of("", clock.now())
    with reading() as session:
        place = places.place_ever(session, Level.MUNICIPALITY, open_code)
        record = sharing.open_record(session, open_code, reader)
        opened = signed_picture(session, place, record, reader, EVERYBODY)
        sides = signing.signers(session, place, record)
    return render_template(
        "partners/open.html",
        opened=opened,
        picture=opened.picture,
        sides=sides,
        links=(),
        parts=PARTS,
        local=clock.local,
        synthetic=opened.picture.synthetic,
    )


@blueprint.get("/oppen/<code:open_code>/kallor")
@requires(Permission.PUBLIC)
def open_sources(open_code: str) -> ResponseReturnValue:
    """The series that everybody may read, each with its source and limits, and the police's own lists."""
    today = clock.today()
    with reading() as session:
        place = places.place(session, Level.MUNICIPALITY, open_code, today)
        shown = overview.shown_series(session, place, today, EVERYBODY.audience)
        vulnerable = overview.vulnerable_years(session, place)
    return render_template(
        "partners/open_sources.html",
        place=place,
        shown=shown,
        vulnerable=vulnerable,
        not_read=NOT_READ,
        synthetic=any(one.series.synthetic for one in shown),
    )
