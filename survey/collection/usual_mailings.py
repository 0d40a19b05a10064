"""The usual plan of mailings, as data: the order, the days, the words.

The text message is sent by others: no telephone numbers are kept. It holds no link and does not tell what it
is about, since others may see the screen; nor does the card, which anybody in the house can read.
"""

from dataclasses import dataclass

from survey.models.mailing import MailingKind


@dataclass(frozen=True)
class Usual:
    """A kind of mailing: its name, its day counted from the first answer day, its words."""

    words: str
    day: int
    longest: int
    heading: str
    text: str


USUAL = {
    MailingKind.LETTER: Usual("Brev", 0, 300, "Hur tryggt är det där du bor?", ""),
    MailingKind.SMS: Usual(
        "Sms",
        7,
        160,
        "",
        "Hej! Du har nyligen fått ett brev från din kommun. Läs det gärna. Vi skickar aldrig länkar i sms.",
    ),
    MailingKind.CARD: Usual(
        "Kort",
        10,
        300,
        "Har du sett vårt brev?",
        "För en tid sedan skickade vi ett brev till dig. Öppna det gärna i dag. Har du redan gjort det som "
        "står i brevet tackar vi dig och du behöver inte göra något mer.",
    ),
    MailingKind.FORM: Usual(
        "Brev med pappersformulär",
        21,
        300,
        "Påminnelse: hur tryggt är det där du bor?",
        "Vi har inte fått ditt svar än. Nu kan du också svara på papper: fyll i formuläret och skicka det i "
        "svarskuvertet. Har du redan svarat behöver du inte göra något. Det här brevet har en ny kod; den "
        "gamla gäller också.",
    ),
    MailingKind.LAST: Usual(
        "Sista påminnelsen",
        35,
        300,
        "Påminnelse: hur tryggt är det där du bor?",
        "Vi har inte fått ditt svar än, och det här är sista gången vi skriver. Har du redan svarat på "
        "papper eller nyligen på webben behöver du inte göra något. Det här brevet har en ny kod; den gamla "
        "gäller också.",
    ),
}
ORDER = (MailingKind.LETTER, MailingKind.CARD, MailingKind.FORM, MailingKind.LAST)  # one after the other
STATE_WORDS = {
    "left out": "Skickas inte",
    "outside": "Skickas av någon annan",
    "planned": "Planerat",
    "due": "Dags nu",
    "late": "Försenat",
    "underway": "Påbörjat, några är kvar",
    "done": "Klart",
}
