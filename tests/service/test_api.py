import json
import logging
import re
import threading
import time

import anyio
import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient
from typer.testing import CliRunner

from corpus.findings import Screening
from models.scorer import PROFILES
from service import cli
from service.api import answers
from service.api.problems import accepted_language
from service.app import create_app
from service.settings import MIB, Limits, Settings


@pytest.fixture
def client():
    with TestClient(create_app(Settings())) as client:
        yield client


def files(*pairs):
    return [("files", (name, data, "application/pdf")) for name, data in pairs]


def test_score_answers_as_the_command_does(client, rules, tmp_path):
    answer = client.post(
        "/v1/score",
        files=files(("RC.pdf", rules)),
        data={"profile": "sme", "launch_date": "2026-10-05"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    (tmp_path / "RC.pdf").write_bytes(rules)
    command = CliRunner().invoke(
        cli.app,
        ["screen", str(tmp_path), "--format", "json", "--profile", "sme",
         "--launch-date", "2026-10-05"],
    )  # fmt: skip
    assert answer.text == command.stdout
    assert TypeAdapter(Screening).validate_json(answer.text).profile == "sme"


def test_many_files_and_a_zip(client, rules, pdf, zipped):
    archive = zipped({"CCAP.pdf": pdf(("CAHIER DES CLAUSES ADMINISTRATIVES",))})
    answer = client.post("/v1/score", files=files(("RC.pdf", rules), ("dce.zip", archive)))
    assert len(answer.json()["pieces"]) == 2


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"profile": "banque"}, "unknown-profile", "profile"),
        ({"launch_date": "05/10/2026"}, "bad-date", "launch_date"),
        ({"launch_date": "2026-02-30"}, "bad-date", "launch_date"),
        ({"lang": "de"}, "bad-language", "lang"),
    ],
)
def test_wrong_fields_are_problems(client, rules, form, code, field):
    answer = client.post("/v1/score", files=files(("RC.pdf", rules)), data=form)
    assert answer.status_code == 422
    body = answer.json()
    assert body["type"] == f"urn:clausier:problem:{code}"
    assert (body["code"], body["status"]) == (code, 422)
    assert body["errors"][0]["field"] == field
    assert answer.headers["content-type"] == "application/problem+json"


