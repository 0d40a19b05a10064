"""The paper form of those asked the same questions, with the place for its number left free."""

from dataclasses import dataclass
from io import BytesIO

import pikepdf
from sqlalchemy.orm import Session

from survey.languages import SOURCE, Language
from survey.models.wave import Wave
from survey.preparation.local_questions import questionnaire_in
from survey.preparation.paper_form import blank_form, form_mark
from survey.questionnaire.definition import Questionnaire


@dataclass(frozen=True)
class FormSheets:
    """A blank form, its questions and how many pages it has."""

    questionnaire: Questionnaire
    blank: bytes
    pages: int
    direction: str

    @classmethod
    def of(
        cls, session: Session, wave: Wave, municipality_code: str, language: Language = SOURCE
    ) -> "FormSheets":
        """The form of a municipality in a wave; in Swedish, as the letter is, unless another is asked for."""
        questionnaire = questionnaire_in(session, wave, municipality_code)
        blank = blank_form(questionnaire, language, wave.synthetic)
        with pikepdf.open(BytesIO(blank)) as document:
            return cls(questionnaire, blank, len(document.pages), language.direction)

    def mark(self, number: str) -> str:
        """What the code on the form with this number says."""
        return form_mark(number, self.questionnaire)
