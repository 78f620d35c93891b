from __future__ import annotations

from pathlib import Path

import pytest

from gis.errors import ParkLineError
from layers.policy import default_policy_path, load_policy, parse_policy

TEXT = default_policy_path().read_text(encoding="utf-8")


def row_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_the_shipped_policy_states_what_the_measures_say() -> None:
    policy = load_policy()
    reserve, quota = policy.target("factory_reserve"), policy.target("industrial_quota")
    assert (reserve.operator, reserve.value, reserve.clause) == (">=", 30_000.0, "第八条")
    assert (quota.operator, quota.value, quota.scope) == (">=", 0.30, "city")
    assert "3万平方米以上" in reserve.quotation
    assert reserve.holds(30_000.0)
    assert not reserve.holds(29_999.999)


def test_the_fingerprint_is_of_the_text() -> None:
    assert load_policy().sha256 != parse_policy(TEXT + "\n# note\n", "p").sha256


@pytest.mark.parametrize(
    ("old", "new", "mark"),
    [
        ("pipeline_months = 12 ", "pipeline_month = 12 ", "pipeline_month ="),
        ("pipeline_months = 12 ", 'pipeline_months = "12" ', "pipeline_months ="),
        ("value = 0.30", 'value = "0.30"', 'value = "0.30"'),
        ('figure = "vacant" ', 'figure = "empty" ', "figure ="),
        ('modes = ["2",', 'modes = ["99",', 'modes = ["99"'),
        ('operator = ">="\nvalue = 0.30', 'operator = ">"\nvalue = 0.30', 'operator = ">"'),
        ("value = 0.30", "value = 0,30", "value = 0,30"),
        ("include_supplements = false", "include_supplements = 0", "include_supplements = 0"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, mark: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    with pytest.raises(ParkLineError) as caught:
        parse_policy(text, "policy.toml")
    assert caught.value.row == row_of(text, mark)
    assert str(caught.value.file) == "policy.toml"


@pytest.mark.parametrize(
    ("old", "new"), [('uncovered = "review"\n', ""), ('units = "all"', 'units = "some"')]
)
def test_a_missing_cell_or_a_wrong_choice_is_refused(old: str, new: str) -> None:
    with pytest.raises(ParkLineError):
        parse_policy(TEXT.replace(old, new, 1), "policy.toml")


def test_a_missing_file_and_a_missing_target_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ParkLineError):
        load_policy(tmp_path / "none.toml")
    with pytest.raises(ParkLineError):
        load_policy().target("nothing")


def test_an_older_policy_says_the_compared_figure_as_a_parameter() -> None:
    """Projects carry the policy they were made with; it must open for ever."""
    now = TEXT
    older = now.replace('figure = "vacant" ', "#").replace(
        'units = "all" ', 'units = 12\nbasis = "built"\n#', 1
    )
    older = older.replace('figure = "share"\n', "").replace('figure = "violation"\n', "")
    policy = parse_policy(older, "older.toml")
    assert policy.target("factory_reserve").figure == "built"
    assert policy.target("factory_reserve").parameters["units"] == 12
    assert policy.target("industrial_quota").figure == "share"
    assert policy.target("rezoning").figure == "violation"
