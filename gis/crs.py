"""Reference systems: which one coordinates are in, and how they come into the project's plane.

Axis order is east first everywhere (``always_xy``), although EPSG declares 4490, 4524, 4545 … north
first. Zone and code tables: domain reference §9.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.text import tr

__all__ = [
    "GEOGRAPHIC",
    "Candidate",
    "Region",
    "candidates",
    "central_meridian",
    "choose_plane",
    "describe",
    "identify",
    "move_points",
    "overlaps",
    "to_plane",
    "to_plane_by_row",
    "uncertainty",
    "whereabouts",
    "zone_epsg",
]

Region = tuple[float, float, float, float]  # west, south, east, north in degrees

GEOGRAPHIC = 4490  # CGCS2000; 4326 agrees with it to what a map can show
_CHINA: Region = (73.0, 3.0, 136.0, 54.0)
_WITHOUT_PREFIX = {meridian: 4534 + (meridian - 75) // 3 for meridian in range(75, 136, 3)}
_WITH_PREFIX = {meridian: 4513 + (meridian - 75) // 3 for meridian in range(75, 136, 3)}
_STRAY, _MANY = 0.01, 200
_USE_MARGIN = 8.0  # degrees beyond its area of use that a system is still used in
_CGCS2000_INVERSE_FLATTENING = 298.257222101


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reference system that coordinates may be in.

    ``swapped`` says that the columns stand north first. ``plausible`` is whether the place falls into
    the region asked about; ``bounds_lonlat`` is where it falls.
    """

    epsg: int
    swapped: bool
    plausible: bool
    reason: str
    bounds_lonlat: Region


