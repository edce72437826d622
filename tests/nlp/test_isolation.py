import os
import time

import pytest

from nlp.reading.errors import Encrypted, OutOfMemory, ReadingError, TimedOut
from nlp.reading.isolation import isolated

MEMORY = 1 << 30


def double(value: int) -> int:
    return value * 2


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def die() -> None:
    os._exit(9)


def devour() -> int:
    return len(bytearray(2 * MEMORY))


def refuse() -> None:
    raise Encrypted


def stumble() -> None:
    raise ZeroDivisionError


def call(function: object, *args: object, seconds: float = 20.0) -> object:
    return isolated(function, *args, seconds=seconds, memory_bytes=MEMORY)  # type: ignore[arg-type]


def test_the_answer_comes_back() -> None:
    assert call(double, 21) == 42


def test_a_hang_is_cut() -> None:
    with pytest.raises(TimedOut):
        call(sleep, 30.0, seconds=0.5)


def test_a_crash_is_told_and_the_next_call_works() -> None:
    with pytest.raises(OutOfMemory):
        call(die)
    assert call(double, 2) == 4


def test_memory_is_bounded() -> None:
    with pytest.raises(OutOfMemory):
        call(devour)


def test_errors_keep_their_kind() -> None:
    with pytest.raises(Encrypted):
        call(refuse)
    with pytest.raises(ReadingError, match="ZeroDivisionError"):
        call(stumble)
