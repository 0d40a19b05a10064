"""SQLite as the service uses it: files of their owner, writers in line, what is acknowledged is on disk."""

import os
import sqlite3
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock

WAIT = 30.0  # seconds that anybody waits for a file in use
STEP = 0.001  # between two tries to begin writing


def keep_private(file: Path) -> None:
    """Make a new database file for its owner alone; SQLite gives the files beside it the same mode."""
    # A file that is there keeps its mode; what else is wrong, SQLite tells when it opens the file.
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600))


def configure(connection: sqlite3.Connection) -> None:
    """Prepare a new connection."""
    # The driver's own transactions start too late to lock; we begin by ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: what the server has acknowledged is on disk.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", _patience(WAIT)):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_reading(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN DEFERRED")


def begin_writing(connection: sqlite3.Connection, file: str) -> None:
    """Begin with the right to write: a reader that turns writer halfway would fail instead of wait.

    SQLite lets who waits sleep longer each time, up to a tenth of a second, while others slip past. Here the
    threads of a process wait in line, and the first of each process tries anew every millisecond.
    """
    until = time.monotonic() + WAIT
    line = _line(file)
    if not line.acquire(timeout=WAIT):
        raise sqlite3.OperationalError("database is locked")
    try:
        connection.execute(f"PRAGMA {_patience(0)}")
        while not _begun(connection, last=time.monotonic() > until):
            time.sleep(STEP)
    finally:
        line.release()
        connection.execute(f"PRAGMA {_patience(WAIT)}")


def _begun(connection: sqlite3.Connection, *, last: bool) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _patience(seconds: float) -> str:
    return f"busy_timeout={int(seconds * 1000)}"


@cache
def _line(_file: str) -> Lock:
    return Lock()
