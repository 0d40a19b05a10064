"""Municipalities of the demonstration answer their invitations, through the functions their pages use."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from survey.demo.scenario import ANSWERING_MUNICIPALITY, DECLINING_MUNICIPALITY, DemoWave
from survey.demo.stage import BY, Stage
from survey.preparation import agreements, extra_samples, logos, participation, recuts, senders
from survey.preparation.senders import Contact, Sender

EXTRA = 40  # persons, in the first area of each municipality
INVITATION = (
    "Välkommen att vara med i trygghetsmätningen tillsammans med polisregionen.\n"
    "Svara ja eller nej. Vid ja fyller ni i delområden, kontaktperson och överenskommelsen om uppgifterna."
)


def take_part(stage: Stage, wave: DemoWave) -> None:
    """Invite the municipalities of a wave two months before it, and have them hand in everything."""
    invited_on = wave.field_start - timedelta(days=60)
    names = {municipality.code: municipality.name for municipality in stage.plan.municipalities}
    with stage.databases.transaction() as session:
        _invite(session, wave.code, wave.municipalities, invited_on)
        for code in wave.municipalities:
            participation.answer(session, wave.code, code, True, "", BY, invited_on + timedelta(days=9))
            _hand_in_everything(session, wave.code, code, names[code])


def invite_to_next(stage: Stage, today: date) -> None:
    """A wave that is only planned: most have not answered, and their users can do it."""
    code = str(today.year + 1)
    first_day = date(today.year + 1, 10, 4)
    stage.console.run(
        *("wave", "create", code, "--title", f"Trygghetsmätning {code}", "--synthetic"),
        *("--population-date", str(date(today.year, 12, 31))),
        *("--field-start", str(first_day), "--field-end", str(first_day + timedelta(days=53))),
    )
    codes = tuple(municipality.code for municipality in stage.plan.municipalities)
    with stage.databases.transaction() as session:
        _invite(session, code, codes, today)
        if DECLINING_MUNICIPALITY in codes:
            reason = "Kommunen är med vartannat år."
            participation.answer(session, code, DECLINING_MUNICIPALITY, False, reason, BY)
        if ANSWERING_MUNICIPALITY in codes:
            participation.answer(session, code, ANSWERING_MUNICIPALITY, True, "", BY)
            recuts.keep_areas(session, code, ANSWERING_MUNICIPALITY, BY)


def _invite(session: Session, wave_code: str, codes: tuple[str, ...], today: date) -> None:
    participation.invite(session, wave_code, codes, today + timedelta(days=21), INVITATION, BY, today)


def _hand_in_everything(session: Session, wave_code: str, code: str, name: str) -> None:
    recuts.keep_areas(session, wave_code, code, BY)
    first = recuts.current_areas(session, wave_code, code)[0].code
    extra_samples.set_extra(session, wave_code, code, {first: str(EXTRA)}, BY)
    phone, address = "08-465 004 03", f"trygghet.{code}@example.se"
    senders.set_contact(session, wave_code, code, Contact("Kim Exempel", address, phone), BY)
    senders.set_sender(session, wave_code, code, Sender(f"{name} kommun", "", phone, address), BY)
    logos.set_logo(session, wave_code, code, _drawn_logo(), BY)
    read, now = agreements.current_agreement().content_hash, datetime.now(UTC)
    agreements.confirm(session, wave_code, code, read, "Kim Exempel", "Säkerhetschef", BY, now)


def _drawn_logo() -> bytes:
    """A mark of our own: no municipality's arms are borrowed."""
    picture = Image.new("RGBA", (600, 150), (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((4, 4, 146, 146), 24, fill="#1b7a7a")
    pen.polygon([(30, 110), (75, 40), (120, 110)], fill="white")
    pen.rectangle((190, 55, 590, 68), fill="#0b3c5d")
    pen.rectangle((190, 85, 480, 98), fill="#0b3c5d")
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