def test_problems_are_in_the_language_asked_for(client, rules):
    def detail(**asked):
        return client.post(
            "/v1/score",
            files=files(("RC.pdf", rules)),
            data={"profile": "x", **asked.get("data", {})},
            headers=asked.get("headers", {}),
        ).json()["detail"]

    french, english = "n’existe pas", "no such profile"
    assert french in detail()
    assert english in detail(data={"lang": "en"})
    assert english in detail(headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert french in detail(data={"lang": "fr"}, headers={"Accept-Language": "en"})


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "fr"), ("en", "en"), ("de, en;q=0.8, fr;q=0.9", "fr"), ("EN-us;q=0.5", "en"),
     ("en;q=0", "fr"), ("*", "fr"), (";;q=,,é", "fr"), ("en;q=9", "fr")],
)  # fmt: skip
def test_accepted_language(header, language):
    assert accepted_language(header) == language


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{}", "application/json", 415, "not-multipart"),
        (b"files=x", "application/x-www-form-urlencoded", 415, "not-multipart"),
        (b"", "multipart/form-data", 415, "not-multipart"),
        (b"", "multipart/form-data; boundary=" + "x" * 600, 400, "bad-upload"),
        (b"rubbish", "multipart/form-data; boundary=x", 400, "bad-upload"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n",
         "multipart/form-data; boundary=x", 400, "bad-upload"),
        (b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF-',
         "multipart/form-data; boundary=x", 400, "bad-upload"),
        (b'--x\r\nContent-Disposition: form-data; name="profile"\r\n\r\n' + b"s" * 2000
         + b"\r\n--x--\r\n", "multipart/form-data; boundary=x", 400, "bad-upload"),
        (b'--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\n\r\n--x--\r\n',
         "multipart/form-data; boundary=x", 422, "no-file"),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422, "no-file"),
    ],
)  # fmt: skip
def test_broken_uploads(client, content, kind, status, code):
    answer = client.post("/v1/score", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_form_cut_anywhere_is_refused_and_never_breaks(client, rules):
    whole = (
        b'--x\r\nContent-Disposition: form-data; name="profile"\r\n\r\nsiae\r\n'
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n%PDF-1.7\r\n--x--\r\n"
    )
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    for cut in range(len(whole) - 4):
        answer = client.post("/v1/score", content=whole[:cut], headers=kind)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-upload"), cut
    assert client.post("/v1/score", content=whole, headers=kind).status_code == 422


def test_too_many_files_are_refused(pdf):
    settings = Settings(synchronous=Limits(max_files=2))
    with TestClient(create_app(settings)) as client:
        pairs = [(f"{number}.pdf", pdf((str(number),))) for number in range(3)]
        answer = client.post("/v1/score", files=files(*pairs))
    assert (answer.status_code, answer.json()["code"]) == (413, "too-many-uploads")


def _upload_without_end(app, headers=()):
    """Send an endless body; return the status, the problem and the bytes that were taken."""
    taken, sent = 0, []
    start = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'

    async def receive():
        nonlocal taken
        body = start if not taken else bytes(MIB)
        taken += len(body)
        assert taken < 64 * MIB, "the body is read without end"
        return {"type": "http.request", "body": body, "more_body": True}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/score", "raw_path": b"/v1/score",
        "query_string": b"lang=en", "http_version": "1.1", "scheme": "http", "root_path": "",
        "server": ("test", 80), "client": ("test", 1),
        "headers": [(b"content-type", b"multipart/form-data; boundary=x"), *headers],
    }  # fmt: skip
    anyio.run(app, scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"]), taken


def test_a_too_large_body_is_refused_before_it_is_read_whole():
    app = create_app(Settings(synchronous=Limits(max_total_bytes=4 * MIB)))
    status, body, taken = _upload_without_end(app)
    assert (status, body["code"]) == (413, "body-too-large")
    assert "4\u00a0MB" in body["detail"]
    assert taken < 7 * MIB


def test_a_declared_too_large_body_is_not_read_at_all():
    app = create_app(Settings(synchronous=Limits(max_total_bytes=4 * MIB)))
    length = (b"content-length", str(500 * MIB).encode())
    status, body, taken = _upload_without_end(app, [length])
    assert (status, body["code"], taken) == (413, "body-too-large", 0)


def test_a_slow_upload_loses_its_place():
    app = create_app(Settings(upload_seconds=0.05))
    sent = []

    async def receive():
        await anyio.sleep(5)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/score", "raw_path": b"/v1/score",
        "query_string": b"", "http_version": "1.1", "scheme": "http", "root_path": "",
        "server": ("test", 80), "client": ("test", 1),
        "headers": [(b"content-type", b"multipart/form-data; boundary=x")],
    }  # fmt: skip
    anyio.run(app, scope, receive, send)
    assert sent[0]["status"] == 408
    assert app.state.admission.taken == 0


def test_one_too_many_is_told_to_come_back_and_the_service_still_answers(monkeypatch, rules):
    entered, leave = threading.Event(), threading.Event()
    real = answers.screen

    def slow(*args, **kwargs):
        entered.set()
        assert leave.wait(30)
        return real(*args, **kwargs)

    monkeypatch.setattr(answers, "screen", slow)
    settings = Settings(concurrency=1, queue=0, retry_after_seconds=7)
    with TestClient(create_app(settings)) as client:
        got = []
        first = threading.Thread(
            target=lambda: got.append(client.post("/v1/score", files=files(("RC.pdf", rules))))
        )
        first.start()
        assert entered.wait(30)
        refused = client.post("/v1/score?lang=en", files=files(("RC.pdf", rules)))
        alive = client.get("/healthz")
        leave.set()
        first.join(60)
        assert (refused.status_code, refused.json()["code"]) == (429, "busy")
        assert refused.headers["retry-after"] == "7"
        assert "7 seconds" in refused.json()["detail"]
        assert alive.json() == {"status": "ok"}
        assert got[0].status_code == 200
        assert client.post("/v1/score", files=files(("RC.pdf", rules))).status_code == 200


def test_an_answer_that_takes_too_long_is_given_up(monkeypatch, rules, pdf):
    real = answers.screen

    def slow(*args, **kwargs):
        time.sleep(0.05)
        return real(*args, **kwargs)

    monkeypatch.setattr(answers, "screen", slow)
    with TestClient(create_app(Settings(answer_seconds=0.01))) as client:
        answer = client.post("/v1/score", files=files(("RC.pdf", rules), ("b.pdf", pdf(("b",)))))
    assert (answer.status_code, answer.json()["code"]) == (422, "answer-too-slow")


def test_an_unexpected_error_keeps_its_secrets(monkeypatch, rules, caplog):
    def broken(*args, **kwargs):
        raise RuntimeError("confidential words")

    monkeypatch.setattr(answers, "screen", broken)
    with caplog.at_level(logging.DEBUG), TestClient(create_app(Settings())) as client:
        answer = client.post("/v1/score", files=files(("secret.pdf", rules)))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "RuntimeError at broken" in caplog.text
    assert "confidential" not in caplog.text + answer.text


