"""One child process per report: a warm parent forks it, limits it and survives whatever becomes of it."""

import gc
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NoReturn

from survey.publication.report.rendering import warm_up

Work = Callable[[], bytes]

CHILDREN = 2
CPU_SECONDS = 60
WALL_SECONDS = 180.0
MEMORY = 1024**3  # what a report may take beyond what the parent had already


@dataclass
class _Child:
    """A running child and what it has sent so far."""

    code: str
    pid: int
    pipe: int
    started: float
    received: bytearray


def render_apart(reports: Iterator[tuple[str, Work]]) -> Iterator[tuple[str, bytes, str]]:
    """Make each report in a child of its own: code, PDF and, when it failed, why.

    A child starts with fonts and style in use and its rubbish collection off, works within limits of
    time and memory, and takes nothing down with it.
    """
    first = next(reports, None)
    if first is None:
        return
    warm_up()
    gc.collect()
    gc.freeze()
    waiting = chain([first], reports)
    running: list[_Child] = []
    try:
        while True:
            while len(running) < CHILDREN and (report := next(waiting, None)):
                running.append(_start(*report))
            if not running:
                break
            for child in _finished(running):
                running.remove(child)
                yield _result(child)
    finally:
        for child in running:
            _end(child)
        gc.unfreeze()


def _start(code: str, work: Work) -> _Child:
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _work(writing, work)
    os.close(writing)
    os.set_blocking(reading, False)
    return _Child(code, pid, reading, time.monotonic(), bytearray())


def _work(pipe: int, work: Work) -> NoReturn:
    """In the child: never returns, never runs the parent's clean-up."""
    status = 1
    try:
        gc.disable()
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        _limit_memory()
        content = work()
        status = 0
    except BaseException:
        content = traceback.format_exc(limit=-3).encode("utf-8", "replace")
    try:
        with os.fdopen(pipe, "wb") as target:
            target.write(content)
    finally:
        os._exit(status)


def _limit_memory() -> None:
    """The limit counts addresses: those that libraries of the parent have reserved come on top."""
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        reserved = int(statistics.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (reserved + MEMORY, reserved + MEMORY))


def _finished(running: Sequence[_Child]) -> list[_Child]:
    """Children that have sent all they will, or have had their time."""
    ready, _, _ = select.select([child.pipe for child in running], [], [], 1.0)
    done = []
    for child in running:
        late = time.monotonic() - child.started > WALL_SECONDS
        if late:
            os.kill(child.pid, signal.SIGKILL)
        if (child.pipe in ready and _receive(child)) or late:
            done.append(child)
    return done


def _receive(child: _Child) -> bool:
    """Read what there is; true at the end."""
    while True:
        try:
            part = os.read(child.pipe, 1 << 16)
        except BlockingIOError:
            return False
        if not part:
            return True
        child.received += part


def _result(child: _Child) -> tuple[str, bytes, str]:
    os.close(child.pipe)
    _, status = os.waitpid(child.pid, 0)
    if status == 0:
        return child.code, bytes(child.received), ""
    if os.WIFSIGNALED(status):
        return child.code, b"", f"avbruten av signal {os.WTERMSIG(status)} (tid eller minne tog slut)"
    return child.code, b"", child.received.decode("utf-8", "replace").strip() or "okänt fel"


def _end(child: _Child) -> None:
    os.kill(child.pid, signal.SIGKILL)
    os.close(child.pipe)
    os.waitpid(child.pid, 0)
