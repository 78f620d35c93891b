"""Pictures of the ground under the map: orthophotos and tile sets, read where they are seen, in the map's plane."""
