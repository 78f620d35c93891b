"""Inverse areal scale of the transverse Mercator plane, as a short series in the plane itself.

A piece dE·dN of the plane is w·dE·dN of the ellipsoid, w = 1/m², where m is the point scale. The scale
comes from the Krüger series to the sixth order in n (Karney, "Transverse Mercator with an accuracy of
a few nanometers", J. Geodesy 85, 2011, eqs. 12, 14, 36 and 23-28) and is then written as

    w(E, N) = Σj u^j · Pj(cos 2μ),   u = (y / k0·A)²,   μ = x / k0·A

with y the offset from the central meridian, x the grid distance from the equator, A the rectifying
radius: w is even in y and, along a meridian, even and periodic in μ. A few terms give 1e-12.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray

from gis.errors import ParkLineError
from gis.text import tr

__all__ = ["ArealScale", "areal_scale"]

Floats = NDArray[np.float64]

# The series is fitted up to this offset from the central meridian, in units of the radius (8.6°, 950 km).
_REACH = 0.15
_POWERS = 9
_HARMONICS = 7


@dataclass(frozen=True)
class ArealScale:
    """The series of one plane; ``coefficients[j, k]`` belongs to u^j (cos 2μ)^k."""

    false_easting: float
    false_northing: float
    radius: float
    coefficients: Floats

    @property
    def reach(self) -> float:
        """Largest offset from the central meridian in metres at which the series holds."""
        return _REACH * self.radius

    def value(self, easting: Floats, northing: Floats) -> Floats:
        """The inverse areal scale w at points of the plane."""
        y = (easting - self.false_easting) / self.radius
        return _horner(self._rows(northing), y * y)

    def integral(self, easting: Floats, northing: Floats) -> Floats:
        """∫ w dE from the central meridian to the point, in metres (the F of Green's theorem)."""
        y = (easting - self.false_easting) / self.radius
        rows = [row / (2 * power + 1) for power, row in enumerate(self._rows(northing))]
        return _horner(rows, y * y) * y * self.radius

    def expansion(self, easting: Floats, northing: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """w, ∂w/∂E, ½ ∂²w/∂E² and ∂w/∂N at points of the plane (per metre, per square metre)."""
        y = (easting - self.false_easting) / self.radius
        u = y * y
        angle = (northing - self.false_northing) * (2 / self.radius)
        c = np.cos(angle)
        rows = [_polynomial(row, c) for row in self._short]
        first = [power * rows[power] for power in range(1, len(rows))]
        second = [power * first[power] for power in range(1, len(first))]
        slope, curve = _horner(first, u), _horner(second, u)
        across = 2 * y * slope / self.radius
        bend = (slope + 2 * u * curve) / self.radius**2
        by_cosine = self.coefficients[1, 1:] * np.arange(1, _HARMONICS)
        along = u * _polynomial(by_cosine[:3], c) * np.sin(angle) * (-2 / self.radius)
        return _horner(rows, u), across, bend, along

    @property
    def pole(self) -> float:
        """Grid distance from the equator to the pole in metres."""
        return math.pi / 2 * self.radius

    @property
    def expansion_reach(self) -> float:
        """Largest offset in metres at which :meth:`expansion` holds to 1e-11 (3.4° at the equator)."""
        return 0.06 * self.radius

    def _rows(self, northing: Floats) -> list[Floats]:
        c = np.cos((northing - self.false_northing) * (2 / self.radius))
        return [_polynomial(row, c) for row in self.coefficients]

    @functools.cached_property
    def _short(self) -> list[Floats]:
        """Each row as far as its terms matter within ``expansion_reach``."""
        rows = []
        for power, row in enumerate(self.coefficients):
            matters = np.flatnonzero(np.abs(row) * 0.06 ** (2 * power) > 5e-12)
            if not len(matters):
                break
            rows.append(row[: matters[-1] + 1])
        return rows


def areal_scale(crs: int | pyproj.CRS | None) -> ArealScale:
    """The series of a transverse Mercator plane in metres, given as EPSG number or pyproj CRS.

    Raises ``ParkLineError`` for any other CRS and for ``None``.
    """
    if crs is None:
        raise ParkLineError(tr("数据没有坐标系，不能计算椭球面积。"), hint=tr("请先指定数据的坐标系。"))
    return _of_epsg(crs) if isinstance(crs, int | np.integer) else _of_crs(crs)


@functools.lru_cache(maxsize=32)
def _of_epsg(epsg: int) -> ArealScale:
    try:
        crs = pyproj.CRS.from_epsg(int(epsg))
    except pyproj.exceptions.CRSError as error:
        raise ParkLineError(tr("坐标系 EPSG:{epsg} 不存在。", epsg=epsg)) from error
    return _of_crs(crs)


@functools.lru_cache(maxsize=32)
def _of_crs(crs: pyproj.CRS) -> ArealScale:
    while crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    operation = crs.coordinate_operation
    metres = all(abs(axis.unit_conversion_factor - 1) < 1e-12 for axis in crs.axis_info[:2])
    if (
        not crs.is_projected
        or operation is None
        or crs.ellipsoid is None
        or operation.method_name != "Transverse Mercator"
        or not metres
    ):
        raise ParkLineError(
            tr(
                "坐标系“{name}”不是以米为单位的高斯-克吕格（横轴墨卡托）平面，不能计算椭球面积。",
                name=crs.name,
            ),
            hint=tr("请先把数据转换到项目的 CGCS2000 三度带平面。"),
        )
    values = {item.name: float(item.value) * item.unit_conversion_factor for item in operation.params}
    scale = values.get("Scale factor at natural origin", 1.0)
    semi_major = crs.ellipsoid.semi_major_metre
    flattening = 1 / crs.ellipsoid.inverse_flattening if crs.ellipsoid.inverse_flattening else 0.0
    origin = math.degrees(values.get("Latitude of natural origin", 0.0))
    to_origin = 0.0
    if origin:
        geod = pyproj.Geod(a=semi_major, f=flattening)
        to_origin = math.copysign(geod.line_length([0.0, 0.0], [0.0, origin]), origin) * scale
    radius, coefficients = _series(semi_major, flattening, scale)
    return ArealScale(
        false_easting=values.get("False easting", 0.0),
        false_northing=values.get("False northing", 0.0) - to_origin,
        radius=radius,
        coefficients=coefficients,
    )


@functools.lru_cache(maxsize=8)
def _series(semi_major: float, flattening: float, scale: float) -> tuple[float, Floats]:
    """Radius k0·A and the coefficients, by least squares on a grid of exact values."""
    n = flattening / (2 - flattening)
    radius = scale * semi_major / (1 + n) * (1 + n**2 / 4 + n**4 / 64 + n**6 / 256)
    # Chebyshev points in both variables keep the fit well conditioned.
    y = _REACH * np.cos(np.pi * (np.arange(24) + 0.5) / 48)
    cosine = np.cos(np.pi * (np.arange(24) + 0.5) / 24)
    eta, c = (grid.ravel() for grid in np.meshgrid(y, cosine))
    w = 1 / _point_scale(np.arccos(c) / 2, eta, semi_major, flattening, radius) ** 2
    powers, harmonics = np.meshgrid(np.arange(_POWERS), np.arange(_HARMONICS), indexing="ij")
    design = (eta / _REACH)[:, None] ** (2 * powers.ravel()) * c[:, None] ** harmonics.ravel()
    solution = np.linalg.lstsq(design, w, rcond=None)[0].reshape(powers.shape)
    coefficients = solution / _REACH ** (2.0 * powers)
    # On the central meridian w is 1/k0² exactly.
    coefficients[0] = 0.0
    coefficients[0, 0] = 1 / scale**2
    return radius, coefficients


def _point_scale(xi: Floats, eta: Floats, semi_major: float, flattening: float, radius: float) -> Floats:
    """Point scale m at ξ = x/k0·A, η = y/k0·A (Karney 2011); no cancellation off the poles."""
    n = flattening / (2 - flattening)
    beta = (
        n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96 - n**4 / 360 - 81 * n**5 / 512 + 96199 * n**6 / 604800,
        n**2 / 48 + n**3 / 15 - 437 * n**4 / 1440 + 46 * n**5 / 105 - 1118711 * n**6 / 3870720,
        17 * n**3 / 480 - 37 * n**4 / 840 - 209 * n**5 / 4480 + 5569 * n**6 / 90720,
        4397 * n**4 / 161280 - 11 * n**5 / 504 - 830251 * n**6 / 7257600,
        4583 * n**5 / 161280 - 108847 * n**6 / 3991680,
        20648693 * n**6 / 638668800,
    )
    zeta = xi + 1j * eta
    spherical, slope = zeta.copy(), np.ones_like(zeta)
    for order, term in enumerate(beta, start=1):
        spherical -= term * np.sin(2 * order * zeta)
        slope -= 2 * order * term * np.cos(2 * order * zeta)
    sinh_eta = np.sinh(spherical.imag)
    # Conformal latitude χ: tan χ = sin ξ' / √(sinh² η' + cos² ξ'), and cos λ at the same point.
    across = np.hypot(sinh_eta, np.cos(spherical.real))
    tangent = np.sin(spherical.real) / across
    eccentricity = math.sqrt(flattening * (2 - flattening))
    latitude_tangent = _geographic_tangent(tangent, eccentricity)
    cos_longitude = np.cos(spherical.real) / across
    cosine = 1 / np.hypot(1.0, latitude_tangent)
    sine = latitude_tangent * cosine
    parallel = semi_major * cosine / np.sqrt(1 - (eccentricity * sine) ** 2)
    scale: Floats = radius / (np.hypot(tangent, cos_longitude) * np.abs(slope) * parallel)
    return scale


def _geographic_tangent(conformal: Floats, eccentricity: float) -> Floats:
    """Geographic tan φ from conformal tan χ by Newton's method (Karney 2011, eqs. 19-21); three steps reach the last digit."""
    tangent = conformal / (1 - eccentricity**2)
    for _ in range(5):
        hypotenuse = np.hypot(1.0, tangent)
        sigma = np.sinh(eccentricity * np.arctanh(eccentricity * tangent / hypotenuse))
        trial = tangent * np.hypot(1.0, sigma) - sigma * hypotenuse
        tangent = tangent + (conformal - trial) / np.hypot(1.0, trial) * (
            1 + (1 - eccentricity**2) * tangent**2
        ) / ((1 - eccentricity**2) * hypotenuse)
    return tangent


def _polynomial(coefficients: Floats, x: Floats) -> Floats:
    result = np.full_like(x, coefficients[-1])
    for value in coefficients[-2::-1]:
        result *= x
        result += value
    return result


def _horner(rows: list[Floats], u: Floats) -> Floats:
    result = rows[-1].copy()
    for row in rows[-2::-1]:
        result *= u
        result += row
    return result
