import json
from dataclasses import replace

import pytest

from corpus.consultations import (
    Consultation,
    TrueCriterion,
    TrueDisagreement,
    TrueFact,
    TrueLot,
    TrueQuantity,
    TrueReference,
    TrueTotal,
    read_consultations,
)
from corpus.findings import Criterion, Disagreement, Fact, Lot, Place, Reference
from corpus.gold_facts import GoldFact
from models.facts import Item, Tally, added, compare, overlap, told_nothing, total, words
from models.facts_items import measure
from models.facts_page import Figures, page
from models.facts_reading import Answer, plain_tables, read_dossier
from models.facts_real import dossiers, measure_dossier, measure_notice, printed_notice
from models.printed import can_print, pdf
from nlp.reading import read_piece

NAMES = {"p1": "rc", "p2": "ccap"}
NOTHING = Consultation("x1", "dev", {}, (), (), "", (), "", (), (), (), (), ())
LOTS = (TrueLot("1", "Nettoyage des bureaux"), TrueLot("2", "Nettoyage des vitres"))


def place(quote="", piece="p1", page=1):
    return Place(piece, page, (), quote, "")


def criterion(name, weight, *, id="c1", parent=None, lots=(), **more):
    given = {"unit": "percent", "share": weight, "theme": "price", "of": "total", **more}
    share, unit, theme = given["share"], given["unit"], given["theme"]
    return Criterion(
        id, name, weight, unit, share, theme, lots, parent, "p1", 1, (), "", given["of"]
    )


def tally(truth, answer, name):
    return measure(truth, answer, NAMES).tallies[name]


def fact(name, value, **more):
    quote, piece = more.pop("quote", ""), more.pop("piece", "p2")
    return Fact(name, value, place(quote, piece), "test", **more)


# -- pairing ---------------------------------------------------------------------------------------


def test_a_pair_is_taken_once_and_the_exact_one_first():
    wanted = [Item("a", rest=(("weight", 40.0),))]
    given = [Item("a", rest=(("weight", 30.0),)), Item("a", rest=(("weight", 40.0),))]
    counts, missed, false = compare(wanted, given)
    assert counts == Tally(1, 2, 1, 1, (("weight", 1),))
    assert missed == ()
    assert false == (given[0],)


def test_names_share_most_words_of_the_shorter():
    assert overlap(words("Prix des prestations"), words("le prix")) == 1
    assert overlap(words("Valeur technique"), words("Valeur sociale")) == 0.5
    assert compare([Item("", words("Valeur technique"))], [Item("", words("Valeur sociale"))])[
        0
    ] == Tally(1, 1, 0, 0)


def test_a_free_item_is_never_false_and_an_echo_only_of_what_is_not_asked():
    wanted = [Item("a", words("Ville de Sault"))]
    echo = Item("a", words("Ville de Sault"), echo=True)
    assert compare(wanted, [echo, echo])[0] == Tally(1, 1, 1, 1)
    other = replace(echo, words=words("Agence des eaux"))
    assert compare(wanted, [echo, other])[0].false == 1
    assert compare(wanted, [replace(other, free=True)])[0] == Tally(1, 0, 0, 0)


def test_figures_of_a_tally():
    counts = Tally(asked=4, given=3, found=2, exact=1)
    assert (counts.missed, counts.false) == (2, 1)
    assert counts.precision == pytest.approx(2 / 3)
    assert counts.recall == 0.5
    assert counts.f1 == pytest.approx(4 / 7)
    assert (Tally().precision, Tally().recall, Tally().f1) == (None, None, None)
    twice = added((counts, Tally(1, 1, 1, 1, (("weight", 1),))))
    assert twice == Tally(5, 4, 3, 2, (("weight", 1),))


# -- each measure ----------------------------------------------------------------------------------


