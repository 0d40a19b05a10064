"""A GeoJSON file of borders, read with suspicion: all that is wrong with it is said at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from shapely import Geometry

from survey.errors import FileFaults, UserError

LARGEST_UPLOAD = 5 * 1024 * 1024
LARGEST_FILE = 50 * 1024 * 1024
MOST_FEATURES = 2000
MOST_POINTS = 200_000
SWEDEN = (10.0, 55.0, 25.0, 70.0)  # longitude and latitude, west, south, east, north
CODES = (
    "deso",
    "desokod",
    "nyko",
    "area_code",
    "municipality_code",
    "kommun_kod",
    "kommunkod",
    "code",
    "kod",
)
NAMES = ("name", "namn", "kommun", "kommunnamn")
GLOBAL_SYSTEMS = ("CRS84", "4326")
EXPORT_ANEW = (
    "Exportera filen på nytt som GeoJSON i WGS 84 (EPSG:4326), så som standarden för GeoJSON säger; "
    "i QGIS: Exportera, Spara objekt som, GeoJSON, koordinatsystem EPSG:4326."
)


class BorderFaults(FileFaults):
    """All that is wrong with a file of borders."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("borders", faults)


def require_faultless(faults: Sequence[str]) -> None:
    """Raise all that is wrong with a file of borders at once."""
    if faults:
        raise BorderFaults(faults)


@dataclass(frozen=True)
class Feature:
    """A border of the file with what the file calls it; `code` or `name` may be empty."""

    number: int
    code: str
    name: str
    shape: Geometry

    @property
    def label(self) -> str:
        return " ".join(part for part in (self.code, self.name) if part) or f"område {self.number} i filen"


def read_file(path: Path) -> bytes:
    """The content of a file, unless it is far too large."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UserError(f"Filen {path} kan inte öppnas: {error.strerror}.") from error


def read_features(content: bytes, largest: int = LARGEST_FILE) -> tuple[Feature, ...]:
    """The borders of a file, not yet compared with anything.

    Raises:
        UserError: the file is no GeoJSON in WGS 84, or too large.
        BorderFaults: some of its borders cannot be drawn; all of them are named.
    """
    raw = _parse(content, largest)
    features, faults = [], []
    points = 0
    for number, one in enumerate(raw, start=1):
        try:
            feature = _feature(one, number)
        except UserError as error:
            faults.append(str(error))
            continue
        features.append(feature)
        points += int(shapely.get_num_coordinates(feature.shape))
        if points > MOST_POINTS:
            raise UserError(
                f"Gränserna har fler än {MOST_POINTS} punkter. Förenkla dem innan de lämnas: kartan är liten."
            )
    if faults:
        raise BorderFaults(faults)
    _require_degrees(features)
    return tuple(features)


def _parse(content: bytes, largest: int) -> list[Any]:
    if len(content) > largest:
        raise UserError(f"Filen är större än {largest // 1024**2} MB. Förenkla gränserna innan de lämnas.")
    try:
        parsed = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UserError(f"Filen är ingen GeoJSON: rad {error.lineno} går inte att läsa.") from None
    features = parsed.get("features") if isinstance(parsed, dict) else None
    if not isinstance(features, list) or parsed.get("type") != "FeatureCollection":
        raise UserError("Filen är ingen GeoJSON med gränser. Den ska vara en FeatureCollection.")
    if not 1 <= len(features) <= MOST_FEATURES:
        raise UserError(f"Filen har {len(features)} områden. Den ska ha 1–{MOST_FEATURES}.")
    _require_global_system(parsed.get("crs"))
    return features


def _require_global_system(stated: Any) -> None:
    """An old kind of file names its system of coordinates; without a name it is WGS 84."""
    if stated is None:
        return
    properties = stated.get("properties") if isinstance(stated, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if not any(known in name for known in GLOBAL_SYSTEMS):
        raise UserError(f"Filens koordinater är i systemet {name[:60]!r}. {EXPORT_ANEW}")


def _feature(raw: Any, number: int) -> Feature:
    properties = raw.get("properties") if isinstance(raw, dict) else None
    named = properties if isinstance(properties, dict) else {}
    lower = {key.lower(): value for key, value in named.items()}
    code, name = _text(lower, CODES), _text(lower, NAMES)
    what = code or name or f"Område {number} i filen"
    geometry = raw.get("geometry") if isinstance(raw, dict) else None
    return Feature(number, code, name, _shape(geometry, what))


def _text(properties: dict[str, Any], keys: Sequence[str]) -> str:
    """The first of these properties that is a text or a number, such as 180 for 0180."""
    for key in keys:
        value = properties.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value).zfill(4)[:80]
        if isinstance(value, str) and value.strip() and value.strip().isprintable():
            return value.strip()[:80]
    return ""


def _shape(geometry: Any, what: str) -> Geometry:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise UserError(f"{what}: är ingen yta (Polygon eller MultiPolygon).")
    parts = geometry.get("coordinates")
    try:
        polygons = [_polygon(rings) for rings in (parts if kind == "MultiPolygon" else [parts])]
    except (TypeError, ValueError, OverflowError):
        raise UserError(
            f"{what}: koordinaterna går inte att läsa. En gräns är en sluten ring av minst fyra punkter."
        ) from None
    if not polygons:
        raise UserError(f"{what}: har ingen gräns.")
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)


def _polygon(rings: Any) -> Geometry:
    outer, *holes = [_ring(ring) for ring in rings]
    return shapely.polygons(outer, holes or None)


def _ring(points: Any) -> Geometry:
    table = np.asarray(points, dtype=float)
    if table.ndim != 2 or len(table) < 4 or table.shape[1] not in (2, 3) or not np.isfinite(table).all():
        raise ValueError
    # Heights say nothing on a map.
    return shapely.linearrings(table[:, :2])


def _require_degrees(features: Sequence[Feature]) -> None:
    """Longitude and latitude within Sweden, in that order; the usual mistakes are told by their names."""
    west, south, east, north = shapely.total_bounds([feature.shape for feature in features])
    if _inside((west, south, east, north), SWEDEN):
        return
    if _inside((south, west, north, east), SWEDEN):
        raise UserError(
            f"Filens koordinater har bytt plats: först ska longitud stå, sedan latitud. {EXPORT_ANEW}"
        )
    if max(abs(west), abs(east)) > 360 or max(abs(south), abs(north)) > 360:
        raise UserError(
            "Filens koordinater är i meter, troligen SWEREF 99 TM eller en av dess zoner "
            f"(den första punkten är nära {west:.0f}, {south:.0f}). {EXPORT_ANEW}"
        )
    raise UserError(
        f"Gränserna ligger utanför Sverige: longitud {west:.2f}–{east:.2f}, latitud {south:.2f}–{north:.2f}."
    )


def _inside(box: tuple[float, float, float, float], around: tuple[float, float, float, float]) -> bool:
    return box[0] >= around[0] and box[1] >= around[1] and box[2] <= around[2] and box[3] <= around[3]
