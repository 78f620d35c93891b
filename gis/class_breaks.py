"""Bounds of classes of a numeric field: the ways a graduated map is divided.

All functions take (n,) values, pass over NaN and infinite ones, and return the ascending bounds, one more than
there are classes; a value belongs to the first class whose upper bound it does not exceed. Few or equal values
give fewer classes than asked for, none at all gives no bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["METHODS", "class_bounds", "equal_interval", "natural_breaks", "pretty_breaks", "quantiles"]

# Natural breaks compare every pair of groups: values beyond that many are first gathered into equal portions.
_GROUPS = 1000


def equal_interval(values: ArrayLike, count: int) -> list[float]:
    """Classes of one width."""
    numbers = _finite(values)
    if not len(numbers):
        return []
    return _distinct(np.linspace(numbers.min(), numbers.max(), count + 1))


def quantiles(values: ArrayLike, count: int) -> list[float]:
    """Classes of as many rows each; linear between neighbours (type 7 of Hyndman and Fan, as in R and numpy)."""
    numbers = _finite(values)
    if not len(numbers):
        return []
    return _distinct(np.quantile(numbers, np.linspace(0.0, 1.0, count + 1)))


def natural_breaks(values: ArrayLike, count: int) -> list[float]:
    """Classes whose values differ least from their mean (Jenks; the exact solution of W. D. Fisher, 1958).

    Exact up to 1000 different values; more are gathered into 1000 portions of as many rows before.
    """
    numbers = np.sort(_finite(values))
    if not len(numbers):
        return []
    groups, weights = np.unique(numbers, return_counts=True)
    if len(groups) > _GROUPS:
        edges = np.unique(np.linspace(0, len(numbers), _GROUPS + 1).astype(np.int64))
        weights = np.diff(edges)
        groups = np.add.reduceat(numbers, edges[:-1]) / weights
        upper = numbers[edges[1:] - 1]
    else:
        upper = groups
    ends = _fisher(groups, weights.astype(np.float64), min(count, len(groups)))
    return _distinct(np.concatenate([numbers[:1], upper[ends]]))


def pretty_breaks(values: ArrayLike, count: int) -> list[float]:
    """Round bounds, about ``count`` classes: the way of S and R (Becker, Chambers and Wilks, 1988)."""
    numbers = _finite(values)
    if not len(numbers):
        return []
    low, high = float(numbers.min()), float(numbers.max())
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        return _distinct(np.array([low, high]))
    width = (high - low) / max(1, count)
    base = 10.0 ** np.floor(np.log10(width))
    unit = base
    # A multiple is taken if it is nearer to the width wished for; wider steps are favoured, 5 above all.
    for multiple, favour in ((2.0, 1.5), (5.0, 2.75), (10.0, 1.5)):
        if multiple * base - width >= favour * (width - unit):
            break
        unit = multiple * base
    first, last = np.floor(low / unit + 1e-7), np.ceil(high / unit - 1e-7)
    steps = np.arange(first, last + 1)
    # Divided where the unit is below one: 3 / 10 is 0.3, 3 * 0.1 is not.
    return _distinct(steps / round(1.0 / unit) if unit < 1.0 else steps * unit)


METHODS: Mapping[str, Callable[[ArrayLike, int], list[float]]] = {
    "equal": equal_interval,
    "quantile": quantiles,
    "natural": natural_breaks,
    "pretty": pretty_breaks,
}


def class_bounds(values: ArrayLike, method: str, count: int) -> list[float]:
    """Bounds by the method of that name in ``METHODS``; ``KeyError`` for another, ``ValueError`` for no classes."""
    if count < 1:
        raise ValueError("at least one class")
    return METHODS[method](values, count)


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    numbers = np.asarray(values, dtype=np.float64).ravel()
    return numbers[np.isfinite(numbers)]


def _distinct(bounds: NDArray[np.float64]) -> list[float]:
    """The lowest bound and the upper ones, each once: a lowest class may hold a single value."""
    return [float(bounds[0]), *(float(bound) for bound in np.unique(bounds[1:]))]


def _fisher(groups: NDArray[np.float64], weights: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Index of the last group of each class, by dynamic programming over all divisions."""
    size = len(groups)
    centred = groups - groups.mean()
    weight, total, square = (
        np.concatenate([[0.0], np.cumsum(part)])
        for part in (weights, weights * centred, weights * centred**2)
    )
    start, stop = np.arange(size)[:, None], np.arange(1, size + 1)[None, :]
    held = np.where(stop > start, weight[stop] - weight[start], 1.0)
    # Sum of squares about the mean of the groups from ``start`` to before ``stop``.
    spread = square[stop] - square[start] - (total[stop] - total[start]) ** 2 / held
    spread = np.where(stop > start, np.maximum(spread, 0.0), np.inf)
    best = spread[0]  # of the first groups up to each stop, in one class
    starts: list[NDArray[np.int64]] = []
    for _ in range(count - 1):
        before = np.concatenate([[np.inf], best[:-1]])  # what lies before each start
        sums = before[:, None] + spread
        chosen = np.argmin(sums, axis=0)
        starts.append(chosen)
        best = sums[chosen, np.arange(size)]
    ends = [size - 1]
    for chosen in reversed(starts):
        ends.append(int(chosen[ends[-1]]) - 1)
    return np.array([end for end in reversed(ends) if end >= 0], dtype=np.int64)
