import importlib.metadata
import json
import os

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from corpus.findings import Screening
from models.classifier import ModelError
from service import cli
from service.cli import app
from service.report.data import screening_json


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def dossier(tmp_path, rules, pdf):
    (tmp_path / "lot 1").mkdir()
    (tmp_path / ".cache").mkdir()
    (tmp_path / "RC.pdf").write_bytes(rules)
    (tmp_path / "lot 1" / "CCAP.pdf").write_bytes(pdf(("CAHIER DES CLAUSES", "Article 1 - Objet")))
    (tmp_path / ".cache" / "old.pdf").write_bytes(pdf(("Vieille version",)))
    (tmp_path / ".hidden.pdf").write_bytes(pdf(("Caché",)))
    return tmp_path


def test_json_is_the_public_schema_and_always_the_same(dossier):
    first = run("screen", dossier, "--format", "json", "--launch-date", "2026-10-05")
    again = run("screen", dossier, "--format", "json", "--launch-date", "2026-10-05")
    assert first.exit_code == 0, first.output
    assert first.stdout == again.stdout
    assert first.stderr == ""
    screening = TypeAdapter(Screening).validate_json(first.stdout)
    assert screening_json(screening) == first.stdout
    assert screening.launch_date == "2026-10-05"
    assert '\n  "schema_version"' in first.stdout
    assert "é" in first.stdout


def test_folders_are_read_to_the_bottom_but_hidden_files_are_not(dossier):
    body = json.loads(run("screen", dossier, "--format", "json").stdout)
    assert sorted(piece["name"] for piece in body["pieces"]) == ["RC.pdf", "lot 1/CCAP.pdf"]


def test_what_is_in_a_zip_reads_as_the_folder_does(dossier, zipped, tmp_path_factory):
    archive = tmp_path_factory.mktemp("zip") / "dce.zip"
    names = ("RC.pdf", "lot 1/CCAP.pdf")
    archive.write_bytes(zipped({name: (dossier / name).read_bytes() for name in names}))
    body = json.loads(run("screen", archive, "--format", "json").stdout)
    assert len(body["pieces"]) == 2


def test_text_report_has_score_reasons_evidence_and_gaps(dossier):
    result = run("screen", dossier)
    assert result.exit_code == 0, result.output
    for expected in ("Pourquoi ce score", "Réservé aux SIAE", "L. 2113-13", "RC.pdf, p.\u00a01",
                     "Critères d’attribution", "Ce qui n’a pas été trouvé"):  # fmt: skip
        assert expected in result.stdout
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_english_report(dossier):
    result = run("screen", dossier, "--lang", "en")
    assert "Why this score" in result.stdout
    assert "Pourquoi" not in result.stdout


def test_html_report_goes_to_a_file(dossier, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "report.html"
    result = run("screen", dossier, "--format", "html", "--output", out)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_sample_screens():
    result = run("screen", "--sample")
    assert result.exit_code == 0, result.output
    assert "Lot\u00a02" in result.stdout


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--profile", "banque"), "unknown-profile"),
        (("--launch-date", "05/10/2026"), "bad-date"),
        (("--launch-date", "2026-02-30"), "bad-date"),
        (("--output", "/nowhere/at/all.json"), "cannot-write"),
    ],
)
def test_wrong_options_are_usage_errors(dossier, arguments, code, language):
    result = run("screen", dossier, *arguments, "--lang", language)
    assert result.exit_code == 2
    assert f"[{code}]" in result.stderr
    assert result.stdout == ""


def test_wrong_profile_lists_the_right_ones(dossier):
    assert "ea_esat" in run("screen", dossier, "--profile", "banque").stderr


def test_missing_or_special_paths_are_usage_errors(tmp_path):
    assert "[no-such-path]" in run("screen", tmp_path / "absent.pdf").stderr
    assert run("screen").exit_code == 2
    assert run("text", tmp_path / "absent.pdf").exit_code == 2
    os.mkfifo(tmp_path / "pipe")
    result = run("screen", tmp_path / "pipe")
    assert result.exit_code == 2
    assert "[no-such-path]" in result.stderr


def test_an_empty_folder_has_nothing_to_read(tmp_path):
    result = run("screen", tmp_path)
    assert result.exit_code == 1
    assert "[nothing-to-read]" in result.stderr


def test_unknown_option_and_format_are_usage_errors(dossier):
    assert run("screen", dossier, "--nope").exit_code == 2
    assert run("screen", dossier, "--format", "docx").exit_code == 2


def test_a_wrong_setting_is_named(dossier, monkeypatch):
    monkeypatch.setenv("CLAUSIER_LIMITS__MAX_PAGES", "none")
    result = run("screen", dossier)
    assert result.exit_code == 2
    assert "limits.max_pages" in result.stderr


