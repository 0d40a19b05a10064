"""Staff who look at the fieldwork and download a table, one page after the other, while residents answer."""

import re
import threading
from datetime import UTC, datetime
from http.client import HTTPConnection
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
    """Logs in and works until the block ends."""

    def __init__(self, port: int) -> None:
        self.views = self.exports = 0
        self._port = port
        self._cookie = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> "StaffAtWork":
        token = TOKEN.findall(self._ask("/inloggning"))[0]
        self._ask("/inloggning", {"csrf_token": token, "email": EMAIL, "password": PASSWORD})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(BETWEEN):
            self._look()

    def _look(self) -> None:
        view = self._ask(VIEW)
        self._over.wait(BETWEEN)
        export = self._ask(EXPORT)
        if "R-indikator" in view:
            self.views += 1
        elif COUNTING not in view:
            raise AssertionError("staff saw something else")
        if "estimate" not in export:
            raise AssertionError("staff got something else")
        self.exports += 1

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
