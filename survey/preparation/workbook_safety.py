"""Looks a workbook (xlsx) through before anything reads it: what it really holds, unpacked and counted.

A workbook is a zip file that somebody else has made. Its own list of sizes is not believed.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from survey.errors import UserError

LARGEST_UNPACKED = 400 * 1024 * 1024  # some 800,000 persons; reading them takes about twice the memory
MOST_PARTS = 500
_PIECE = 256 * 1024
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, length of the name, length of what is added
_ENCRYPTED = 0x1
_DOCTYPE = b"<!DOCTYPE"


def require_harmless(file: BinaryIO, name: str, largest: int | None = None) -> None:
    """Stop a workbook that is broken, locked, too large unpacked, or more than tables of values."""
    most = largest or LARGEST_UNPACKED
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise _refused(name, f"den har {len(parts)} delar")
            unpacked = 0
            for part in parts:
                unpacked += _check(name, file, part, most, unpacked)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError):
        raise _refused(name, "den är trasig") from None


def _check(name: str, file: BinaryIO, part: zipfile.ZipInfo, most: int, so_far: int) -> int:
    """The unpacked size of a part, counted."""
    if part.filename.lower().endswith("vbaproject.bin"):
        raise _refused(name, "den har makron")
    if part.flag_bits & _ENCRYPTED:
        raise _refused(name, "den är låst med lösenord")
    size = 0
    end_of_last = b""
    for piece in _unpack(file, part):
        size += len(piece)
        if so_far + size > most:
            raise _refused(name, f"den är större än {most // 1024**2} MB uppackad")
        # Entities are declared there, also those that grow without end or lead elsewhere.
        if _DOCTYPE in end_of_last + piece:
            raise _refused(name, "den har en dokumenttyp, som ingen kalkylbok har")
        end_of_last = piece[-len(_DOCTYPE) :]
    if size != part.file_size:
        raise _refused(name, "den anger fel storlek på sina delar")
    return size


def _unpack(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    file.seek(part.header_offset)
    signature, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile
    file.seek(name + extra, 1)
    left = part.compress_size
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError
    stored = part.compress_type == zipfile.ZIP_STORED
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    while left:
        packed = file.read(min(_PIECE, left))
        if not packed:
            raise EOFError
        left -= len(packed)
        if stored:
            yield packed
            continue
        while packed:
            yield inflate.decompress(packed, _PIECE)
            packed = inflate.unconsumed_tail


def _refused(name: str, why: str) -> UserError:
    return UserError(
        f"Filen {name} tas inte emot som kalkylbok: {why}. Spara bladet som csv i UTF-8. Inget har sparats."
    )
