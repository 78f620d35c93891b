"""Scores, grades and the weight of weights, worked out by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import ParkLineError
from layers.checks import per_mu
from layers.checks.per_mu import GRADES, grades, relative, sensitivity
from layers.checks.result import CheckResult, UnitResult, Verdict
from layers.indicators import INDICATORS
from layers.policy import Policy, default_policy_path, parse_policy
from tests.layers.checks.world import CODES, DAY, POLICY, table, units

TEXT = default_policy_path().read_text(encoding="utf-8")
BY_KEY = {item.key: item for item in INDICATORS}
START = TEXT.index('id = "per_mu_evaluation"')


def changed(*pairs: tuple[str, str]) -> Policy:
    """The shipped policy with other words in the target of the evaluation."""
    text = TEXT[START:]
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return parse_policy(TEXT[:START] + text, "p.toml")


# Tax alone decides, against a base of 10 (without cap to speak of): the score is ten times the tax.
TAX = changed(
    ("weight = 45\nbase = \"mean\"\ncap = 1.5", "weight = 100\nbase = 10\ncap = 100"),
    ("weight = 20", "weight = 0"), ("weight = 15", "weight = 0"), ("weight = 15", "weight = 0"), ("weight = 5\n", "weight = 0\n"),
)  # fmt: skip


def parcel(number: str, tax: float | None, **more: object) -> dict[str, object]:
    return {
        "parcel_no": number, "unit": "石泉县", "actual_finish": "2022-05-01", "area_certified": 2000.0 / 3.0,
        "tax_per_mu_actual": tax, **more,
    }  # fmt: skip


def judge(*rows: dict[str, object], day: dt.date = DAY, policy: Policy = TAX) -> CheckResult:
    return per_mu.run({"parcel": table(list(rows))}, units(), policy, CODES, day)


def of(result: CheckResult, code: str = "610922") -> UnitResult:
    return next(item for item in result.units if item.code == code)


def test_twenty_parcels_are_graded_five_nine_five_one() -> None:
    """25 % of 20 = 5 A; up to 70 % = 14, so 9 B; up to 95 % = 19, so 5 C; the last is D."""
    result = judge(*(parcel(str(number), float(number)) for number in range(1, 21)))
    found = of(result)
    assert [found.figures[f"grade_{grade.lower()}"] for grade in GRADES] == [5.0, 9.0, 5.0, 1.0]
    assert found.figures["area_b"] == pytest.approx(9.0)  # a mu each
    assert found.figures["mean_score"] == pytest.approx(105.0)  # mean tax 10.5
    assert found.verdict is Verdict.MET
    by_number = dict(zip(result.evidence["label"], result.evidence["grade"], strict=True))
    assert (by_number["20"], by_number["16"], by_number["15"], by_number["1"]) == ("A", "A", "B", "D")


def test_equal_scores_share_rank_and_grade_and_a_single_parcel_is_the_best() -> None:
    """Of four equal the first place is everybody's; ceil(0.25 · 1) = 1, so one alone is A."""
    assert judge(*(parcel(str(number), 7.0) for number in range(4))).evidence["grade"].tolist() == ["A"] * 4
    assert judge(parcel("1", 0.1)).evidence["grade"].tolist() == ["A"]


def test_grades_by_score_take_the_bound_itself() -> None:
    policy = changed(
        ('grades = "rank"', 'grades = "score"'), ("cuts = [0.25, 0.70, 0.95]", "cuts = [120, 100, 80]")
    )
    weights = np.array([120.0, 119.9, 100.0, 80.0, 79.9])
    found, _ = grades(weights, np.zeros(5, dtype=np.int64), "score", [120.0, 100.0, 80.0])
    assert [GRADES[number] for number in found] == ["A", "B", "B", "C", "D"]
    assert policy.target("per_mu_evaluation").parameters["grades"] == "score"


