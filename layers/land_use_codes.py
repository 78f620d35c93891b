"""Land-use codes: a code means something only together with its scheme (domain reference §3).

``resources/codes/land_use.csv`` holds the schemes; a project may bring its own table as CSV, whose
scheme is called ``custom``. Everything works on arrays: unique (scheme, code) pairs are looked at once.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import ParkLineError
from gis.text import language, tr

__all__ = ["CUSTOM_SCHEME", "LandUseClass", "LandUseCode", "LandUseCodes", "land_use_classes", "plain_text"]

CUSTOM_SCHEME = "custom"

_CODES = Path(__file__).resolve().parent.parent / "resources" / "codes"
_SEPARATORS = re.compile(r"[/+、;；,，|&()（）]+")  # data
# The ending that a ledger may leave out of a name of use.
_ENDING = "用地"  # data
_DIGIT_SCHEMES = ("guide2023", "guide2020", "gbt21010_2017", "survey3", "landchina")


@dataclass(frozen=True, slots=True)
class LandUseClass:
    """A normalised class, by which codes of different schemes are compared."""

    key: str
    zh: str
    en: str
    colour: str
    group: str

    @property
    def title(self) -> str:
        """Title in the language in use."""
        return self.zh if language() == "zh_CN" else self.en


@cache
def land_use_classes() -> Mapping[str, LandUseClass]:
    """All normalised classes by key, in legend order."""
    with (_CODES / "land_use_classes.toml").open("rb") as file:
        return {key: LandUseClass(key, **entry) for key, entry in tomllib.load(file).items()}


@dataclass(frozen=True, slots=True)
class LandUseCode:
    """One code of one scheme. A ``wildcard`` code of a custom table stands for all codes it begins."""

    scheme: str
    code: str
    name: str
    use_class: str
    en: str = ""
    wildcard: bool = False


def plain_text(value: object) -> str:
    """A code or name as it is compared: NFKC, no blanks, upper case; missing is empty."""
    if value is None or value != value:  # NaN
        return ""
    plain = "".join(unicodedata.normalize("NFKC", str(value)).split()).upper()
    return plain[:-2] if plain.endswith(".0") and plain[:-2].isdigit() else plain


@dataclass(frozen=True)
class LandUseCodes:
    """The schemes of a project and the crosswalk between them."""

    _codes: Mapping[tuple[str, str], LandUseCode]
    _names: Mapping[tuple[str, str], str]
    _parts: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, repr=False)

    # --- construction -------------------------------------------------------------------------------

    @classmethod
    def standard(cls) -> LandUseCodes:
        """The national schemes of ``resources/codes/land_use.csv``."""
        return _standard()

    def with_csv(self, text: str, file: str | Path | None = None) -> LandUseCodes:
        """These schemes and a project's own table: columns ``code,name,class`` and optionally ``scheme``.

        Without a scheme column the scheme is ``custom``. A code that ends in ``*`` stands for every code
        it begins; other codes of a custom table are taken literally. Raises `ParkLineError` with the row.
        """
        reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
        columns = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        missing = {"code", "name", "class"} - set(columns)
        if missing:
            raise ParkLineError(
                tr("用地代码表缺少列：{columns}", columns=tr("、").join(sorted(missing))),
                hint=tr("需要 code、name、class 三列，可另有 scheme 列。"),
                file=file,
            )
        own = []
        for number, row in enumerate(reader, start=2):
            entry = {
                (key or "").strip().lower(): (value or "").strip()
                for key, value in row.items()
                if isinstance(value, str) or value is None
            }
            code = entry["code"]
            if not code:
                continue
            use_class = entry["class"]
            if use_class not in land_use_classes():
                raise ParkLineError(
                    tr("代码 {code} 的类别“{name}”不存在", code=code, name=use_class),
                    hint=tr("可用类别：{names}", names=tr("、").join(land_use_classes())),
                    file=file,
                    row=number,
                )
            own.append(
                LandUseCode(
                    scheme=entry.get("scheme") or CUSTOM_SCHEME,
                    code=code.rstrip("*"),
                    name=entry["name"],
                    use_class=use_class,
                    en=entry.get("en", ""),
                    wildcard=code.endswith("*"),
                )
            )
        return _table_of([*self._codes.values(), *own])

    # --- single codes -------------------------------------------------------------------------------

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes there are codes of."""
        return tuple(dict.fromkeys(scheme for scheme, _ in self._codes))

    def entries(self, scheme: str) -> tuple[LandUseCode, ...]:
        """The codes of a scheme in the order of the table."""
        return tuple(item for (owner, _), item in self._codes.items() if owner == scheme)

    def is_prefix(self, item: LandUseCode) -> bool:
        """Whether longer codes that begin with this one, and have no entry, belong to it."""
        # A stranger's "R-15" is not an "R-1": only declared prefixes are prefixes there.
        return item.scheme in _STANDARD_SCHEMES or item.wildcard

    def _longest(self, scheme: str, code: str) -> LandUseCode | None:
        exact = self._codes.get((scheme, code))
        if exact is not None:
            return exact
        for length in range(len(code) - 1, 0, -1):
            found = self._codes.get((scheme, code[:length]))
            if found is not None and self.is_prefix(found):
                return found
        return None

    def _tokens(self, scheme: str, code: str) -> list[str] | None:
        """``R2B1`` → R2, B1; ``07010901`` → 0701, 0901; None where known codes do not fill the text."""
        if scheme not in _STANDARD_SCHEMES or (scheme in _DIGIT_SCHEMES and len(code) < 8):
            return None
        shortest = 4 if scheme in _DIGIT_SCHEMES else 2
        tokens: list[str] = []
        start = 0
        while start < len(code):
            ends = (end for end in range(len(code), start + shortest - 1, -1))
            end = next((end for end in ends if (scheme, code[start:end]) in self._codes), None)
            if end is None:
                return None
            tokens.append(code[start:end])
            start = end
        return tokens if len(tokens) > 1 else None

    def parts(self, scheme: object, code: object) -> tuple[str, ...]:
        """Classes of the parts of a code, in its order; one class for a plain code.

        >>> LandUseCodes.standard().parts("guide2023", "100101+0802")
        ('industrial', 'public_service')
        """
        key = (str(scheme), plain_text(code))
        known = self._parts.get(key)
        if known is None:
            known = self._parts[key] = self._split(*key)
        return known

    def _split(self, scheme: str, code: str) -> tuple[str, ...]:
        if not code:
            return ("unknown",)
        exact = self._codes.get((scheme, code))
        if exact is not None:
            return (exact.use_class,)
        pieces = [piece for piece in _SEPARATORS.split(code) if piece]
        if len(pieces) < 2:
            pieces = self._tokens(scheme, code) or [code]
        found = (self._longest(scheme, piece) for piece in pieces)
        return tuple("unknown" if item is None else item.use_class for item in found)

    def class_of(self, scheme: object, code: object) -> str:
        """Normalised class; ``unknown`` if no prefix of the code is known in that scheme."""
        parts = set(self.parts(scheme, code))
        if len(parts) == 1:
            return next(iter(parts))
        return "industrial_mixed" if parts & {"industrial", "industrial_mixed"} else "mixed"

    def known(self, scheme: object, code: object) -> bool:
        """Whether every part of the code has a class in that scheme."""
        return "unknown" not in self.parts(scheme, code)

    def title(self, scheme: object, code: object) -> str:
        """Name of a code in the language in use; of a mixed code, the names of its parts."""
        plain = plain_text(code)
        item = self._codes.get((str(scheme), plain))
        if item is None:
            pieces = [piece for piece in _SEPARATORS.split(plain) if piece]
            if len(pieces) < 2:
                pieces = self._tokens(str(scheme), plain) or [plain]
            found = [(piece, self._longest(str(scheme), piece)) for piece in pieces]
            return " / ".join(piece if item is None else _title(item) for piece, item in found)
        return _title(item)

    def exact(self, scheme: str, code: object) -> bool:
        """Whether the code itself, not only a prefix, stands in the table of that scheme."""
        return (scheme, plain_text(code)) in self._codes

    def named(self, scheme: str, code: object, name: object) -> bool:
        """Whether the name belongs to the code or to a code above it, written with or without 用地."""
        plain, wanted = plain_text(code), _stem(plain_text(name))
        return any(
            _stem(plain_text(found.name)) == wanted or plain_text(found.en) == wanted
            for length in range(len(plain), 0, -1)
            if (found := self._codes.get((scheme, plain[:length]))) is not None
        )

    def find(self, scheme: str, name: object) -> str | None:
        """The code whose name this is in a scheme, else None (landchina tables carry names, not codes)."""
        plain = plain_text(name)
        return self._names.get((scheme, plain)) or self._names.get((scheme, plain + _ENDING))

    def colour(self, scheme: object, code: object) -> str:
        """Fill colour ``#RRGGBB`` of a code's class."""
        return land_use_classes()[self.class_of(scheme, code)].colour

    # --- arrays -------------------------------------------------------------------------------------

    def _each(self, schemes: ArrayLike, codes: ArrayLike) -> tuple[list[tuple[str, str]], NDArray[np.int64]]:
        """Unique (scheme, code) pairs and, for each row, which of them it is."""
        code_array = np.asarray(codes, dtype=object).ravel()
        scheme_array = np.broadcast_to(np.asarray(schemes, dtype=object).ravel(), code_array.shape)
        seen: dict[tuple[object, object], int] = {}
        rows = np.fromiter(
            (
                seen.setdefault(("" if a != a else a, "" if b != b else b), len(seen))
                for a, b in zip(scheme_array, code_array, strict=True)
            ),
            dtype=np.int64,
            count=len(code_array),
        )
        return [(str(a), "" if b is None else str(b)) for a, b in seen], rows

    def classes(self, schemes: ArrayLike, codes: ArrayLike) -> NDArray[np.object_]:
        """Normalised class of each row; ``schemes`` is one scheme or one per row."""
        unique, rows = self._each(schemes, codes)
        return np.array([self.class_of(*pair) for pair in unique] or [""], dtype=object)[rows]

    def industrial_share(
        self,
        schemes: ArrayLike,
        codes: ArrayLike,
        stated: ArrayLike | None = None,
        *,
        counted: Collection[str] = ("industrial",),
    ) -> NDArray[np.float64]:
        """Share (0 to 1) of each row's area that is industrial: stated, else equal shares of the parts.

        ``counted`` are the classes that count as industry; a policy may add logistics or M0. A stated
        share matters only where the code has an industrial part.
        """
        unique, rows = self._each(schemes, codes)
        table = np.array([_share(self.parts(*pair), counted) for pair in unique] or [0.0], dtype=np.float64)
        shares = table[rows]
        if stated is None:
            return shares
        given = np.asarray(stated, dtype=np.float64).ravel()
        return np.where(np.isnan(given) | (shares == 0.0), shares, np.clip(given, 0.0, 1.0))


_STANDARD_SCHEMES = frozenset((*_DIGIT_SCHEMES, "gb50137"))


def _table_of(codes: Iterable[LandUseCode]) -> LandUseCodes:
    by_code: dict[tuple[str, str], LandUseCode] = {}
    by_name: dict[tuple[str, str], str] = {}
    for item in codes:
        by_code[item.scheme, plain_text(item.code)] = item
        for name in {plain_text(item.name), plain_text(item.en)} - {""}:
            by_name.setdefault((item.scheme, name), item.code)
    return LandUseCodes(by_code, by_name)


def _title(item: LandUseCode) -> str:
    return item.name if language() == "zh_CN" or not item.en else item.en


def _stem(name: str) -> str:
    return name.removesuffix(_ENDING) or name


def _share(parts: tuple[str, ...], counted: Collection[str]) -> float:
    return sum(part in counted for part in parts) / len(parts)


@cache
def _standard() -> LandUseCodes:
    with (_CODES / "land_use.csv").open(encoding="utf-8", newline="") as file:
        return _table_of(
            LandUseCode(row["scheme"], row["code"], row["name"], row["class"], row["en"])
            for row in csv.DictReader(file)
        )
