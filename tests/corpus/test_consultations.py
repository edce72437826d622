import json

import pytest

from corpus.consultations import (
    SPLITS,
    ConsultationError,
    printed,
    read_consultation,
    read_consultations,
)
from corpus.gold_facts import GoldFactsError, read_gold_facts

CCAP = "<h1>CCAP</h1><p>Le titulaire réserve <b>120 heures</b> à l'insertion.</p>"
QUANTITY = {
    "label": "social.integration", "kind": "hours", "value": 120, "per": None, "lot": None,
    "piece": "ccap", "quote": "120 heures",
}  # fmt: skip


def write(folder, **truth):
    (folder / "ccap.html").write_text(CCAP, encoding="utf-8")
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return folder


@pytest.mark.parametrize("split", SPLITS)
def test_every_quote_stands_in_its_piece(split):
    consultations = read_consultations(split)
    assert len(consultations) == {"dev": 40, "test": 40}[split]
    for one in consultations:
        words = {name: printed(html) for name, html in one.pieces.items()}
        quoted = [(q.piece, q.quote) for q in (*one.quantities, *one.references)]
        quoted += [pair for d in one.disagreements for pair in zip(d.pieces, d.quotes, strict=True)]
        assert [p for p, quote in quoted if printed(quote) not in words[p]] == [], one.name


@pytest.mark.parametrize("split", SPLITS)
def test_lots_named_anywhere_are_lots_of_the_consultation(split):
    for one in read_consultations(split):
        lots = {lot.number for lot in one.lots}
        named = {n for c in (*one.criteria, *one.facts, *one.totals) for n in c.lots}
        named |= {q.lot for q in one.quantities if q.lot}
        assert named <= lots, one.name


def test_small_liberties_are_put_right(tmp_path):
    truth = {
        "lots": [{"number": 1, "title": "Abords", "reserved": ["reserved.ess"]}],
        "criteria": [
            {"lots": None, "name": "Milieu", "weight": 10, "unit": "percent", "share": 10,
             "theme": "environment"},
        ],
        "quantities": [
            {**QUANTITY, "kind": "penalty", "value": 2, "percent": True},
            {**QUANTITY, "kind": "vehicle_class", "value": 6},
            {**QUANTITY, "kind": "vehicle_class", "value": "Crit'Air 1"},
        ],
        "levers": {
            "variants": [{"lots": ["1"], "value": "allowed"}],
            "references": {"count": 3, "years": 5},
            "certifications": [{"name": "Norme A", "equivalent": True}],
            "retention_percent": 3,
        },
    }  # fmt: skip
    one = read_consultation(write(tmp_path, **truth), "dev")
    assert one.lots[0].reserved == ("reserved.social_economy",)
    assert one.criteria[0].theme == "environmental"
    told = [(q.name, q.value) for q in one.quantities]
    assert told == [
        ("quantity.penalty_percent", 2.0),
        ("quantity.vehicle_class", "Euro 6"),
        ("quantity.vehicle_class", "Crit'Air 1"),
    ]
    facts = {(f.name, f.value, f.lots, f.detail) for f in one.facts}
    assert facts == {
        ("lever.variants", "allowed", ("1",), ""),
        ("lever.references", 3.0, (), ""),
        ("lever.references_years", 5.0, (), ""),
        ("lever.certification", "Norme A", (), "equivalent"),
        ("lever.retention_percent", 3.0, (), ""),
    }


@pytest.mark.parametrize(
    ("truth", "named"),
    [
        ({"colour": "red"}, "unknown key colour"),
        (
            {"lots": [{"number": "1", "title": "Abords", "price": 3}]},
            r"unknown key lots\[1\]\.price",
        ),
        ({"lots": [{"number": "1", "title": "A", "estimate_eur": "3 000"}]}, "estimate_eur"),
        ({"lots": [{"number": "1", "title": "A", "reserved": ["reserved.moon"]}]}, "reserved.moon"),
        ({"single": "quality"}, "single"),
        ({"quantities": [{**QUANTITY, "kind": "smiles"}]}, "smiles"),
        ({"quantities": [{**QUANTITY, "piece": "rc"}]}, "no piece 'rc'"),
        ({"levers": {"payment_weeks": 4}}, r"levers\.payment_weeks"),
        ({"levers": {"variants": "maybe"}}, "maybe"),
        ({"levers": {"payment_days": "30"}}, "payment_days"),
        ({"levers": {"samples": 1}}, "samples"),
        ({"references": [{"piece": "ccap", "quote": "", "target": "rc", "present": 1}]}, "present"),
        (
            {"disagreements": [{"kind": "taste", "pieces": [], "quotes": [], "note": ""}]},
            r"disagreements\[1\]\.kind",
        ),
    ],
)
def test_anything_else_is_refused_with_file_and_key(tmp_path, truth, named):
    with pytest.raises(ConsultationError, match=named) as refused:
        read_consultation(write(tmp_path, **truth), "dev")
    assert f"{tmp_path.name}/truth.json" in str(refused.value)


def test_the_gold_of_facts_is_read_and_holds_no_sentence():
    gold = read_gold_facts()
    assert sum(not fact.doubtful and fact.name != "file" for fact in gold) >= 70
    assert all(len(str(fact.value)) <= 12 for fact in gold)


@pytest.mark.parametrize(
    "line",
    [
        '{"dossier":"d","sha256":"a","page":1,"name":"lever.smile","value":1}',
        '{"dossier":"d","sha256":"a","page":1,"name":"lever.payment_days"}',
        '{"dossier":"d","sha256":"a","page":1,"name":"file","text":"Le délai est de 30 jours."}',
    ],
)
def test_a_gold_fact_that_is_none_is_refused(tmp_path, line):
    (tmp_path / "x.jsonl").write_text(line + "\n")
    with pytest.raises(GoldFactsError, match=r"x\.jsonl:1"):
        read_gold_facts(tmp_path)