@lru_cache(maxsize=64)
def _crs(system: int | str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(system)
    except pyproj.exceptions.CRSError as error:
        if not isinstance(system, int):
            raise
        raise ParkLineError(
            tr("坐标系 EPSG:{epsg} 不存在。", epsg=system), hint=tr("请核对 EPSG 代码。")
        ) from error


@lru_cache(maxsize=64)
def _transformer(source: int | str, target: int | str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_crs(source), _crs(target), always_xy=True)


def _transverse_mercator(system: int | str) -> dict[str, float] | None:
    """Central meridian, false easting, false northing, scale and latitude of origin, or None."""
    operation = _crs(system).coordinate_operation
    if operation is None or operation.method_name not in {
        "Transverse Mercator",
        "Gauss-Kruger",
        "Gauss_Kruger",
    }:
        return None
    return {parameter.name: float(parameter.value) for parameter in operation.params}


def central_meridian(epsg: int | str) -> float:
    """Central meridian in degrees; ``ParkLineError`` unless the system is a transverse Mercator plane."""
    parameters = _transverse_mercator(epsg)
    if parameters is None:
        raise ParkLineError(tr("{crs} 不是高斯-克吕格平面坐标系。", crs=describe(epsg)))
    return float(parameters["Longitude of natural origin"])


def describe(epsg: int | str) -> str:
    """Name of a system for people, with its code where it has one."""
    crs = _crs(epsg)
    code = crs.to_epsg() if not isinstance(epsg, int) else epsg
    meridian = _meridian_in(_WITHOUT_PREFIX, code)
    if meridian is not None:
        return tr(
            "2000国家大地坐标系 3度带 中央子午线{meridian}°（EPSG:{code}）", meridian=meridian, code=code
        )
    meridian = _meridian_in(_WITH_PREFIX, code)
    if meridian is not None:
        return tr("2000国家大地坐标系 3度带 第{zone}带（EPSG:{code}）", zone=meridian // 3, code=code)
    if code == GEOGRAPHIC:
        return tr("2000国家大地坐标系 经纬度（EPSG:4490）")
    return f"{crs.name} (EPSG:{code})" if code else crs.name


def _meridian_in(table: dict[int, int], code: int | None) -> int | None:
    return next((meridian for meridian, epsg in table.items() if epsg == code), None)


def zone_epsg(epsg: int) -> int | None:
    """The twin of a CGCS2000 3-degree plane: with zone prefix for one without, and the other way round."""
    for table, other in ((_WITHOUT_PREFIX, _WITH_PREFIX), (_WITH_PREFIX, _WITHOUT_PREFIX)):
        meridian = _meridian_in(table, epsg)
        if meridian is not None:
            return other[meridian]
    return None


def choose_plane(bounds_lonlat: Region) -> int:
    """The plane for a place: CGCS2000 3-degree without prefix in China, UTM elsewhere."""
    longitude = (bounds_lonlat[0] + bounds_lonlat[2]) / 2.0
    latitude = (bounds_lonlat[1] + bounds_lonlat[3]) / 2.0
    if overlaps(bounds_lonlat, _CHINA):
        meridian = 3 * int(np.floor((longitude + 1.5) / 3.0))
        return _WITHOUT_PREFIX[min(max(meridian, 75), 135)]
    return (32600 if latitude >= 0 else 32700) + int(np.floor((longitude + 180.0) / 6.0)) % 60 + 1


def identify(declared: str | None) -> tuple[int | None, str]:
    """EPSG code of a declared system (authority string or WKT of any dialect), and why.

    A WKT without a code is matched by ellipsoid, central meridian and false easting. Returns None where
    nothing is declared or nothing known matches; the reason says which.
    """
    if not declared or not declared.strip():
        return None, tr("文件没有声明坐标系。")
    try:
        crs = _crs(declared)
    except pyproj.exceptions.CRSError:
        return None, tr("无法识别声明的坐标系。")
    code = crs.to_epsg(min_confidence=70)
    parameters = _transverse_mercator(declared)
    if parameters is not None:
        matched = _match_plane(crs, parameters)
        if matched is not None and matched != code:
            return matched, tr("按椭球、中央子午线与东偏移匹配为 {crs}。", crs=describe(matched))
    if code is not None:
        return code, tr("文件声明为 {crs}。", crs=describe(code))
    if crs.is_geographic and _is_cgcs2000(crs):
        return GEOGRAPHIC, tr("按椭球匹配为 {crs}。", crs=describe(GEOGRAPHIC))
    return None, tr("声明的坐标系“{name}”没有对应的 EPSG 代码。", name=crs.name)


def _is_cgcs2000(crs: pyproj.CRS) -> bool:
    name = f"{crs.datum.name if crs.datum else ''} {crs.name}".lower()
    flattening = crs.ellipsoid.inverse_flattening if crs.ellipsoid else 0.0
    return abs(flattening - _CGCS2000_INVERSE_FLATTENING) < 1e-7 and ("2000" in name or "cgcs" in name)


def _match_plane(crs: pyproj.CRS, parameters: dict[str, float]) -> int | None:
    if not _is_cgcs2000(crs) or parameters.get("Scale factor at natural origin", 1.0) != 1.0:
        return None
    meridian = parameters["Longitude of natural origin"]
    east = parameters["False easting"]
    if meridian != int(meridian) or int(meridian) not in _WITHOUT_PREFIX:
        return None
    if east == 500_000.0:
        return _WITHOUT_PREFIX[int(meridian)]
    return _WITH_PREFIX[int(meridian)] if east == meridian / 3 * 1_000_000.0 + 500_000.0 else None


def candidates(coordinates: NDArray[np.float64], region: Region | None = None) -> list[Candidate]:
    """Systems that bare coordinates (n, 2) may be in, the likeliest first.

    Degrees, 3-degree planes with and without zone prefix are tried in both axis orders; those whose
    place falls into ``region`` (degrees) come first. Without a region, all of China is plausible.
    """
    extent = _extent(coordinates)
    if extent is None:
        return []
    region = region or _CHINA
    found: list[Candidate] = []
    for swapped in (False, True):
        x_low, y_low, x_high, y_high = (extent[i] for i in ((1, 0, 3, 2) if swapped else (0, 1, 2, 3)))
        for epsg in _by_magnitude(x_low, x_high, y_low, y_high):
            box = _lonlat_box(epsg, (x_low, y_low, x_high, y_high))
            if box is not None:
                found.append(Candidate(epsg, swapped, overlaps(box, region), _reason(epsg, swapped), box))
    centre = ((region[0] + region[2]) / 2.0, (region[1] + region[3]) / 2.0)

    def rank(candidate: Candidate) -> tuple[bool, bool, float]:
        box = candidate.bounds_lonlat
        away = abs((box[0] + box[2]) / 2 - centre[0]) + abs((box[1] + box[3]) / 2 - centre[1])
        return not candidate.plausible, candidate.swapped, away

    return sorted(found, key=rank)


def _by_magnitude(x_low: float, x_high: float, y_low: float, y_high: float) -> list[int]:
    """Codes whose coordinates look like that, east first."""
    if x_low >= -180.0 and x_high <= 180.0 and y_low >= -90.0 and y_high <= 90.0:
        return [GEOGRAPHIC]
    if not (y_low > 0.0 and y_high < 6_100_000.0):
        return []
    zone = int(x_low // 1_000_000)
    if 25 <= zone <= 45 and int(x_high // 1_000_000) == zone:
        return [_WITH_PREFIX[zone * 3]]
    if x_low > 0.0 and x_high < 1_000_000.0:
        return list(_WITHOUT_PREFIX.values())
    return []


def _reason(epsg: int, swapped: bool) -> str:
    order = tr("列序为北、东（X/Y 互换）") if swapped else tr("列序为东、北")
    if epsg == GEOGRAPHIC:
        return tr("数值小于 180，为经纬度；{order}。", order=order)
    zone = _meridian_in(_WITH_PREFIX, epsg)
    if zone is not None:
        return tr("东坐标为 8 位并以带号 {zone} 开头；{order}。", zone=zone // 3, order=order)
    return tr(
        "东坐标为 6 位、无带号，中央子午线 {meridian:g}°；{order}。",
        meridian=central_meridian(epsg),
        order=order,
    )


def _lonlat_box(epsg: int, box: Region) -> Region | None:
    if epsg == GEOGRAPHIC:
        return box
    west, south, east, north = _transformer(epsg, GEOGRAPHIC).transform_bounds(*box, densify_pts=5)
    return (west, south, east, north) if np.isfinite([west, south, east, north]).all() else None


def overlaps(first: Region, second: Region) -> bool:
    """Whether two boxes meet."""
    return first[0] <= second[2] and first[2] >= second[0] and first[1] <= second[3] and first[3] >= second[1]


def whereabouts(
    coordinates: NDArray[np.float64], system: int | str, *, swapped: bool = False
) -> Region | None:
    """Box in degrees of coordinates (n, 2) read in a system, a few stray ones left out.

    None where they leave what the system is made for: degrees beyond the globe, or a place far outside the
    system's own area of use.
    """
    extent = _extent(coordinates)
    if extent is None:
        return None
    west, south, east, north = (extent[i] for i in ((1, 0, 3, 2) if swapped else (0, 1, 2, 3)))
    crs = _crs(system)
    if crs.is_geographic:
        return (west, south, east, north) if _on_globe((west, south, east, north)) else None
    try:
        box = _transformer(system, GEOGRAPHIC).transform_bounds(west, south, east, north, densify_pts=5)
    except pyproj.exceptions.ProjError:
        return None
    if not np.isfinite(box).all() or not _on_globe(box):
        return None
    use = crs.area_of_use
    if use is not None and use.west <= use.east:
        margin = _USE_MARGIN
        if not overlaps(box, (use.west - margin, use.south - margin, use.east + margin, use.north + margin)):
            return None
    return (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


def _on_globe(box: Region) -> bool:
    return box[0] >= -180.0 and box[2] <= 180.0 and box[1] >= -90.0 and box[3] <= 90.0


def _extent(coordinates: NDArray[np.float64]) -> Region | None:
    """West, south, east, north of points; of many, the outermost hundredth on each side is no evidence."""
    points = coordinates[np.isfinite(coordinates).all(axis=1)]
    if not len(points):
        return None
    share = _STRAY if len(points) >= _MANY else 0.0
    low, high = np.quantile(points, share, axis=0), np.quantile(points, 1.0 - share, axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def uncertainty(source: int | str, target: int | str) -> str:
    """What has to be said of a transformation whose parameters are not public; "" where nothing has.

    Between CGCS2000 and the older Chinese systems (Beijing 54, Xi'an 80) PROJ has none and takes the degrees as
    they are; WGS 84, whose ellipsoid is the same to a tenth of a millimetre, needs none on a map.
    """
    first, second = _crs(source), _crs(target)
    if first.ellipsoid is None or second.ellipsoid is None or _transformer(source, target).accuracy >= 0.0:
        return ""
    if abs(first.ellipsoid.semi_major_metre - second.ellipsoid.semi_major_metre) < 1.0:
        return ""
    return tr(
        "{crs} 与 2000国家大地坐标系之间的转换参数未公开，按同名经纬度处理，位置可能偏差数十至百余米；请用当地参数转换后再导入。",
        crs=describe(source),
    )


def to_plane(
    geometries: NDArray[np.object_], source: int | str, target: int | str, *, swapped: bool = False
) -> NDArray[np.object_]:
    """Geometries of one system in another, third dimensions dropped; None stays None.

    ``swapped`` geometries carry north first. Planes that differ only in the false easting are shifted,
    not computed through degrees. Raises ``ParkLineError`` where coordinates leave the system's range.
    """
    moved, outside = to_plane_by_row(geometries, source, target, swapped=swapped)
    if outside.any():
        raise ParkLineError(
            tr("坐标超出 {crs} 的有效范围。", crs=describe(source)),
            hint=tr("请核对坐标系、带号与 X/Y 顺序。"),
        )
    return moved


def to_plane_by_row(
    geometries: NDArray[np.object_], source: int | str, target: int | str, *, swapped: bool = False
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """The same, and which geometries leave the system's range: those come as None."""
    flat = np.array(geometries, dtype=object)
    if shapely.has_z(flat).any():
        flat = np.asarray(shapely.force_2d(flat), dtype=object)
    outside = np.zeros(len(flat), dtype=bool)
    shift = _shift(source, target)
    if shift == 0.0 and not swapped:
        return flat, outside
    transformer = None if shift is not None else _transformer(source, target)
    lost: NDArray[np.bool_] = np.zeros(0, dtype=bool)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        nonlocal lost
        if swapped:
            points = points[:, ::-1]
        if transformer is None:
            shifted: NDArray[np.float64] = points + np.array([shift, 0.0])
            return shifted
        moved = np.empty_like(points, order="C")
        moved[:, 0], moved[:, 1] = transformer.transform(points[:, 0], points[:, 1])
        lost = np.asarray(~np.isfinite(moved).all(axis=1) & np.isfinite(points).all(axis=1))
        return moved

    result = np.asarray(shapely.transform(flat, move), dtype=object)
    if lost.any():
        owner = shapely.get_coordinates(flat, return_index=True)[1]
        outside[owner[lost]] = True
        result[outside] = None
    return result, outside


def move_points(
    x: NDArray[np.float64], y: NDArray[np.float64], source: int | str, target: int | str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of one system in another, east first; NaN where a system does not reach."""
    moved_x, moved_y = _transformer(source, target).transform(x, y)
    outside = ~(np.isfinite(moved_x) & np.isfinite(moved_y))
    return np.where(outside, np.nan, moved_x), np.where(outside, np.nan, moved_y)


def _shift(source: int | str, target: int | str) -> float | None:
    """Difference of false eastings of two planes that are alike in all else; None if they are not."""
    if source == target:
        return 0.0
    first, second = _transverse_mercator(source), _transverse_mercator(target)
    if first is None or second is None or _crs(source).datum != _crs(target).datum:
        return None
    if any(first[name] != second[name] for name in first if name != "False easting"):
        return None
    return second["False easting"] - first["False easting"]