def test_more_files_than_allowed(limit, pdf, tmp_path):
    limit({"max_files": 2})
    for number in range(4):
        (tmp_path / f"{number}.pdf").write_bytes(pdf((f"Pièce {number}",)))
    result = run("screen", tmp_path, "--format", "json")
    assert result.exit_code == 3
    body = json.loads(result.stdout)
    assert len(body["pieces"]) == 2
    assert {warning["code"] for warning in body["warnings"]} == {"too-many-files"}


def test_password_opens_a_protected_piece(pdf, tmp_path):
    (tmp_path / "RC.pdf").write_bytes(pdf(("Article 1 - Objet",), key="sésame"))
    assert run("screen", tmp_path).exit_code == 1
    assert run("screen", tmp_path, "--password", "sésame").exit_code == 0


def test_text_shows_pages_and_articles(dossier):
    result = run("text", dossier / "RC.pdf")
    assert result.exit_code == 0, result.output
    assert "=== RC.pdf" in result.stdout
    assert "--- page\u00a01 ---" in result.stdout
    assert "entretien des espaces verts" in result.stdout


def test_text_as_json_has_boxes(dossier):
    body = json.loads(run("text", dossier / "RC.pdf", "--format", "json").stdout)
    [piece] = body["pieces"]
    assert piece["pages"][0]["width"] == 595
    blocks = [block for block in piece["blocks"] if "espaces verts" in block["text"]]
    assert blocks
    page, x0, y0, x1, y1 = blocks[0]["boxes"][0]
    assert page == 1
    assert 0 < x0 < x1 < 595
    assert 0 < y0 < y1 < 842


def test_text_of_nothing_readable(tmp_path):
    (tmp_path / "x.pdf").write_bytes(b"no")
    result = run("text", tmp_path)
    assert result.exit_code == 1
    assert "[not-a-pdf]" in result.stderr


def test_taxonomy_and_schema():
    assert "reserved.integration" in run("taxonomy").stdout
    families = json.loads(run("taxonomy", "--format", "json").stdout)["families"]
    assert families[0]["id"] == "reserved"
    schema = json.loads(run("schema").stdout)
    assert schema["$id"].startswith("urn:clausier:screening:")
    assert "findings" in schema["properties"]


def test_hostile_names_and_text_cannot_command_the_terminal(pdf, tmp_path):
    name = "a\x1b[2J[bold]b\u202efdp.exe.pdf"
    (tmp_path / name).write_bytes(pdf(("Article 1 - [red]Objet[/red]",)))
    (tmp_path / f"bad {name}").write_bytes(b"no")
    for arguments in (("screen",), ("text",), ("screen", "--lang", "en")):
        result = run(*arguments, tmp_path)
        assert "\x1b" not in result.output
        assert "\u202e" not in result.output
        assert "[bold]b" in result.output


def _installed(monkeypatch, owners):
    monkeypatch.setattr(importlib.metadata, "packages_distributions", lambda: owners)


def test_doctor_is_content_when_the_packages_are_ours_alone(monkeypatch):
    _installed(monkeypatch, {name: ["clausier"] for name in cli.PACKAGES})
    result = run("doctor")
    assert result.exit_code == 0, result.output
    assert "findings on" in result.stdout


def test_doctor_tells_of_a_distribution_with_the_same_names(monkeypatch):
    owners = {name: ["clausier"] for name in cli.PACKAGES} | {"models": ["clausier", "keras-zoo"]}
    _installed(monkeypatch, owners)
    result = run("doctor")
    assert result.exit_code == 1
    assert "FAILED  package models: RuntimeError: also provided by keras-zoo" in result.stdout


def _no_classifier():
    raise ModelError("run `clausier train`")


def test_doctor_tells_what_is_not_read_and_is_content(monkeypatch):
    _installed(monkeypatch, {name: ["clausier"] for name in cli.PACKAGES})
    monkeypatch.setattr("nlp.reading.ocr.missing", lambda: "fra")
    monkeypatch.setattr("nlp.reading.legacy.converter_program", lambda: None)
    monkeypatch.setattr("models.classifier.load", _no_classifier)
    result = run("doctor")
    assert result.exit_code == 0
    assert "classifier: not used: run `clausier train`" in result.stdout
    assert "scanned pages: not read: fra is missing" in result.stdout
    assert "DOC and XLS: not read: LibreOffice" in result.stdout


def test_doctor_tells_when_nothing_is_installed(monkeypatch):
    _installed(monkeypatch, {})
    assert run("doctor").exit_code == 1


def test_exit_codes_are_in_the_help():
    help_ = run("screen", "--help").stdout
    for words in ("0 all was read", "1 nothing could be read", "2 wrong option", "3 the report"):
        assert words in help_


def test_version():
    assert run("--version").stdout.startswith("clausier ")
