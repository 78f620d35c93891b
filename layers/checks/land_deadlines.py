"""Deadlines of parcels: start and completion by contract (按期开竣工), hand-over and certificate (交地即交证).

Days late are calendar days. What is still open is late as of the day; what was done late is shown apart and does not
fall short any more. Definitions of the domain reference §4.2.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.text import mark, tr
from layers.checks import tables as read
from layers.checks import wording
from layers.checks.by_unit import Placed, counted, fault_verdict, placed
from layers.checks.result import CheckResult, Verdict
from layers.codes import LandUseCodes
from layers.policy import Policy, Target
from layers.units import UnitTree

__all__ = [
    "CERTIFICATE",
    "CERTIFICATE_COLUMNS",
    "CERTIFICATE_FIGURES",
    "CERTIFICATE_TITLE",
    "DEADLINE",
    "DEADLINE_COLUMNS",
    "DEADLINE_FIGURES",
    "DEADLINE_TITLE",
    "run_certificates",
    "run_deadlines",
]

DEADLINE, CERTIFICATE = "start_and_completion", "handover_certificate"
DEADLINE_TITLE, CERTIFICATE_TITLE = mark("按期开工竣工"), mark("交地即交证")

_COMMON = ("parcel_no", "unit", "park", "location")
DEADLINE_COLUMNS = (
    *_COMMON, "contract_on", "agreed_start", "actual_start", "agreed_finish", "actual_finish", "completion_review_on",
)  # fmt: skip
CERTIFICATE_COLUMNS = (*_COMMON, "handover_on", "certificate_on")

DEADLINE_FIGURES: Mapping[str, tuple[str, str]] = {
    "overdue": (mark("逾期未开工、未竣工项数"), ""),
    "required": (mark("允许项数"), ""),
    "contracts": (mark("有约定日期的宗数"), ""),
    "not_started": (mark("逾期未开工"), ""),
    "not_finished": (mark("逾期未竣工"), ""),
    "longest": (mark("最长逾期（天）"), ""),
    "started_late": (mark("开工晚于约定"), ""),
    "finished_late": (mark("竣工晚于约定"), ""),
    "mean_late": (mark("已完成而逾期的平均天数"), ""),
    "without_dates": (mark("已签约而无约定日期"), ""),
}
CERTIFICATE_FIGURES: Mapping[str, tuple[str, str]] = {
    "longest": (mark("最长间隔（天）"), ""),
    "required": (mark("允许间隔（天）"), ""),
    "handovers": (mark("交地宗数"), ""),
    "same_day": (mark("按时交证宗数"), ""),
    "late": (mark("迟交证宗数"), ""),
    "open": (mark("已交地未交证宗数"), ""),
    "mean_late": (mark("迟交证平均天数"), ""),
    "without_handover": (mark("有证而无交地日期"), ""),
}


def _days(later: NDArray[np.datetime64], earlier: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Days from the earlier to the later; NaN where one is missing."""
    span = (later - earlier).astype("timedelta64[D]")
    return np.where(np.isnat(span), np.nan, span.astype(np.float64))


def _at_most(
    values: NDArray[np.float64], mask: NDArray[np.bool_], place: Placed, none: float
) -> NDArray[np.float64]:
    """Largest value of each unit and of the city over the rows of a mask; ``none`` where there is no row."""
    found = np.full(len(place.tree) + 1, -np.inf)
    inside = mask & (place.unit >= 0)
    np.maximum.at(found, place.unit[inside], values[inside])
    if mask.any():
        found[-1] = values[mask].max()
    return np.where(np.isinf(found), none, found)


def _mean(values: NDArray[np.float64], mask: NDArray[np.bool_], place: Placed) -> NDArray[np.float64]:
    number = place.sums(mask)
    return np.where(number > 0, place.sums(np.where(mask, values, 0.0)) / np.maximum(number, 1.0), np.nan)