def test_the_score_is_the_weighted_sum_of_capped_ratios_to_the_mean() -> None:
    """Tax 6 and 18, mean 12: 0.5 and 1.5 (at the cap). Energy 0.2 and 0.6, mean 0.4: less is better, 2 → 1.5 and 2/3.

    Output, R&D and emissions nobody has: 0 for both. A = 45·0.5 + 15·1.5 = 45; B = 45·1.5 + 15·2/3 = 77.5.
    """
    result = judge(parcel("A", 6.0, energy_actual=0.2), parcel("B", 18.0, energy_actual=0.6), policy=POLICY)
    assert result.evidence["score"].tolist() == pytest.approx([45.0, 77.5])


def test_a_missing_figure_counts_as_the_mean_of_the_others_or_keeps_from_being_graded() -> None:
    """Ratios of energy: A 0.3/0.2 = 1.5, B 0.3/0.4 = 0.75, mean 1.125 for C. Without tax nobody is graded."""
    rows = [parcel("A", 10.0, energy_actual=0.2), parcel("B", 10.0, energy_actual=0.4), parcel("C", 10.0)]
    scores = judge(*rows, policy=POLICY).evidence["score"].tolist()
    assert scores == pytest.approx([45 + 15 * 1.5, 45 + 15 * 0.75, 45 + 15 * 1.125])
    found = of(judge(*rows, parcel("D", None, energy_actual=0.1), policy=POLICY))
    assert (found.verdict, found.figures["unevaluated"], found.figures["evaluated"]) == (
        Verdict.SHORT,
        1.0,
        3.0,
    )


def test_the_base_is_the_mean_of_those_graded_together() -> None:
    """In the city 10 and 30 have the mean 20; each in its own unit is its own mean."""
    rows = [parcel("A", 10.0), parcel("B", 30.0, unit="汉滨区")]
    city = judge(*rows, policy=POLICY).evidence["score"].tolist()
    assert city == pytest.approx([45 * 0.5, 45 * 1.5])
    alone = judge(*rows, policy=changed(('by = "city"', 'by = "unit"'))).evidence
    assert alone["score"].tolist() == pytest.approx([45.0, 45.0])
    assert alone["grade"].tolist() == ["A", "A"]


def test_the_parcels_of_an_enterprise_are_one_when_the_policy_says_so() -> None:
    """10 万元/亩 on 3 mu and 2 on 1 mu make (30 + 2) / 4 = 8: score 80 for both parcels."""
    policy = parse_policy(TAX.text.replace('subject = "parcel" ', 'subject = "holder" ', 1), "p")
    rows = [
        parcel("A", 10.0, holder="示例企业 1", area_certified=2000.0),
        parcel("B", 2.0, holder="示例企业 1"),
        parcel("C", 9.0, holder="示例企业 2"),
        parcel("D", 1.0),
        parcel("E", 5.0),
    ]
    result = judge(*rows, policy=policy)
    assert result.evidence["score"].tolist() == pytest.approx([80.0, 80.0, 90.0, 10.0, 50.0])
    assert result.evidence["rank"].tolist() == [2, 2, 1, 4, 3]


def test_only_what_is_complete_on_the_day_takes_part() -> None:
    rows = [parcel("A", 10.0, actual_finish="2024-06-30"), parcel("B", 5.0, actual_finish="2024-07-01")]
    assert of(judge(*rows)).figures["participants"] == 1.0
    later = parse_policy(TAX.text.replace("start_after_months = 0", "start_after_months = 12", 1), "p")
    assert of(judge(*rows, policy=later)).verdict in (Verdict.EMPTY, Verdict.NOT_JUDGED)
    assert of(judge(*rows, policy=later, day=dt.date(2025, 6, 30))).figures["participants"] == 1.0


def test_without_figures_nothing_is_judged() -> None:
    assert {item.verdict for item in judge().units} == {Verdict.NOT_JUDGED}
    assert {item.verdict for item in judge(parcel("A", None)).units} == {Verdict.NOT_JUDGED}


