"""The last step: a small wave that is open today, for people to answer, close, release and read."""

import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.clock import today
from survey.collection import form_numbers, invitations
from survey.collection.invitations import Credentials
from survey.demo import fieldwork, setup, verification
from survey.demo.geography import stream
from survey.demo.participation import invite_to_next
from survey.demo.scenario import ACCOUNT_MUNICIPALITIES, STAFF, DemoWave
from survey.demo.stage import BY, Stage
from survey.demo.workplace import Workplace
from survey.models.case import Case
from survey.notice import NOTICE
from survey.preparation import accounts

CODES = 20
FORMS = 2  # on paper, for those who key them
DISTRICT = "L1"  # invented, as every district of the demonstration
_ANSWERED_SHARE = 0.6  # of those who will answer: we are in the middle of the field period


def leave_open(stage: Stage, wave: DemoWave) -> None:
    """Step 7: set up, let some answer, make codes and accounts, and say what can be done."""
    stage.console.step(7, f"En öppen omgång ({wave.code}) i en kommun, delvis besvarad")
    setup.set_up_wave(stage, wave)
    answered = _answer_partly(stage, wave)
    stage.console.run("wave", "snapshot", wave.code)
    verification.keep_truth(stage, wave)
    invite_to_next(stage, today())
    with stage.databases.transaction() as session:
        codes, forms = _demo_letters(session, stage, wave, answered)
        logins = _accounts(session, stage)
    lines = _guide(stage, wave, codes, forms, logins)
    file = stage.workplace.write_private("logins.txt", lines)
    stage.console.say("", *lines, "", f"Det här står också i {file}")


def way_in(workplace: Workplace) -> list[str]:
    """How to look at what has been made, where no server was started and no account made."""
    trygg, port = _trygg(), workplace.settings.base_url.rpartition(":")[2]
    return [
        "Läs resultaten i webbläsaren (i två terminaler, efter den första raden i båda):",
        f"    . {_shown(workplace.environment_file)}",
        f"    {trygg} account invite agare@example.se --role owner",
        f"    {trygg} serve --port {port}",
        f"    {trygg} worker",
        "Ägaren väljer lösenord på länken och bjuder in de andra under Konton.",
    ]


def _answer_partly(stage: Stage, wave: DemoWave) -> set[int]:
    residents = stage.residents.wave(wave.code)
    so_far = (wave.field_start, today())
    with stage.databases.reading() as session:
        people = fieldwork.respondents(session, stage.plan, residents, stage.seed, so_far)
    rng = stream(stage.seed, "answered so far", wave.code)
    answering = [person for person in people if rng.random() < _ANSWERED_SHARE]
    fieldwork.hand_in(stage.databases, wave.code, answering, stage.console.progress)
    return {person.case_id for person in people}


def _demo_letters(
    session: Session, stage: Stage, wave: DemoWave, answered: set[int]
) -> tuple[list[Credentials], list[str]]:
    """Codes for the web, and the numbers of forms on paper, of persons who will not answer by themselves."""
    drawn = session.scalars(select(Case.id).where(Case.wave_code == wave.code).order_by(Case.id)).all()
    waiting = [case_id for case_id in drawn if case_id not in answered]
    order = stream(stage.seed, "demo codes", wave.code).permutation(len(waiting))
    chosen = [waiting[i] for i in sorted(order[:CODES].tolist())]
    on_paper = [waiting[i] for i in order[CODES : CODES + FORMS].tolist()]
    sent = invitations.issue(session, on_paper, today(), forms=True)
    return invitations.issue(session, chosen, today()), [
        form_numbers.shown(made.form_id or "") for made in sent
    ]


def _accounts(session: Session, stage: Stage) -> list[tuple[str, str, str]]:
    names = {m.code: m.name for m in stage.plan.municipalities if m.code in ACCOUNT_MUNICIPALITIES}
    wanted: list[tuple[str, str, str | None, str]] = [
        (f"kommun{code}@example.se", "municipality", code, name) for code, name in names.items()
    ]
    wanted += [(f"{name}@example.se", role, None, shown) for name, role, shown in STAFF]
    wanted.append(("polis@example.se", "police", None, "lokalpolis"))
    logins = []
    for email, role, code, shown in wanted:
        district = DISTRICT if role == "police" else None
        password = secrets.token_urlsafe(12)
        token = accounts.invite(session, email, role, code, BY, datetime.now(UTC), district)
        accounts.activate(session, token, password, datetime.now(UTC))
        logins.append((shown, email, password))
    return logins


def _guide(
    stage: Stage,
    wave: DemoWave,
    codes: Sequence[Credentials],
    forms: Sequence[str],
    logins: Sequence[tuple[str, str, str]],
) -> list[str]:
    address = stage.workplace.settings.base_url
    typed = [str(made.code) for made in codes]
    rows = ["   ".join(typed[start : start + 4]) for start in range(0, len(typed), 4)]
    trygg = _trygg()
    return [
        f"{NOTICE}. Varje person och varje svar är påhittat.",
        "",
        f"Svara som invånare:      {address}/      med en av koderna",
        *(f"    {row}" for row in rows),
        f"eller som via brevets QR-kod:  {address}/s/{codes[0].qr_token}  (den första koden)",
        "",
        f"Arbeta med mätningen:    {address}/inloggning",
        *(f"    {shown:16} {email:26} {password}" for shown, email, password in logins),
        f"Pappersformulär att mata in, två gånger av var sitt konto:  {'   '.join(forms)}",
        "",
        "Stäng, beräkna, publicera och rapportera den öppna omgången (i en annan terminal):",
        f"    . {_shown(stage.workplace.environment_file)}",
        f"    {trygg} wave close {wave.code}",
        f"    {trygg} wave process {wave.code}",
        f"    {trygg} wave release {wave.code}",
        f"    {trygg} wave report {wave.code}",
        f"Rapporten hamnar i {_shown(stage.output / 'reports' / wave.code)}/",
    ]


def _trygg() -> str:
    beside = Path(sys.executable).parent / "trygg"
    return _shown(beside) if beside.exists() else "trygg"


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
