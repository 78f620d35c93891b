"""管理单元: which unit lies in which, whose net land is whose, and to which unit a record belongs.

Count-once rule (domain reference §1): every piece of land belongs to the innermost unit that holds it,
so a committee inside a district is never counted twice.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.text import language, tr

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["ASSIGNED_BY", "AssignmentNote", "UnitTree"]

_ALIASES = Path(__file__).resolve().parent.parent / "resources" / "codes" / "unit_aliases.toml"

# Outlines of different origin never fit to the centimetre: a unit lies in another when all but a rim does.
_INSIDE = 0.9
_TEXT_FIELDS = ("unit",)
_ADDRESS_FIELDS = ("location", "project", "address", "park")
# What is read of a record, besides its geometry.
ASSIGNED_BY = ("uuid", *_TEXT_FIELDS, *_ADDRESS_FIELDS)


@dataclass(frozen=True, slots=True)
class AssignmentNote:
    """Something a person should know about the unit of one record.

    ``kind`` is ``conflict`` (text and geometry disagree; geometry was taken), ``unresolved`` or ``ask``.
    ``row`` is the position in the frame.
    """

    row: int
    uuid: str
    kind: str
    text: str


@cache
def _alias_file() -> Mapping[str, Any]:
    with _ALIASES.open("rb") as file:
        return tomllib.load(file)


def _key(text: object) -> str:
    if text is None or text != text:  # NaN
        return ""
    plain = "".join(unicodedata.normalize("NFKC", str(text)).split()).upper()
    return plain[:-2] if plain.endswith(".0") and plain[:-2].isdigit() else plain


@dataclass(frozen=True)
class UnitTree:
    """The units of a project. All sequences run parallel to ``codes``; geometries are in the plane ``epsg``.

    ``parent`` is the smallest unit that holds the unit, or None; ``net`` is a unit's land without the
    units inside it; ``gross`` is its whole outline.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    parent: tuple[str | None, ...]
    gross: NDArray[np.object_]
    net: NDArray[np.object_]
    epsg: int
    notes: tuple[str, ...] = ()
    _index: Mapping[str, str] = field(default_factory=dict, repr=False)
    _keywords: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def from_frame(cls, frame: gpd.GeoDataFrame, epsg: int) -> UnitTree:
        """Build the tree from a unit layer (columns ``code``, ``name``, optionally ``parent``).

        Where outlines of neighbours overlap, the overlap belongs to the smaller one and a note says so.
        """
        codes = tuple(str(code) for code in frame["code"])
        names = tuple(
            code if name is None or name != name else str(name)
            for code, name in zip(codes, frame["name"], strict=True)
        )
        gross = np.array(frame.geometry.to_numpy(), dtype=object)
        gross[shapely.is_missing(gross)] = shapely.Polygon()
        invalid = ~shapely.is_valid(gross)
        gross[invalid] = shapely.make_valid(gross[invalid])
        parent = _parents(codes, gross)
        if "parent" in frame:
            stated = [None if value != value or value is None else str(value) for value in frame["parent"]]
            parent = tuple(
                found if found is not None else (text if text in codes else None)
                for found, text in zip(parent, stated, strict=True)
            )
        net, notes = _net(codes, names, parent, gross)
        index, keywords = _texts(codes, names)
        return cls(codes, names, parent, gross, net, epsg, notes, index, keywords)

    # --- looking up ---------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.codes)

    def name(self, code: str | None) -> str:
        """Name of a unit; a code that is none stands for itself."""
        if code is None:
            return ""
        return self.names[self.codes.index(code)] if code in self.codes else code

    def children(self, code: str) -> tuple[str, ...]:
        """Units directly inside a unit."""
        return tuple(item for item, parent in zip(self.codes, self.parent, strict=True) if parent == code)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Units a unit lies in, innermost first."""
        found: list[str] = []
        parent = self.parent[self.codes.index(code)]
        while parent is not None and parent not in found:
            found.append(parent)
            parent = self.parent[self.codes.index(parent)]
        return tuple(found)

    def resolve(self, text: object) -> str | None:
        """The unit a text names: code, name, alias or name without its ending; None if none or unclear."""
        plain = _key(text)
        if not plain:
            return None
        found = self._index.get(plain)
        if found is not None:
            return found
        for prefix in (_key(item) for item in _alias_file()["prefixes"]["names"]):
            if plain.startswith(prefix) and len(plain) > len(prefix):
                plain = plain.removeprefix(prefix)
                if plain in self._index:
                    return self._index[plain]
        # Statistical codes of twelve digits: six of the county and zeros.
        if plain.isdigit() and len(plain) in (9, 12) and not plain[6:].strip("0"):
            return self._index.get(plain[:6])
        return None

    def question(self, text: object) -> str | None:
        """Why a text that looks like a unit names none by itself (安康市本级 …), else None."""
        plain = _key(text)
        for entry in _alias_file()["ask"]:
            if plain in {_key(item) for item in entry["texts"]}:
                return str(entry["zh" if language() == "zh_CN" else "en"])
        return None

    def in_address(self, text: object) -> str | None:
        """The innermost unit whose name or keyword stands in an address, or None if it is not one."""
        plain = _key(text)
        if not plain:
            return None
        found = {code for keyword, code in self._keywords if keyword in plain}
        inner = [code for code in found if not any(code in self.ancestors(other) for other in found)]
        return inner[0] if len(inner) == 1 else None

    def top_level(self) -> UnitTree:
        """The units that lie in no other; names of inner units lead to the outermost one."""
        roots = {code: (self.ancestors(code) or (code,))[-1] for code in self.codes}
        keep = [row for row, code in enumerate(self.codes) if roots[code] == code]
        codes = tuple(self.codes[row] for row in keep)
        names = tuple(self.names[row] for row in keep)
        gross = self.gross[keep]
        parent: tuple[str | None, ...] = (None,) * len(codes)
        net, notes = _net(codes, names, parent, gross)
        index = {text: roots[code] for text, code in self._index.items()}
        keywords = tuple((text, roots[code]) for text, code in self._keywords)
        return UnitTree(codes, names, parent, gross, net, self.epsg, notes, index, keywords)

    # --- records ------------------------------------------------------------------------------------

    def by_geometry(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Unit of each geometry: largest share of its area in net land; points and lines by their middle.

        None where a geometry is missing, empty or outside every unit.
        """
        from gis.overlay import overlay

        result = np.full(len(geometries), None, dtype=object)
        present = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
        flat = shapely.get_dimensions(geometries) == 2
        areal = np.flatnonzero(present & flat)
        if len(areal):
            pieces = overlay(geometries[areal], self.net)
            area = shapely.area(pieces.geometry)
            order = np.lexsort((pieces.right, -area, pieces.left))
            first = np.unique(pieces.left[order], return_index=True)[1]
            best = order[first]
            result[areal[pieces.left[best]]] = np.array(self.codes, dtype=object)[pieces.right[best]]
        other = np.flatnonzero(present & ~flat)
        if len(other):
            points = shapely.point_on_surface(geometries[other])
            hit, unit = shapely.STRtree(self.net).query(points, predicate="intersects")
            # A point on a common edge hits two units; the first in the table has it.
            first = np.unique(hit, return_index=True)[1]
            result[other[hit[first]]] = np.array(self.codes, dtype=object)[unit[first]]
        return result

    def assign(
        self, frame: gpd.GeoDataFrame | pd.DataFrame, epsg: int | None = None
    ) -> tuple[NDArray[np.object_], list[AssignmentNote]]:
        """Unit of each record: by geometry, else unit field, alias table, address (§1); None if unresolved.

        Where text and geometry disagree, geometry wins and a note says so. ``epsg`` is the plane of the
        frame's geometry and must be the tree's (None: it is).
        """
        if epsg is not None and epsg != self.epsg:
            raise ValueError(f"records in EPSG:{epsg}, units in EPSG:{self.epsg}")
        import geopandas as gpd
        import pandas as pd

        geometry = np.full(len(frame), None, dtype=object)
        if isinstance(frame, gpd.GeoDataFrame) and "geometry" in frame.columns:
            geometry = np.asarray(frame.geometry.to_numpy(), dtype=object)
        placed = self.by_geometry(geometry)
        stated = np.full(len(frame), None, dtype=object)
        for name in reversed(_TEXT_FIELDS):
            if name in frame.columns:
                number, different = pd.factorize(frame[name])
                found = np.array([*(self.resolve(text) for text in different), None], dtype=object)[number]
                stated = np.where(pd.isna(found), stated, found)
        result = np.where(pd.isna(placed), stated, placed)
        # Row by row only where geometry did not settle it or the texts differ from it.
        rows = np.flatnonzero(pd.isna(placed) | (~pd.isna(stated) & (stated != placed)))
        some = frame.iloc[rows]
        uuids = _column(some, "uuid")
        stated_text = [_column(some, name) for name in _TEXT_FIELDS if name in frame.columns]
        addresses = [_column(some, name) for name in _ADDRESS_FIELDS if name in frame.columns]
        notes: list[AssignmentNote] = []
        for at, (row, uuid) in enumerate(zip(rows.tolist(), uuids, strict=True)):
            if placed[row] is not None:
                text = tr(
                    "单元字段写“{stated}”，图形位于“{placed}”，按图形归属",
                    stated=self.name(stated[row]),
                    placed=self.name(placed[row]),
                )
                notes.append(AssignmentNote(row, uuid, "conflict", text))
                continue
            if result[row] is None:
                result[row] = next(
                    (code for column in addresses if (code := self.in_address(column[at])) is not None), None
                )
            if result[row] is None:
                texts = [column[at] for column in (*stated_text, *addresses) if column[at]]
                why = next((item for text in texts if (item := self.question(text))), None)
                text = tr("无法确定所属单元：{texts}", texts=tr("；").join(texts) or tr("无图形、无单元字段"))
                notes.append(
                    AssignmentNote(
                        row,
                        uuid,
                        "ask" if why else "unresolved",
                        tr("{text}。{why}", text=text, why=why) if why else text,
                    )
                )
        return result, notes


