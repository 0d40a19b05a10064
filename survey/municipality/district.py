"""The start page of the local police: the municipalities of the district and their released results."""

from flask import render_template
from flask.typing import ResponseReturnValue

from survey.access import current_staff, requires
from survey.database import reading
from survey.followup.promises.overviews import waiting_for
from survey.followup.signing_parties import Party
from survey.municipality.views import blueprint
from survey.permissions import Permission
from survey.preparation.districts import find_district
from survey.preparation.geography import municipality_names
from survey.publication import releases
from survey.publication.printed_tables import FOR_POLICE, list_approved
from survey.readers import own_reader


@blueprint.get("/lokalpolisomrade")
@requires(Permission.SEE_DISTRICT)
def district() -> ResponseReturnValue:
    staff = current_staff()
    reader = own_reader()
    with reading() as session:
        own = find_district(session, (staff and staff.district_code) or "")
        covered = sorted(staff.covered) if staff else []
        names = municipality_names(session)
        released = {code: releases.released_waves(session, reader, code) for code in covered}
        coming = {code: releases.coming_waves(session, reader, code) for code in covered}
        approved = {
            (code, wave.code): list_approved(session, wave.code, code, reader, audiences=FOR_POLICE)
            for code, waves in released.items()
            for wave in waves
        }
        return render_template(
            "municipality/district.html",
            district=own,
            names={code: names[code] for code in covered},
            released=released,
            coming=coming,
            approved=approved,
            waiting=[one for code in covered for one in waiting_for(session, Party.POLICE, code)],
        )
