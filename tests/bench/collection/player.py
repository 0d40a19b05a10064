"""Residents who follow the QR code of their letter and answer every question, over HTTP on this machine.

The player knows no server: it opens the letter's address, sends the main form of each page with an answer
that the page itself offers to every question, and is through when it has come to the receipt.
"""

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol
from urllib.parse import urlencode

RECEIPT = "/tack"
PAGES_AT_MOST = 40
PATIENCE = 30  # seconds
REDIRECTS = (301, 302, 303, 307, 308)
FORM = re.compile(r'<form[^>]* action="([^"]+)"')
HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')
CHOICE = re.compile(r'type="radio" name="(\w+)" value="(\w+)"')


class Refused(Exception):
    """The server answered something that no resident can go on from."""


@dataclass
class Played:
    """One resident: what was sent, whether the receipt came, and how long each page was waited for."""

    token: str
    sent: dict[str, str] = field(default_factory=dict)
    complete: bool = False
    fault: str = ""
    waits: list[float] = field(default_factory=list)
    """Seconds from a click until the next page was there, redirects included."""


@dataclass
class Load:
    """So many residents at once, each followed by the next; or so many a second, whatever the server does."""

    at_once: int = 8
    rate: float = 0.0
    think: float = 0.0  # seconds on a page, in the mean

    def __str__(self) -> str:
        return f"{self.rate:.1f} residents a second" if self.rate else f"{self.at_once} residents at once"


class Opens(Protocol):
    """A browser, as far as the player needs it."""

    async def open(self, address: str, fields: dict[str, str] | None = None, /) -> tuple[str, str]: ...


class Browser:
    """One connection, kept between requests, and the cookies."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self, address: str, fields: dict[str, str] | None = None) -> tuple[str, str]:
        """The address where the browser ends up, and the text of the page there."""
        for _ in range(10):
            status, location, text = await asyncio.wait_for(self._ask(address, fields), PATIENCE)
            if status not in REDIRECTS:
                if status != 200:
                    raise Refused(f"{status}")
                return address, text
            address, fields = location, None
        raise Refused("redirected for ever")

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, address: str, fields: dict[str, str] | None) -> tuple[int, str, str]:
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(self._request(address, fields))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in head)]
        self._cookies |= dict(_cookie(value) for name, value in headers if name == "set-cookie")
        found = dict(headers)
        body = await reader.readexactly(int(found["content-length"]))
        if found.get("connection") == "close":
            self.close()
        return int(head[0].split()[1]), found.get("location", ""), body.decode()

    def _request(self, address: str, fields: dict[str, str] | None) -> bytes:
        body = urlencode(fields or {}).encode()
        lines = [f"{'GET' if fields is None else 'POST'} {address} HTTP/1.1", "Host: 127.0.0.1"]
        if self._cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        if fields is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


async def play(port: int, tokens: Iterator[str], load: Load, random: Random) -> list[Played]:
    """Every resident through the questionnaire; what became of each."""
    if not load.rate:
        workers = (_one_after_another(port, tokens, load, random) for _ in range(load.at_once))
        return [played for worker in await asyncio.gather(*workers) for played in worker]
    arriving, due = [], time.perf_counter()
    for token in tokens:
        due += random.expovariate(load.rate)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        arriving.append(asyncio.create_task(_resident(port, token, load, Random(random.random()))))
    return list(await asyncio.gather(*arriving))


def percentile(waits: Sequence[float], share: float) -> float:
    """Milliseconds within which this share of the waits ended."""
    return sorted(waits)[min(len(waits) - 1, int(share * len(waits)))] * 1000


async def _one_after_another(port: int, tokens: Iterator[str], load: Load, random: Random) -> list[Played]:
    return [await _resident(port, token, load, Random(random.random())) for token in tokens]


async def _resident(port: int, token: str, load: Load, random: Random) -> Played:
    played, browser = Played(token), Browser(port)
    try:
        await answer(browser, played, load.think, random)
    except (Refused, OSError, EOFError, TimeoutError) as fault:
        played.fault = f"{type(fault).__name__} {fault}".strip()
    finally:
        browser.close()
    return played


async def answer(browser: Opens, played: Played, think: float, random: Random) -> None:
    """One resident, from the letter to the receipt."""
    address, text = await _click(browser, played, f"/s/{played.token}")
    for _ in range(PAGES_AT_MOST):
        if address == RECEIPT:
            played.complete = True
            return
        main = text.partition("<main")[2]
        form = FORM.search(main)
        if form is None:
            raise Refused(f"no form at {address.partition('/s/')[0]}")
        if think:
            await asyncio.sleep(random.expovariate(1 / think))
        chosen = {name: random.choice(codes) for name, codes in _choices(main).items()}
        address, text = await _click(browser, played, form[1], {**dict(HIDDEN.findall(main)), **chosen})
        played.sent |= chosen
    raise Refused("no receipt")


async def _click(
    browser: Opens, played: Played, address: str, fields: dict[str, str] | None = None
) -> tuple[str, str]:
    began = time.perf_counter()
    reached = await browser.open(address, fields)
    played.waits.append(time.perf_counter() - began)
    return reached


def _choices(main: str) -> dict[str, list[str]]:
    offered: dict[str, list[str]] = {}
    for name, code in CHOICE.findall(main):
        offered.setdefault(name, []).append(code)
    return offered


def _cookie(value: str) -> tuple[str, str]:
    name, _, rest = value.partition("=")
    return name, rest.partition(";")[0]
