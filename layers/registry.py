"""All layers of a project, in the order in which they are drawn from bottom to top."""

from __future__ import annotations

from layers.block_line import BLOCK_LINE_LAYER
from layers.enterprise import ENTERPRISE_TABLE
from layers.factory import FACTORY_LAYER, LEASE_TABLE
from layers.investment import INVESTMENT_LAYER
from layers.land_use import LAND_USE_LAYER
from layers.observation import OBSERVATION_LAYER
from layers.parcel import PARCEL_LAYER
from layers.park import PARK_LAYER
from layers.project_ledgers import FUNDING_TABLE, PROJECT_LIST_TABLE, SUSPENSION_TABLE
from layers.records import FINDING_TABLE, LINEAGE_TABLE, SCENARIO_TABLE, WARNING_TABLE
from layers.spec import LayerSpec
from layers.transfer import TRANSFER_LAYER
from layers.unit import UNIT_LAYER

__all__ = ["LAYERS", "RECORDS", "TABLES", "layer"]

LAYERS: tuple[LayerSpec, ...] = (
    UNIT_LAYER,
    LAND_USE_LAYER,
    PARK_LAYER,
    PARCEL_LAYER,
    TRANSFER_LAYER,
    FACTORY_LAYER,
    BLOCK_LINE_LAYER,
    INVESTMENT_LAYER,
    OBSERVATION_LAYER,
)

# Layers and ledgers: everything that can be imported and exported.
TABLES: tuple[LayerSpec, ...] = (
    *LAYERS,
    LEASE_TABLE,
    ENTERPRISE_TABLE,
    PROJECT_LIST_TABLE,
    FUNDING_TABLE,
    SUSPENSION_TABLE,
)

# What the program keeps beside them by itself.
RECORDS: tuple[LayerSpec, ...] = (WARNING_TABLE, LINEAGE_TABLE, FINDING_TABLE, SCENARIO_TABLE)

_BY_NAME = {spec.name: spec for spec in (*TABLES, *RECORDS)}


def layer(name: str) -> LayerSpec:
    """The layer, ledger or record table of that name; ``KeyError`` if there is none."""
    return _BY_NAME[name]
