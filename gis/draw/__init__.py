"""Geometry to screen-ready buffers, and pages at an exact scale."""
