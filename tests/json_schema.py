"""Does a value fit a JSON Schema of docs/schema? The few words those files use, read strictly.

A member the schema does not name is a problem here, so that no undocumented member is printed; readers of
the output are told to expect new ones.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schema"

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_WORDS = {
    "$schema", "$defs", "$ref", "title", "description", "type", "properties", "required", "additionalProperties", "items",
    "enum", "const", "pattern", "minimum", "anyOf",
}  # fmt: skip


@cache
def schema(name: str) -> Any:
    """The schema of that name, parsed."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def problems(value: object, name: str) -> list[str]:
    """What does not fit, as "path: problem"; empty if all does."""
    return list(_problems(value, schema(name), schema(name), "$"))


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool) and kind in {"number", "integer"}:
        return False
    return isinstance(value, _TYPES[kind])


def _problems(value: Any, rule: Any, root: Any, path: str) -> list[str]:
    assert set(rule) <= _WORDS, f"{path}: a word this reader does not know: {set(rule) - _WORDS}"
    if "$ref" in rule:
        file, _, pointer = rule["$ref"].partition("#/$defs/")
        other = schema(file.removesuffix(".json")) if file else root
        return _problems(value, other["$defs"][pointer], other, path)
    if "anyOf" in rule:
        tried = [_problems(value, choice, root, path) for choice in rule["anyOf"]]
        return [] if not all(tried) else min(tried, key=len)
    found = []
    kinds = rule.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [f"{path}: {value!r} is no {'/'.join(kinds)}"]
    if "const" in rule and value != rule["const"]:
        found.append(f"{path}: {value!r} is not {rule['const']!r}")
    if "enum" in rule and value not in rule["enum"]:
        found.append(f"{path}: {value!r} is none of {rule['enum']}")
    if "pattern" in rule and isinstance(value, str) and not re.search(rule["pattern"], value):
        found.append(f"{path}: {value!r} does not match {rule['pattern']}")
    if "minimum" in rule and isinstance(value, (int, float)) and value < rule["minimum"]:
        found.append(f"{path}: {value!r} is below {rule['minimum']}")
    if isinstance(value, dict):
        known, more = rule.get("properties", {}), rule.get("additionalProperties", False)
        found += [f"{path}: {key} is missing" for key in rule.get("required", []) if key not in value]
        for key, item in value.items():
            if key in known:
                found += _problems(item, known[key], root, f"{path}.{key}")
            elif more is False:
                found.append(f"{path}: {key} is not documented")
            elif more is not True:
                found += _problems(item, more, root, f"{path}.{key}")
    if isinstance(value, list) and "items" in rule:
        for number, item in enumerate(value):
            found += _problems(item, rule["items"], root, f"{path}[{number}]")
    return found
