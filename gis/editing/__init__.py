"""Editing of boundaries so that neighbours stay joined: pure functions over a handful of geometries."""
