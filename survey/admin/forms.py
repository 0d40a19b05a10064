"""What the operator writes."""

from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from survey.preparation.accounts import ROLE_WORDS


class InvitationForm(FlaskForm):  # type: ignore[misc]
    """Whom to let in, and as what."""

    email = EmailField("E-postadress", [InputRequired("Skriv en e-postadress."), Length(max=254)])
    role = SelectField(
        "Roll",
        [InputRequired("Välj en roll.")],
        choices=[SelectChoice(role.value, words) for role, words in ROLE_WORDS.items()],
    )
    district_code = StringField(
        "Lokalpolisområde", [Length(max=16)], filters=[lambda text: (text or "").strip()]
    )
    municipality_code = StringField("Kommunkod", [Length(max=4)], filters=[lambda text: (text or "").strip()])
