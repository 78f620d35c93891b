"""The tables of a project file: those of the GeoPackage standard, the program's own, and one per schema.

GeoPackage after OGC 12-128r19. A stored table keeps every version of its rows: ``born`` and ``retired`` are
journal ids, a row is current while ``retired`` is NULL, and only one version of a uuid can be current.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from gis.store import spatial_index
from gis.store.identifiers import literal, quoted
from gis.store.schema import SYSTEM_COLUMNS, ColumnType, StoredColumn, TableSchema

__all__ = [
    "APPLICATION_ID",
    "USER_VERSION",
    "count_trigger_names",
    "create_count_triggers",
    "create_program_tables",
    "create_standard_tables",
    "create_stored_table",
    "index_statements",
    "read_schemas",
    "register_extension",
]

APPLICATION_ID = 0x47504B47  # "GPKG"
USER_VERSION = 10400  # GeoPackage 1.4.0, the first with the corrected R-tree triggers

_STANDARD = """
CREATE TABLE gpkg_spatial_ref_sys (
    srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
    table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
    description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
    CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
    scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
    mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
    min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, feature_count INTEGER DEFAULT NULL);
"""

# Version 1 of the program's own tables; later versions come from gis.store.migrations.
_PROGRAM = """
CREATE TABLE parkline_meta (
    fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    born INTEGER NOT NULL, retired INTEGER);
CREATE UNIQUE INDEX parkline_meta_key ON parkline_meta (key) WHERE retired IS NULL;
CREATE TABLE parkline_journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, at DATETIME NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
    kind TEXT NOT NULL, counts TEXT NOT NULL DEFAULT '{}',
    reverses INTEGER REFERENCES parkline_journal(id));
CREATE INDEX parkline_journal_reverses ON parkline_journal (reverses) WHERE reverses IS NOT NULL;
"""

_UNDEFINED = "undefined"


def create_standard_tables(connection: sqlite3.Connection, epsg: int) -> None:
    """Tables every GeoPackage has, with the reference systems -1, 0, 4326, 4490 and the project's own."""
    from pyproj import CRS

    for statement in _STANDARD.split(";"):
        if statement.strip():
            connection.execute(statement)
    rows: list[tuple[str, int, str, int, str, str]] = [
        ("Undefined Cartesian SRS", -1, "NONE", -1, _UNDEFINED, "undefined Cartesian"),
        ("Undefined geographic SRS", 0, "NONE", 0, _UNDEFINED, "undefined geographic"),
    ]
    for code in dict.fromkeys((4326, 4490, epsg)):
        crs = CRS.from_epsg(code)
        rows.append((crs.name, code, "EPSG", code, crs.to_wkt("WKT1_GDAL"), crs.scope or ""))
    connection.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", rows)
    for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        connection.execute(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', "
            "'http://www.geopackage.org/spec121/#extension_schema', 'read-write')",
            (table,),
        )


def create_program_tables(connection: sqlite3.Connection) -> None:
    """The program's own tables as they were in version 1 of the project file."""
    for statement in _PROGRAM.split(";"):
        if statement.strip():
            connection.execute(statement)
    for table in ("parkline_meta", "parkline_journal"):
        register_extension(connection, table)


def register_extension(connection: sqlite3.Connection, table: str) -> None:
    """Enter a table of the program among the extensions, as the standard asks of every table it does not know."""
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'parkline_project', "
        "'Row versions and journal of a ParkLine project; described in the docs folder of the program.', 'write-only')",
        (table,),
    )


def create_stored_table(
    connection: sqlite3.Connection,
    schema: TableSchema,
    epsg: int,
    extent: tuple[float, float, float, float] | None = None,
) -> None:
    """One table with its versions, indexes, triggers and its entries in the standard's tables."""
    clash = {column.name.lower() for column in schema.columns} & {*SYSTEM_COLUMNS, "geom", "geometry"}
    if clash:
        raise ValueError(f"{schema.name}: reserved column names {sorted(clash)}")
    lines = [
        "fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
        *([f"geom {schema.geometry}"] if schema.geometry else []),
        "uuid TEXT NOT NULL",
        *(f"{quoted(column.name)} {column.type.value}" for column in schema.columns),
        "source_crs TEXT",
        "source TEXT",
        "born INTEGER NOT NULL",
        "retired INTEGER",
    ]
    connection.execute(f"CREATE TABLE {quoted(schema.name)} ({', '.join(lines)})")
    box = extent if extent and schema.geometry else (None, None, None, None)
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            schema.name,
            "features" if schema.geometry else "attributes",
            schema.title or schema.name,
            "",
            *box,
            epsg if schema.geometry else None,
        ),
    )
    if schema.geometry:
        connection.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)",
            (schema.name, schema.geometry, epsg),
        )
    connection.execute("INSERT INTO gpkg_ogr_contents VALUES (?, 0)", (schema.name,))
    connection.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, title) VALUES (?, ?, ?)",
        [(schema.name, column.name, column.title) for column in schema.columns if column.title],
    )
    for _name, statement in index_statements(schema):
        connection.execute(statement)
    create_count_triggers(connection, schema.name)
    if schema.geometry:
        spatial_index.create_index(connection, schema.name)


