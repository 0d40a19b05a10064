"""The driver's own connections, kept from page to page: a pool's bookkeeping costs more than a statement."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine

from survey.prepared import Direct


class KeptConnections:
    """As many connections as have been in use at once; each is made and prepared as the engine does it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Direct] = []  # taking the last and adding one are each a single step for all threads

    @contextmanager
    def one(self) -> Iterator[Direct]:
        """A connection for the block, which ends what it begins; when it fails, all of it is undone."""
        kept = self._take()
        try:
            yield kept
        except self._engine.dialect.loaded_dbapi.Error:
            _close(kept)  # whatever was wrong with it, the next one begins with a connection that is not
            raise
        except BaseException:
            kept.driver.rollback()
            self._idle.append(kept)
            raise
        self._idle.append(kept)

    def close(self) -> None:
        """Close what is not in use."""
        idle, self._idle = self._idle, []
        for kept in idle:
            _close(kept)

    def _take(self) -> Direct:
        try:
            kept = self._idle.pop()
        except IndexError:
            return self._new()
        if has_ended(kept.driver):
            _close(kept)
            self.close()  # the others have ended with it
            return self._new()
        return kept

    def _new(self) -> Direct:
        pooled = self._engine.raw_connection()
        driver: Any = pooled.driver_connection
        pooled.detach()
        if self._engine.dialect.name == "postgresql":
            driver.autocommit = True  # as SQLite is here: what reads alone begins and ends nothing
        return Direct(driver, self._engine.dialect, driver.cursor())


def _close(kept: Direct) -> None:
    kept.cursor.close()  # first: SQLite lets go of a file only after the last statement on it
    kept.driver.close()


def has_ended(driver: Any) -> bool:
    """Whether the server has gone, or come again, since the connection was used; a file never goes."""
    if not hasattr(driver, "fileno"):
        return False
    # A server has nothing to say to who asks nothing: what waits to be read is its farewell. Asking whether
    # it is there would cost a round trip for every page.
    waiting = select.poll()
    waiting.register(driver.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
