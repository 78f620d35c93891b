"""One file per check: a pure function of tables, policy and date."""
