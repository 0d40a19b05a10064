"""A map of basic areas to choose from: what is drawn, and where each can be clicked."""

from collections.abc import Mapping
from dataclasses import dataclass

import shapely
from shapely import Geometry

from survey.preparation.area_listings import ListedArea
from survey.preparation.basic_areas import Piece
from survey.publication.drawings.map_shapes import WIDTH, Words, outline, place_words, project

PLAIN = "#FFFFFF"
# Beside each other they differ, and each area has its number besides.
TINTS = ("#A9CBE8", "#F6D9CB", "#CFE3C8", "#E6D6EE", "#F5E6A8", "#C9E4E4")


@dataclass(frozen=True)
class DrawnPiece:
    """A basic area on the map; `number` is that of the area it has been put in."""

    key: str
    label: str
    path: str
    number: int | None
    words: Words | None

    @property
    def fill(self) -> str:
        return PLAIN if self.number is None else TINTS[(self.number - 1) % len(TINTS)]


@dataclass(frozen=True)
class PieceMap:
    width: float
    height: float
    pieces: tuple[DrawnPiece, ...]


def piece_map(pieces: Mapping[str, Piece], listed: tuple[ListedArea, ...]) -> PieceMap:
    """The municipality in its basic areas, with the areas made of them so far."""
    plane = project({key: piece.shape for key, piece in pieces.items()})
    number = {key: place for place, area in enumerate(listed, start=1) for key in area.keys}
    wanted = {
        key: (str(number[key]), "", "") if key in number else (key[4:], piece.name, "")
        for key, piece in pieces.items()
    }
    words = place_words(plane, wanted, set())
    drawn = tuple(
        DrawnPiece(key, piece.label, outline(plane.shapes[key]), number.get(key), words.get(key))
        for key, piece in pieces.items()
    )
    return PieceMap(WIDTH, plane.height, drawn)


def click_rules(pieces: Mapping[str, Piece]) -> str:
    """A style sheet: each label of the map has the shape of its basic area, and shows when that is chosen."""
    plane = project({key: piece.shape for key, piece in pieces.items()})
    rules = []
    for key, shape in plane.shapes.items():
        rules.append(f"#m-{key}{{clip-path:polygon(evenodd,{_polygon(shape, plane.height)})}}")
        rules.append(f"body:has(#k-{key}:checked) #m-{key}{{background:#F2A900A6}}")
        rules.append(f"body:has(#k-{key}:focus-visible) #m-{key}{{background:#1F6FB280}}")
    return "\n".join(rules) + "\n"


def _polygon(shape: Geometry, height: float) -> str:
    """All rings as one line in per cent of the map: from each the line goes back to where the first began."""
    rings = [
        shapely.get_coordinates(ring)
        for part in shapely.get_parts(shape)
        if shapely.get_type_id(part) == 3
        for ring in shapely.get_rings(part)
    ]
    points = [tuple(point) for ring in rings for point in (*ring, rings[0][0])]
    return ",".join(f"{100 * x / WIDTH:.2f}% {100 * y / height:.2f}%" for x, y in points)
