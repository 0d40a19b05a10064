"""A web server: as a process of its own with everything it starts, or in a thread of the test."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server

from survey.config import Settings

ROOT = Path(__file__).parents[1]
SERVE = (sys.executable, "-c", "from survey.cli import main; main()", "serve", "--port", "PORT")


def serving(settings: Settings, gunicorn: str) -> dict[str, str]:
    """The environment of `trygg serve` for these settings, with arguments to its server."""
    return {
        "TRYGG_SURVEY_DATABASE": settings.survey_database,
        "TRYGG_IDENTITY_DATABASE": settings.identity_database,
        "TRYGG_SECRET_KEY": settings.secret_key,
        "TRYGG_OUTPUT": str(settings.output),
        "TRYGG_SECOND_FACTOR": "on" if settings.second_factor else "off",
        "GUNICORN_CMD_ARGS": gunicorn,
    }


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address where the application listens, in a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class WebProcess:
    """A server on a port of its own, in a process group of its own; the command is given the port."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._command = [part.replace("PORT", str(self.port)) for part in command]
        self._environment = {**os.environ, **environment}
        self._log = log
        self.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        with self._log.open("ab") as written:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdout=written,
                stderr=written,
                start_new_session=True,
            )
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError("no server")

    def kill(self) -> None:
        """All of it at once, by the group that is its own."""
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
