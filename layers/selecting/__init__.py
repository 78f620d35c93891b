"""Finding the rows that a person means: by an area on the map, by what stands in them, by where they lie."""
