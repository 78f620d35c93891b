"""A thread that gives way does so alone."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gis.give_way import give_way


@pytest.mark.skipif(sys.platform != "linux", reason="only there a thread gives way by itself")
def test_one_thread_gives_way_and_the_others_keep_their_turn() -> None:
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    with ThreadPoolExecutor(1, initializer=give_way) as pool:
        stepped = pool.submit(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())).result()
    assert stepped == max(5, before)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
