"""Editing boundaries on the map: the mode, snapping, previews, and a file for each tool."""