def run_deadlines(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,  # noqa: ARG001 - a day is judged, not a year
) -> CheckResult:
    """Judge start and completion of every contract in force on the day against its agreed dates."""
    target, parcels = policy.target(DEADLINE), tables["parcel"]
    day = read.day_number(as_of)
    contract = read.dates(parcels, "contract_on")
    agreed = ~np.isnat(read.dates(parcels, "agreed_start")) | ~np.isnat(read.dates(parcels, "agreed_finish"))
    # A contract of a later day is unknown; agreed dates without a contract date count as agreed.
    place = placed(
        "parcel", parcels, (agreed & ~(contract > day)) | (contract <= day), units, target, DEADLINE_COLUMNS
    )
    frame = place.frame
    finish = np.fmin(read.dates(frame, "actual_finish"), read.dates(frame, "completion_review_on"))
    finish[finish > day] = np.datetime64("NaT")
    start = read.dates(frame, "actual_start")
    start[start > day] = np.datetime64("NaT")
    start = np.fmin(start, finish)  # what is complete was begun
    late: dict[str, NDArray[np.float64]] = {}
    open_: dict[str, NDArray[np.bool_]] = {}
    for name, done, due in (
        ("start", start, read.dates(frame, "agreed_start")),
        ("finish", finish, read.dates(frame, "agreed_finish")),
    ):
        open_[name] = np.isnat(done)
        late[name] = np.nan_to_num(_days(np.where(open_[name], day, done), due), nan=0.0)
    grace = float(target.parameters["grace_days"])
    over = {name: days > grace for name, days in late.items()}
    not_started, not_finished = over["start"] & open_["start"], over["finish"] & open_["finish"]
    started_late, finished_late = over["start"] & ~open_["start"], over["finish"] & ~open_["finish"]
    stated = agreed[place.rows]
    done_late = np.where(started_late, late["start"], 0.0) + np.where(finished_late, late["finish"], 0.0)
    number_done = place.sums(started_late) + place.sums(finished_late)
    worst = np.maximum(np.where(not_started, late["start"], 0.0), np.where(not_finished, late["finish"], 0.0))
    sums = {
        "overdue": place.sums(not_started) + place.sums(not_finished),
        "required": np.full(len(place.tree) + 1, target.value),
        "contracts": place.sums(stated),
        "not_started": place.sums(not_started),
        "not_finished": place.sums(not_finished),
        "longest": _at_most(worst, worst > 0, place, 0.0),
        "started_late": place.sums(started_late),
        "finished_late": place.sums(finished_late),
        "mean_late": np.where(number_done > 0, place.sums(done_late) / np.maximum(number_done, 1.0), np.nan),
        "without_dates": place.sums(~stated),
    }
    known = bool(stated.any())
    return counted(
        place, policy, target, DEADLINE_TITLE, as_of, as_of.isoformat(), DEADLINE_FIGURES, sums,
        lambda figures: _judge_deadlines(figures, target, known),
        _deadline_evidence(place, late, {"not_started": not_started, "started_late": started_late},
                           {"not_finished": not_finished, "finished_late": finished_late}),
    )  # fmt: skip


def _judge_deadlines(figures: Mapping[str, float | None], target: Target, known: bool) -> tuple[Verdict, str]:
    if not known:
        return Verdict.NOT_JUDGED, tr("项目中没有约定开工、竣工日期，请在地块中导入")
    number = {key: int(value or 0) for key, value in figures.items()}
    if not number["contracts"] and not number["without_dates"]:
        return Verdict.EMPTY, tr("没有已签约的地块")
    text = tr(
        "有约定日期 {contracts} 宗；逾期未开工 {not_started} 宗，逾期未竣工 {not_finished} 宗",
        **{key: number[key] for key in ("contracts", "not_started", "not_finished")},
    )
    if number["overdue"]:
        text += tr("，最长逾期 {days} 天", days=number["longest"])
    if number["started_late"] or number["finished_late"]:
        text += tr(
            "；已完成的有 {started} 宗晚开工、{finished} 宗晚竣工",
            started=number["started_late"],
            finished=number["finished_late"],
        )
    if number["without_dates"]:
        text += tr("；{count} 宗已签约而无约定日期，未判定", count=number["without_dates"])
    return fault_verdict(target, number["overdue"], number["contracts"], number["without_dates"]), text


_LATE: Mapping[str, str] = {
    "not_started": mark("约定 {due} 开工，至今未开工，逾期 {days} 天"),
    "started_late": mark("约定 {due} 开工，{done} 开工，晚 {days} 天"),
    "not_finished": mark("约定 {due} 竣工，至今未竣工，逾期 {days} 天"),
    "finished_late": mark("约定 {due} 竣工，{done} 竣工，晚 {days} 天"),
}


def _deadline_evidence(
    place: Placed,
    late: Mapping[str, NDArray[np.float64]],
    starts: Mapping[str, NDArray[np.bool_]],
    finishes: Mapping[str, NDArray[np.bool_]],
) -> gpd.GeoDataFrame:
    """One row for each start or completion that is or was late; ``amount`` is the days late."""
    rows: list[NDArray[np.int64]] = []
    why: list[str] = []
    states: list[str] = []
    days: list[NDArray[np.float64]] = []
    for step, kinds in (("start", starts), ("finish", finishes)):
        due = np.datetime_as_string(read.dates(place.frame, f"agreed_{step}"))
        done = read.dates(place.frame, f"actual_{step}")
        if step == "finish":
            done = np.fmin(done, read.dates(place.frame, "completion_review_on"))
        shown = np.datetime_as_string(done)
        for kind, mask in kinds.items():
            chosen = np.flatnonzero(mask)
            text = tr(_LATE[kind])
            why += [
                text.format(due=due[row], done=shown[row], days=int(late[step][row]))
                for row in chosen.tolist()
            ]
            rows.append(chosen)
            states += [kind] * len(chosen)
            days.append(late[step][chosen])
    return place.evidence(np.concatenate(rows), np.concatenate(days), why, {"state": states})


