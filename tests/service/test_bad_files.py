"""Each bad file through both doors: a clear message, and the good pieces go on."""

import json

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from service.app import create_app
from service.cli import app
from service.messages import explain
from service.settings import Limits, Settings


def _send(bad, files, accept="fr"):
    settings = Settings(synchronous=Limits(**bad.limits))
    with TestClient(create_app(settings)) as client:
        return client.post(
            "/v1/score",
            files=[("files", (name, data, "application/octet-stream")) for name, data in files],
            headers={"Accept-Language": accept},
        )


def _folder(tmp_path, files):
    for name, data in files:
        (tmp_path / name).write_bytes(data)
    return str(tmp_path)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_command_alone_tells_why_nothing_was_read(bad, limit, tmp_path, language):
    limit(bad.limits)
    (tmp_path / bad.name).write_bytes(bad.data)
    result = CliRunner().invoke(app, ["screen", str(tmp_path / bad.name), "--lang", language])
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert bad.told in result.stderr
    assert f"[{bad.code}]" in result.stderr
    assert explain(bad.code, language).title in result.stderr
    assert "Traceback" not in result.output


def test_service_alone_tells_why_nothing_was_read(bad):
    answer = _send(bad, [(bad.name, bad.data)])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == "nothing-to-read"
    [item] = body["errors"]
    assert item["code"] == bad.code
    assert item["piece"] == bad.told
    assert item["detail"].endswith(explain(bad.code, "fr").action)


def test_command_goes_on_with_the_other_pieces(bad, limit, rules, tmp_path):
    limit(bad.limits)
    folder = _folder(tmp_path, [(bad.name, bad.data), ("RC.pdf", rules)])
    result = CliRunner().invoke(app, ["screen", folder, "--format", "json"])
    assert result.exit_code == 3, result.output
    body = json.loads(result.stdout)
    assert [piece["name"] for piece in body["pieces"]] == ["RC.pdf"]
    assert [w["code"] for w in body["warnings"] if w["piece"] == bad.told] == [bad.code]


def test_service_goes_on_with_the_other_pieces(bad, rules):
    answer = _send(bad, [(bad.name, bad.data), ("RC.pdf", rules)])
    assert answer.status_code == 200
    body = answer.json()
    assert [piece["name"] for piece in body["pieces"]] == ["RC.pdf"]
    assert [w["code"] for w in body["warnings"] if w["piece"] == bad.told] == [bad.code]


def test_a_zip_keeps_its_good_pieces(rules, zipped, pdf, tmp_path):
    data = zipped({"../evil.pdf": pdf(("Dehors.",)), "lot 1/RC.pdf": rules, "lot 1/x.pdf": b"no"})
    (tmp_path / "dce.zip").write_bytes(data)
    result = CliRunner().invoke(app, ["screen", str(tmp_path / "dce.zip"), "--format", "json"])
    assert result.exit_code == 3
    body = json.loads(result.stdout)
    assert len(body["pieces"]) == 1
    assert body["pieces"][0]["name"].endswith("RC.pdf")
    assert {w["code"] for w in body["warnings"]} == {"unsafe-path", "not-a-pdf"}
    assert not (tmp_path.parent / "evil.pdf").exists()
