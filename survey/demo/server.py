"""Starts the web application for people to try."""

import importlib.util
import os
import socket
import sys

from werkzeug.serving import make_server

from survey import create_app
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
    if importlib.util.find_spec("gunicorn"):
        environment = {**os.environ, **workplace.environment}
        arguments = [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT), "--bind", f"{host}:{port}"]
        arguments += ["--workers", "2", "--threads", "4", "--log-level", "warning", "wsgi:app"]
        sys.stdout.flush()
        os.execve(sys.executable, arguments, environment)  # noqa: S606 - our own interpreter, no shell
    make_server(host, int(port), create_app(workplace.settings), threaded=True).serve_forever()
