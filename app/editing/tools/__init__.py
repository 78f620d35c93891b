"""The editing tools of the map, one file each."""
