"""Role × tenant × page × object: what belongs to one municipality is neither read nor changed by another.

Every address that names something of a municipality is put together from the objects of both, in every
mixture: an own municipality with the other's promise as well as the other's address as it stands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from followed import AT, add_followed, add_table
from open_wave import hidden
from pictured import ONLY_VAXHOLM
from planted import answer_of, layers
from released_wave import NACKA, VAXHOLM, WAVE, add_release
from sqlalchemy import select
from staff import PASSWORD, add_account, log_in
from stored_rows import stored_rows

from survey.config import Settings
from survey.database import Databases
from survey.models.event import PlaceEvent
from survey.models.promise import Promise, PromiseVersion
from survey.models.situation_picture import PictureText, SituationPicture
from survey.preparation import accounts

OTHER = {NACKA: VAXHOLM, VAXHOLM: NACKA}
PUBLIC = ("public", "resident")  # open to everybody; the marks are looked for there too
NOT_HERE = "Händelsen finns inte på den här platsen."
OBJECTS = ("municipality_code", "table_id", "promise_id", "event_id", "place_code")


@dataclass(frozen=True)
class Tenant:
    """A municipality: its objects by the name that addresses give them, and words only it may read."""

    objects: Mapping[str, tuple[str, ...]]
    marks: tuple[str, ...]


@pytest.fixture
def tenants(app: Flask, settings: Settings) -> dict[str, Tenant]:
    """A released wave of two municipalities, each with promises, events, tables and pictures of its own."""
    stores: Databases = app.extensions["databases"]
    found = {}
    with stores.transaction() as session:
        release_id = add_release(session, settings.output)
        add_followed(session, release_id)
        for code in (NACKA, VAXHOLM):
            table = add_table(session, release_id, "municipality", code)
            draft = SituationPicture(
                level="municipality", code=code, wave_code=WAVE, begun_by="tests", begun_at=AT
            )
            if code == NACKA:  # it has begun one already
                draft = session.scalars(
                    select(SituationPicture).where(SituationPicture.signed_at.is_(None))
                ).one()
            session.add(draft)
            session.flush()
            said = {"part": "analysis", "audience": "municipality", "text": f"Utkastets ord om {code}."}
            session.add(PictureText(picture_id=draft.id, written_by="tests", written_at=AT, **said))
            drafted = select(Promise.id).join(PromiseVersion, PromiseVersion.promise_id == Promise.id)
            promise = session.scalars(drafted.where(PromiseVersion.title == f"secret draft {code}")).one()
            told = select(PlaceEvent.id).where(PlaceEvent.code == code, PlaceEvent.audience == "municipality")
            event = session.scalars(told).one()
            found[code] = Tenant(
                {
                    "municipality_code": (code,),
                    "table_id": (str(table),),
                    "promise_id": (str(promise),),
                    "event_id": (str(event),),
                    "place_code": (code, f"{code}-01"),
                },
                (f"secret draft {code}", f"for municipality {code}", f"Utkastets ord om {code}."),
            )
    return found


@pytest.fixture
def clients(app: Flask, tenants: Mapping[str, Tenant]) -> dict[str, tuple[str, FlaskClient]]:
    """By role: the municipality that is its own, and a browser where it is logged in."""
    stores: Databases = app.extensions["databases"]
    emails = {f"municipality {code}": (code, add_account(app, code)) for code in tenants}
    emails["police"] = VAXHOLM, "polis@example.se"
    with stores.transaction() as session:
        token = accounts.invite(session, "polis@example.se", "police", None, "tests", AT, ONLY_VAXHOLM)
        accounts.activate(session, token, PASSWORD, AT)
    found = {}
    for name, (own, email) in emails.items():
        client = app.test_client()
        assert log_in(client, email).status_code == 303
        found[name] = own, client
    return found


def addresses(app: Flask, tenants: Mapping[str, Tenant], method: str) -> Iterator[tuple[str, str, set[str]]]:
    """Endpoint, address, and whose objects stand in it; every mixture of what addresses can name."""
    values = {
        "wave_code": WAVE,
        "table": "estimates",
        "form": "json",
        "part": "",
        "indicator_id": "unsafe_evening",
        "chart": "serie",
        "picture": "svg",
        "table_form": "csv",
        "level": "kommun",
        "picture_form": "json",
        "period": "2020-T1",
    }
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        named = sorted(rule.arguments.intersection(OBJECTS))
        if not named or method not in (rule.methods or set()):
            continue
        whose = [[(code, one) for code in tenants for one in tenants[code].objects[name]] for name in named]
        for chosen in product(*whose):
            given = dict(zip(named, (one for _, one in chosen), strict=True))
            rest = {name: values[name] for name in rule.arguments - set(named)}
            if "place_code" in given:
                rest["level"] = "delomrade" if "-" in given["place_code"] else "kommun"
            address = adapter.build(rule.endpoint, given | rest, method=method)
            yield rule.endpoint, address, {code for code, _ in chosen}


@pytest.mark.parametrize("role", ["municipality 0182", "municipality 0187", "police"])
def test_nobody_reads_or_changes_what_belongs_to_another_municipality(
    app: Flask, tenants: dict[str, Tenant], clients: dict[str, tuple[str, FlaskClient]], role: str
) -> None:
    own, client = clients[role]
    seen, opened = set[str](), set[str]()
    for endpoint, address, whose in addresses(app, tenants, "GET"):
        with client.get(address) as page:
            if whose != {own} and endpoint.split(".")[0] not in PUBLIC:
                assert page.status_code in (403, 404), address
            if page.status_code != 200:
                continue
            words = b"\n".join(layers(answer_of(page))).decode("utf-8", "replace")
        opened.add(endpoint)
        assert not [mark for mark in tenants[OTHER[own]].marks if mark in words], address
        seen.update(mark for mark in tenants[own].marks if mark in words)
    assert seen == set(tenants[own].marks)  # what is looked for can be seen
    assert len(opened) > 25
    before = stored_rows(app.extensions["databases"])
    form = hidden(client.get("/losenord"))
    tried = 0
    for endpoint, address, whose in addresses(app, tenants, "POST"):
        if whose != {own}:
            page = client.post(address, data=form)
            assert page.status_code in (403, 404) or NOT_HERE in page.text, (endpoint, address)
            tried += 1
    assert tried > 30
    assert stored_rows(app.extensions["databases"]) == before
