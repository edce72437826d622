"""Some mutants of every kind: each is read or refused, and nothing is left behind."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.util import get_temp_dir
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="counts what it finds in /proc"),
    pytest.mark.filterwarnings("ignore"),  # libraries that make the mutants may grumble
]
ROOT = Path(__file__).parents[2]
SEED = 1
NUMBERS = range(0, 72 * 7, 7)  # 7 does not divide the cycle of kinds: each has its share
SLOW = ("doc", "xls")  # LibreOffice, where it is installed, takes seconds behind the real door
DIGEST = f"""
import hashlib, fuzz
mutants = [fuzz.mutant({SEED}, number) for number in range(len(fuzz.CYCLE))]
print(hashlib.sha256(b"".join(mutant.data for mutant in mutants)).hexdigest())
"""


@pytest.fixture(scope="module")
def fuzz() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("fuzz", ROOT / "tests" / "fuzz.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["fuzz"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    get_temp_dir()  # multiprocessing keeps its socket elsewhere
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_mutants_are_read_or_refused_and_leave_nothing(fuzz: ModuleType, folder: Path) -> None:
    mutants = [fuzz.mutant(SEED, number) for number in NUMBERS]  # loads what is kept
    for kind in ("zip", "7z"):
        fuzz.knock(fuzz.SourceFile(f"RC.{kind}", fuzz.seeds(kind)[0]))
    before = fuzz.held()
    made = fuzz.run(NUMBERS, seed=SEED, door_every=0)
    for mutant in mutants[:12]:
        if mutant.kind not in SLOW:
            made.doors[mutant.number] = fuzz.knock(mutant.file)
    after = fuzz.held()
    assert {result.kind for result in made.results.values()} == set(fuzz.KINDS)
    assert [(result.number, result.group) for result in made.faults] == []
    assert made.crashes == {}
    outcomes = {result.outcome for result in made.results.values()}
    assert outcomes >= {"read", "damaged-file", "unsupported-type"}
    assert after.descriptors == before.descriptors
    assert after.children == before.children
    assert after.files == before.files == ()
    assert after.megabytes < before.megabytes + 100


def test_a_mutant_is_the_same_in_every_process(fuzz: ModuleType) -> None:
    numbers = range(len(fuzz.CYCLE))
    ours = hashlib.sha256(b"".join(fuzz.mutant(SEED, number).data for number in numbers))
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    odd = {"PYTHONPATH": paths, "PYTHONHASHSEED": "5", "TZ": "Pacific/Auckland"}
    theirs = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "ignore", "-c", DIGEST], env={**os.environ, **odd}, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    assert theirs.stdout.strip() == ours.hexdigest()


def test_what_is_not_a_refusal_is_told(fuzz: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def outcome(error: BaseException) -> tuple[str, bool]:
        def reader(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(fuzz.screening, "read_piece", reader)
        found = fuzz.examine(fuzz.SourceFile("RC.txt", b"Bonjour"))
        return found.outcome, found.fault

    assert outcome(KeyError("x")) == ("wrong KeyError", True)
    assert outcome(fuzz.screening.TooLarge()) == ("too-large", False)


def test_what_is_left_open_is_seen(fuzz: ModuleType, folder: Path) -> None:
    before = fuzz.held()
    waiting = [sys.executable, "-c", "input()"]
    with (
        (folder / "left").open("w"),
        subprocess.Popen(waiting, stdin=subprocess.PIPE) as child,  # noqa: S603
    ):
        after = fuzz.held()
        child.communicate(b"\n")
    assert after.files == ("left",)
    assert set(after.descriptors) - set(before.descriptors) >= {str(folder / "left")}
    assert after.children == before.children + 1


# -- what the long run found, made small ----------------------------------------------------------


def test_a_line_of_a_million_characters_is_read(fuzz: ModuleType) -> None:
    line = "Le titulaire entretient les espaces verts de la commune, " * 19_000
    screening = fuzz.screening.screen([fuzz.SourceFile("CCTP.txt", line.encode())], isolate=False)
    assert screening.pieces[0].words > 150_000


def test_an_archive_whose_first_member_is_broken_is_refused(fuzz: ModuleType) -> None:
    odt = fuzz.zipped([("mimetype", b"application/vnd.oasis.opendocument.text" * 2),
                       ("content.xml", b"<a/>")])  # fmt: skip
    broken = odt[:38] + bytes([odt[38] ^ 7]) + odt[39:]
    with pytest.raises(fuzz.screening.NothingRead) as refused:
        fuzz.screening.screen([fuzz.SourceFile("RC.odt", broken)])
    assert "damaged-file" in {caution.code for caution in refused.value.cautions}


@pytest.mark.parametrize("text", ["%" * 6000, "« " * 3000 + "«" * 6000, "_" * 6000])
def test_a_run_of_signs_costs_no_square(text: str) -> None:
    from nlp.language import tokens

    start = time.process_time()
    assert len(tokens(text).text) == len(text)
    assert time.process_time() - start < 1.5
