"""What staff write to come in."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

PASSWORD_MIN = 12
PASSWORD_MAX = 200


class LoginForm(FlaskForm):  # type: ignore[misc]
    """E-mail address and password."""

    email = EmailField("E-postadress", [InputRequired("Skriv din e-postadress."), Length(max=254)])
    password = PasswordField("Lösenord", [InputRequired("Skriv ditt lösenord."), Length(max=PASSWORD_MAX)])


class ActivationForm(FlaskForm):  # type: ignore[misc]
    """A first password, twice."""

    password = PasswordField(
        "Nytt lösenord",
        [
            InputRequired("Välj ett lösenord."),
            Length(PASSWORD_MIN, PASSWORD_MAX, "Lösenordet ska ha minst 12 och högst 200 tecken."),
        ],
    )
    repeated = PasswordField(
        "Samma lösenord en gång till",
        [
            InputRequired("Skriv lösenordet en gång till."),
            EqualTo("password", "Lösenorden är inte lika. Skriv samma lösenord två gånger."),
        ],
    )
