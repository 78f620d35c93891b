"""Reads: types, conditions, boxes, windows, moments."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from gis.store import blob
from gis.store.base import Condition
from gis.store.frames import geo_frame
from gis.store.geopackage import GeoPackageStore
from gis.store.schema import ColumnType, StoredColumn, TableSchema
from tests.gis.store.samples import EPSG, ORIGIN, PARCEL, add, parcels


def test_types_are_those_promised(store: GeoPackageStore) -> None:
    frame = parcels(2)
    frame.loc[1, ["number", "floors", "area", "signed", "built"]] = [None, pd.NA, np.nan, pd.NaT, pd.NA]
    add(store, frame)
    read = store.read("parcel")
    assert {name: str(read[name].dtype) for name in ("number", "floors", "area", "signed", "built")} == {
        "number": "str",
        "floors": "Int64",
        "area": "float64",
        "signed": "datetime64[s]",
        "built": "boolean",
    }
    assert read.loc[2, ["number", "floors", "area", "signed", "built"]].isna().all()
    assert read.loc[1, "signed"] == pd.Timestamp("2024-03-01")
    assert read.index.name == "fid"
    assert read.crs.to_epsg() == EPSG


def test_an_empty_table_has_the_same_types(store: GeoPackageStore) -> None:
    assert store.read("parcel").dtypes.astype(str)["floors"] == "Int64"
    assert store.read("parcel").dtypes.astype(str)["signed"] == "datetime64[s]"
    assert store.read("note", geometry=False).empty
    assert store.bounds("parcel") is None


def test_a_box_gives_what_touches_it(store: GeoPackageStore) -> None:
    add(store, parcels(100))
    found = store.read("parcel", bbox=(ORIGIN[0] + 5, ORIGIN[1] + 5, ORIGIN[0] + 25, ORIGIN[1] + 25))
    assert sorted(found["number"]) == ["示例-0", "示例-1", "示例-10", "示例-11"]


@settings(max_examples=25, deadline=None)
@given(
    boxes=st.lists(
        st.tuples(st.floats(-9e3, 9e3), st.floats(-9e3, 9e3), st.floats(0.0, 4e3), st.floats(0.0, 4e3)),
        min_size=1,
        max_size=30,
    ),
    wanted=st.tuples(st.floats(-9e3, 9e3), st.floats(-9e3, 9e3), st.floats(0.0, 9e3), st.floats(0.0, 9e3)),
)
def test_a_box_misses_nothing_and_brings_only_close_neighbours(tmp_path_factory, boxes, wanted) -> None:  # type: ignore[no-untyped-def]
    """Against a plain comparison of the boxes; half a metre is what single precision rounds at these coordinates."""
    x, y, w, h = (np.array(column) for column in zip(*boxes, strict=True))
    x, y, w, h = x + ORIGIN[0], y + ORIGIN[1], np.maximum(w, 0.01), np.maximum(h, 0.01)
    frame = gpd.GeoDataFrame(
        {"number": [str(n) for n in range(len(x))]}, geometry=box_array(x, y, w, h), crs=EPSG
    )
    west, south = ORIGIN[0] + wanted[0], ORIGIN[1] + wanted[1]
    east, north = west + wanted[2], south + wanted[3]
    with GeoPackageStore.create(
        tmp_path_factory.mktemp("boxes") / "p.gpkg", EPSG, [PARCEL], meta={}
    ) as store:
        add(store, frame)
        found = set(store.read("parcel", bbox=(west, south, east, north))["number"])
        assert {str(n) for n in near(x, y, w, h, west, south, east, north, 0.0)} <= found
        assert found <= {str(n) for n in near(x, y, w, h, west, south, east, north, 0.5)}
        bounds = store.bounds("parcel")
    assert bounds == pytest.approx((x.min(), y.min(), (x + w).max(), (y + h).max()), abs=0.5)


def box_array(x: np.ndarray, y: np.ndarray, w: np.ndarray, h: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.box(x, y, x + w, y + h), dtype=object)


def near(x, y, w, h, west, south, east, north, slack) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Numbers of the boxes that touch the wanted one, grown by ``slack``."""
    touching = (x <= east + slack) & (x + w >= west - slack) & (y <= north + slack) & (y + h >= south - slack)
    return np.flatnonzero(touching)


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        (Condition("floors", "=", 4), [4, 9]),
        (Condition("floors", "!=", 0), [1, 2, 3, 4, 6, 7, 8, 9]),
        (Condition("floors", ">=", np.int64(4)), [4, 9]),
        (Condition("number", "in", ["示例-3", "示例-4", "no"]), [3, 4]),
        (Condition("number", "in", []), []),
        (Condition("number", "like", "%-7"), [7]),
        (Condition("signed", "<", pd.Timestamp("2024-03-03")), [0, 1]),
        (Condition("signed", "<", np.datetime64("2024-03-03", "ns")), [0, 1]),
        (Condition("signed", "<", np.datetime64("2024-03-03", "D")), [0, 1]),
        (Condition("signed", "in", list(pd.to_datetime(["2024-03-02", "2024-03-04"]).to_numpy())), [1, 3]),
        (Condition("built", "=", True), [0, 2, 4, 6, 8]),
        (Condition("number", "isnull"), []),
        (Condition("number", "notnull"), list(range(10))),
    ],
)
def test_conditions(store: GeoPackageStore, condition: Condition, numbers: list[int]) -> None:
    add(store, parcels(10))
    assert list(store.read("parcel", where=[condition])["number"]) == [f"示例-{n}" for n in numbers]
    assert store.count("parcel", [condition]) == len(numbers)


