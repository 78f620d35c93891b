"""供地记录 as the quota check counts them: class of the main use, state on the day, what is left out."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from gis.text import tr
from gis.units import PERCENT
from layers.checks import tables as read
from layers.checks.result import Finding
from layers.codes import LandUseCodes, code_table
from layers.policy import Target

__all__ = ["Records", "main_use_class", "read_records", "use_parts"]

_SUPPLEMENT = re.compile(r"-\d+$")
_NUMBER_YEAR = re.compile(r"^\d{6}(\d{4})[A-Z]", re.IGNORECASE)
# "其他普通商品住房用地70年; 其他商服用地40年;": a use with its own term.
_USE_WITH_TERM = re.compile(r"([^\d;；,，、\s]+?)\s*\d+\s*年")  # data
# "工业用地70%、仓储用地30%": shares stated in the record.
_USE_WITH_SHARE = re.compile(r"([^\d;；,，、/+\s]+?)[:：]?\s*(\d+(?:\.\d+)?)\s*%")  # data
_USE_SEPARATORS = re.compile(r"[;；,，、/+]+")  # data


@dataclass(frozen=True)
class Records:
    """Parallel arrays, one element per row of the table.

    ``parts`` are (class, share) of the record's uses; one part with share 1 where the main use takes
    all. ``counted`` are contracts of the year on the day; ``planned`` what is to come in that year.
    ``state`` says in a word why a row is in or out; ``signed`` and ``cancelled`` are the days of the contract.
    """

    uuids: list[str]
    labels: list[str]
    area: list[Decimal]
    mode: list[str]
    parts: list[tuple[tuple[str, Decimal], ...]]
    mixed: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    state: list[str]
    signed: NDArray[np.datetime64]
    cancelled: NDArray[np.datetime64]

    def with_mode(self, modes: object) -> NDArray[np.bool_]:
        """Rows supplied in one of the modes."""
        wanted = set(modes) if isinstance(modes, (list, tuple)) else set()
        return np.array([mode in wanted for mode in self.mode], dtype=np.bool_)

    def in_classes(self, classes: object) -> list[Decimal]:
        """Area of each row that lies in one of the classes."""
        wanted = set(classes) if isinstance(classes, (list, tuple)) else set()
        return [
            area * sum((share for use, share in parts if use in wanted), Decimal(0))
            for area, parts in zip(self.area, self.parts, strict=True)
        ]


def main_use_class(codes: LandUseCodes, name: str, scheme: str = "", code: str = "") -> str:
    """Class of a use given by code and scheme, else by name: landchina first, as results carry its names.

    A name that schemes disagree about is ``unknown``.
    """
    if code and scheme:
        return codes.class_of(scheme, code)
    if not name:
        return "unknown"
    for first in ([scheme] if scheme else []) + ["landchina"]:
        found = codes.find(first, name)
        if found is not None:
            return codes.class_of(first, found)
    classes = {codes.class_of(other, found) for other in codes.schemes if (found := codes.find(other, name))}
    return classes.pop() if len(classes) == 1 else "unknown"


def _uses(
    codes: LandUseCodes, name: str, term: str, scheme: str, code: str
) -> tuple[tuple[tuple[str, Decimal], ...], bool]:
    """Parts of a record and whether it is mixed without stated shares (the main use takes all)."""
    stated = _USE_WITH_SHARE.findall(name)
    if len(stated) > 1 and sum(Decimal(share) for _, share in stated) == PERCENT:
        parts = tuple((main_use_class(codes, use), Decimal(share) / PERCENT) for use, share in stated)
        return parts, False
    whole = main_use_class(codes, name, scheme, code)
    names = [part for part in _USE_SEPARATORS.split(name) if part]
    if whole == "unknown" and len(names) > 1:
        return ((main_use_class(codes, names[0]), Decimal(1)),), True
    several_codes = bool(code and scheme) and len(codes.parts(scheme, code)) > 1
    if several_codes:
        whole = codes.parts(scheme, code)[0]
    several_terms = len(set(_USE_WITH_TERM.findall(term))) > 1
    return ((whole, Decimal(1)),), several_codes or several_terms


def use_parts(codes: LandUseCodes, name: str, term: str, scheme: str, code: str) -> tuple[str, ...]:
    """Classes of all uses that a record names, by code or name and by the terms of mixed uses.

    A quota takes the main use; what land is given away for is every part of it.
    """
    if code and scheme:
        found = codes.parts(scheme, code)
    else:
        whole = main_use_class(codes, name)
        names = [part for part in _USE_SEPARATORS.split(name) if part]
        found = (whole,) if whole != "unknown" or len(names) < 2 else ()
        found += () if found else tuple(main_use_class(codes, part) for part in names)
    named = dict.fromkeys(_USE_WITH_TERM.findall(term))
    more = (main_use_class(codes, part) for part in named) if len(named) > 1 else ()
    return tuple(dict.fromkeys([*found, *more]))


def read_records(
    frame: gpd.GeoDataFrame,
    codes: LandUseCodes,
    target: Target,
    as_of: dt.date,
    year: int,
    findings: list[Finding],
) -> Records:
    """Classify every row; whatever is left out of the year's figures is listed in ``findings``."""
    uuids, numbers = read.texts(frame, "uuid"), read.texts(frame, "supervision_no")
    projects = read.texts(frame, "project")
    labels = [
        number or project or tr("（无编号）") for number, project in zip(numbers, projects, strict=True)
    ]
    names, terms = read.texts(frame, "use_name"), read.texts(frame, "term")
    schemes, use_codes = read.texts(frame, "use_scheme"), read.texts(frame, "use_code")
    keys = list(zip(names, terms, schemes, use_codes, strict=True))
    known = {key: _uses(codes, *key) for key in set(keys)}
    parts, mixed = [known[key][0] for key in keys], np.array([known[key][1] for key in keys], dtype=np.bool_)
    modes = [code_table("supply_mode").canonical(mode) or "" for mode in read.texts(frame, "mode")]
    raw_area = read.figures(frame, "area")
    day, first = read.day_number(as_of), np.datetime64(f"{year:04d}-01-01", "D")
    last = np.datetime64(f"{year:04d}-12-31", "D")
    signed, cancelled = read.dates(frame, "contract_on"), read.dates(frame, "cancelled_on")
    contracted = signed <= day
    in_year = (signed >= first) & (signed <= last)
    if target.parameters["year_by"] == "supervision_no":
        found = [_NUMBER_YEAR.match(number) for number in numbers]
        by_number = np.array([int(match[1]) if match else -1 for match in found], dtype=np.int64)
        in_year = np.where(by_number > 0, by_number == year, in_year)
    planned = read.booleans(frame, "planned") & ~contracted
    planned &= in_year | (np.isnat(signed) & (year == as_of.year))

    void = cancelled <= day
    supplement = np.array([bool(_SUPPLEMENT.search(number)) for number in numbers], dtype=np.bool_)
    if target.parameters["include_supplements"]:
        supplement[:] = False
    no_area = np.isnan(raw_area)
    no_date = np.isnat(signed) & ~planned & (target.parameters["year_by"] == "contract")
    no_mode = np.array([not mode for mode in modes], dtype=np.bool_)
    counted = in_year & contracted & ~void & ~supplement & ~no_area & ~no_mode
    seen: set[str] = set()
    repeated = np.zeros(len(frame), dtype=np.bool_)
    for row in np.flatnonzero(counted):
        repeated[row] = bool(numbers[row]) and numbers[row] in seen
        seen.add(numbers[row])
    counted &= ~repeated
    planned &= ~void & ~supplement & ~no_area

    def report(rows: NDArray[np.bool_], severity: str, sentence: str) -> None:
        for row in np.flatnonzero(rows):  # only rows a person has to look at
            text = tr("供地 {label}：{sentence}", label=labels[row], sentence=sentence)
            findings.append(Finding(severity, text, "transfer", uuids[row]))

    report(no_date, "error", tr("没有合同签订日期，未判定，未计入任何年度"))
    relevant = in_year & contracted
    report(relevant & no_area, "error", tr("没有面积，未判定"))
    report(relevant & no_mode, "error", tr("供地方式不明，未判定"))
    report(relevant & void, "note", tr("合同已解除，未计"))
    report(relevant & supplement & ~void, "note", tr("补充合同，未计"))
    report(relevant & repeated, "error", tr("电子监管号重复，只计一次"))
    conveyed = np.array([mode in target.parameters["modes"] for mode in modes], dtype=np.bool_)
    report(counted & conveyed & mixed, "warning", tr("混合用途，全部面积计入主用途，请核对"))
    unknown = np.array([any(use == "unknown" for use, _ in item) for item in parts], dtype=np.bool_)
    report(counted & conveyed & unknown, "warning", tr("用途不能识别，计入出让总量，不计入工业"))
    state = [
        "void" if relevant[row] and void[row]
        else "supplement" if relevant[row] and supplement[row]
        else "counted" if counted[row]
        else "planned" if planned[row]
        else "other"
        for row in range(len(frame))
    ]  # fmt: skip
    return Records(
        uuids=uuids,
        labels=labels,
        area=read.exact(raw_area),
        mode=modes,
        parts=parts,
        mixed=mixed,
        counted=counted,
        planned=planned,
        state=state,
        signed=signed,
        cancelled=cancelled,
    )
