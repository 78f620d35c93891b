"""Label templates: the layer's fields, their units and titles, and nothing else."""

from __future__ import annotations

import pandas as pd
import pytest

from gis.errors import ParkLineError
from layers.registry import layer
from layers.styling.template import Template

PARCEL = layer("parcel")
ROW = {
    "parcel_no": "AK-01", "area_ellipsoid": 20_000.0, "area_certified": None, "stage": "standard_set", "sold_on": "2024-05-06",
    "name": "<b>甲</b>", "holder": float("nan"), "certificate_on": pd.NaT,
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{parcel_no}", "AK-01"),
        ("{parcel_no}\n{area_ellipsoid:mu} 亩", "AK-01\n30.00 亩"),  # 20 000 m² / (2000/3) = 30
        ("{area_ellipsoid:ha.1} 公顷", "2.0 公顷"),
        ("{area_ellipsoid:.0}", "20000"),
        ("{area_ellipsoid}", "20000.00"),
        ("{stage:code}", "standard_set"),
        ("{sold_on}", "2024-05-06"),
        ("{sold_on:year} 年", "2024 年"),
        ("{{{parcel_no}}}", "{AK-01}"),
        ("{name}", "<b>甲</b>"),
        (
            "{parcel_no}\n{area_certified:mu} 亩\n{holder}{certificate_on}",
            "AK-01",
        ),  # empty lines are left out
        ("{area_certified}", ""),
        ("字", "字"),
    ],
)
def test_fields_are_written_in_their_units(template: str, text: str) -> None:
    assert Template.parse(template, PARCEL).render(ROW) == text


def test_a_coded_field_shows_its_title() -> None:
    title = Template.parse("{stage}", PARCEL).render(ROW)
    assert title
    assert title != "standard_set"


@pytest.mark.parametrize(
    "template",
    [
        "{unknown}", "{parcel_no.__class__}", "{parcel_no[0]}", "{0}", "{}", "{parcel_no!r}", "{parcel_no:>99999999}", "{",
        "}", "{{}", "{area_ellipsoid:km}", "{area_ellipsoid:mu.9}", "{area_ellipsoid:999999f}", "{sold_on:%Y}", "{name:x}",
        "x" * 301, "\n" * 6,
    ],
)  # fmt: skip
def test_everything_else_is_refused_in_words(template: str) -> None:
    with pytest.raises(ParkLineError):
        Template.parse(template, PARCEL)


def test_a_template_knows_its_fields_and_an_empty_one_is_the_layers_label() -> None:
    assert Template.parse("{parcel_no} {area_plane} {parcel_no}", PARCEL).fields == (
        "parcel_no",
        "area_plane",
    )
    own = Template.of_layer("", PARCEL)
    assert own is not None
    assert own.render(ROW) == "AK-01"
