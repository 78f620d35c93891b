"""From the project's plane to the pixels of a map that is drawn in another system: polynomials fitted to one view.

Every vertex of a picture goes this way, some hundred times as fast as through PROJ. A polynomial is taken only where
it agrees with PROJ to ``_EXACT`` pixels at places between those that it was fitted to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from gis.draw.view import View

__all__ = ["Bend", "bend_of"]

_EXACT = 0.02  # pixels
_DEGREES = (3, 4, 6, 8)
_ROUND_ABOUT = 160.0  # pixels beyond the view that outlines and points may reach into it
_CHECKED = 12  # places along a side at which a polynomial is held against PROJ
_PER_MILLIMETRE = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """Polynomials in u and v, which run from -1 to 1 from the ``low`` to the ``high`` corner (m of the plane).

    ``terms`` (n, 2) are the powers of u and v, ``coefficients`` (n, 2) give pixel x and y; ``error`` is the
    largest one found, in pixels.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    degree: int
    coefficients: NDArray[np.float64]
    error: float

    def pixels(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where places (n, 2) of the project's plane are drawn; what is out of sight is put onto the rim."""
        uv = np.clip((places - self.low) * 2 / (self.high - self.low) - 1, -1.0, 1.0)
        drawn: NDArray[np.float64] = _powers(uv, self.degree) @ self.coefficients
        return drawn

    def packed(self, origin: tuple[float, float]) -> NDArray[np.float64]:
        """As ``gis.draw.bend_kernels`` reads it, for millimetres from an origin (m)."""
        per_metre = 2 / (self.high - self.low)
        offset = (np.array(origin) - self.low) * per_metre - 1
        (su, sv), (ou, ov) = per_metre * _PER_MILLIMETRE, offset
        i, j = _terms(self.degree).T
        size = np.abs(self.coefficients)
        first = np.concatenate([size.T @ i[:, None], size.T @ j[:, None]], axis=1)  # x by u and v, y by both
        second = [float((size.T @ factor).max()) for factor in (i * (i - 1), i * j, j * (j - 1))]
        head = [su, ou, sv, ov, *first.ravel(), *second, float(self.degree)]
        return np.concatenate([head, self.coefficients.ravel()])


@lru_cache(maxsize=32)
def bend_of(view: View) -> Bend:
    """The way to the pixels of a view that is drawn in another system than the project's plane."""
    plane = view.plane
    if plane is None:
        raise ValueError("the view is drawn in the project's plane")
    seen = view.box(-_ROUND_ABOUT, -_ROUND_ABOUT, view.width + _ROUND_ABOUT, view.height + _ROUND_ABOUT)
    low, high = np.array(seen[:2]), np.array(seen[2:])
    high = np.maximum(high, low + view.resolution)
    checked = _grid(np.linspace(-1.0, 1.0, _CHECKED))
    exact = view.to_screen(_places(checked, low, high))
    best: Bend | None = None
    for degree in _DEGREES:
        nodes, fit = _fit(degree)
        coefficients = fit @ view.to_screen(_places(nodes, low, high))
        error = float(np.abs(_powers(checked, degree) @ coefficients - exact).max())
        if best is None or error < best.error:
            best = Bend(low, high, degree, coefficients, error)
        if error <= _EXACT:
            break
    assert best is not None  # noqa: S101 - there are degrees
    return best


def _places(
    uv: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    places: NDArray[np.float64] = low + (uv + 1) / 2 * (high - low)
    return places


@cache
def _fit(degree: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chebyshev's nodes over -1 … 1 by -1 … 1, and what makes coefficients of the values there."""
    count = degree + 4
    nodes = _grid(np.cos((np.arange(count) + 0.5) * np.pi / count))
    return nodes, np.linalg.pinv(_powers(nodes, degree)).astype(np.float64)


def _grid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack(np.meshgrid(values, values), axis=-1).reshape(-1, 2)


def _powers(uv: NDArray[np.float64], degree: int) -> NDArray[np.float64]:
    i, j = _terms(degree).T
    u, v = (np.vander(uv[:, axis], degree + 1, increasing=True) for axis in (0, 1))
    powers: NDArray[np.float64] = u[:, i] * v[:, j]
    return powers


@cache
def _terms(degree: int) -> NDArray[np.int64]:
    """Powers of u and v, the highest of u first and for each the highest of v, as Horner's scheme asks for them."""
    return np.array([(i, j) for i in range(degree, -1, -1) for j in range(degree - i, -1, -1)])
