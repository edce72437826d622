import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nlp.reading.errors import Encrypted, OutOfMemory, ReadingError, TimedOut
from nlp.reading.isolation import isolated

MEMORY = 1 << 30
ROOT = Path(__file__).parents[2]


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


def test_a_plain_script_needs_no_guard(tmp_path: Path) -> None:
    script = tmp_path / "plain.py"
    script.write_text(
        "from nlp.dossier import piece_lots\n"
        "from nlp.reading.isolation import isolated\n"
        "print(isolated(piece_lots, 'CCTP-LOT-02.pdf', seconds=30, memory_bytes=1 << 30))\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.split("\n")[0] == "('2',)", done.stderr


def test_errors_keep_their_kind() -> None:
    with pytest.raises(Encrypted):
        call(refuse)
    with pytest.raises(ReadingError, match="ZeroDivisionError"):
        call(stumble)


def test_the_pool_heals_when_the_process_that_makes_children_is_killed() -> None:
    assert call(double, 1) == 2
    servers = _servers()
    assert servers
    for killed in servers:
        os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while _servers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert call(double, 3) == 6


def _servers() -> list[int]:
    """Return the children of this process that make the readers' processes."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = entry.joinpath("stat").read_text().rpartition(")")[2].split()[:2]
            command = entry.joinpath("cmdline").read_bytes()
        except OSError:
            continue
        if parent == ["S", str(os.getpid())] and b"forkserver" in command:
            found.append(int(entry.name))
    return found


def test_a_sudden_end_while_others_work_is_only_its_own() -> None:
    with ThreadPoolExecutor(4) as pool:
        good = [pool.submit(call, double, n) for n in range(6)]
        bad = [pool.submit(call, die) for _ in range(3)]
        assert [f.result() for f in good] == [0, 2, 4, 6, 8, 10]
        assert all(isinstance(f.exception(), OutOfMemory) for f in bad)
