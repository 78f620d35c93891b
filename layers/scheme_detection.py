"""In which scheme is a column of land-use codes written? Found by evidence or asked, never guessed.

Rules of the domain reference §3.3: code and name together must agree with exactly one scheme; else
05H1/08H1 mean survey3, letters gb50137, six digits a guide of 2020 or 2023; else the user is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gis.text import tr
from layers.land_use_codes import CUSTOM_SCHEME, LandUseCodes, plain_text

__all__ = ["detect_scheme"]

_SIX_DIGITS = re.compile(r"\d{6}")
_LETTER_CODE = re.compile(r"[A-Z][A-Z]?\d")
_GUIDES = ("guide2023", "guide2020")
_SURVEY_MARKS = ("05H1", "08H1", "08H2")
# A column is taken for a scheme when nearly all of its rows agree; county files carry typing errors.
_AGREEMENT = 0.95
_SHOWN = 8  # codes named in a question


def detect_scheme(
    table: LandUseCodes, codes: Sequence[object], names: Sequence[object] | None = None
) -> tuple[str | None, str]:
    """The scheme the codes are written in and why, or None and what has to be asked."""
    texts = [plain_text(code) for code in codes]
    present = {text for text in texts if text}
    if not present:
        return None, tr("没有可识别的用地代码")
    own = [scheme for scheme in table.schemes if scheme not in table.standard().schemes]
    for scheme in own:
        if all(table.known(scheme, text) for text in present):
            return scheme, tr("全部代码都在项目自带代码表中")
    if names is not None:
        agreeing = _agreeing_with_names(table, texts, [plain_text(name) for name in names])
        if len(agreeing) == 1:
            return agreeing[0], tr("代码与名称只与该标准一致")
        if set(agreeing) == set(_GUIDES):
            return _guide(table, present)
        if agreeing and all(
            len({table.class_of(scheme, text) for scheme in agreeing}) == 1 for text in present
        ):
            return agreeing[0], tr("代码与名称符合 {names}，各标准含义相同", names=tr("、").join(agreeing))
    if any(mark in text for text in present for mark in _SURVEY_MARKS):
        return "survey3", tr("出现 05H1、08H1 等三调专用代码")
    letters = sum(bool(_LETTER_CODE.match(text)) for text in present)
    if letters >= _AGREEMENT * len(present):
        if all(table.known("gb50137", text) for text in present):
            return "gb50137", tr("代码以字母开头，全部见于 GB 50137")
        return None, tr("代码以字母开头，但不全见于 GB 50137；请选择标准或提供代码表")
    if any(_SIX_DIGITS.fullmatch(text) for text in present):
        return _guide(table, present)
    if CUSTOM_SCHEME in own:
        strange = sorted(text for text in present if not table.known(CUSTOM_SCHEME, text))
        names_shown = tr("、").join(strange[:_SHOWN]) + ("…" if len(strange) > _SHOWN else "")
        return None, tr("{count} 个代码不在项目自带代码表中：{codes}", count=len(strange), codes=names_shown)
    return None, tr("仅凭数字代码无法确定分类标准（0601、1001 在不同标准中含义不同），请选择")


def _guide(table: LandUseCodes, present: set[str]) -> tuple[str | None, str]:
    """Which edition of the guide; where both mean the same by every code present, the newer one."""
    fitting = [scheme for scheme in _GUIDES if all(table.known(scheme, text) for text in present)]
    if len(fitting) == 1:
        return fitting[0], tr("全部代码只见于该版分类指南")
    if fitting and all(table.title("guide2023", text) == table.title("guide2020", text) for text in present):
        return "guide2023", tr("属用地用海分类指南；所用代码在2020与2023两版中含义相同，按2023版")
    return None, tr("属用地用海分类指南，但2020与2023两版含义不同，请选择")


def _agreeing_with_names(table: LandUseCodes, texts: list[str], names: list[str]) -> list[str]:
    """Schemes in which nearly all pairs of code and name belong together."""
    pairs = {(code, name) for code, name in zip(texts, names, strict=True) if code and name}
    if not pairs:
        return []
    return [
        scheme
        for scheme in table.schemes
        if sum(table.named(scheme, code, name) for code, name in pairs) >= _AGREEMENT * len(pairs)
    ]