def test_criteria_are_compared_lot_by_lot_with_weight_unit_and_share():
    truth = replace(
        NOTHING,
        lots=LOTS,
        criteria=(TrueCriterion("Prix des offres", 40.0, "percent", 40.0, "price"),),
    )
    right = Answer(criteria=(criterion("Prix", 40.0),))
    assert tally(truth, right, "criteria")[:4] == (2, 2, 2, 2)
    one_lot = Answer(criteria=(criterion("Prix", 40.0, lots=("1",)),))
    assert tally(truth, one_lot, "criteria")[:4] == (2, 1, 1, 1)
    near = Answer(criteria=(criterion("Prix", 40.0, share=40.4),))
    assert tally(truth, near, "criteria").exact == 2
    for wrong in (
        criterion("Prix", 45.0, share=40.0),
        criterion("Prix", 40.0, unit="points"),
        criterion("Prix", 40.0, share=41.0),
        criterion("Prix", 40.0, theme="cost"),
    ):
        counts = tally(truth, Answer(criteria=(wrong,)), "criteria")
        assert (counts.found, counts.exact) == (2, 0)
        assert sorted(dict(counts.right).values()) == [0, 2, 2, 2]


def test_a_sub_criterion_needs_its_parent():
    sub = TrueCriterion("Moyens humains", 50.0, "percent", 20.0, "quality")
    whole = TrueCriterion("Valeur technique", 40.0, "percent", 40.0, "quality", subs=(sub,))
    truth = replace(NOTHING, criteria=(whole,))
    parent = criterion("Valeur technique", 40.0, theme="quality")
    part = criterion("Moyens humains", 50.0, id="c2", parent="c1", share=20.0, theme="quality")
    counts = tally(truth, Answer(criteria=(parent, part)), "sub-criteria")
    assert counts[:4] == (1, 1, 1, 1)
    alone = tally(truth, Answer(criteria=(part,)), "sub-criteria")
    assert (alone.found, alone.exact) == (1, 0)


def test_a_single_criterion_is_one_of_price_or_cost():
    truth = replace(NOTHING, single="price")
    name = "single criterion"
    assert tally(truth, Answer(criteria=(criterion("Prix", None),)), name)[:3] == (1, 1, 1)
    cost = Answer(criteria=(criterion("Coût", None, theme="cost"),))
    assert tally(truth, cost, name)[:3] == (1, 1, 0)
    two = Answer(criteria=(criterion("Prix", 60.0), criterion("Délai", 40.0, theme="delay")))
    assert tally(truth, two, name)[:3] == (1, 0, 0)
    assert tally(NOTHING, Answer(criteria=(criterion("Prix", None),)), name).false == 1


@pytest.mark.parametrize(
    ("weights", "unit", "given", "found"),
    [
        ((60.0, 35.0), "percent", 1, 1),
        ((60.0, 40.0), "percent", 0, 0),
        ((60.0, 30.0), "percent", 1, 0),
        ((12.0, 8.0), "points", 0, 0),
        ((12.0, 9.0), "points", 1, 0),
    ],
)
def test_weights_that_do_not_sum(weights, unit, given, found):
    truth = replace(NOTHING, totals=(TrueTotal((), 95.0),))
    criteria = tuple(criterion(f"Nom {w}", w, unit=unit) for w in weights)
    counts = tally(truth, Answer(criteria=criteria), "wrong totals")
    assert (counts.given, counts.found) == (given, found)


@pytest.mark.parametrize(
    ("change", "found", "aside"),
    [
        ({}, 1, 1),
        ({"value": 81}, 0, 0),
        ({"per": "day"}, 0, 1),
        ({"lots": ("2",)}, 0, 1),
        ({"piece": "p1"}, 0, 0),
    ],
)
def test_a_quantity_is_found_with_value_per_lot_and_piece(change, found, aside):
    quantity = TrueQuantity("quantity.penalty", 80.0, "hour", "1", "ccap", "80 € par heure", "x")
    truth = replace(NOTHING, lots=LOTS, quantities=(quantity,))
    given = {"value": 80, "per": "hour", "lots": ("1",), "quote": "soit 80 € par heure", **change}
    answer = Answer(facts=(fact("quantity.penalty", **given),))
    assert tally(truth, answer, "quantity.penalty").found == found
    assert tally(truth, answer, "quantities, lot and unit aside").found == aside


def test_a_quantity_is_exact_in_its_sentence():
    quantity = TrueQuantity("quantity.hours", 90.0, "", "", "ccap", "quatre-vingt-dix heures", "x")
    truth = replace(NOTHING, quantities=(quantity,))
    for quote, exact in (("soit quatre-vingt-dix heures.", 1), ("90 h au plus", 0)):
        answer = Answer(facts=(fact("quantity.hours", 90.0, quote=quote),))
        assert tally(truth, answer, "quantity.hours").exact == exact


