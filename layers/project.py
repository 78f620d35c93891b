"""One project: the layers of one city, opened from a store, read, compared and checked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from gis.collector import collector_resting
from gis.errors import ParkLineError
from gis.progress import Progress, scaled, silent
from gis.release import release_slowly
from gis.store.base import Condition, JournalEntry, Store, Transaction
from gis.store.earlier_state import entered_on, last_entry_on
from gis.store.geopackage import GeoPackageStore
from gis.store.schema import TableSchema
from gis.text import tr
from layers.codes import LandUseCodes
from layers.policy import Policy, load_policy, parse_policy
from layers.registry import RECORDS, TABLES
from layers.snapshots import (
    DATASET_TABLE,
    SNAPSHOT_TABLE,
    Snapshot,
    add_snapshot,
    find_snapshot,
    read_snapshots,
    snapshot_names,
)
from layers.units import UnitTree

if TYPE_CHECKING:
    import geopandas as gpd

    from layers.checks.registry import Check
    from layers.checks.result import CheckResult
    from layers.checks.rezoning import Rezoning

__all__ = ["META", "KnownUnit", "Project", "project_tables"]


class KnownUnit(NamedTuple):
    """A unit known by code and name only; ``kind`` and ``parent`` as in the unit layer."""

    code: str
    name: str
    kind: str | None = None
    parent: str | None = None


class META:
    """Keys of a project's own values in the store."""

    NAME = "name"
    DEMO = "demo"
    POLICY = "policy"
    POLICY_NAME = "policy_name"
    LAND_USE_CODES = "land_use_codes"
    KNOWN_UNITS = "known_units"  # JSON: units known by name before their outlines are imported
    AS_OF = "as_of"  # the day the data stand for, where that is not today (demo)


def project_tables() -> tuple[TableSchema, ...]:
    """Every table of a project: layers, ledgers, snapshots, imported sources and the program's records."""
    tables = (spec.table_schema() for spec in TABLES)
    return (*tables, SNAPSHOT_TABLE, DATASET_TABLE, *(spec.table_schema() for spec in RECORDS))


