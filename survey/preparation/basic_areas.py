"""The basic areas (DeSO, NYKO) that a municipality makes its areas of: read in with borders, put together."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import shapely
from shapely import Geometry
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Faults
from survey.models.border import BasicArea
from survey.models.municipality import Municipality
from survey.preparation import proposed_borders, recuts
from survey.preparation.area_listings import ListedArea
from survey.preparation.border_checks import find_faults, simplify
from survey.preparation.border_files import Feature, read_features, require_faultless

KEY = re.compile(r"(\d{4})\w{1,11}", re.ASCII)
POINTS_EACH = 30
FEWEST_POINTS = 400  # of a municipality's basic areas together


@dataclass(frozen=True)
class Piece:
    """A basic area: its key in the register, what it is called, where it lies."""

    key: str
    name: str
    shape: Geometry

    @property
    def label(self) -> str:
        return f"{self.name} ({self.key})" if self.name else self.key


def load_basic_areas(session: Session, content: bytes, by: str) -> int:
    """Store the basic areas of each municipality in a file, in place of those it had; how many."""
    names = {code: name for code, name in session.execute(select(Municipality.code, Municipality.name))}
    features = read_features(content)
    require_faultless(_key_faults(features, names))
    by_owner: dict[str, dict[str, Feature]] = defaultdict(dict)
    for feature in features:
        by_owner[feature.code[:4]][feature.code] = feature
    shapes = {owner: {key: one.shape for key, one in own.items()} for owner, own in by_owner.items()}
    require_faultless([fault for own in shapes.values() for fault in find_faults(own, None, "")])
    for owner, own in shapes.items():
        session.execute(delete(BasicArea).where(BasicArea.municipality_code == owner))
        for key, shape in simplify(own, max(POINTS_EACH * len(own), FEWEST_POINTS)).items():
            # Official files name the municipality in each of its basic areas, which tells nothing here.
            name = by_owner[owner][key].name
            called = "" if name == names[owner] else name
            session.add(BasicArea(register_key=key, municipality_code=owner, name=called, shape=shape))
    session.flush()
    audit.record(
        session, by, "load borders", "basic areas", borders=len(features), municipalities=len(shapes)
    )
    return len(features)


def pieces_of(session: Session, municipality_code: str) -> dict[str, Piece]:
    """The basic areas of a municipality by key; none where no file has been read in."""
    rows = session.scalars(
        select(BasicArea)
        .where(BasicArea.municipality_code == municipality_code)
        .order_by(BasicArea.register_key)
    )
    return {row.register_key: Piece(row.register_key, row.name, shapely.from_wkt(row.shape)) for row in rows}


def any_of(session: Session, municipality_code: str) -> bool:
    """Whether a municipality has basic areas to choose from."""
    found = select(BasicArea.register_key).where(BasicArea.municipality_code == municipality_code).limit(1)
    return session.scalar(found) is not None


def propose(session: Session, wave_code: str, municipality_code: str, text: str, by: str) -> None:
    """Propose areas made of basic areas, all of them, and with the listing its borders."""
    listed = recuts.propose(session, wave_code, municipality_code, text, by)
    pieces = pieces_of(session, municipality_code)
    left = left_over(listed, pieces)
    if left:
        named = ", ".join(piece.label for piece in left[:5]) + (" med flera" if len(left) > 5 else "")
        raise Faults({"pieces": f"Alla delar ska vara med i något delområde. Kvar är {named}."})
    proposed_borders.store(
        session,
        wave_code,
        municipality_code,
        {area.name: shapely.union_all([pieces[key].shape for key in area.keys]) for area in listed},
    )
    subject = f"{wave_code} {municipality_code}"
    audit.record(session, by, "hand in borders", subject, borders=len(listed), proposed=True)


def left_over(listed: tuple[ListedArea, ...], pieces: Mapping[str, Piece]) -> list[Piece]:
    """The basic areas that no area holds yet.

    Raises:
        Faults: an area holds what is no basic area of the municipality.
    """
    placed = {key for area in listed for key in area.keys}
    if unknown := sorted(placed - pieces.keys()):
        raise Faults({"pieces": f"Kommunen har ingen del med nyckeln {unknown[0]}."})
    return [piece for key, piece in pieces.items() if key not in placed]


def _key_faults(features: tuple[Feature, ...], municipalities: Mapping[str, str]) -> list[str]:
    seen, faults = set(), []
    for feature in features:
        matched = KEY.fullmatch(feature.code)
        if matched is None:
            faults.append(f"{feature.label}: saknar en nyckel som 0187A0010 i fältet deso, nyko eller kod.")
        elif matched[1] not in municipalities:
            faults.append(f"{feature.label}: hör till {matched[1]}, som inte är någon inläst kommun.")
        elif feature.code in seen:
            faults.append(f"{feature.label}: står mer än en gång. Slå ihop delarna till en yta.")
        seen.add(feature.code)
    return faults
