"""What the bench command prints, on cities of a few hundred parcels; no time is judged."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import pytest

from layers.checks.registry import CHECKS
from layers.demo import generate
from layers.project import Project
from tests.bench import __main__ as bench

REQUIRED = {
    "size", "seconds", "seconds_median", "reference", "reference_seconds", "ratio", "memory_before_mb",
    "peak_memory_mb", "wall_seconds",
}  # fmt: skip


def test_sizes_are_written_as_people_say_them() -> None:
    assert bench.sizes_of("10k,100K, 1M,2_500,0.5m") == [10_000, 100_000, 1_000_000, 2_500, 500_000]
    assert bench.sizes_of(bench.DEFAULT_SIZES) == [10_000, 100_000, 1_000_000]


@pytest.mark.parametrize("text", ["10q", "k", "-5", "0", "1e", "1kM"])
def test_what_is_no_number_of_parcels_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="10k"):
        bench.sizes_of(text)


@pytest.mark.parametrize("name", ["area", "overlay", "rezoning"])
def test_each_size_is_measured_with_its_reference_and_the_memory_of_our_part(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bench itself compares our result with the reference's and fails where they differ."""
    assert bench.main([name, "--sizes", "300,400"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["name"] == name
    assert {"python", "processors", "load", "date"} <= printed["machine"].keys()
    assert [result["size"] for result in printed["results"]] == [300, 400]
    for result in printed["results"]:
        assert result.keys() >= REQUIRED
        assert result["peak_memory_mb"] >= result["memory_before_mb"] > 0
    first, second = printed["results"]
    assert "growth" not in first
    assert second["growth"] == pytest.approx(second["seconds"] / first["seconds"] / (400 / 300), abs=0.006)


def test_all_checks_are_timed_within_one_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a project that is there already: reading, and every check that its policy asks for."""
    path = tmp_path / "p.gpkg"
    generate(path, parcels=400).close()
    monkeypatch.setenv("PARKLINE_BENCH_PROJECT", os.pathsep.join([str(path)]))
    with Project.open(path) as project:
        count = project.store.count("parcel")
        expected = [check.id for check in CHECKS if project.policy.has(check.id)]
    assert bench.main(["checks", "--sizes", str(count)]) == 0
    [result] = json.loads(capsys.readouterr().out)["results"]
    assert result["parcels"] == count
    assert list(result["seconds_of_each"]) == expected
    assert result["reading_seconds"] > 0.0
    assert result["checks"] == len(expected)
