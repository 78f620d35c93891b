"""Units that remember where a geometry lies: the rows of a tried-out table are nearly all the same as before."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.units import UnitTree

__all__ = ["RememberedUnits"]

_Known = dict[int, tuple[shapely.Geometry, str | None]]


class RememberedUnits(UnitTree):
    """A unit tree that looks up each geometry once. The same object is the same geometry: they never change."""

    _known: _Known
    _outermost: RememberedUnits | None

    @classmethod
    def of(cls, tree: UnitTree) -> RememberedUnits:
        """The same units."""
        result = cls(**{item.name: getattr(tree, item.name) for item in fields(tree)})
        object.__setattr__(result, "_known", {})
        object.__setattr__(result, "_outermost", None)
        return result

    def top_level(self) -> UnitTree:
        """The units that lie in no other, worked out once."""
        if self._outermost is None:
            object.__setattr__(self, "_outermost", RememberedUnits.of(super().top_level()))
        assert self._outermost is not None  # noqa: S101 - just set
        return self._outermost

    def by_geometry(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """As in `UnitTree`; geometries are kept, so that an id is never that of another one."""
        known = self._known
        fresh = [row for row, shape in enumerate(geometries) if shape is not None and id(shape) not in known]
        if fresh:
            found = super().by_geometry(geometries[fresh])
            for row, code in zip(fresh, found, strict=True):
                known[id(geometries[row])] = (geometries[row], code)
        result = np.full(len(geometries), None, dtype=object)
        result[:] = [None if shape is None else known[id(shape)][1] for shape in geometries]
        return result