class Project:
    """One city's land, from one store. Close it, or use it as a context manager.

    Reading never writes: the store stays read-only until the first transaction.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._units: tuple[int, UnitTree] | None = None
        self._policy: Policy | None = None
        self._codes: LandUseCodes | None = None

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        epsg: int,
        name: str,
        policy_text: str | None = None,
        policy_name: str = "",
        land_use_csv: str | None = None,
        demo: bool = False,
        as_of: dt.date | None = None,
        known_units: Sequence[KnownUnit] = (),
        extent: tuple[float, float, float, float] | None = None,
    ) -> Project:
        """Make an empty project file. ``policy_text`` None means Ankang's policy of 2024.

        ``known_units`` are units that records may name before any outline is imported.

        The policy and the land-use codes are read before the file is made, so that a faulty
        one leaves nothing behind. Raises ``ParkLineError`` for those and for a file that exists.
        """
        from layers.qgis_styles import qgis_styles

        if policy_text is None:
            policy = load_policy()
            policy_text, policy_name = policy.text, policy.id
        else:
            policy = parse_policy(policy_text, policy_name)
        codes = LandUseCodes.standard()
        if land_use_csv:
            codes = codes.with_csv(land_use_csv)
        meta = {
            META.NAME: name,
            META.DEMO: "1" if demo else "0",
            META.POLICY: policy_text,
            META.POLICY_NAME: policy_name,
            META.LAND_USE_CODES: land_use_csv or "",
            META.KNOWN_UNITS: json.dumps([list(item) for item in known_units], ensure_ascii=False),
            META.AS_OF: as_of.isoformat() if as_of else "",
        }
        store = GeoPackageStore.create(
            Path(path),
            epsg,
            project_tables(),
            meta=meta,
            extent=extent,
            styles=qgis_styles(codes),
        )
        project = cls(store)
        project._policy, project._codes = policy, codes
        return project

    @classmethod
    def open(cls, path: str | Path) -> Project:
        """Open a project file, read-only until the first edit; ``ParkLineError`` if it is none."""
        store = GeoPackageStore.open(Path(path), project_tables())
        if store.meta(META.POLICY) is None:
            store.close()
            raise ParkLineError(
                tr("这个 GeoPackage 不是 ParkLine 项目。"),
                file=path,
                hint=tr("用 new 命令新建项目，再用 import 导入其中的图层。"),
            )
        return cls(store)

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def forget(self) -> None:
        """Another program has written to the file: what was worked out of it is worked out again."""
        self._units = self._policy = self._codes = None

    def close(self) -> None:
        """Release the file."""
        self.store.close()

    @property
    def path(self) -> Path:
        """The project's file."""
        return self.store.path

    @property
    def epsg(self) -> int:
        """The plane in which geometry is stored (always east first)."""
        return self.store.epsg

    @property
    def name(self) -> str:
        """The project's name."""
        return self.store.meta(META.NAME) or self.path.stem

    @property
    def is_demo(self) -> bool:
        """Whether the project is made-up 示例数据, to be marked on screen and on paper."""
        return self.store.meta(META.DEMO) == "1"

    @property
    def is_writable(self) -> bool:
        """Whether the project can be edited where it lies."""
        return not self.store.read_only

    def set_policy(self, policy: Policy) -> None:
        """Check the project against another policy from now on, in one transaction."""
        with self.transaction(
            tr("载入政策：{title} {version}", title=policy.title, version=policy.version)
        ) as change:
            change.set_meta(META.POLICY, policy.text)
            change.set_meta(META.POLICY_NAME, policy.id)
        self._policy = policy

    @property
    def policy(self) -> Policy:
        """The policy against which the project is checked."""
        text = self.store.meta(META.POLICY)
        if self._policy is None or (
            text is not None and text != self._policy.text
        ):  # undo brings back another
            self._policy = parse_policy(
                self.store.meta(META.POLICY) or "", self.store.meta(META.POLICY_NAME) or self.name
            )
        return self._policy

    @property
    def codes(self) -> LandUseCodes:
        """The land-use codes known to the project: the standard schemes and its own table."""
        if self._codes is None:
            own = self.store.meta(META.LAND_USE_CODES)
            self._codes = LandUseCodes.standard().with_csv(own) if own else LandUseCodes.standard()
        return self._codes

    @property
    def as_of(self) -> dt.date:
        """The day a check stands for unless told otherwise: today, in a demo its reference date."""
        stated = self.store.meta(META.AS_OF)
        return dt.date.fromisoformat(stated) if stated else dt.date.today()  # noqa: DTZ011 - a local calendar day

    def units(self) -> UnitTree:
        """The management units; computed again only after a change of the units."""
        newest = self.store.journal(limit=1)
        state = newest[0].id if newest else 0
        if self._units is not None and self._units[0] < state:
            since = self.store.journal(limit=None, ids=range(self._units[0] + 1, state + 1))
            if not any({"unit", "parkline_meta"} & set(entry.counts) for entry in since):
                self._units = (state, self._units[1])
        if self._units is None or self._units[0] != state:
            self._units = (state, UnitTree.from_frame(self._unit_frame(), self.epsg))
        return self._units[1]

    def saved_on(self, day: dt.date) -> JournalEntry:
        """The last transaction until the end of a day; `ParkLineError` for a day before the project."""
        entries = self.store.journal(limit=None)
        found = last_entry_on(entries, day)
        if found is None:
            raise ParkLineError(
                tr("{day} 时项目还没有数据。", day=day.isoformat()),
                hint=tr("项目建于 {day}。", day=entered_on(entries[-1]).isoformat()),
                file=self.path,
            )
        return found

    def _unit_frame(self, saved: int | None = None) -> gpd.GeoDataFrame:
        """The unit layer, and without outlines those known units that it does not have yet."""
        frame = self.read("unit", as_of=saved)
        known = [KnownUnit(*item) for item in json.loads(self.store.meta(META.KNOWN_UNITS) or "[]")]
        present = {*frame["code"], *frame["name"]}
        missing = [item for item in known if not present & {item.code, item.name}]
        if not missing:
            return frame
        import geopandas as gpd
        import pandas as pd

        columns = ["code", "name", "kind", "parent"]
        rows = pd.DataFrame([list(item) for item in missing], columns=columns)
        nowhere = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries([None] * len(rows)), crs=self.epsg)
        kept = [*columns, "geometry"]
        return gpd.GeoDataFrame(
            pd.concat([frame[kept], nowhere[kept]] if len(frame) else [nowhere[kept]], ignore_index=True),
            geometry="geometry",
            crs=self.epsg,
        )

    def read(self, layer: str, **options: Any) -> gpd.GeoDataFrame:
        """Rows of a layer; options as in ``gis.store.base.Store.read``."""
        return self.store.read(layer, **options)

    def transaction(self, why: str, *, kind: str = "edit") -> AbstractContextManager[Transaction]:
        """One user action, written whole or not at all."""
        return self.store.transaction(why, kind=kind)

    def snapshot_names(self) -> list[str]:
        """The names of the states of the land-use plan, oldest first, without counting their rows."""
        return snapshot_names(self.store)

    def snapshots(self) -> list[Snapshot]:
        """The states of the land-use plan, oldest first."""
        return read_snapshots(self.store)

    def snapshot(self, name: str) -> Snapshot:
        """The snapshot of that name; ``ParkLineError`` if there is none."""
        return find_snapshot(self.snapshots(), name)

    def add_snapshot(
        self,
        name: str,
        date: dt.date,
        *,
        scheme: str | None = None,
        source: str = "",
        note: str = "",
        transaction: Transaction | None = None,
    ) -> None:
        """Name a new state of the plan, inside ``transaction`` or in one of its own.

        A snapshot is read-only once it stands: ``ParkLineError`` if the name is taken.
        """
        if any(item.name == name for item in self.snapshots()):
            raise ParkLineError(
                tr("规划快照“{name}”已存在，快照不可改写。", name=name), hint=tr("换一个快照名称。")
            )
        if transaction is not None:
            add_snapshot(transaction, name, date, scheme=scheme, source=source, note=note)
            return
        with self.transaction(tr("新建规划快照 {name}", name=name)) as own:
            add_snapshot(own, name, date, scheme=scheme, source=source, note=note)

    @collector_resting()
    def check(
        self,
        ids: Sequence[str] | None = None,
        as_of: dt.date | None = None,
        year: int | None = None,
        progress: Progress = silent,
        *,
        as_known: bool = False,
    ) -> list[CheckResult]:
        """Run the checks of that id (all that the policy asks for if None), reading only the tables they need.

        ``as_of`` None means the project's own day; ``year`` None means the year of that day. ``as_known`` leaves out
        what was entered or changed after that day: the figures that the project gave then.
        """
        from layers.check_runner import run_all
        from layers.checks.registry import CHECKS
        from layers.checks.tables import geometries

        known = {check.id for check in CHECKS}
        unknown = [item for item in ids or () if item not in known]
        if unknown:
            raise ParkLineError(
                tr("没有这样的检查：{ids}。", ids=tr("、").join(unknown)),
                hint=tr("可用的检查：{ids}。", ids=tr("、").join(check.id for check in CHECKS)),
            )
        policy = self.policy
        wanted = [check for check in CHECKS if (policy.has(check.id) if ids is None else check.id in ids)]
        day = as_of or self.as_of
        saved = self.saved_on(day).id if as_known else None
        with self.store.steady():
            tables = self.check_tables(wanted, saved=saved, progress=scaled(progress, 0.0, 0.5))
            units = self.units() if saved is None else UnitTree.from_frame(self._unit_frame(saved), self.epsg)
        codes = self.codes
        results = run_all(
            wanted,
            lambda check: check.run(tables, units, policy, codes, day, year),
            scaled(progress, 0.5, 1.0),
        )
        release_slowly(geometries(frame) for frame in tables.values())
        progress(1.0, tr("检查完成"))
        return results

    def check_tables(
        self,
        checks: Sequence[Check],
        more: Mapping[str, Sequence[str]] | None = None,
        *,
        saved: int | None = None,
        progress: Progress = silent,
    ) -> dict[str, gpd.GeoDataFrame]:
        """The tables of some checks with the columns that they need, and ``more`` (table → columns).

        ``saved`` is a transaction: the rows as it left them.
        """
        names = list(dict.fromkeys([*(name for check in checks for name in check.tables), *(more or ())]))
        tables: dict[str, gpd.GeoDataFrame] = {}
        for number, name in enumerate(names):
            progress(number / max(len(names), 1), tr("读取 {table}", table=name))
            columns: list[Sequence[str] | None] = [
                check.columns.get(name) for check in checks if name in check.tables
            ]
            columns += [] if more is None or name not in more else [more[name]]
            named = [item for item in columns if item is not None]
            whole = len(named) < len(columns)
            some = None if whole else sorted({field for item in named for field in item})
            tables[name] = self.read(name, columns=some, as_of=saved)
        return tables

    def compare(self, before: str, after: str, progress: Progress = silent) -> Rezoning:
        """Industrial land inside a line that another use takes between two snapshots of the plan.

        Lines are those valid on the day of each snapshot, so that a moved line is seen too.
        """
        from layers.checks.rezoning import compare_snapshots

        with self.store.steady():
            first, second = self.snapshot(before), self.snapshot(after)
            progress(0.0, tr("读取规划快照"))
            frames = [
                self.read("land_use", where=[Condition("snapshot", "=", item.name)])
                for item in (first, second)
            ]
            lines = [self.lines(item.date) for item in (first, second)]
        return compare_snapshots(
            frames[0],
            frames[1],
            lines[0],
            lines[1],
            self.units(),
            self.policy,
            self.codes,
            self.epsg,
            progress=scaled(progress, 0.4, 1.0),
        )

    def lines(self, day: dt.date) -> gpd.GeoDataFrame:
        """The block lines in force on a day: valid_from <= day < valid_to, open where not stated."""
        from layers.checks.block_lines import in_force
        from layers.checks.tables import day_number

        return in_force(self.read("block_line"), day_number(day))