def index_statements(schema: TableSchema) -> list[tuple[str, str]]:
    """(name, CREATE INDEX …) of a stored table; current and past versions are indexed apart.

    The columns' own indexes come last, after the four that the store itself relies on.
    """
    table = quoted(schema.name)

    def statement(suffix: str, columns: str, where: str, unique: str = "") -> tuple[str, str]:
        name = f"{schema.name}_{suffix}"
        return name, f"CREATE {unique}INDEX {quoted(name)} ON {table} ({columns}) WHERE retired IS {where}"

    return [
        statement("uuid", "uuid", "NULL", "UNIQUE "),
        statement("current", "born", "NULL"),
        statement("past", "retired, born", "NOT NULL"),
        statement("past_uuid", "uuid", "NOT NULL"),
        *(statement(f"by_{name}", quoted(name), "NULL") for name in schema.indexed),
    ]


def count_trigger_names(table: str) -> tuple[str, str]:
    """Names of the triggers that keep the row count, as GDAL names them."""
    return f"trigger_insert_feature_count_{table}", f"trigger_delete_feature_count_{table}"


def create_count_triggers(connection: sqlite3.Connection, table: str) -> None:
    """Keep gpkg_ogr_contents right whoever writes, so that GDAL and QGIS need not count."""
    for name, event, sign in zip(count_trigger_names(table), ("INSERT", "DELETE"), "+-", strict=True):
        connection.execute(
            f"CREATE TRIGGER {quoted(name)} AFTER {event} ON {quoted(table)} BEGIN "
            f"UPDATE gpkg_ogr_contents SET feature_count = feature_count {sign} 1 "
            f"WHERE lower(table_name) = lower({literal(table)}); END"
        )


def read_schemas(connection: sqlite3.Connection) -> tuple[TableSchema, ...]:
    """The stored tables of a file, in the order in which they were created, as the file itself describes them."""
    rows = connection.execute(
        "SELECT c.table_name, c.identifier, g.geometry_type_name FROM gpkg_contents c "
        "LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name "
        "WHERE c.data_type IN ('features', 'attributes') ORDER BY c.rowid"
    ).fetchall()
    schemas = (_read_schema(connection, *row) for row in rows)
    return tuple(schema for schema in schemas if schema is not None)


def _read_schema(
    connection: sqlite3.Connection, table: str, title: str, geometry: str | None
) -> TableSchema | None:
    columns = connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall()
    names = {name for name, _type in columns}
    if not names.issuperset(SYSTEM_COLUMNS):
        return None
    titles = dict(
        connection.execute("SELECT column_name, title FROM gpkg_data_columns WHERE table_name = ?", (table,))
    )
    prefix = f"{table}_by_"
    indexed = [
        row[0][len(prefix) :]
        for row in connection.execute("SELECT name FROM pragma_index_list(?) ORDER BY seq DESC", (table,))
        if row[0].startswith(prefix)
    ]
    return TableSchema(
        name=table,
        title=title,
        columns=tuple(
            StoredColumn(name, _column_type(declared), titles.get(name) or "")
            for name, declared in columns
            if name not in SYSTEM_COLUMNS and name != "geom"
        ),
        geometry=geometry,
        indexed=_known(indexed, names),
    )


def _known(indexed: Iterable[str], names: set[str]) -> tuple[str, ...]:
    return tuple(name for name in indexed if name in names)


def _column_type(declared: str) -> ColumnType:
    """Type of a column; one added with another program may be declared otherwise (TEXT(20), MEDIUMINT)."""
    upper = declared.upper()
    if upper in ColumnType.__members__:
        return ColumnType(upper)
    if "INT" in upper:
        return ColumnType.INTEGER
    if upper in {"DOUBLE", "FLOAT"}:
        return ColumnType.REAL
    return ColumnType.TEXT
