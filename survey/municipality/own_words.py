"""What residents wrote in their own words, as far as it has been passed."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.database import reading
from survey.municipality.views import blueprint
from survey.permissions import Permission
from survey.publication.free_texts import FEWEST, read_texts
from survey.readers import own_reader


@blueprint.get("/<code:municipality_code>/<code:wave_code>/egna-ord")
@requires(Permission.READ_TEXTS)
def own_words(municipality_code: str, wave_code: str) -> ResponseReturnValue:
    with reading() as session:
        found = read_texts(session, wave_code, municipality_code, own_reader())
    if not found.questions:
        abort(404)
    return render_template(
        "municipality/own_words.html",
        found=found,
        fewest=FEWEST,
        municipality_code=municipality_code,
        synthetic=found.synthetic,
    )
