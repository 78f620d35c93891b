"""Geometry, files, storage and drawing. Knows nothing of land policy and nothing of Qt."""
