"""The parts round the map: layer tree, table, warnings, dashboard, parcel card."""
