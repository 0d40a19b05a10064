"""Starts the web application for people to try."""

import os
import socket
import sys

from survey.config import ROOT
from survey.demo.console import TRYGG
from survey.demo.workplace import Workplace

_HOST = "127.0.0.1"
_FIRST_PORT = 8000
_PORTS = 20


def free_address() -> str:
    """The address the server will have: the first port from 8000 that nobody uses."""
    for port in range(_FIRST_PORT, _FIRST_PORT + _PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return f"http://{_HOST}:{port}"
    return f"http://{_HOST}:{_FIRST_PORT}"


def serve(workplace: Workplace) -> None:
    """Run the server until it is stopped with Ctrl+C."""
    host, port = workplace.settings.base_url.removeprefix("http://").split(":")
    quiet = {"GUNICORN_CMD_ARGS": "--log-level warning"}
    sys.stdout.flush()
    os.chdir(ROOT)
    # Our own interpreter, no shell.
    os.execve(  # noqa: S606
        sys.executable,
        [*TRYGG, "serve", "--host", host, "--port", port],
        {**os.environ, **workplace.environment, **quiet},
    )
