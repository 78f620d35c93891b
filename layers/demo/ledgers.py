"""Ledgers of the demo: enterprises, project lists, funds received, suspended approvals; industries that lead a park.

Drawn from a stream of their own, so that what the layers draw does not depend on them.
"""

from __future__ import annotations

import zlib

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.demo.facts import DEMO_MARK, DEMO_UNITS, INDUSTRIES, REFERENCE_DAY
from layers.demo.parcels import company, days
from layers.policy import load_policy

__all__ = ["add_ledgers"]

_REFERENCE = np.datetime64(REFERENCE_DAY, "s")
_NOTHING = np.datetime64("NaT", "s")
# Enterprises that came into the register and left it, by year: one year above the measure's 100, one on the way.
_ENTERED = {2021: 240, 2022: 131, 2023: 118, 2024: 62}
_LEFT = {2022: 9, 2023: 14, 2024: 8}
_RESERVE, _RESERVE_INVESTMENT = 312, 4_180_000.0  # projects and their 万元 on the list of 2024
_APPLICATIONS = 10
_KEY = 40
_LEADING, _OTHER_TRADE = (
    0.55,
    0.3,
)  # shares of projects of the park's industry; of new projects that are no manufacturing
_SERVICES = ("道路运输业", "软件和信息技术服务业")  # data
_SLOW = 0.08  # share of approvals whose energy review took one or two months longer
_GROWTH = 1.184  # funds of manufacturing newly brought in, first half of 2024 over that of 2023
_STEPS = ("planning_on", "land_on", "environment_on", "energy_on")


def add_ledgers(frames: dict[str, pd.DataFrame], seed: int) -> None:
    """Add the ledgers to the demo's frames, and to its projects what the measures ask of them."""
    rng = np.random.default_rng([seed, zlib.crc32(b"ledgers")])
    projects = frames["investment"]
    _industries(projects, frames["park"], rng)
    _slow_approvals(projects, rng)
    # Two dates out of order, for the check of the data.
    wrong = rng.choice(np.flatnonzero(projects["approved_on"].notna()), 2, replace=False)
    projects.loc[projects.index[wrong], "approved_on"] = days(
        projects["accepted_on"].to_numpy()[wrong].astype("datetime64[s]"), -5
    )
    frames["enterprise"] = _enterprises(frames["park"], rng)
    frames["project_list"] = _lists(projects, rng)
    frames["funding"] = _funding(projects, rng)
    frames["suspension"] = _suspensions(projects, rng)


