"""What the operator writes."""

from flask_wtf import FlaskForm
from wtforms import DateField, EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from survey.preparation.accounts import ROLE_WORDS
from survey.preparation.api_tokens import LONGEST_NAME, SCOPE_WORDS


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


class ApiTokenForm(FlaskForm):  # type: ignore[misc]
    """Which system is to read, and as whom."""

    token_name = StringField(
        "System", [InputRequired("Skriv vilket system nyckeln är till."), Length(max=LONGEST_NAME)]
    )
    scope = SelectField(
        "Läser",
        [InputRequired("Välj vad nyckeln ska öppna.")],
        choices=[SelectChoice(scope.value, words) for scope, words in SCOPE_WORDS.items()],
    )
    place_code = StringField("Kod", [Length(max=16)], filters=[lambda text: (text or "").strip()])
    expires_on = DateField("Sista dag", [InputRequired("Skriv sista dagen nyckeln ska gälla.")])