def test_moving_a_weight_tells_who_changes_grade() -> None:
    """Two subjects, ratios (1.0, 0.4) and (0.5, 1.0), weights 60 and 40: scores 76 and 70, A and B.

    Tax at 50: 0.5·100·1.0 + 0.5·100·0.4 = 70 and 75: they change places. At 70 they stay.
    """
    parts = np.array([[1.0, 0.4], [0.5, 1.0]])
    group = np.zeros(2, dtype=np.int64)
    pair = [BY_KEY["tax_per_mu"], BY_KEY["energy"]]
    moves = sensitivity(parts, np.array([60.0, 40.0]), pair, group, "rank", [0.5, 0.9, 0.99], 10.0)
    found = {(move.indicator.key, move.change): (move.better, move.worse) for move in moves}
    assert found == {
        ("tax_per_mu", 10.0): (0, 0), ("tax_per_mu", -10.0): (1, 1),
        ("energy", 10.0): (1, 1), ("energy", -10.0): (0, 0),
    }  # fmt: skip


def test_a_weight_moves_no_further_than_nothing_and_all() -> None:
    parts, group = np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2, dtype=np.int64)
    pair = [BY_KEY["tax_per_mu"], BY_KEY["energy"]]
    moves = sensitivity(parts, np.array([97.0, 3.0]), pair, group, "rank", [0.5, 0.9, 0.99], 5.0)
    assert sorted(move.change for move in moves) == [-5.0, -3.0, 3.0, 5.0]


def test_the_sensitivity_is_told_as_a_finding() -> None:
    result = judge(
        *(parcel(str(n), float(n), energy_actual=0.1 * (1 + n % 3)) for n in range(1, 9)), policy=POLICY
    )
    assert any(item.text.startswith("权重敏感性：") for item in result.findings)


def test_using_nothing_is_as_good_as_the_cap_allows() -> None:
    found = relative(
        np.array([0.0, 0.4, np.nan]),
        BY_KEY["energy"],
        0.2,
        1.5,
        np.zeros(3, dtype=np.int64),
        np.ones(3, dtype=np.bool_),
    )
    assert found[:2].tolist() == [1.5, 0.5]
    assert np.isnan(found[2])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weight = 45", "weight = 44"), ("cap = 1.5", "cap = 0"), ('missing = "none"', 'missing = "zero"'),
        ("cuts = [0.25, 0.70, 0.95]", "cuts = [0.25, 0.95]"), ("cuts = [0.25, 0.70, 0.95]", "cuts = [0.7, 0.25, 0.95]"),
        ("indicators.tax_per_mu", "indicators.taxes"), ('base = "mean"', "base = 0"),
    ],
)  # fmt: skip
def test_a_scheme_that_cannot_be_is_refused_with_its_line(old: str, new: str) -> None:
    with pytest.raises(ParkLineError) as caught:
        changed((old, new))
    assert caught.value.row is not None


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=60),
    st.sampled_from([(0.25, 0.7, 0.95), (0.2, 0.6, 0.9)]),
)
def test_a_better_score_never_has_a_worse_grade(scores: list[int], cuts: tuple[float, float, float]) -> None:
    values = np.array(scores, dtype=np.float64)
    grade, rank = grades(values, np.zeros(len(values), dtype=np.int64), "rank", cuts)
    order = np.argsort(-values)
    assert (np.diff(grade[order]) >= 0).all()
    assert (np.diff(rank[order]) >= 0).all()
    assert rank.min() == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=40))
def test_ranks_are_those_of_pandas_in_each_group(rows: list[tuple[int, int]]) -> None:
    """Scores that differ only in the tenth decimal share a place."""
    score, group = np.array(rows).T
    group = np.unique(group, return_inverse=True)[1]
    noisy = score + np.arange(len(score)) * 1e-12
    expected = pd.Series(score).groupby(group).rank(method="min", ascending=False)
    assert grades(noisy, group, "rank", [0.5])[1].tolist() == expected.astype(int).tolist()
