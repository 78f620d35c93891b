from __future__ import annotations

from layers.dictionary import DICTIONARY, data_dictionary


def test_the_data_dictionary_is_current() -> None:
    """Mend with ``python -m layers.dictionary``."""
    assert DICTIONARY.read_text(encoding="utf-8") == data_dictionary()
