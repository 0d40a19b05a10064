"""The text of a file in whichever of the usual encodings it was saved."""

import codecs

from survey.errors import UserError

WINDOWS = "cp1252"
_LOST = "\ufffd"


def decode(file: str, content: bytes, stated: str = WINDOWS) -> str:
    """UTF-8 when it is that; else UTF-16 by its mark, or the encoding that the file states.

    Raises:
        UserError: letters have been lost, or the bytes are no text in it.
    """
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode(_known(stated))
    except UnicodeDecodeError:
        raise UserError(
            f"Filen {file} är ingen text i UTF-8, ISO-8859-1 eller Windows-1252. "
            "Spara om den i UTF-8. Inget har sparats."
        ) from None
    lost = text.find(_LOST)
    if lost >= 0:
        raise UserError(
            f"Filen {file} har ett förlorat tecken på rad {text.count(chr(10), 0, lost) + 1}: ett program "
            "har läst den i fel teckenkodning. Hämta filen på nytt. Inget har sparats."
        )
    return text


def _known(stated: str) -> str:
    try:
        name = codecs.lookup(stated).name
    except (LookupError, ValueError):
        return WINDOWS
    # What calls itself ISO-8859-1 is often saved by Windows, which has signs where the standard has none.
    return WINDOWS if name == "iso8859-1" else name
