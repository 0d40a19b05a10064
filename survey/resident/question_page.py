"""A question page as text; before anything is chosen it is the same for everybody, and kept."""

from flask import render_template

from survey.form_tokens import form_token
from survey.resident.kept_pages import kept_page
from survey.resident.pages import PageView

TEMPLATE = "resident/question.html"


def question_page(
    view: PageView, questionnaire_hash: str, state: str, synthetic: bool, notice: str | None
) -> str | bytes:
    """The page with its form, ready to be sent."""
    own = {"token": form_token(), "state": state}
    if view.chosen or view.faults or notice or synthetic:
        return render_template(TEMPLATE, view=view, synthetic=synthetic, notice_text=notice, **own)
    shown = tuple(question.id for group in view.groups for question in group.questions)
    page = (questionnaire_hash, view.page.id, shown, view.back, view.answered_before)
    return kept_page(TEMPLATE, own, page, view=view, notice_text=None)