def _industries(projects: gpd.GeoDataFrame, parks: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    """Give most projects in a park the park's industry, and make some of the new ones services."""
    groups = load_policy().target("park_industry").parameters["industries"]
    leading = dict(zip(parks["name"], parks["leading_industry"].fillna(""), strict=True))
    industry = projects["industry"].to_numpy(dtype=object).copy()
    follows, turn = rng.random(len(projects)) < _LEADING, rng.random(len(projects))
    for row, park in enumerate(projects["park"].fillna("")):  # a project in twenty parcels, some hundreds
        words = [word for word in groups if word in leading.get(park, "")]
        if words and follows[row]:
            divisions = groups[words[0]]
            industry[row] = divisions[int(turn[row] * len(divisions))]
    services = (projects["kind"] == "new").to_numpy() & (rng.random(len(projects)) < _OTHER_TRADE)
    industry[services] = rng.choice(_SERVICES, int(services.sum()))
    projects["industry"] = industry
    projects["is_manufacturing"] = ~services


def _slow_approvals(projects: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    energy = projects["energy_on"].to_numpy().astype("datetime64[s]")
    later = days(energy, rng.integers(30, 60, len(projects)))
    slow = (rng.random(len(projects)) < _SLOW) & (later <= _REFERENCE)
    projects["energy_on"] = np.where(slow, later, energy)


def _weights() -> NDArray[np.float64]:
    weight = np.array([unit.weight for unit in DEMO_UNITS])
    return np.asarray(weight / weight.sum())


def _enterprises(parks: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = sum(_ENTERED.values())
    year = np.repeat(list(_ENTERED), list(_ENTERED.values()))
    span = np.where(year == REFERENCE_DAY.year, 170, 360)
    entry = days(_new_year(year), rng.integers(0, span))
    leaving = np.full(count, _NOTHING)
    for when, number in _LEFT.items():  # those of earlier years leave
        open_rows = np.flatnonzero((year < when) & np.isnat(leaving))
        gone = rng.choice(open_rows, number, replace=False)
        leaving[gone] = days(_new_year(np.full(number, when)), rng.integers(20, 170, number))
    unit = rng.choice(len(DEMO_UNITS), count, p=_weights())
    names = np.array([item.name for item in DEMO_UNITS], dtype=object)[unit]
    park = np.full(count, None, dtype=object)
    for name, own in parks.groupby("unit")["name"]:
        rows = np.flatnonzero(names == name)
        park[rows] = rng.choice(own.to_numpy(dtype=object), len(rows))
    return pd.DataFrame(
        {
            "credit_code": [f"示例{number:016d}" for number in range(1, count + 1)],  # data
            "name": company(np.arange(1, count + 1)), "unit": names, "park": park,
            "industry": rng.choice(INDUSTRIES, count), "founded_on": days(entry, -rng.integers(400, 4000, count)),
            "above_scale_from": entry, "above_scale_to": leaving, "note": DEMO_MARK,
        }
    )  # fmt: skip


def _new_year(years: NDArray[np.int64]) -> NDArray[np.datetime64]:
    return np.asarray((years - 1970).astype("datetime64[Y]").astype("datetime64[s]"))


def _lists(projects: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The reserve of 2024, the key projects of the year, the application projects selected."""
    weight = np.exp(rng.normal(0.0, 0.8, _RESERVE))
    amounts = np.round(weight / weight.sum() * _RESERVE_INVESTMENT, -1)
    unit = rng.choice(len(DEMO_UNITS), _RESERVE, p=_weights())
    reserve = pd.DataFrame(
        {
            "project_id": [f"示例-储备-{number:04d}" for number in range(1, _RESERVE + 1)],  # data
            "name": [f"示例储备项目 {number}" for number in range(1, _RESERVE + 1)],  # data
            "unit": [DEMO_UNITS[item].name for item in unit], "list": "reserve", "total_investment": amounts,
            "listed_on": days(np.full(_RESERVE, np.datetime64("2024-01-10", "s")), rng.integers(0, 150, _RESERVE)),
        }
    )  # fmt: skip
    reserve["removed_on"] = np.where(rng.random(_RESERVE) < 0.02, np.datetime64("2024-06-01", "s"), _NOTHING)
    # Key projects: those whose procedures have had the time, and a few that have not.
    signed = projects["signed_on"].to_numpy()
    ready = projects[list(_STEPS)].notna().all(axis=1).to_numpy()
    recent = signed >= np.datetime64("2023-01-01", "s")
    through, waiting = np.flatnonzero(recent & ready), np.flatnonzero(recent & ~ready)
    late = min(4, len(waiting))
    chosen = np.concatenate(
        [
            rng.permutation(through)[: max(0, min(_KEY, len(projects) // 3) - late)],
            rng.permutation(waiting)[:late],
        ]
    )
    key = _of_projects(projects, np.sort(chosen), "key", "2024-02-20")
    # One of those that wait needs no energy review.
    key["exempt"] = pd.Series(None, index=key.index, dtype=object)
    key.loc[key["project_id"].isin(projects["project_id"].iloc[waiting[:1]]), "exempt"] = "能评"  # data
    some = rng.permutation(len(projects))[:_APPLICATIONS]
    application = _of_projects(projects, np.sort(some), "application", "2024-04-18")
    frame: pd.DataFrame = pd.concat([reserve, key, application], ignore_index=True)
    frame["year"] = REFERENCE_DAY.year
    frame["note"] = DEMO_MARK
    return frame


def _of_projects(projects: gpd.GeoDataFrame, rows: NDArray[np.int64], kind: str, day: str) -> pd.DataFrame:
    chosen = projects.iloc[rows]
    return pd.DataFrame(
        {
            "project_id": chosen["project_id"].to_numpy(), "name": chosen["name"].to_numpy(),
            "unit": chosen["unit"].to_numpy(), "list": kind,
            "listed_on": np.full(len(rows), np.datetime64(day, "s")), "removed_on": np.full(len(rows), _NOTHING),
        }
    )  # fmt: skip


def _funding(projects: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What a project has received, in payments every quarter from its signing to the reference day."""
    signed = projects["signed_on"].to_numpy().astype("datetime64[s]")
    elapsed = (_REFERENCE - signed).astype("timedelta64[D]").astype(np.int64)
    count = np.maximum(elapsed // 90, 1)
    owner = np.repeat(np.arange(len(projects)), count)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    part = rng.uniform(0.6, 1.4, len(owner))
    whole = np.bincount(owner, part, minlength=len(projects))
    amount = projects["funds_in_place"].to_numpy()[owner] * part / whole[owner]
    received = np.minimum(days(signed[owner], 60 + 90 * number), _REFERENCE)
    counted = (projects["is_manufacturing"] & projects["kind"].isin(["new", "relocation"])).to_numpy()[owner]
    this_year = received >= np.datetime64(f"{REFERENCE_DAY.year}-01-01", "s")
    before = (received >= np.datetime64(f"{REFERENCE_DAY.year - 1}-01-01", "s")) & (
        received <= _REFERENCE - np.timedelta64(366, "D")
    )
    amount[this_year] *= _GROWTH * amount[before & counted].sum() / amount[this_year & counted].sum()
    return pd.DataFrame(
        {
            "project_id": projects["project_id"].to_numpy()[owner], "received_on": received,
            "amount": np.round(amount, 2), "note": DEMO_MARK,
        }
    )  # fmt: skip


def _suspensions(projects: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Half of the approvals rested for two or three weeks."""
    through = np.flatnonzero(projects["energy_on"].notna().to_numpy())
    rows = np.sort(rng.permutation(through)[: len(through) // 2])
    accepted = projects["accepted_on"].to_numpy()[rows].astype("datetime64[s]")
    begin = days(accepted, rng.integers(15, 40, len(rows)))
    return pd.DataFrame(
        {
            "project_id": projects["project_id"].to_numpy()[rows], "from_date": begin,
            "to_date": days(begin, rng.integers(10, 22, len(rows))),
            "reason": rng.choice(["补正材料", "公示", "专家评审"], len(rows)), "note": DEMO_MARK,  # data
        }
    )  # fmt: skip
