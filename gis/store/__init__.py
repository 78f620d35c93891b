"""Where a project is kept: one GeoPackage with a journal."""
