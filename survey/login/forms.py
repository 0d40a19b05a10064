"""What staff write to come in."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from survey.preparation.passwords import LONGEST_PASSWORD, PASSWORD_RULE, SHORTEST_PASSWORD


class LoginForm(FlaskForm):  # type: ignore[misc]
    """E-mail address and password."""

    email = EmailField("E-postadress", [InputRequired("Skriv din e-postadress."), Length(max=254)])
    password = PasswordField(
        "Lösenord", [InputRequired("Skriv ditt lösenord."), Length(max=LONGEST_PASSWORD)]
    )


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password, twice."""

    password = PasswordField(
        "Nytt lösenord",
        [
            InputRequired("Välj ett lösenord."),
            Length(SHORTEST_PASSWORD, LONGEST_PASSWORD, PASSWORD_RULE),
        ],
    )
    repeated = PasswordField(
        "Samma lösenord en gång till",
        [
            InputRequired("Skriv lösenordet en gång till."),
            EqualTo("password", "Lösenorden är inte lika. Skriv samma lösenord två gånger."),
        ],
    )


class ChangePasswordForm(NewPasswordForm):
    """The password of now, and a new one."""

    current = PasswordField(
        "Nuvarande lösenord", [InputRequired("Skriv ditt nuvarande lösenord."), Length(max=LONGEST_PASSWORD)]
    )
