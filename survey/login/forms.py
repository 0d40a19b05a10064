"""What staff write to come in."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from survey.preparation import accounts


class LoginForm(FlaskForm):  # type: ignore[misc]
    """E-mail address and password."""

    email = EmailField("E-postadress", [InputRequired("Skriv din e-postadress."), Length(max=254)])
    password = PasswordField(
        "Lösenord", [InputRequired("Skriv ditt lösenord."), Length(max=accounts.LONGEST_PASSWORD)]
    )


class ActivationForm(FlaskForm):  # type: ignore[misc]
    """A first password, twice."""

    password = PasswordField(
        "Nytt lösenord",
        [
            InputRequired("Välj ett lösenord."),
            Length(accounts.SHORTEST_PASSWORD, accounts.LONGEST_PASSWORD, accounts.PASSWORD_RULE),
        ],
    )
    repeated = PasswordField(
        "Samma lösenord en gång till",
        [
            InputRequired("Skriv lösenordet en gång till."),
            EqualTo("password", "Lösenorden är inte lika. Skriv samma lösenord två gånger."),
        ],
    )