def test_classes_of_vehicles_compare_whatever_their_spelling():
    quantity = TrueQuantity("quantity.vehicle_class", "Euro 6", "", "", "ccap", "norme", "x")
    truth = replace(NOTHING, quantities=(quantity,))
    for value, found in (("EURO VI", 1), ("euro6", 1), ("Euro 5", 0), ("Crit'Air 6", 0)):
        answer = Answer(facts=(fact("quantity.vehicle_class", value),))
        assert tally(truth, answer, "quantity.vehicle_class").found == found


def test_levers_are_the_set_of_values_with_their_lots():
    asked = (TrueFact("lever.payment_days", 30.0), TrueFact("lever.variants", "allowed", ("1",)))
    truth = replace(NOTHING, lots=LOTS, facts=asked)
    days, variants = "lever.payment_days", "lever.variants"
    twice = Answer(facts=(fact(days, 30), fact(days, 30, piece="p1"), fact(days, 60)))
    assert tally(truth, twice, days)[:3] == (1, 2, 1)
    every = Answer(facts=(fact(days, 30, lots=("1",)), fact(days, 30, lots=("2",))))
    assert tally(truth, every, days)[:3] == (1, 1, 1)
    for lots, found in ((("1",), 1), (("2",), 0), ((), 0)):
        answer = Answer(facts=(fact(variants, "allowed", lots=lots),))
        assert tally(truth, answer, variants).found == found


def test_a_second_value_is_free_only_where_pieces_disagree_about_it():
    truth = replace(NOTHING, facts=(TrueFact("lever.payment_days", 30.0),))
    answer = Answer(facts=(fact("lever.payment_days", 30), fact("lever.payment_days", 45)))
    assert tally(truth, answer, "lever.payment_days").false == 1
    disputed = TrueDisagreement("payment", ("rc", "ccap"), ("30", "45"), "")
    truth = replace(truth, disagreements=(disputed,))
    assert tally(truth, answer, "lever.payment_days").false == 0


def test_days_to_answer_may_be_counted_from_the_dates():
    dates = ("procedure.launch_date", "2026-05-04"), ("procedure.answer_date", "2026-06-08")
    truth = replace(NOTHING, facts=tuple(TrueFact(*told) for told in dates))
    for days, false in ((35, 0), (34, 1)):
        answer = Answer(facts=(fact("procedure.answer_days", days),))
        assert tally(truth, answer, "procedure.answer_days").false == false


def test_a_certification_is_exact_when_equivalents_are_told_alike():
    asked = TrueFact("lever.certification", "Norme ABC 12", (), "equivalent")
    truth = replace(NOTHING, lots=LOTS, facts=(asked,))
    for detail, exact in (("equivalent", 1), ("", 0)):
        answer = Answer(facts=(fact("lever.certification", "ABC 12", lots=("1",), detail=detail),))
        counts = tally(truth, answer, "lever.certification")
        assert (counts.found, counts.exact) == (1, exact)


def test_false_flags_are_silence_and_what_truth_never_tells_is_not_measured():
    truth = replace(NOTHING, facts=(TrueFact("lever.samples", False),))
    answer = Answer(
        facts=(
            fact("lever.samples", False),
            fact("lever.retention_percent", 0),
            fact("lever.headcount", 5),
        )
    )
    assert not {n for n in measure(truth, answer, NAMES).tallies if n.startswith("lever.")}
    asked = Answer(facts=(fact("lever.samples", True),))
    assert tally(truth, asked, "lever.samples").false == 1


def test_lots_with_title_and_figures():
    lot = TrueLot("1", "Nettoyage des bureaux", 50000.0, None, 24.0, "90910000")
    truth = replace(NOTHING, lots=(lot,))
    right = Lot("1", "Nettoyage de bureaux", 50000.0, (), (), None, 24.0, "", ("90910000-9",))
    assert tally(truth, Answer(lots=(right,)), "lots")[:4] == (1, 1, 1, 1)
    for wrong in (
        replace(right, amount_eur=5000.0),
        replace(right, maximum_eur=1.0),
        replace(right, duration_months=12.0),
        replace(right, cpv=()),
    ):
        assert tally(truth, Answer(lots=(wrong,)), "lots")[:4] == (1, 1, 1, 0)
    assert tally(truth, Answer(lots=(replace(right, title="Voirie"),)), "lots").found == 0
    assert tally(truth, Answer(lots=(replace(right, number="2"),)), "lots").found == 0


