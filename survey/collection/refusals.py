"""Why a resident cannot go on, in words for the page; every text stands in the translations."""

from survey.errors import Conflict, UserError


class UnknownCode(UserError):
    """A well-formed code or an address that belongs to no letter."""

    def __init__(self) -> None:
        super().__init__("Koden finns inte. Kontrollera att du har skrivit av den från det senaste brevet.")


class UsedCode(UserError):
    """The answer has been handed in, or taken back."""

    def __init__(self) -> None:
        super().__init__("Koden är redan använd. Svaren är inlämnade eller borttagna.")


class WaveClosed(UserError):
    """Answers are no longer taken.

    Of what kind the wave was is known as long as there is something to know it by.
    """

    def __init__(self, *, synthetic: bool | None = None) -> None:
        super().__init__("Undersökningen är avslutad och tar inte längre emot svar.")
        self.synthetic = synthetic


class WaveNotOpenYet(UserError):
    """The first day of fieldwork has not come."""

    def __init__(self) -> None:
        super().__init__("Undersökningen har inte öppnat ännu. Försök igen från svarstidens första dag.")


class AnsweredElsewhere(Conflict):
    """Another window has saved since this one read."""

    def __init__(self) -> None:
        super().__init__("Du har svarat i ett annat fönster. Vi visar de svar som är sparade där.")


class AlreadySubmitted(UserError):
    """A page that arrives after the answers were handed in."""

    def __init__(self) -> None:
        super().__init__("Dina svar är redan inlämnade och kan inte ändras.")


class NotBegun(UserError):
    """There is no answer to continue, or it has been taken back."""

    def __init__(self) -> None:
        super().__init__("Det finns inga svar att fortsätta med. Börja med koden i brevet.")


class PageNotOpen(UserError):
    """A page that is not on the path, or comes after one that is not answered yet."""

    def __init__(self) -> None:
        super().__init__("Den sidan är inte aktuell för dig just nu. Fortsätt där du är.")


class NotFinished(UserError):
    """Handing in before the last page."""

    def __init__(self) -> None:
        super().__init__("Det finns sidor kvar att gå igenom innan du kan lämna in.")


class TooManyTries(UserError):
    """Codes are tried faster than people type them."""

    def __init__(self) -> None:
        super().__init__(
            "Det blev många försök på kort tid. Ingen kod är spärrad: vänta en halv minut och försök igen."
        )
