"""The questionnaires as residents meet them: in every language, on the screen and on paper."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from survey.access import requires
from survey.analyst.views import blueprint
from survey.downloads import as_file
from survey.languages import LANGUAGES, Language
from survey.permissions import Permission
from survey.preparation import paper_form, previews
from survey.questionnaire.definition import Questionnaire


@blueprint.get("/formular/")
@requires(Permission.PREVIEW_QUESTIONNAIRES)
def questionnaires() -> ResponseReturnValue:
    """Every questionnaire, every set of local questions, and how far each language has come."""
    return render_template(
        "analyst/questionnaires.html", listed=previews.questionnaires(), all_languages=LANGUAGES.values()
    )


@blueprint.get("/formular/<code:core>/<code:language_code>/")
@requires(Permission.PREVIEW_QUESTIONNAIRES)
def questionnaire(core: str, language_code: str) -> ResponseReturnValue:
    """One questionnaire in one language, with every question whoever it is asked of."""
    found, shown_in = _asked_for(core, language_code)
    return render_template(
        "analyst/questionnaire.html",
        questionnaire=found,
        pages=previews.preview(found, shown_in),
        shown_in=shown_in,
        all_languages=LANGUAGES.values(),
        core=core,
        addition=request.args.get("egna", ""),
    )


@blueprint.get("/formular/<code:core>/<code:language_code>/formular.pdf")
@requires(Permission.PREVIEW_QUESTIONNAIRES)
def questionnaire_form(core: str, language_code: str) -> ResponseReturnValue:
    """The questionnaire as a form on paper; without a number, so that nobody fills it in."""
    found, shown_in = _asked_for(core, language_code)
    name = f"{found.name.replace('+', '-')}-{shown_in.code}.pdf"
    return as_file(name, paper_form.preview_form(found, shown_in), "application/pdf")


def _asked_for(core: str, language_code: str) -> tuple[Questionnaire, Language]:
    found = previews.find_questionnaire(core, request.args.get("egna", ""))
    if found is None or language_code not in LANGUAGES:
        abort(404)
    return found, LANGUAGES[language_code]
