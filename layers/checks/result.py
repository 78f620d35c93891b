"""What every check returns: a verdict for each unit, the figures, the rows that made them, the clause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import geopandas as gpd

from gis.text import tr

__all__ = ["CheckResult", "Clause", "Finding", "Series", "UnitResult", "Verdict"]


class Verdict(StrEnum):
    """Outcome for one unit. ``EMPTY`` is "nothing to judge" (no transfers that year), not a pass."""

    MET = "met"
    SHORT = "short"
    EMPTY = "empty"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class Clause:
    """The sentence of the policy that asks for it."""

    policy: str
    number: str
    quotation: str
    operator: str
    threshold: float
    unit: str
    figure: str = ""  # the figure that is compared

    @property
    def sentence(self) -> str:
        """Clause and quotation in one line; a demand may have only one of the two."""
        if not self.quotation:
            return self.number
        if not self.number:
            return tr("“{quotation}”", quotation=self.quotation)
        return tr("{clause}：“{quotation}”", clause=self.number, quotation=self.quotation)


@dataclass(frozen=True, slots=True)
class UnitResult:
    """Verdict and figures of one unit (or of the city, code ``""``).

    ``figures`` maps a key declared by the check to a number in the unit the check declares, or None.
    """

    code: str
    name: str
    verdict: Verdict
    figures: Mapping[str, float | None]
    explanation: str
    counts_in_total: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the data a person must know: an error, a note, a row left out and why."""

    severity: str  # error, warning, note
    text: str
    table: str = ""
    uuid: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A figure over time, for a chart: one value a day given, in the unit ``measure`` of the check's figures.

    ``unit`` is the management unit or "" for the city; days from ``forecast_from`` on are a forecast.
    """

    key: str
    title: str
    measure: str
    unit: str
    days: tuple[dt.date, ...]
    values: tuple[float | None, ...]
    forecast_from: dt.date | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check, judged.

    ``figure_units`` maps each figure key to (Chinese-first title, unit key of ``gis.units`` or "").
    ``evidence`` has one row per counted record: ``unit``, ``table``, ``uuid``, ``label``, ``amount``,
    ``why`` and what else the check adds; geometry where the record has one.
    """

    id: str
    title: str
    clause: Clause
    as_of: dt.date
    period: str
    units: tuple[UnitResult, ...]
    city: UnitResult | None
    evidence: gpd.GeoDataFrame
    figure_units: Mapping[str, tuple[str, str]]
    findings: tuple[Finding, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    series: tuple[Series, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The whole check: short if anything is, else not judged if anything is, else met.

        Where the policy's scope is the city, only the city's verdict counts.
        """
        judged = [self.city] if self.city is not None else list(self.units)
        verdicts = {item.verdict for item in judged}
        for verdict in (Verdict.SHORT, Verdict.NOT_JUDGED, Verdict.EMPTY, Verdict.MET):
            if verdict in verdicts:
                return verdict
        return Verdict.NOT_JUDGED
