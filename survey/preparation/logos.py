"""A municipality's logo: a hostile file is refused, any other is drawn anew without what came along."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageFile, ImageOps
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.participation import LetterLogo
from survey.preparation.participation import UNDRAWN, lock_accepting

LARGEST_FILE = 300 * 1024
LARGEST_SIDE = 2000
SMALLEST_SIDE = 16
# The letter shows it 60 x 12 mm at most: more dots than this no printer tells apart.
KEPT_SIZE = (1420, 284)
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg"}
# What Pillow raises on files that are not what they say.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,
)


@dataclass(frozen=True)
class Logo:
    """A picture of our own making."""

    mime_type: str
    content: bytes


def set_logo(session: Session, wave_code: str, municipality_code: str, content: bytes, by: str) -> None:
    """Keep the picture that a file holds in place of any there was."""
    lock_accepting(session, wave_code, municipality_code, *UNDRAWN)
    logo = read_logo(content)
    session.merge(LetterLogo(wave_code=wave_code, municipality_code=municipality_code, **logo.__dict__))
    session.flush()
    audit.record(session, by, "letter logo", f"{wave_code} {municipality_code}", bytes=len(logo.content))


def remove_logo(session: Session, wave_code: str, municipality_code: str, by: str) -> None:
    """Print letters without logo."""
    lock_accepting(session, wave_code, municipality_code, *UNDRAWN)
    row = session.get(LetterLogo, (wave_code, municipality_code))
    if row is not None:
        session.delete(row)
        session.flush()
        audit.record(session, by, "letter logo", f"{wave_code} {municipality_code}", bytes=0)


def find_logo(session: Session, wave_code: str, municipality_code: str) -> Logo | None:
    """The logo, when there is one."""
    row = session.get(LetterLogo, (wave_code, municipality_code))
    return Logo(row.mime_type, row.content) if row else None


def read_logo(content: bytes) -> Logo:
    """The picture in a PNG or JPEG file, on white, without metadata, no larger than a letter needs."""
    if not content:
        raise UserError("Välj en fil med logotypen.")
    if len(content) > LARGEST_FILE:
        raise UserError(f"Filen är större än {LARGEST_FILE // 1024} kB. Spara bilden mindre.")
    try:
        with warnings.catch_warnings(), _whole_files_only():
            warnings.simplefilter("error")
            with Image.open(BytesIO(content), formats=tuple(FORMATS)) as picture:
                # Known from the head of the file, before a single dot is unpacked.
                _require_size(picture.size)
                return _drawn_anew(picture)
    except BROKEN:
        raise UserError(
            "Filen går inte att läsa som bild. Logotypen ska vara en hel PNG- eller JPEG-fil."
        ) from None


@contextmanager
def _whole_files_only() -> Iterator[None]:
    """The typesetter, once loaded, has Pillow fill up what a file lacks; a logo must be whole."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _require_size(size: tuple[int, int]) -> None:
    if min(size) < SMALLEST_SIDE or max(size) > LARGEST_SIDE:
        raise UserError(
            f"Bilden är {size[0]} × {size[1]} bildpunkter. Varje sida ska ha {SMALLEST_SIDE}–{LARGEST_SIDE}."
        )


def _drawn_anew(picture: Image.Image) -> Logo:
    kind = picture.format or "PNG"
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail(KEPT_SIZE)
    # On a sheet of our own: what the file said about itself, and what lay behind clear dots, is not on it.
    sheet = Image.new("RGB", upright.size, "white")
    sheet.paste(upright, mask=upright.getchannel("A"))
    written = BytesIO()
    options = {"quality": 90} if kind == "JPEG" else {"optimize": True}
    sheet.save(written, kind, **options)
    return Logo(FORMATS[kind], written.getvalue())
