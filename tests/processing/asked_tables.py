"""How analysts ask for a table in their pages."""

from flask import Flask
from open_wave import hidden
from staff import add_account, log_in

LIST = "/analys/bank/tabeller/"
FORM = {
    "slag": "table",
    "matt": "unsafe_evening",
    "efter": ["gender", "housing"],
    "syfte": "Till årets lägesbild",
    "anda": '{"item": "unsafe_evening", "by": ["gender", "housing"], "where": []}',  # read the warning
}


def client_of(app: Flask, email: str):
    add_account(app, None, email=email)
    client = app.test_client()
    assert log_in(client, email).status_code == 303
    return client


def post(client, address: str, **fields: object):
    token = hidden(client.get(f"{LIST}ny/2022"))["csrf_token"]
    return client.post(address, data={"csrf_token": token, **fields})


def spaced(page: str) -> str:
    """The text with single spaces."""
    return " ".join(page.split())
