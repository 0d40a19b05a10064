"""Residents who answer over HTTP while the server is killed, and who remember what it has acknowledged."""

import re
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"
HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')
CHOICE = re.compile(r'type="radio" name="(\w+)" value="(\w+)"')
SKIPPED = 0.2
FAILURES = (OSError, HTTPException)  # the server went away in the middle


class Unexpected(Exception):
    """An answer of the server that no kill explains."""


@dataclass(frozen=True)
class Reply:
    status: int
    location: str
    main: str
    """The text from the page's main part on."""


@dataclass
class Resident:
    """One letter, and what its holder has sent and been told."""

    case_id: int
    token: str
    port: int
    random: Random
    acknowledged: dict[str, dict[str, str]] = field(default_factory=dict)
    in_doubt: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """Sent without an answer from the server: stored as a whole or not at all."""
    told_receipt: bool = False
    receipt_in_doubt: bool = False
    _cookie: str = ""
    _door: str = "/"
    """Where a visit that is over leads: with a word on the pause once the letter has been let in."""

    @property
    def told(self) -> int:
        """How many times the server has said that something is saved."""
        return len(self.acknowledged) + self.told_receipt

    @property
    def done(self) -> bool:
        return self.told_receipt or (self.receipt_in_doubt and self._cookie == "used")

    def take_a_step(self) -> None:
        """One page on from where the server says; raises one of FAILURES when it goes away."""
        reply = self._ask("/fortsatt") if self._cookie else None
        if reply is None or reply.location == self._door:
            self._enter()
        elif reply.location == "/om":
            self._begin()
        elif reply.location == "/granska":
            self._hand_in()
        elif reply.location.startswith("/fraga/"):
            self._answer(reply.location.removeprefix("/fraga/"))
        elif reply.status != 500:
            raise Unexpected(f"/fortsatt leads to {reply}")

    def _enter(self) -> None:
        page = self._ask(f"/s/{self.token}")
        if page.status != 200:
            return
        sent = self._send(f"/s/{self.token}", page)
        if sent.status == 422 and self.receipt_in_doubt:
            self._cookie = "used"  # handed in, only the answer was lost
        elif sent.status == 303:
            self._door = "/?paus=1"
        elif sent.status != 500:
            raise Unexpected(f"entering gave {sent}")

    def _begin(self) -> None:
        page = self._ask("/om")
        if page.status != 200:
            return
        self._send("/om", page)

    def _answer(self, page_id: str) -> None:
        page = self._ask(f"/fraga/{page_id}")
        if page.status != 200:
            return
        chosen = self._choose(page.main)
        self.in_doubt.setdefault(page_id, []).append(chosen)
        sent = self._send(f"/fraga/{page_id}", page, {name: code for name, code in chosen.items() if code})
        if sent.status == 303 and sent.location.startswith(("/fraga/", "/granska")):
            self.acknowledged[page_id] = chosen
            del self.in_doubt[page_id]
        elif sent.status not in (303, 409, 500):
            raise Unexpected(f"page {page_id} gave {sent}")

    def _choose(self, main: str) -> dict[str, str]:
        options: dict[str, list[str]] = {}
        for name, code in CHOICE.findall(main):
            options.setdefault(name, []).append(code)
        return {
            name: "" if self.random.random() < SKIPPED else self.random.choice(codes)
            for name, codes in options.items()
        }

    def _hand_in(self) -> None:
        page = self._ask("/granska")
        if page.status != 200:
            return
        self.receipt_in_doubt = True
        self.told_receipt = self._send("/granska", page).location == "/tack"

    def _send(self, address: str, page: Reply, chosen: dict[str, str] | None = None) -> Reply:
        return self._ask(address, {**dict(HIDDEN.findall(page.main)), **(chosen or {})})

    def _ask(self, address: str, fields: dict[str, str] | None = None) -> Reply:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"Cookie": self._cookie, "Content-Type": FORM}
            connection.request("GET" if fields is None else "POST", address, urlencode(fields or {}), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            if cookie.startswith("trygg="):
                self._cookie = cookie.split(";")[0]
        return Reply(answer.status, answer.headers.get("Location", ""), text.partition("<main")[2])
