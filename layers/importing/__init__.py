"""From a county's file to stored rows: mapping, validation, quarantine."""
