"""What a letter costs: CPU a letter beside a bare letter of the same words, codes and read-back apart.

A benchmark, not a test: `make bench-letters`. Each measure runs in a process of its own, in random order, so
that memory is its own too. The ratio is the figure to watch: seconds move with the machine and its
neighbours. Goal: typesetting at most 1.3 times the bare letter.
"""

import argparse
import gc
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "collection"))

import segno
import tiny_wave
from sqlalchemy.orm import Session
from weasyprint import HTML

from survey.collection.codes import Code
from survey.collection.invitations import Credentials
from survey.collection.letter_pages import Pages, Piece, pages_of, piece
from survey.collection.proofs import prove
from survey.config import ROOT, Settings
from survey.credentials import hash_secret, new_token
from survey.database import Databases, upgrade
from survey.models.area import Area
from survey.models.contact import Contact
from survey.models.mailing import MailingKind
from survey.models.wave import Wave
from survey.typesetting import Stylesheet, load_stylesheet, read_pages

GOAL = 1.3
CODES = 40  # hashed to know what one costs
WORDS_IN_PARAGRAPH = 60
FACES = ("inter-400", "inter-ext-400", "noto-sans-arabic-400")
FONTS = {f"font:{name}": ROOT / "static" / "fonts" / f"{name}.woff2" for name in FACES}
PLAIN = (
    "".join(f"@font-face {{ font-family: {name}; src: url(font:{name}) }}" for name in FACES)
    + "@page { size: A4; margin: 22mm } section { break-after: page } html { font: 10.5pt "
    + ", ".join(FACES)
    + " }"
)
ADDRESS = "https://trygghet.example.se"


def wave(folder: Path) -> Databases:
    settings = Settings(
        survey_database=f"sqlite:///{folder}/survey.db", identity_database=f"sqlite:///{folder}/identity.db"
    )
    upgrade(settings)
    stores = Databases.connect(settings)
    with stores.transaction() as session, stores.identity_transaction() as identity:
        tiny_wave.open_wave(session, identity, folder / "register.csv", synthetic=False)
    return stores


def pages(session: Session, kind: MailingKind) -> Pages:
    found = session.get_one(Wave, tiny_wave.CODE), session.get_one(Area, "0187-01")
    return pages_of(session, *found, Settings(base_url=ADDRESS), tiny_wave.TODAY, kind)


def pieces(count: int) -> list[Piece]:
    """Letters to many people; their codes are never stored."""
    found = []
    for number in range(count):
        contact = Contact(
            reference=f"{number:010d}",
            name=f"Förnamn{number} Efternamn{number}",
            street=f"Provgatan {number}",
            postal_code="12345",
            city="Påhittsköping",
        )
        code = Code(f"{number:04d}", f"{random.randrange(10**7):07d}")
        found.append(piece(contact, Credentials(number, code, new_token(), f"{number:08d}"), ADDRESS))
    return found


def bare(letters: list[Piece], words: list[str], style: Stylesheet) -> bytes:
    """The same words, fonts and QR code as plain paragraphs: WeasyPrint as it comes."""
    body = "".join(
        f"<p>{escape(' '.join(words[at : at + WORDS_IN_PARAGRAPH]))}</p>"
        for at in range(0, len(words), WORDS_IN_PARAGRAPH)
    )
    sections = []
    for one in letters:
        qr = segno.make(one.qr_address, error="m").svg_inline(scale=3)
        address = "<br>".join(map(escape, one.address.lines))
        sections.append(f"<section><p>{address}</p>{qr}<p>{one.code} {one.reference}</p>{body}</section>")
    document = HTML(string="".join(sections))
    pdf: bytes = document.write_pdf(stylesheets=[style.css], font_config=style.fonts)
    return pdf


def words_of(one: Piece, page: Pages) -> list[str]:
    """What stands in a letter."""
    (read,) = read_pages(page.typeset([one]))
    return read.text.split()


def cpu_ms(work: Callable[[], object], count: int) -> float:
    gc.collect()
    started = time.process_time()
    work()
    return 1000 * (time.process_time() - started) / count


def measure(what: str, count: int) -> dict[str, float]:
    """One measure: CPU milliseconds a piece, and the process's memory at its highest."""
    warnings.simplefilter("ignore")
    kind = MailingKind(what) if what in set(MailingKind) else MailingKind.LETTER
    with tempfile.TemporaryDirectory() as folder:
        stores = wave(Path(folder))
        with stores.reading() as session:
            page = pages(session, kind)
        stores.dispose()
    letters = pieces(count)
    if what == "codes":
        return {"ms": cpu_ms(lambda: [hash_secret("ABCDEFG") for _ in range(CODES)], CODES)}
    if what == "bare":
        words, style = words_of(letters[0], page), load_stylesheet(PLAIN, FONTS)
        bare(letters[:2], words, style)
        ms = cpu_ms(lambda: bare(letters, words, style), count)
        return {"ms": ms, "MiB": peak()}
    page.typeset(letters[:2])
    made: list[bytes] = []
    ms = cpu_ms(lambda: made.append(page.typeset(letters)), count)
    highest = peak()
    read = cpu_ms(lambda: prove(made[0], page.expected(letters), "bench"), count)
    return {"ms": ms, "MiB": highest, "read": read, "KiB": len(made[0]) / 1024 / count}


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(what: str, count: int) -> dict[str, float]:
    ran = subprocess.run(
        [sys.executable, __file__, "--one", what, str(count)], capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "COUNT"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="50,200,300,600", help="letters in a file, for memory")
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(measure(chosen.one[0], int(chosen.one[1]))))
        return
    jobs = [("letter", 300), ("bare", 300), ("codes", 1), ("card", 300), ("form", 100)]
    found: dict[str, list[dict[str, float]]] = {name: [] for name, _ in jobs}
    for _ in range(chosen.rounds):
        for name, count in random.sample(jobs, len(jobs)):
            found[name].append(apart(name, count))
    middle = {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for name, runs in found.items()
    }
    print(f"{'':<8}{'CPU ms':>8}{'read ms':>9}{'MiB':>7}{'KiB each':>10}")
    for name, figures in middle.items():
        row = [f"{figures[key]:.1f}" if key in figures else "" for key in ("ms", "read", "MiB", "KiB")]
        print(f"{name:<8}{row[0]:>8}{row[1]:>9}{row[2]:>7}{row[3]:>10}")
    ratios = sorted(a["ms"] / b["ms"] for a, b in zip(found["letter"], found["bare"], strict=True))
    print(f"letter / bare: {', '.join(f'{ratio:.2f}' for ratio in ratios)} (goal {GOAL})")
    for size in map(int, chosen.sizes.split(",")):
        print(f"{size} letters in a file: {apart('letter', size)['MiB']:.0f} MiB")


if __name__ == "__main__":
    main()