def test_logs_hold_neither_names_nor_texts(client, rules, caplog):
    with caplog.at_level(logging.INFO, logger="clausier"):
        client.post("/v1/score", files=files(("nom-secret.pdf", rules), ("autre.pdf", b"no")))
        client.post("/v1/score", files=files(("nom-secret.pdf", b"no")))
    text = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("clausier"))
    assert "screened 2 files" in text
    assert "refused: nothing-to-read" in text
    assert "secret" not in text
    assert "insertion" not in text


def test_safe_headers_on_every_answer(client):
    for path in ("/", "/healthz", "/v1/taxonomy", "/nowhere", "/openapi.json"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy


def test_reference_data(client):
    families = client.get("/v1/taxonomy").json()["families"]
    assert families[0]["labels"][0]["law"][0]["valid_from"]
    profiles = client.get("/v1/profiles").json()
    assert profiles["default"] == PROFILES[0]
    assert [profile["id"] for profile in profiles["profiles"]] == list(PROFILES)
    assert all(profile["title_fr"] and profile["title_en"] for profile in profiles["profiles"])


def test_validation_and_unknown_addresses_are_problems_too(client):
    wrong = client.get("/v1/profiles?lang=de")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid-request")
    assert wrong.json()["errors"][0]["field"] == "lang"
    assert wrong.headers["content-type"] == "application/problem+json"
    assert client.get("/v1/nothing").json()["code"] == "not-found"
    method = client.get("/v1/score")
    assert (method.status_code, method.json()["code"]) == (405, "method-not-allowed")
    assert method.headers["allow"] == "POST"
    assert "<h1>Page introuvable</h1>" in client.get("/nowhere").text


def test_description_has_examples_that_hold(client):
    description = client.get("/openapi.json").json()
    score = description["paths"]["/v1/score"]["post"]
    example = score["responses"]["200"]["content"]["application/json"]["example"]
    screening = TypeAdapter(Screening).validate_python(example)
    assert (
        sum(part.points for part in screening.scores[0].contributions) == screening.scores[0].score
    )
    assert "busy" in score["responses"]["429"]["content"]["application/problem+json"]["examples"]
    assert score["requestBody"]["content"]["multipart/form-data"]["schema"]["required"] == ["files"]


def test_home_page_in_both_languages(client):
    french, english = client.get("/"), client.get("/?lang=en")
    assert french.headers["content-language"] == "fr"
    assert '<html lang="fr">' in french.text
    assert '<html lang="en">' in english.text
    for page in (french.text, english.text):
        assert 'action="/screen" method="post" enctype="multipart/form-data"' in page
        assert "<script" not in page
        for profile in PROFILES:
            assert f'value="{profile}"' in page
        for control in ("files", "profile", "launch_date"):
            assert f'for="{control}"' in page
            assert f'id="{control}"' in page


def test_form_answers_with_a_report(client, rules):
    answer = client.post(
        "/screen",
        files=files(("RC.pdf", rules)),
        data={"profile": "siae", "launch_date": "", "lang": "en"},
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "Why this score" in answer.text
    assert 'href="/?lang=en"' in answer.text


def test_form_errors_are_pages(client, rules):
    answer = client.post("/screen", files=files(("<b>x</b>.pdf", b"no")), data={"lang": "fr"})
    assert answer.status_code == 422
    assert "<h1>Rien n’a pu être lu</h1>" in answer.text
    assert "&lt;b&gt;x&lt;" not in answer.text.partition("<style>")[0]
    assert "<b>x</b>" not in answer.text
    wrong = client.post("/screen", files=files(("RC.pdf", rules)), data={"profile": "banque"})
    assert "<h1>Profil inconnu</h1>" in wrong.text


def test_sample_page(client):
    answer = client.get("/sample?lang=en")
    assert answer.status_code == 200
    assert "Lot\u00a02" in answer.text
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', answer.text)) <= set(ids)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("C:\\dossier\\RC.pdf", "RC.pdf"), ("../../RC.pdf", "RC.pdf"), ("..", "document"),
     ("é" * 300 + ".pdf", None)],
)  # fmt: skip
def test_names_of_uploads_lose_their_path(client, rules, sent, kept):
    name = client.post("/v1/score", files=files((sent, rules))).json()["pieces"][0]["name"]
    assert len(name) <= 200
    assert kept is None or name == kept
