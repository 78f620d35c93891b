"""Targets and scopes of a policy in words."""

from __future__ import annotations

from gis.text import mark, tr

__all__ = ["scope_word", "target_title"]

_SCOPES = {"city": mark("全市"), "unit": mark("每个单元"), "park": mark("每个园区"), "case": mark("每个项目")}
# Demands that are quoted and have no check of their own.
_QUOTED = {
    "renewal_subsidy_share": mark("技术改造奖补比例"),
    "renewal_subsidy_cap": mark("技术改造奖补上限"),
}


def target_title(target_id: str) -> str:
    """The title of the check of a target; of one that no check computes its own, else its id."""
    from layers.checks.registry import CHECKS

    titles = {check.id: check.title for check in CHECKS}
    title = titles.get(target_id) or _QUOTED.get(target_id)
    return tr(title) if title else target_id


def scope_word(scope: str) -> str:
    """Whom a target is asked of."""
    return tr(_SCOPES[scope]) if scope in _SCOPES else scope