def test_order_limit_and_offset(store: GeoPackageStore) -> None:
    add(store, parcels(10))
    read = store.read("parcel", columns=["number"], order_by="floors", descending=True, limit=3, offset=1)
    assert list(read["number"]) == ["示例-4", "示例-8", "示例-3"]
    assert list(read.columns) == ["uuid", "number", "geometry"]


def test_without_geometry_the_column_is_all_none(store: GeoPackageStore) -> None:
    add(store, parcels(2))
    assert store.read("parcel", geometry=False).geometry.isna().all()


def test_unknown_columns_are_refused(store: GeoPackageStore) -> None:
    for options in ({"columns": ["nope"]}, {"order_by": 'x" --'}, {"where": [Condition("1=1; --", "=", 1)]}):
        with pytest.raises(KeyError):
            store.read("parcel", **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no operator"):
        store.read("parcel", where=[Condition("number", "= 1 OR 1 =", 1)])


def test_as_of_a_transaction(store: GeoPackageStore) -> None:
    first = add(store, parcels(2))
    after_first = store.journal(1)[0].id
    with store.transaction("rename and drop") as transaction:
        transaction.update("parcel", pd.DataFrame({"uuid": first[:1], "number": ["新号"]}))
        transaction.retire("parcel", first[1:])
    assert list(store.read("parcel")["number"]) == ["新号"]
    assert list(store.read("parcel", as_of=after_first)["number"]) == ["示例-0", "示例-1"]
    assert store.count("parcel", as_of=after_first) == 2
    assert store.count("parcel", as_of=after_first - 1) == 0


def test_the_canvas_path_gives_bare_wkb(store: GeoPackageStore) -> None:
    frame = parcels(3)
    frame.loc[1, "geometry"] = None
    add(store, frame)
    fids, bodies, values = store.read_wkb("parcel", columns=("number", "floors"))
    assert fids == [1, 3]
    assert values == [("示例-0", 0), ("示例-2", 2)]
    assert shapely.from_wkb(bodies[0]).equals(box(*ORIGIN, ORIGIN[0] + 10, ORIGIN[1] + 10))


def test_hostile_names_and_values_are_data(tmp_path) -> None:  # type: ignore[no-untyped-def]
    names = ['a"b', "c'd", "e; DROP TABLE x; --", "地块 编号", "select", "%s {0}"]
    table = 'odd "table"; --'
    schema = TableSchema(
        table, "奇'怪", tuple(StoredColumn(n, ColumnType.TEXT, n) for n in names), "POLYGON", tuple(names[:3])
    )
    values = ["'; DROP TABLE parkline_journal; --", '"', "\\", "汉\n字", "", "\x00x"]
    frame = gpd.GeoDataFrame(
        {name: [value] for name, value in zip(names, values, strict=True)},
        geometry=[box(0, 0, 1, 1)],
        crs=EPSG,
    )
    with GeoPackageStore.create(tmp_path / "a'b%20#?.gpkg", EPSG, [schema], meta={"'": '"'}) as store:
        uuids = add(store, frame, table)
        assert store.read(table).loc[1, names].tolist() == values
        assert store.read(table, where=[Condition(names[2], "=", values[2])], bbox=(0, 0, 1, 1)).shape[0] == 1
        with store.transaction("x'y") as transaction:
            transaction.update(table, frame[names].assign(uuid=uuids))
        store.undo()
        assert store.bounds(table) == (0, 0, 1, 1)
        assert store.meta("'") == '"'
        assert store.tables() == (schema,)


coordinates = st.floats(-1e7, 1e7, allow_nan=False)
texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.none() | texts,
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.floats(allow_nan=False),
            st.none() | st.dates(),
            st.none() | st.booleans(),
            st.none() | st.tuples(coordinates, coordinates, st.floats(0.01, 1e5), st.floats(0.01, 1e5)),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_rows_come_back_as_they_were(tmp_path_factory, rows) -> None:  # type: ignore[no-untyped-def]
    names = [column.name for column in PARCEL.columns]
    shapes = [
        None if r[5] is None else box(r[5][0], r[5][1], r[5][0] + r[5][2], r[5][1] + r[5][3]) for r in rows
    ]
    frame = gpd.GeoDataFrame(
        {
            "number": pd.Series([r[0] for r in rows], dtype=object),
            "floors": pd.array([r[1] for r in rows], dtype="Int64"),
            "area": pd.array([r[2] for r in rows], dtype="Float64"),
            "signed": pd.Series([r[3] for r in rows], dtype=object),
            "built": pd.array([r[4] for r in rows], dtype="boolean"),
        },
        geometry=gpd.GeoSeries(shapes, crs=EPSG),
    )
    path = tmp_path_factory.mktemp("property") / "p.gpkg"
    with GeoPackageStore.create(path, EPSG, [PARCEL], meta={}) as store:
        add(store, frame)
        read = store.read("parcel")
    for position, name in enumerate(names):
        got = [None if pd.isna(v) else v for v in read[name]]
        wanted = [r[position] for r in rows]
        if name == "signed":
            got = [None if v is None else v.date() for v in got]
        assert got == wanted
    for got_shape, wanted_shape in zip(read.geometry, shapes, strict=True):
        assert (got_shape is None) == (wanted_shape is None)
        if wanted_shape is not None:
            assert got_shape.geom_type == "MultiPolygon"
            assert got_shape.equals_exact(shapely.multipolygons([wanted_shape]), 0)


def test_headers_of_other_programs_are_understood() -> None:
    """Layout by the standard's table 5: magic, version, flags, SRS id, then 0, 32, 48 or 64 bytes of envelope."""
    body = shapely.to_wkb(shapely.Point(1, 2))
    short = b"GP\x00\x01" + (4545).to_bytes(4, "little") + body
    big_endian = b"GP\x00\x04" + (4545).to_bytes(4, "big") + bytes(48) + body
    assert blob.bare_wkb([short, None, big_endian]) == [body, None, body]
    assert blob.envelope(short) == (1, 1, 2, 2)
    assert blob.is_empty(b"GP\x00\x11" + bytes(4)) == 1


@pytest.mark.parametrize(
    ("wanted", "single", "multi"),
    [
        ("MULTIPOINT", shapely.Point(1, 2), shapely.MultiPoint([(1, 2)])),
        (
            "MULTILINESTRING",
            shapely.LineString([(0, 0), (1, 2)]),
            shapely.MultiLineString([[(0, 0), (1, 2)]]),
        ),
        ("MULTIPOLYGON", box(0, 0, 1, 1), shapely.MultiPolygon([box(0, 0, 1, 1)])),
    ],
)
def test_single_parts_are_written_as_collections_of_one(
    wanted: str, single: shapely.Geometry, multi: shapely.Geometry
) -> None:
    """Shapely's own WKB of the multi-part is the reference."""
    both = np.array([single, multi, None], dtype=object)
    assert blob.bare_wkb(blob.encode(both, EPSG, wanted)) == [shapely.to_wkb(multi)] * 2 + [None]
    assert blob.bare_wkb(blob.encode(both, EPSG))[0] == shapely.to_wkb(single)


def test_a_frame_made_the_quick_way_is_what_geopandas_itself_makes() -> None:
    shapes = np.array([shapely.Point(1, 2), None, shapely.box(0, 0, 1, 1)], dtype=object)
    index = pd.Index(["a", "b", "c"], dtype=object)
    plain = pd.DataFrame({"uuid": ["x", "y", "z"], "area": [1.0, 2.0, np.nan]}, index=index)
    usual = gpd.GeoDataFrame(plain.copy(), geometry=gpd.GeoSeries(shapes, index=index, crs=4545))
    quick = geo_frame(plain.copy(), shapes, 4545)
    assert_geodataframe_equal(quick, usual)
    assert quick.crs == usual.crs
    assert type(quick.loc[["a"], ["uuid", "geometry"]]) is gpd.GeoDataFrame
    assert quick.loc[["c"]].total_bounds.tolist() == [0, 0, 1, 1]
    assert type(pd.DataFrame(quick.drop(columns="geometry"))) is pd.DataFrame
    assert_geodataframe_equal(pd.concat([quick, quick]), pd.concat([usual, usual]))