def test_reserved_lots_and_their_articles():
    lot = replace(LOTS[0], reserved=("reserved.disability",), article="L2113-12")
    truth = replace(NOTHING, lots=(lot, LOTS[1]))
    label, article = ("reserved.disability",), ("L. 2113-12",)
    given = Lot("1", "Bureaux", None, label, (), articles=article)
    answer = Answer(lots=(given, Lot("2", "Vitres", None, label, ())))
    assert tally(truth, answer, "reserved lots")[:3] == (1, 2, 1)
    assert tally(truth, answer, "articles of reservation")[:3] == (1, 1, 1)
    whole = replace(NOTHING, reserved=label, article="L2113-12")
    one = Answer(reserved=label, articles=article)
    assert tally(whole, one, "articles of reservation")[:3] == (1, 1, 1)
    assert tally(whole, Answer(reserved=label), "reserved lots").found == 1
    assert tally(whole, Answer(reserved=("reserved.prison",)), "reserved lots").found == 0


def test_references_by_piece_target_and_presence():
    truth = replace(NOTHING, references=(TrueReference("rc", "voir l'annexe 2", "annexe2", True),))

    def given(target, found, piece="p1", quote="voir l'annexe 2"):
        return Answer(references=(Reference(target, place(quote, piece), found),))

    assert tally(truth, given("Annexe n° 2", place()), "references")[:4] == (1, 1, 1, 1)
    assert tally(truth, given("annexe 2", None), "references").found == 0
    assert tally(truth, given("annexe 3", place()), "references").found == 0
    assert tally(truth, given("annexe 2", place(), "p2"), "references").found == 0
    elsewhere = tally(truth, given("annexe 2", place(), quote="autre phrase"), "references")
    assert (elsewhere.found, elsewhere.exact) == (1, 0)


def test_disagreements_by_kind_and_pieces_exact_with_both_passages():
    quotes = ("1 200 heures", "mille heures")
    truth = replace(NOTHING, disagreements=(TrueDisagreement("hours", ("rc", "ccap"), quotes, ""),))
    first, second = place("mille heures", "p2"), place("soit 1 200 heures")
    right = Disagreement("hours", first, second, ("1000", "1200"))
    assert tally(truth, Answer(disagreements=(right,)), "disagreements")[:4] == (1, 1, 1, 1)
    half = replace(right, first=place("autre", "p2"))
    assert tally(truth, Answer(disagreements=(half,)), "disagreements")[:4] == (1, 1, 1, 0)
    for wrong in (replace(right, kind="dates"), replace(right, first=place("mille heures"))):
        assert tally(truth, Answer(disagreements=(wrong,)), "disagreements").found == 0


def test_what_is_said_where_there_is_nothing_is_counted():
    answer = Answer(criteria=(criterion("Prix", 40.0),))
    outcome = total((measure(NOTHING, answer, NAMES), measure(NOTHING, Answer(), NAMES)))
    assert outcome.dossiers["without criteria"] == 2
    assert outcome.dossiers["without criteria, some given"] == 1
    assert outcome.dossiers["without lots, some given"] == 0
    assert told_nothing("lots", (1,), (1,)) == {}


def test_the_test_split_tells_no_errors():
    answer = Answer(criteria=(criterion("Prix", 40.0),))
    assert measure(NOTHING, answer, NAMES).errors != ()
    assert measure(NOTHING, answer, NAMES, errors=False).errors == ()


# -- printed ---------------------------------------------------------------------------------------


@pytest.mark.skipif(not can_print(), reason="WeasyPrint or Pango is not installed")
def test_a_printed_consultation_is_read_back():
    one = read_consultations("dev")[0]
    printed, names, files = read_dossier(one, "pdf")
    plain, _, _ = read_dossier(one, "html")
    assert sorted(names.values()) == sorted(one.pieces)
    assert [t.piece.type for t in printed] == [t.piece.type for t in plain]
    for paper, screen in zip(printed, plain, strict=True):
        said = words(" ".join(s.block.text for s in screen.said))
        assert overlap(said, words(" ".join(s.block.text for s in paper.said))) > 0.97
    assert files["p1"] == pdf(one.pieces[names["p1"]])


