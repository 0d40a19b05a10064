"""A logo is drawn anew; a file that would do harm, or is no picture, is refused in words."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, PngImagePlugin

from survey.errors import UserError
from survey.preparation.logos import KEPT_SIZE, LARGEST_FILE, read_logo

SECRET = b"hemlig plats"


def picture(
    kind: str = "PNG", size: tuple[int, int] = (200, 60), mode: str = "RGB", **options: object
) -> bytes:
    file = BytesIO()
    Image.new(mode, size, 0).save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_what_a_file_says_about_itself_is_left_behind() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", SECRET.decode())
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    for content in (
        picture(pnginfo=told),
        picture("JPEG", comment=SECRET, exif=exif),
        picture() + SECRET,
        picture("JPEG") + SECRET,
    ):
        assert SECRET in content
        kept = read_logo(content)
        assert SECRET not in kept.content
        with opened(kept.content) as found:
            assert not found.getexif() and "Comment" not in found.info and "comment" not in found.info


def test_a_logo_keeps_its_kind_and_fits_a_letter() -> None:
    png, jpeg = read_logo(picture(size=(2000, 500))), read_logo(picture("JPEG"))
    assert (png.mime_type, jpeg.mime_type) == ("image/png", "image/jpeg")
    with opened(png.content) as found:
        assert found.size[0] <= KEPT_SIZE[0] and found.size[1] <= KEPT_SIZE[1]
        assert found.size[0] / found.size[1] == pytest.approx(4, rel=0.02)


def test_what_is_clear_becomes_white() -> None:
    with opened(read_logo(picture(mode="RGBA")).content) as found:
        assert found.mode == "RGB" and found.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16"])
def test_every_kind_of_dots_is_read(mode: str) -> None:
    assert read_logo(picture(mode=mode)).mime_type == "image/png"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Välj en fil"),
        (b"GIF89a" + b"\0" * 50, "inte att läsa"),
        (picture("GIF", mode="P"), "inte att läsa"),
        (picture("BMP"), "inte att läsa"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "inte att läsa"),
        (b"%PDF-1.7", "inte att läsa"),
        (picture(size=(2001, 60)), "2001 × 60"),
        (picture(size=(8, 60)), "8 × 60"),
        (bomb(60_000, 60_000), "60000 × 60000|inte att läsa"),
        (bomb(2000, 2000), "inte att läsa"),
        (picture()[:-30], "inte att läsa"),
        (picture("JPEG")[:200], "inte att läsa"),
        (b"\xff" * (LARGEST_FILE + 1), "större än 300 kB"),
    ],
)
def test_a_file_that_is_no_logo_is_refused_in_words(
    content: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as WeasyPrint leaves it
    with pytest.raises(UserError, match=words):
        read_logo(content)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([picture(), picture("JPEG"), picture(mode="P")]), st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(sound: bytes, data: st.DataObject) -> None:
    damaged = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(8, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_logo(bytes(damaged))
    except UserError as refused:
        assert "bild" in str(refused)
