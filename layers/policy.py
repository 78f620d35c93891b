"""Every threshold with its clause and quotation, read from a TOML file; none stands in code.

The file's text travels with a project (`Policy.text`, `Policy.sha256`), so that a verdict can always be
traced to the very wording it was given under.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from gis.errors import ParkLineError
from gis.text import mark, tr
from layers.policy_keys import FIGURES, PARAMETERS
from layers.policy_rules import Rule

__all__ = ["Policy", "Target", "default_policy_path", "load_policy", "parse_policy"]

_DEFAULT = Path(__file__).resolve().parent.parent / "resources" / "policy" / "ankang-2024.toml"

_POLICY_KEYS: dict[str, type] = {"id": str, "title": str, "version": str, "city": str}
_TARGET_KEYS: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "clause": (str,),
    "quotation": (str,),
    "operator": (str,),
    "value": (int, float),
    "unit": (str,),
    "scope": (str,),
    "period": (str,),
    "figure": (str,),
    "parameters": (dict,),
}
_OPTIONAL = ("figure", "parameters")  # policies of older projects name no figure
_OPERATORS = (">=", "<=")
_SCOPES = ("city", "unit", "park", "case")


@dataclass(frozen=True, slots=True)
class Target:
    """One demand of the policy; ``value`` is in ``unit`` (a key of ``gis.units`` or a count word).

    ``scope`` is the city, each unit, each park or each case; ``figure`` the figure of the check that is compared
    ("" where the check has but one).
    """

    id: str
    clause: str
    quotation: str
    operator: str
    value: float
    unit: str
    scope: str
    period: str
    figure: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, figure: float) -> bool:
        """Whether a figure, unrounded, satisfies the demand; the threshold itself does."""
        return figure >= self.value if self.operator == ">=" else figure <= self.value


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document as the checks use it."""

    id: str
    title: str
    version: str
    city: str
    targets: tuple[Target, ...]
    text: str = field(repr=False)

    @property
    def sha256(self) -> str:
        """Fingerprint of the file's text, as lower-case hex."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def has(self, target_id: str) -> bool:
        """Whether the policy makes that demand."""
        return any(target.id == target_id for target in self.targets)

    def target(self, target_id: str) -> Target:
        """The demand of that id; `ParkLineError` if the policy does not make it."""
        for target in self.targets:
            if target.id == target_id:
                return target
        raise ParkLineError(
            tr("政策文件《{title}》没有指标 {id}", title=self.title, id=target_id),
            hint=tr("请在政策文件中补充 [[target]] id = “{id}”。", id=target_id),
        )


def default_policy_path() -> Path:
    """The policy file shipped with the program (安康市 2024)."""
    return _DEFAULT


def load_policy(path: str | Path | None = None) -> Policy:
    """Read a policy file, by default the shipped one. Raises `ParkLineError` with file and line."""
    source = _DEFAULT if path is None else Path(path)
    try:
        text = source.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ParkLineError(
            tr("政策文件无法读取：{reason}", reason=error.strerror or str(error)), file=source
        ) from error
    except UnicodeDecodeError as error:
        raise ParkLineError(
            tr("政策文件不是 UTF-8 编码"), hint=tr("请用 UTF-8 另存后再试。"), file=source
        ) from error
    return parse_policy(text, str(source))


def parse_policy(text: str, name: str) -> Policy:
    """Parse and check the text of a policy file; ``name`` is the file named in errors.

    Raises `ParkLineError` that names line and key: bad TOML, an unknown or missing key, a wrong type,
    a value outside its choices.
    """
    reader = _Reader(text, name)
    document = reader.document()
    for key in document:
        if key not in ("policy", "target"):
            reader.fail(tr("不认识的键 {key}", key=key), key=key)
    head = document.get("policy")
    if not isinstance(head, dict):
        reader.fail(tr("缺少 [policy] 一节"))
    for key, value in head.items():
        if key not in _POLICY_KEYS:
            reader.fail(tr("不认识的键 {key}", key=key), key=key, hint=_names(_POLICY_KEYS))
        reader.check_type(key, value, (_POLICY_KEYS[key],), None)
    for key in ("id", "title", "version"):
        if key not in head:
            reader.fail(tr("[policy] 缺少 {key}", key=key))
    entries = document.get("target", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        reader.fail(tr("target 须写作 [[target]]"), key="target")
    targets = tuple(reader.target(number, entry) for number, entry in enumerate(entries))
    names = [target.id for target in targets]
    for number, target_id in enumerate(names):
        if target_id in names[:number]:
            reader.fail(tr("指标 {id} 重复", id=target_id), key="id", section=number)
    return Policy(
        id=head["id"],
        title=head["title"],
        version=head["version"],
        city=head.get("city", ""),
        targets=targets,
        text=text,
    )


def _names(names: Mapping[str, object] | tuple[str, ...]) -> str:
    return tr("可用：{names}", names=tr("、").join(names))


class _Reader:
    """Walks one document and knows on which line a key stands."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.text = text
        self.lines = text.splitlines()
        self.starts = [number for number, line in enumerate(self.lines) if line.strip() == "[[target]]"]

    def fail(
        self, message: str, *, key: str | None = None, section: int | None = None, hint: str = ""
    ) -> NoReturn:
        """Raise the error of a key, with the line on which it stands where it can be found."""
        raise ParkLineError(message, hint=hint, file=self.name, row=self._line(key, section))

    def _line(self, key: str | None, section: int | None) -> int | None:
        first, last = 0, len(self.lines)
        if section is not None and section < len(self.starts):
            first = self.starts[section]
            last = self.starts[section + 1] if section + 1 < len(self.starts) else len(self.lines)
        if key is not None:
            pattern = re.compile(rf"\s*(?:{re.escape(key)}\s*=|\[+[\w.]*\b{re.escape(key)}\b)")
            for number in range(first, last):
                if pattern.match(self.lines[number]):
                    return number + 1
        return first + 1 if section is not None else None

    def document(self) -> dict[str, Any]:
        """The TOML document; a syntax error keeps the line the parser names."""
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"at line (\d+)", str(error))
            raise ParkLineError(
                tr("政策文件不是正确的 TOML：{reason}", reason=error),
                hint=tr("文字须加引号，小数点用英文句点。"),
                file=self.name,
                row=int(found[1]) if found else None,
            ) from error

    def check_type(self, key: str, value: object, types: tuple[type, ...], section: int | None) -> None:
        """Refuse a value of another type; a boolean is never a number."""
        wrong = not isinstance(value, types) or (isinstance(value, bool) and bool not in types)
        if wrong:
            self.fail(
                tr("{key} 的值 {value} 类型不对", key=key, value=repr(value)),
                key=key,
                section=section,
                hint=tr("应为 {types}。", types="/".join(tr(_TYPE_WORDS[item]) for item in types)),
            )

    def target(self, section: int, entry: dict[str, Any]) -> Target:
        """One ``[[target]]``, checked."""
        for key, value in entry.items():
            if key not in _TARGET_KEYS:
                self.fail(
                    tr("不认识的键 {key}", key=key), key=key, section=section, hint=_names(_TARGET_KEYS)
                )
            self.check_type(key, value, _TARGET_KEYS[key], section)
        for key in _TARGET_KEYS:
            if key not in entry and key not in _OPTIONAL:
                self.fail(tr("指标缺少 {key}", key=key), section=section)
        if entry["operator"] not in _OPERATORS:
            self.fail(
                tr("不认识的比较符 {value}", value=entry["operator"]),
                key="operator",
                section=section,
                hint=_names(_OPERATORS),
            )
        if entry["scope"] not in _SCOPES:
            self.fail(
                tr("不认识的范围 {value}", value=entry["scope"]),
                key="scope",
                section=section,
                hint=_names(_SCOPES),
            )
        figures = FIGURES.get(entry["id"], ())
        if "figure" in entry and figures and entry["figure"] not in figures:
            self.fail(
                tr("不认识的数值 {value}", value=entry["figure"]),
                key="figure",
                section=section,
                hint=_names(figures),
            )
        parameters = entry.get("parameters", {})
        rules = PARAMETERS.get(entry["id"])
        if rules is not None:
            self._parameters(section, parameters, rules)
        return Target(
            **{key: entry[key] for key in _TARGET_KEYS if key not in ("figure", "parameters", "value")},
            value=float(entry["value"]),
            # Older policies name no figure; of the floor reserve they said it as a parameter.
            figure=str(entry.get("figure") or parameters.get("basis") or (figures[0] if figures else "")),
            parameters=MappingProxyType(parameters),
        )

    def _parameters(self, section: int, given: dict[str, Any], rules: Mapping[str, Rule]) -> None:
        for key, value in given.items():
            if key not in rules:
                self.fail(tr("不认识的参数 {key}", key=key), key=key, section=section, hint=_names(rules))
            rule = rules[key]
            self.check_type(key, value, rule.types, section)
            problem = rule.problem(value)
            if problem:
                self.fail(f"{key}: {problem}", key=key, section=section)
        for key, rule in rules.items():
            if rule.required and key not in given:
                self.fail(
                    tr("缺少参数 {key}", key=key),
                    section=section,
                    hint=tr("可参照随程序提供的 {name}。", name=_DEFAULT.name),
                )


_TYPE_WORDS: dict[type, str] = {
    str: mark("文字"),
    int: mark("整数"),
    float: mark("小数"),
    bool: "true/false",
    list: mark("列表"),
    dict: mark("小节"),
}