@pytest.mark.skipif(not can_print(), reason="WeasyPrint or Pango is not installed")
def test_tables_with_lines_are_dumped_and_those_without_are_not():
    rows = "<tr><th>Critère</th><th>Poids</th></tr><tr><td>Prix</td><td>60 %</td></tr>"
    data = pdf(
        f'<h1>RC</h1><table class="ruled">{rows}<tr><td>Délai</td><td>40 %</td></tr></table>'
    )
    found = plain_tables({"p1": data}).criteria
    assert [(c.name, c.weight, c.unit, c.page) for c in found] == [
        ("Prix", 60.0, "percent", 1),
        ("Délai", 40.0, "percent", 1),
    ]
    assert plain_tables({"p1": pdf(f'<table class="bare">{rows}</table>')}).criteria == ()
    assert plain_tables({"p1": b"<h1>RC</h1>"}).criteria == ()


# -- real files ------------------------------------------------------------------------------------


def test_annotations_join_by_hash_and_doubtful_ones_are_free(tmp_path):
    data = "# Règlement\n\nLe délai de paiement est de trente jours.\n".encode()
    (tmp_path / "rc.md").write_bytes(data)
    piece = read_piece("rc.md", data, id="p1", max_pages=5)
    base = {"dossier": "d", "sha256": piece.sha256, "page": 1}
    own = [
        GoldFact(**base, name="file"),
        GoldFact(**base, name="lever.payment_days", value=30),
        GoldFact(**base, name="quantity.penalty", value=50, per="day"),
        GoldFact(**base, name="lever.interim", doubtful=True),
        GoldFact(**base, name="criterion", value=40, unit="percent", theme="price", share=40),
    ]
    gold = tmp_path / "gold"
    gold.mkdir()
    lines = [{k: getattr(f, k) for k in GoldFact.__dataclass_fields__} for f in own]
    (gold / "x.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert list(dossiers(tmp_path, gold)) == [("d", {"rc.md": data})]

    answer = Answer(
        criteria=(criterion("Prix", 40),),
        facts=(
            fact("lever.payment_days", 30, piece="p1"),
            fact("lever.payment_days", 60, piece="p1"),
            fact("lever.interim", "monthly", piece="p1"),
            fact("quantity.penalty", 50, per="hour", piece="p1"),
        ),
    )
    tallies = measure_dossier("d", own, (piece,), answer).tallies
    assert tallies["lever.payment_days"][:4] == (1, 2, 1, 1)
    assert tallies["lever.interim"] == Tally()
    assert tallies["quantity.penalty"][:3] == (1, 1, 0)
    assert tallies["criteria"][:4] == (1, 1, 1, 1)


@pytest.mark.parametrize("eforms", [True, False])
def test_a_notice_is_printed_with_its_fields_and_measured_against_them(eforms):
    names = (("Valeur technique", "60"), ("Prix", "40"))
    if eforms:
        award = [{"type": "quality", "name": n, "descr": "", "weight": w} for n, w in names]
        record = {"doc_id": "n", "notice_uuid": "n", "title": "Nettoyage", "descr": "Bureaux"}
    else:
        award = [{"kind": "AC_QUALITY", "criterion": n, "weight": w} for n, w in names]
        record = {"doc_id": "n", "title": "Nettoyage", "short_descr": ["Bureaux"]}
    record["lots"] = [{"title": "Bureaux", "descr": "Nettoyage", "award": award}]
    text = printed_notice(record)
    assert "Critères d'attribution" in text
    assert all(name in text and weight in text for name, weight in names)
    counts = measure_notice(record).tallies["criteria"]
    assert (counts.asked, counts.missed) == (2, 2 - counts.found)
    assert counts.found >= 1


def test_the_page_holds_the_figures():
    truth = replace(NOTHING, facts=(TrueFact("lever.payment_days", 30.0),))
    outcome = measure(truth, Answer(facts=(fact("lever.payment_days", 45),)), NAMES)
    text = page(Figures({("dev", "html"): outcome}, {}, {"dev": 1}))
    assert "| — Payment delay | 1 | 0 | 0 | 1 | 1 | 0.00 | 0.00 | 0.00 |" in text
    assert "| Levers | 0 / 1, 1, 0.00 |" in text
    assert "| dev HTML | 1 | 0 | 1 | 0 | 1 | 0 |" in text
