"""Keys with which other systems read figures: made and withdrawn by an owner, shown in clear text once.

Requests are counted on the token, or on the network of whoever shows none. Wrong tokens need no pace of their
own: nobody guesses 256 bits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.credentials import hash_token, new_api_token
from survey.errors import Faults, UserError
from survey.models.api_token import ApiToken, TokenScope
from survey.models.municipality import Municipality
from survey.models.place import UpperPlace
from survey.models.police_district import PoliceDistrict
from survey.pace import Pace, book, forget_past, key_of, network_of

SCOPE_WORDS = {
    TokenScope.PUBLIC: "Det alla får läsa",
    TokenScope.MUNICIPALITY: "Det en kommun får läsa",
    TokenScope.DISTRICT: "Det ett lokalpolisområde får läsa",
    TokenScope.POLICE_AREA: "Det ett polisområde får läsa",
    TokenScope.REGION: "Allt som är släppt till regionen",
}
PLACES: Mapping[str, type[Municipality | PoliceDistrict | UpperPlace]] = {
    TokenScope.MUNICIPALITY: Municipality,
    TokenScope.DISTRICT: PoliceDistrict,
    TokenScope.POLICE_AREA: UpperPlace,
}
UPPER_LEVEL = "police_area"
LONGEST_NAME = 80
LONGEST_DAYS = 2 * 366
USUAL_DAYS = 365
LONGEST_TOKEN = 100
OF_TOKEN = Pace(300, 0.2)
OF_NETWORK = Pace(60, 1)


@dataclass(frozen=True)
class Wanted:
    """A token as somebody asks for it."""

    name: str
    scope: str
    place_code: str | None  # of the municipality, district or police area
    expires_on: date


class TooManyRequests(UserError):
    """A system asks faster than it may."""

    def __init__(self, wait: float) -> None:
        super().__init__("Det blev många frågor på kort tid. Vänta en stund och fråga igen.")
        self.wait = wait


class UnknownToken(UserError):
    """A token that is wrong, withdrawn or past its last day."""

    def __init__(self) -> None:
        super().__init__("Nyckeln är fel, indragen eller har gått ut. Be den som driver tjänsten om en ny.")


def create(session: Session, wanted: Wanted, by: str, today: date) -> str:
    """A new token, in clear text this once."""
    name, code = wanted.name.strip(), wanted.place_code or None
    faults = dict(_faults(session, wanted, name, today))
    if faults:
        raise Faults(faults)
    secret = new_api_token()
    token = ApiToken(
        name=name,
        token_hash=hash_token(secret),
        scope=wanted.scope,
        municipality_code=code if wanted.scope == TokenScope.MUNICIPALITY else None,
        place_code=code if wanted.scope != TokenScope.MUNICIPALITY else None,
        created_by=by,
        created_on=today,
        expires_on=wanted.expires_on,
    )
    session.add(token)
    session.flush()
    detail = {"scope": wanted.scope, "place": code, "expires_on": wanted.expires_on}
    audit.record(session, by, "create api token", f"{token.id} {name}", **detail)
    return secret


def withdraw(session: Session, token_id: int, by: str, today: date) -> ApiToken:
    """From now on the token opens nothing; a second time changes nothing."""
    token = session.get(ApiToken, token_id) if 0 < token_id < 2**31 else None
    if token is None:
        raise UserError(f"Det finns ingen nyckel med nummer {token_id}.")
    if token.withdrawn_on is None:
        token.withdrawn_on = today
        audit.record(session, by, "withdraw api token", f"{token.id} {token.name}")
        session.flush()
    return token


def list_tokens(session: Session) -> Sequence[ApiToken]:
    """Every token there has been, the newest first."""
    return session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).all()


def find(session: Session, secret: str, today: date) -> ApiToken:
    """The token that is in use and has this secret."""
    token = session.scalar(
        select(ApiToken).where(
            ApiToken.token_hash == hash_token(secret[: LONGEST_TOKEN + 1]),
            ApiToken.withdrawn_on.is_(None),
            ApiToken.expires_on >= today,
        )
    )
    if token is None:
        raise UnknownToken
    return token


def begin_request(
    session: Session, token_id: int | None, address: str | None, secret: str, now: float
) -> None:
    """Book a request on the token, or on the network without one."""
    pace = OF_NETWORK if token_id is None else OF_TOKEN
    what = f"api network {network_of(address)}" if token_id is None else f"api token {token_id}"
    if not book(session, key_of(secret, what), pace, now):
        raise TooManyRequests(pace.seconds)
    forget_past(session, now)


def _faults(session: Session, wanted: Wanted, name: str, today: date) -> list[tuple[str, str]]:
    found = []
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        found.append(("name", f"Skriv vilket system nyckeln är till, högst {LONGEST_NAME} tecken."))
    if wanted.scope not in set(TokenScope):
        found.append(("scope", f"Välj vad nyckeln ska öppna: {', '.join(TokenScope)}."))
    elif (wanted.scope in PLACES) != bool(wanted.place_code):
        found.append(("place_code", "Ange en kod när nyckeln är en kommuns eller polisens, och bara då."))
    elif wanted.place_code and not _is_place(session, wanted.scope, wanted.place_code):
        found.append(("place_code", "Ingen sådan plats är inläst med den koden."))
    if not today <= wanted.expires_on <= today + timedelta(LONGEST_DAYS):
        found.append(("expires_on", "Sista dagen ska vara i dag eller senare, och inom två år."))
    return found


def _is_place(session: Session, scope: str, code: str) -> bool:
    key = (UPPER_LEVEL, code) if scope == TokenScope.POLICE_AREA else code
    return code.isprintable() and session.get(PLACES[scope], key) is not None
