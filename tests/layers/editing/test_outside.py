"""An edit that is under way while another program writes the same rows: refused, never written over them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import shapely

from gis.errors import ParkLineError
from gis.store.spatial_index import register_functions
from layers.editing.prepare import attribute_edit, retirement, shape_edit
from layers.editing.save import save
from layers.project import Project
from tests.layers.editing.city import content, read, uuid_of


def from_outside(path: Path, statement: str, *values: object) -> None:
    """Written as QGIS does it: in place, with the functions of the triggers and without our journal."""
    with closing(sqlite3.connect(path)) as other, other:
        register_functions(other)
        other.execute(statement, values)


SAME_FIELD = "UPDATE parcel SET holder = '外部' WHERE parcel_no = 'A' AND retired IS NULL"
OTHER_FIELD = "UPDATE parcel SET park = '外部' WHERE parcel_no = 'A' AND retired IS NULL"
SHAPE = (
    "UPDATE parcel SET geom = (SELECT geom FROM parcel WHERE parcel_no = 'B' AND retired IS NULL) "
    "WHERE parcel_no = 'A' AND retired IS NULL"
)
GONE = "DELETE FROM parcel WHERE parcel_no = 'A' AND retired IS NULL"


@pytest.mark.parametrize("change", [SAME_FIELD, OTHER_FIELD, SHAPE, GONE])
@pytest.mark.parametrize("what", ["attribute", "shape", "retirement"])
def test_a_row_that_was_changed_outside_meanwhile_is_not_written_over(
    project: Project, change: str, what: str
) -> None:
    uuid = uuid_of(project, "parcel", "A")
    if what == "attribute":
        edit = attribute_edit(project, "parcel", [uuid], {"holder": "我们"})
    elif what == "shape":
        shape = shapely.affinity.translate(read(project, "parcel").loc["A"].geometry, 1.0, 0.0)
        edit = shape_edit(project, "parcel", {uuid: shape})
    else:
        edit = retirement(project, "parcel", [uuid])
    from_outside(project.path, change)
    before = content(project)
    with pytest.raises(ParkLineError, match="改动") as caught:
        save(project, edit, reason="x")
    assert caught.value.hint
    assert content(project) == before
    assert project.store.changed_outside() in (True, False)  # the file is in its place


def test_an_edit_of_another_row_goes_through_and_leaves_what_came_from_outside(project: Project) -> None:
    edit = attribute_edit(project, "parcel", [uuid_of(project, "parcel", "B")], {"holder": "我们"})
    from_outside(project.path, SAME_FIELD)
    save(project, edit)
    holders = read(project, "parcel")["holder"]
    assert (holders["A"], holders["B"]) == ("外部", "我们")


def test_an_edit_made_after_the_change_goes_through(project: Project) -> None:
    uuid = uuid_of(project, "parcel", "A")
    from_outside(project.path, OTHER_FIELD)
    save(project, attribute_edit(project, "parcel", [uuid], {"holder": "我们"}))
    row = read(project, "parcel").loc["A"]
    assert (row["holder"], row["park"]) == ("我们", "外部")
