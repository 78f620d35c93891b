"""Import, print and settings."""
