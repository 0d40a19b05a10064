"""The fieldwork while it runs: how many, who, where it falls behind, how representative."""

from functools import lru_cache

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from survey import clock
from survey.access import requires
from survey.admin.room import blueprint
from survey.collection import fieldwork, outcomes, paper_forms
from survey.collection.fieldwork import Group, Standing
from survey.collection.kept_standing import Counted, NotCounted, StillCounting, follow_lately
from survey.config import Settings
from survey.database import reading
from survey.errors import UserError
from survey.permissions import Permission
from survey.preparation.waves import wave_status
from survey.publication.drawings.curves import Curve, curve, days_curve

VARIABLES = {"gender": "Kön enligt registret", "age_group": "Åldersgrupp", "municipality": "Kommun"}
CATEGORIES = {"woman": "Kvinnor", "man": "Män"}


@blueprint.get("/<code:wave_code>/falt")
@requires(Permission.SEE_FIELDWORK)
def field(wave_code: str) -> ResponseReturnValue:
    settings: Settings = current_app.extensions["settings"]
    with reading() as session:
        try:
            wave = wave_status(session, wave_code)
            counted = follow_lately(session, settings, wave_code, clock.today())
        except StillCounting:
            return render_template("admin/fieldwork_counting.html", wave=wave, synthetic=wave.synthetic), 202
        except NotCounted as error:
            return render_template("errors/message.html", message=str(error)), 503
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    return render_template(
        "admin/fieldwork.html",
        wave=wave,
        counted_at=clock.local(counted.at),
        figures=_figures(counted),
        synthetic=wave.synthetic,
    )


@lru_cache(maxsize=20)
def _figures(counted: Counted) -> str:
    """The figures of a count as they stand on the page; the same for everybody who looks."""
    standing = counted.standing
    return render_template(
        "admin/fieldwork_figures.html",
        standing=standing,
        outcomes=outcomes.OUTCOME_WORDS,
        variables=VARIABLES,
        label=lambda group: _label(standing, group),
        modes=fieldwork.MODE_WORDS,
        fates=paper_forms.FATE_WORDS,
        answers=days_curve([day.submitted for day in standing.days]),
        representativity=_representativity_curve(standing),
    )


def _label(standing: Standing, group: Group) -> str:
    if group.variable == "age_group":
        return group.category.replace("-", "–")
    return CATEGORIES.get(group.category) or standing.names.get(group.category, group.category)


def _representativity_curve(standing: Standing) -> Curve:
    found = [day.r for day in standing.days]
    return curve(
        [one.value if one else None for one in found],
        [(one.lower, one.upper) if one else None for one in found],
        0.5,
        1.0,
        [(0.5, "0,5"), (0.75, "0,75"), (1.0, "1")],
    )
