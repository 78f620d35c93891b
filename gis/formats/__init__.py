"""One file per exchange format; all give the same SourceTable."""