def run_certificates(
    tables: Mapping[str, gpd.GeoDataFrame],
    units: UnitTree,
    policy: Policy,
    codes: LandUseCodes,  # noqa: ARG001 - one signature for all checks
    as_of: dt.date,
    year: int | None = None,
) -> CheckResult:
    """Judge the hand-overs of the year, and older ones whose certificate was still missing when it began.

    With the period ``always`` every hand-over up to the day is judged. The threshold is the greatest number of days
    from hand-over to certificate.
    """
    target, parcels = policy.target(CERTIFICATE), tables["parcel"]
    chosen = as_of.year if year is None else year
    last = min(read.day_number(as_of), read.day_number(dt.date(chosen, 12, 31)))
    handed, given = read.dates(parcels, "handover_on"), read.dates(parcels, "certificate_on")
    given[given > last] = np.datetime64("NaT")
    judged = handed <= last
    yearly = target.period == "calendar_year"
    if yearly:
        first = read.day_number(dt.date(chosen, 1, 1))
        judged &= (handed >= first) | ~(given < first)
    lost = np.isnat(handed) & ~np.isnat(given)
    if yearly:
        lost &= given >= first
    place = placed("parcel", parcels, judged | lost, units, target, CERTIFICATE_COLUMNS)
    handed, given, counts = handed[place.rows], given[place.rows], judged[place.rows]
    waiting = np.isnat(given)
    days = np.nan_to_num(_days(np.where(waiting, last, given), handed), nan=0.0)
    on_time = days <= target.value if target.operator == "<=" else days >= target.value
    late = counts & ~on_time
    sums = {
        "longest": _at_most(np.maximum(days, 0.0), counts, place, np.nan),
        "required": np.full(len(place.tree) + 1, target.value),
        "handovers": place.sums(counts),
        "same_day": place.sums(counts & on_time & ~waiting),
        "late": place.sums(late & ~waiting),
        "open": place.sums(counts & waiting),
        "mean_late": _mean(days, late, place),
        "without_handover": place.sums(~counts),
    }
    known = bool((~np.isnat(read.dates(parcels, "handover_on"))).any())
    period = tr("{year}年", year=chosen) if yearly else as_of.isoformat()
    return counted(
        place, policy, target, CERTIFICATE_TITLE, as_of, period, CERTIFICATE_FIGURES, sums,
        lambda figures: _judge_certificates(figures, target, known),
        _certificate_evidence(place, handed, given, days, counts, on_time),
    )  # fmt: skip


def _judge_certificates(
    figures: Mapping[str, float | None], target: Target, known: bool
) -> tuple[Verdict, str]:
    if not known:
        return Verdict.NOT_JUDGED, tr("项目中没有交地日期，请在地块中导入交地日期与发证日期")
    number = {key: int(value or 0) for key, value in figures.items()}
    if not number["handovers"] and not number["without_handover"]:
        return Verdict.EMPTY, tr("期内没有交地")
    text = tr(
        "交地 {handovers} 宗，按时交证 {same_day} 宗，迟交证 {late} 宗，尚未交证 {open} 宗",
        **{key: number[key] for key in ("handovers", "same_day", "late", "open")},
    )
    if number["longest"]:
        text += tr("，最长相隔 {days} 天", days=number["longest"])
    if number["without_handover"]:
        text += tr("；{count} 宗有证而无交地日期，未判定", count=number["without_handover"])
    return fault_verdict(target, number["longest"], number["handovers"], number["without_handover"]), text


def _certificate_evidence(
    place: Placed,
    handed: NDArray[np.datetime64],
    given: NDArray[np.datetime64],
    days: NDArray[np.float64],
    counts: NDArray[np.bool_],
    on_time: NDArray[np.bool_],
) -> gpd.GeoDataFrame:
    """One row for each hand-over; ``amount`` is the days from it to the certificate, or to the day."""
    texts = {
        "same": tr("{handed} 交地，{given} 交证，按时"),
        "late": tr("{handed} 交地，{given} 交证，相隔 {days} 天"),
        "open": tr("{handed} 交地，尚未交证，已 {days} 天"),
        "lost": tr("{given} 发证，没有交地日期，未判定"),
    }
    waiting = np.isnat(given)
    kind = np.where(~counts, 3, np.where(waiting, 2, np.where(on_time, 0, 1))).astype(np.int64)
    handed_on, given_on = (wording.formatted(dates.astype(np.int64), _day) for dates in (handed, given))
    shown = wording.formatted(days.astype(np.int64), str)
    said = [
        wording.filled(text, len(place), handed=handed_on, given=given_on, days=shown)
        for text in texts.values()
    ]
    # Of the four sentences of each row the one that is true.
    why = wording.one_of(said, kind)
    return place.evidence(
        np.arange(len(place)), np.where(counts, np.maximum(days, 0.0), 0.0), wording.column(why),
        {"state": wording.column(wording.each(list(texts), kind))},
    )  # fmt: skip


def _day(number: int) -> str:
    return str(np.datetime64(number, "D"))
