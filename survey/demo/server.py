"""Starts the web application, and the worker beside it, for people to try."""

import os
import signal
import socket
import subprocess
import sys

from survey.config import ROOT
from survey.demo.console import TRYGG
from survey.demo.workplace import Workplace

_HOST = "127.0.0.1"
_FIRST_PORT = 8000
_PORTS = 20
_LAST_WORDS = 10  # seconds that the worker has to end by itself


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
    """Run the server and the worker until the server is stopped, with Ctrl+C or otherwise."""
    host, port = workplace.settings.base_url.removeprefix("http://").split(":")
    environment = {**os.environ, **workplace.environment, "GUNICORN_CMD_ARGS": "--log-level warning"}
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # whoever stops us stops what we have started
    # Our own interpreter, no shell.
    worker = subprocess.Popen([*TRYGG, "worker"], cwd=ROOT, env=environment)  # noqa: S603
    server = subprocess.Popen(  # noqa: S603
        [*TRYGG, "serve", "--host", host, "--port", port], cwd=ROOT, env=environment
    )
    try:
        server.wait()
    except KeyboardInterrupt:
        server.wait()  # it has been told, too
    finally:
        for process in (server, worker):
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_LAST_WORDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
