"""示例数据: a believable, seeded project of twelve units."""

from __future__ import annotations

from layers.demo.build import generate

__all__ = ["generate"]
