"""Starts the web application for people to try."""

import os
import socket
import sys

from survey.config import ROOT
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
    arguments = [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT), "--bind", f"{host}:{port}"]
    arguments += ["--workers", "2", "--threads", "4", "--log-level", "warning"]
    arguments += ["--logger-class", "survey.server_log.ServerLog", "wsgi:app"]
    sys.stdout.flush()
    # Our own interpreter, no shell.
    os.execve(sys.executable, arguments, {**os.environ, **workplace.environment})  # noqa: S606