def _column(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame.columns:
        return [""] * len(frame)
    return ["" if value is None or value != value else str(value) for value in frame[name].astype(object)]


def _parents(codes: Sequence[str], gross: NDArray[np.object_]) -> tuple[str | None, ...]:
    """Smallest larger unit that holds nearly all of a unit."""
    area = shapely.area(gross)
    left, right = shapely.STRtree(gross).query(gross, predicate="intersects")
    keep = (area[left] < area[right]) & (area[left] > 0.0)
    left, right = left[keep], right[keep]
    shared = shapely.area(shapely.intersection(gross[left], gross[right]))
    inside = shared >= _INSIDE * area[left]
    left, right = left[inside], right[inside]
    parent: list[str | None] = [None] * len(codes)
    for row in np.lexsort((-area[right], left)):  # the smallest comes last and stays
        parent[left[row]] = codes[right[row]]
    return tuple(parent)


def _net(
    codes: Sequence[str],
    names: Sequence[str],
    parent: Sequence[str | None],
    gross: NDArray[np.object_],
) -> tuple[NDArray[np.object_], tuple[str, ...]]:
    """Each unit without the smaller units that touch it, so that no land has two owners."""
    area = shapely.area(gross)
    net = gross.copy()
    notes: list[str] = []
    left, right = shapely.STRtree(gross).query(gross, predicate="intersects")
    smaller = (area[right] < area[left]) | ((area[right] == area[left]) & (right < left))
    # One step per unit: there are a dozen, and each has its own set of smaller ones.
    for row in range(len(codes)):
        others = right[(left == row) & smaller]
        others = others[others != row]
        if not len(others):
            continue
        net[row] = shapely.difference(gross[row], shapely.union_all(gross[others]))
        for other in others:
            nested = codes[row] in _chain(codes, parent, codes[other])
            shared = 0.0 if nested else shapely.area(shapely.intersection(gross[row], gross[other]))
            if shared > 1.0:
                notes.append(
                    tr(
                        "“{first}”与“{second}”的界线重叠 {area:.0f} 平方米，重叠部分归较小的单元",
                        first=names[row],
                        second=names[other],
                        area=shared,
                    )
                )
    return net, tuple(notes)


def _chain(codes: Sequence[str], parent: Sequence[str | None], code: str) -> set[str]:
    found: set[str] = set()
    above = parent[list(codes).index(code)]
    while above is not None and above not in found:
        found.add(above)
        above = parent[list(codes).index(above)]
    return found


def _texts(
    codes: Sequence[str], names: Sequence[str]
) -> tuple[Mapping[str, str], tuple[tuple[str, str], ...]]:
    """Spellings → code, and address keywords → code. A spelling that two units share names neither."""
    index: dict[str, str] = {}
    shared: set[str] = set()

    def put(text: str, code: str) -> None:
        plain = _key(text)
        if index.setdefault(plain, code) != code:
            shared.add(plain)

    keywords = [(_key(name), code) for code, name in zip(codes, names, strict=True)]
    for code, name in zip(codes, names, strict=True):
        put(code, code)
        put(name, code)
    endings = tuple(_alias_file()["endings"]["names"])
    for code, name in zip(codes, names, strict=True):
        if len(name) > 2 and name.endswith(endings):
            put(name[:-1], code)
    for entry in _alias_file()["unit"]:
        if entry["code"] in codes:
            for alias in entry["aliases"]:
                put(alias, entry["code"])
            keywords += [(_key(text), entry["code"]) for text in entry["keywords"]]
    return {text: code for text, code in index.items() if text not in shared}, tuple(dict.fromkeys(keywords))
