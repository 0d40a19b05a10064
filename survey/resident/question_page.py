"""A question page as text. How it looks before anything is chosen is worked out once, and kept with two gaps.

What is kept says nothing of anybody: the words of a questionnaire in a language, as the library has them. The
gaps are the form's token and what the form remembers of the answers it was opened on.
"""

from flask import current_app, render_template
from flask_wtf.csrf import generate_csrf

from survey.resident.door import by_open_link
from survey.resident.pages import PageView
from survey.translation import current_language

TOKEN_GAP, STATE_GAP = "[the token]", "[the state]"  # not in the words of any questionnaire
KEPT_AT_MOST = 1000  # some 25 kB each; more than the pages of all questionnaires and languages in use


def question_page(
    view: PageView, questionnaire_hash: str, state: str, synthetic: bool, notice: str | None
) -> str:
    """The page with its form, ready to be sent."""
    token = generate_csrf()
    if view.chosen or view.faults or notice or synthetic:
        return _render(view, token, state, synthetic, notice)
    blank = _kept(view, questionnaire_hash)
    return blank.replace(TOKEN_GAP, token, 1).replace(STATE_GAP, state, 1)


def _kept(view: PageView, questionnaire_hash: str) -> str:
    kept: dict[object, str] = current_app.extensions.setdefault("question pages", {})
    shown = tuple(question.id for group in view.groups for question in group.questions)
    page = (questionnaire_hash, view.page.id, shown, view.back, view.answered_before)
    key = (current_language().code, by_open_link(), page)
    if key not in kept:
        if len(kept) >= KEPT_AT_MOST:
            kept.clear()
        kept[key] = _render(view, TOKEN_GAP, STATE_GAP, synthetic=False, notice=None)
    return kept[key]


def _render(view: PageView, token: str, state: str, synthetic: bool, notice: str | None) -> str:
    return render_template(
        "resident/question.html",
        view=view,
        token=token,
        state=state,
        synthetic=synthetic,
        notice_text=notice,
    )
