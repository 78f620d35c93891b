"""What-if: named sets of planned changes, laid over the tables of a project without touching them."""
