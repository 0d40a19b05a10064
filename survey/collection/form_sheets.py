"""The paper form behind the pages that bear its numbers: typeset once, laid under each person's own pages.

A form costs twenty letters to typeset, and all but its number is the same for everybody.
"""

from dataclasses import dataclass
from io import BytesIO

import pikepdf
from sqlalchemy.orm import Session

from survey.languages import SOURCE
from survey.models.wave import Wave
from survey.preparation.local_questions import local_questionnaires
from survey.preparation.paper_form import blank_form, form_mark
from survey.preparation.waves import questionnaire_of
from survey.questionnaire.definition import Questionnaire


@dataclass(frozen=True)
class FormSheets:
    """The blank form of those asked the same questions."""

    questionnaire: Questionnaire
    blank: bytes
    pages: int

    @classmethod
    def of(cls, session: Session, wave: Wave, municipality_code: str) -> "FormSheets":
        """The form of a municipality in a wave, in Swedish as the letter is."""
        own = local_questionnaires(session, wave.code)
        questionnaire = own.get(municipality_code) or questionnaire_of(wave)
        blank = blank_form(questionnaire, SOURCE, wave.synthetic)
        with pikepdf.open(BytesIO(blank)) as document:
            return cls(questionnaire, blank, len(document.pages))

    def mark(self, number: str) -> str:
        """What the code on the form with this number says."""
        return form_mark(number, self.questionnaire)


def lay_under(pdf: bytes, blank: bytes) -> bytes:
    """Lay the pages of the blank form under the last pages of each person's, shared by all of them."""
    written = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document, pikepdf.open(BytesIO(blank)) as form:
        sheets = [document.copy_foreign(page.as_form_xobject()) for page in form.pages]
        each = len(sheets) + 1
        for number, page in enumerate(document.pages):
            if number % each:
                name = page.add_resource(sheets[number % each - 1], pikepdf.Name.XObject)
                under = b"/Artifact BMC q %s Do Q EMC\n" % str(name).encode()
                page.contents_add(under, prepend=True)
        document.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()
