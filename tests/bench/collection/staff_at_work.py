"""Staff who look at the fieldwork and download a table, one page after the other, while residents answer."""

import re
from datetime import UTC, datetime
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode

from released_wave import WAVE as RELEASED
from released_wave import add_release
from sqlalchemy.orm import Session
from wave_under_load import WAVE

from survey.preparation import accounts

EMAIL, PASSWORD = "analytiker@example.se", "en fras som ingen gissar"
VIEW, EXPORT = f"/drift/{WAVE}/falt", f"/analys/{RELEASED}/estimates.csv"
COUNTING = "Fältarbetet räknas nu"
BETWEEN = 1.0  # seconds from one page to the next click
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def add_staff(session: Session, output: Path) -> None:
    """An analyst, and an earlier wave whose tables can be downloaded."""
    now = datetime.now(UTC)
    accounts.activate(session, accounts.invite(session, EMAIL, "analyst", None, "bench", now), PASSWORD, now)
    add_release(session, output)


class StaffAtWork:
    """Logs in and works until the block ends, in a process of its own: the server alone is waited for."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookie = ""
        apart = get_context("fork")
        self._over, self._seen = apart.Event(), apart.Array("i", 2)
        self._process = apart.Process(target=self._work)

    def __enter__(self) -> "StaffAtWork":
        token = TOKEN.findall(self._ask("/inloggning"))[0]
        self._ask("/inloggning", {"csrf_token": token, "email": EMAIL, "password": PASSWORD})
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._process.join()
        if self._process.exitcode:
            raise AssertionError("staff saw or got something else")

    @property
    def views(self) -> int:
        return self._seen[0]

    @property
    def exports(self) -> int:
        return self._seen[1]

    def _work(self) -> None:
        while not self._over.wait(BETWEEN):
            self._look()

    def _look(self) -> None:
        view = self._ask(VIEW)
        self._over.wait(BETWEEN)
        export = self._ask(EXPORT)
        if "R-indikator" in view:
            self._seen[0] += 1
        elif COUNTING not in view:
            raise AssertionError("staff saw something else")
        if "estimate" not in export:
            raise AssertionError("staff got something else")
        self._seen[1] += 1

    def _ask(self, address: str, fields: dict[str, str] | None = None) -> str:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("GET" if fields is None else "POST", address, urlencode(fields or {}), headers)
            answer = connection.getresponse()
            if answer.status not in (200, 202, 303):
                raise OSError(f"{address} gave {answer.status}")
            for cookie in answer.headers.get_all("Set-Cookie", []):
                self._cookie = cookie.split(";")[0]
            return answer.read().decode()
        finally:
            connection.close()
