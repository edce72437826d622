import hashlib
import json

import pytest

from corpus.gold import GoldError, check
from corpus.taxonomy import labels
from models.outcomes import overlap, words
from models.real import documents, said
from nlp.tagger import read

LABEL = "social.integration"
CLAUSE = "Le titulaire réserve 400 heures de travail à des personnes en insertion."
PLAIN = "Les prestations commencent le 3 mai."


def mark(data, passage, text, **more):
    start = text.index(passage)
    return {
        "sha256": hashlib.sha256(data).hexdigest(), "page": None, "line": None, "field": "",
        "start": start, "end": start + len(passage), "check": check(passage), "labels": [LABEL],
        "stage": "execution", "status": "binding", "values": {}, "context": False,
        "doubtful": False, "split": "dev", **more,
    }  # fmt: skip


@pytest.fixture
def places(tmp_path):
    assert LABEL in labels()
    data, gold = tmp_path / "data" / "inner", tmp_path / "gold"
    data.mkdir(parents=True)
    gold.mkdir()
    record = {"title": "Nettoyage", "lots": [{"performance": {"text": f"{CLAUSE} {PLAIN}"}}]}
    notices = (json.dumps({"title": "autre"}) + "\n" + json.dumps(record) + "\n").encode()
    (data / "notices.jsonl").write_bytes(notices)
    return data.parent, gold, notices


def write(gold, *marks):
    (gold / "x.jsonl").write_text("".join(json.dumps(m) + "\n" for m in marks))


def notice_mark(notices, **more):
    text = f"{CLAUSE} {PLAIN}"
    return mark(notices, CLAUSE, text, line=1, field="lots[0].performance.text", **more)


def test_a_passage_of_a_notice_is_joined_to_its_field_under_its_heading(places):
    data, gold, notices = places
    write(gold, notice_mark(notices), notice_mark(notices, split="test"))
    (document,) = documents(data, "dev", gold)
    assert document.notice
    assert document.name.endswith(":1")
    (asked,) = document.asked
    assert asked.words == words(CLAUSE)
    assert document.piece.page(asked.at).text == f"{CLAUSE} {PLAIN}"
    paths = {block.path for block in document.piece.blocks if "heures" in block.text}
    assert paths == {("Conditions d'exécution",)}


def test_a_claim_has_the_place_of_its_passage_and_no_text(places):
    data, gold, notices = places
    write(gold, notice_mark(notices))
    (document,) = documents(data, "dev", gold)
    claims = [s for s in said(read(document.piece)) if s.claim.label == LABEL]
    assert claims
    assert {s.at for s in claims} == {document.asked[0].at}
    assert all(overlap(s.words, document.asked[0].words) for s in claims)
    assert all(s.key == f"{s.at}:{check(s.words)}" for s in claims)


def test_other_words_at_the_place_are_refused(places):
    data, gold, notices = places
    write(gold, {**notice_mark(notices), "start": 3})
    with pytest.raises(GoldError, match="another text"):
        list(documents(data, "dev", gold))


def test_a_field_that_is_gone_is_refused(places):
    data, gold, notices = places
    write(gold, {**notice_mark(notices), "field": "lots[7].text"})
    with pytest.raises(GoldError, match=r"lots\[7\]"):
        list(documents(data, "dev", gold))


def test_a_document_that_is_not_there_is_left_out(places):
    data, gold, notices = places
    write(gold, {**notice_mark(notices), "sha256": "0" * 64})
    assert list(documents(data, "dev", gold)) == []


def test_words_overlap_when_one_holds_the_other_or_most_is_shared():
    assert overlap("heures d insertion", "les heures d insertion sont dues")
    assert overlap("a b c d e", "a b c d x y z")
    assert not overlap("a b c d e f g", "a b c x y z w")
    assert not overlap("le", "le titulaire")
