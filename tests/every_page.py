"""What holds of every answer of the server, and of every page of it."""

import re

from werkzeug.test import TestResponse

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "form-action 'self' https://www.smhi.se/; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SCRIPT_OR_STYLE = re.compile(r"<script|<style|style=|\son\w+=|javascript:")
FROM_ELSEWHERE = re.compile(
    r'(?:src|action)="(?:https?:)?//(?!www\.smhi\.se/)|<link[^>]*href="(?:https?:)?//'
)


def holds(page: TestResponse, address: str) -> None:
    """The headers, and on a page no script, no style of its own and nothing fetched from anybody else."""
    found = {name: page.headers.get(name) for name in HEADERS}
    assert found == HEADERS, address
    shown = not page.headers.get("Content-Disposition", "").startswith("attachment")  # a file brings its own
    if shown and page.mimetype == "text/html":
        assert not SCRIPT_OR_STYLE.search(page.text), address
        assert not FROM_ELSEWHERE.search(page.text), address
