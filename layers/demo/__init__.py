"""A seeded generator of a demo project; every row of it is invented and says so."""
