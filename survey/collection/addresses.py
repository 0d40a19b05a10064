"""An address as it is printed: three lines that stay in the window of the envelope, whatever the name."""

from dataclasses import dataclass

from survey.models.contact import Contact

# How many signs a line holds in each size of print, and the most lines a name or a street may take.
FITS = {"": 34, "small": 44, "tiny": 56}
MOST_LINES = 2


@dataclass(frozen=True)
class Address:
    """The lines of an address and the size they are printed in."""

    name: str
    street: str
    place: str
    size: str

    @property
    def lines(self) -> tuple[str, str, str]:
        return self.name, self.street, self.place


def address_of(contact: Contact) -> Address:
    """The address of a contact; what would not fit in the smallest print is cut short."""
    name, street = contact.name, contact.street
    place = f"{_spaced(contact.postal_code)} {contact.city}"
    longest = max(len(name), len(street), len(place))
    if longest <= FITS[""]:
        return Address(name, street, place, "")
    wrapped = sum(len(line) > FITS["small"] for line in (name, street, place))
    size = "small" if wrapped <= 1 and longest <= FITS["small"] * MOST_LINES else "tiny"
    most = FITS[size] * MOST_LINES - 6  # words break before the line is full
    return Address(_short(name, most), _short(street, most), _short(place, FITS[size]), size)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _spaced(postal_code: str) -> str:
    digits = postal_code.replace(" ", "")
    return f"{digits[:3]} {digits[3:]}" if len(digits) == 5 and digits.isdigit() else postal_code
