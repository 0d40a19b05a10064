"""What a completed response costs the product and the floor themselves, in one process without sockets.

`PYTHONPATH=tests .venv/bin/python tests/bench/collection/one_process.py`: on SQLite, the two taking turns
resident by resident. It compares states of the code within minutes; `make bench-collection` is the referee.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median
from urllib.parse import urlencode

import floor
import wave_under_load
from flask import Flask
from player import REDIRECTS, Played, Refused, answer
from werkzeug.test import create_environ, run_wsgi_app

from survey import create_app
from survey.config import Settings
from survey.database import Databases, upgrade
from survey.serving import Turns

SECRET = "for the bench only: not a secret at all"
WARM_UP = 10


class Browser:
    """What the player needs of a browser, with the application called by hand; its time is kept."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._cookies: dict[str, str] = {}
        self.cpu = 0.0

    async def open(self, address: str, fields: dict[str, str] | None = None) -> tuple[str, str]:
        while True:
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
            form = "application/x-www-form-urlencoded" if fields is not None else None
            environ = create_environ(
                address,
                "http://127.0.0.1",
                method="GET" if fields is None else "POST",
                data=urlencode(fields or {}),
                content_type=form,
                headers=headers,
            )
            began = time.thread_time()
            body, said, sent = run_wsgi_app(self._app, environ, buffered=True)
            self.cpu += time.thread_time() - began
            cookies = (cookie.split(";")[0].partition("=") for cookie in sent.getlist("Set-Cookie"))
            self._cookies |= {name: value for name, _, value in cookies}
            status = int(said.split()[0])
            if status not in REDIRECTS:
                if status != 200:
                    raise Refused(said)
                return address, b"".join(body).decode()
            address, fields = sent["Location"], None


def milliseconds(app: Flask, token: str, random: Random) -> float:
    """The CPU time of one resident, from the letter to the receipt."""
    browser = Browser(app)
    asyncio.run(answer(browser, Played(token), 0.0, random))
    return browser.cpu * 1000


def by_turns(
    apps: dict[str, Flask], tokens: dict[str, Iterator[str]], residents: int
) -> dict[str, list[float]]:
    """What each resident cost, on each application in turn."""
    random, found = Random(1), {name: list[float]() for name in apps}
    for number in range(WARM_UP + residents):
        for name, app in apps.items():
            cost = milliseconds(app, next(tokens[name]), random)
            if number >= WARM_UP:
                found[name].append(cost)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=200)
    parser.add_argument("--municipalities", type=int, default=3, help="of 3,000 drawn each")
    chosen = parser.parse_args()
    letters = WARM_UP + chosen.residents
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wave_under_load.write_library(folder / "library")
        files = f"sqlite:///{folder}/survey.db", f"sqlite:///{folder}/identity.db"
        settings = Settings(*files, secret_key=SECRET, second_factor=False, output=folder / "output")
        upgrade(settings)
        databases = Databases.connect(settings)
        with databases.transaction() as session:
            size = {"municipalities": chosen.municipalities, "cases_each": 300, "answered": 0.3}
            tokens = wave_under_load.fill(session, letters=letters, **size)
        databases.dispose()
        os.environ[floor.STORE] = f"{folder}/floor.db"
        bare = [f"floor{number:06}" for number in range(letters)]
        floor.Store(os.environ[floor.STORE]).create(bare)
        product = create_app(settings)
        Turns().watch(product)
        apps = {"product": product, "floor": floor.create_app()}
        found = by_turns(apps, {"product": iter(tokens), "floor": iter(bare)}, chosen.residents)
    for name, costs in found.items():
        print(f"{name:<9}{median(costs):>8.2f} CPU ms a response, least {min(costs):.2f}")
    ratio = median(mine / theirs for mine, theirs in zip(found["product"], found["floor"], strict=True))
    print(f"ratio    {ratio:>8.2f}")


if __name__ == "__main__":
    main()
