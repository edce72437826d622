"""The house as built: what the wheel holds, and that the command runs from anywhere."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--no-build-isolation",
         "--quiet", "--wheel-dir", str(folder)],
        check=True, cwd=folder,
    )  # fmt: skip
    (found,) = folder.glob("clausier-*.whl")
    return found


def test_the_wheel_holds_the_data_files(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for path in (
        "corpus/taxonomy/social.toml",
        "nlp/patterns/social.integration.toml",
        "nlp/patterns/_qualifiers.toml",
        "models/scoring.toml",
        "service/messages.toml",
        "service/report/templates/report.html",
    ):
        assert path in names
    assert sum(n.startswith("service/sample/dossier/") for n in names) == 5
    assert not [n for n in names if n.startswith("tests/")]


def test_the_wheel_runs_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "screen", "--sample", "--format", "json"],
        cwd=tmp_path / "site", capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert '"schema_version"' in done.stdout


def test_no_drawer_for_odds_and_ends() -> None:
    names = {path.stem for path in ROOT.glob("[cnms]*/**/*.py")}
    assert not names & {"utils", "helpers", "common", "misc"}


def test_every_word_list_states_no_machine_and_no_registry() -> None:
    for path in ROOT.glob("[cnms]*/**/*.toml"):
        text = path.read_text(encoding="utf-8")
        assert "/home/" not in text
        assert "://pypi" not in text
