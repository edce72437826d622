import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import facts, taxonomy
from corpus.documents import PieceType
from corpus.findings import Part, Stage, Status
from models import scorer
from nlp.clauses import clauses
from service.messages import explain
from service.report.data import screening_json
from service.report.html import content_policy, problem_page, report_page, stylesheet, upload_page
from service.report.terminal import screening_text
from service.report.texts import (
    catalogue,
    counted,
    lot_list,
    money,
    number,
    percent,
    plain,
    polished,
    signed,
    size,
)
from service.report.view import dimension_name, make_view, profile_name

HOSTILE = '<script>alert(1)</script><img src=x onerror="x()">{{7*7}}\x1b[31m'
TAGS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "div", "nav", "span", "main",
    "section", "h1", "h2", "h3", "h4", "p", "ul", "li", "b", "bdi", "strong", "table", "thead",
    "tbody", "tfoot", "tr", "th", "td", "svg", "rect", "details", "summary", "article",
    "blockquote", "mark", "footer", "q",
}  # fmt: skip


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.ids, self.links, self.text = set(), set(), [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)

    def handle_data(self, data):
        self.text.append(data)


def parse(page):
    parser = _Page()
    parser.feed(page)
    parser.close()
    return parser


@pytest.mark.parametrize("language", ["fr", "en"])
def test_hostile_text_stays_text(answer, language):
    page = parse(report_page(answer(HOSTILE), language, home="/"))
    assert page.tags <= TAGS
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    text = "".join(page.text)
    assert "<script>alert(1)</script>" in text
    assert "{{7*7}}" in text
    assert "\x1b" not in text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_report_shows_every_part(answer, language):
    page = report_page(answer("mot"), language)
    text = re.sub(
        r"\s+", " ", "".join(parse(page).text).replace("\u00a0", " ").replace("\u202f", " ")
    )
    french = language == "fr"
    for expected in (
        "62,5" if french else "62.5",
        "80 %" if french else "80%",
        "Réservé mot" if french else "Reserved mot",
        "+40,1" if french else "+40.1",
        "−2,6" if french else "−2.6",
        "37,5" if french else "37.5",  # the two lines of one dimension, summed
        "Passage 1 mot réservé à l'insertion",
        "RC mot.pdf, page 2",
        "Article 2 mot",
        "Obligatoire" if french else "Binding",
        "1 200 heures" if french else "1,200 hours",
        "À vérifier" if french else "To check",
        "90 000 €" if french else "€90,000",
        "Prix mot",
        "Image mot." if french else "Picture mot.",
        "Ce qui n’a pas été trouvé" if french else "What was not found",
        "règles abcdef012345" if french else "rules abcdef012345",
        "1er octobre 2026" if french else "1 October 2026",
    ):
        assert expected in text


def test_links_lead_somewhere_and_ids_stand_once(answer):
    page = parse(report_page(answer("mot"), "fr"))
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert not [link for link in page.links if "//" in link]


def test_report_needs_nothing_else(answer):
    page = report_page(answer("mot"), "fr")
    assert "<link" not in page
    assert "url(" not in page
    assert "@import" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_each_code_has_a_name_in_both_languages():
    sections = {
        "status": [status.value for status in Status],
        "stage": [stage.value for stage in Stage],
        "piece": [piece.value for piece in PieceType],
        "family": taxonomy.FAMILIES,
        "band": scorer.rubric()["bands"],
        "theme": ("price", "quality", "social", "environmental", "delay", "other"),
        "unit": ("percent", "points", "coefficient", "rank", "none"),
        "gate": (
            "notice-only",
            "reserved-for-you",
            "reserved-for-others",
            "partly-reserved",
            "eligibility-to-check",
            "requirement-unmet",
            "repeat-award",
            "other-sector",
            "deadline",
            "localism",
            "label-not-held",
        ),
        "part": [part.value for part in Part],
        "missing": ("notice", "RC", "CCAP", "CCTP"),
    }
    for section, codes in sections.items():
        assert set(codes) <= set(catalogue()[section]), section
    for language in ("fr", "en"):
        for profile in scorer.PROFILES:
            assert profile_name(profile, language) != profile
        for dimension in (*scorer.rubric()["dimension"], "breadth"):
            assert dimension_name(dimension, language) != dimension


def test_many_passages_are_folded_but_all_there(answer):
    whole = answer("mot")
    many = tuple(replace(whole.findings[1], id=f"m{number}", page=number) for number in range(1, 9))
    page = report_page(replace(whole, findings=many, clauses=clauses(many)), "fr")
    assert "Voir 4 autres passages" in page
    assert len([id_ for id_ in parse(page).ids if id_.startswith("f-m")]) == 8


def test_data_forms_escape_what_a_terminal_would_obey(answer):
    written = screening_json(answer("\x9b2J\u202e\x1b[31m"))
    assert not re.search("[\x7f-\x9f\u202e\x1b]", written)
    assert json.loads(written)["findings"][0]["quote"].count("\x9b2J\u202e\x1b[31m") == 1


def test_policy_allows_our_style_sheet_alone(answer):
    [style] = re.findall(r"<style>(.*?)</style>", report_page(answer("mot"), "fr"), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in content_policy()


def test_what_is_ruled_out_counts_as_not_found(answer):
    families = {family.id: family for family in make_view(answer("mot"), "fr").families}
    assert families["env"].passages == 1
    assert "Sobriété et performance énergétiques, renouvelables" in families["env"].not_found
    assert families["barrier"].not_found == ()
    # Named beside another label counts as found.
    assert not [t for t in families["social"].not_found if t.startswith("Apprentissage")]


def test_reservation_is_told_once_with_its_passage(answer):
    [told] = make_view(answer("mot"), "fr").reserved
    assert (told.lots, told.evidence.id) == ("Lot\u00a02", "f1")


def test_nested_criteria(answer):
    whole, lot = make_view(answer("mot"), "fr").criteria
    assert [row.name for row in whole.criteria] == ["Prix mot", "Social"]
    assert [row.name for row in whole.criteria[1].children] == ["Tutorat"]
    assert lot.criteria[0].weight == "poids non indiqué"


def test_terminal_report_never_passes_control_codes(answer):
    text = screening_text(answer(HOSTILE), "fr")
    assert "\x1b" not in text
    assert "<script>alert(1)</script>" in text.replace("\n", "")
    coloured = screening_text(answer("[red]mot[/red]"), "fr", colour=True)
    assert "[red]mot" in re.sub(r"\x1b\[[0-9;]*m", "", coloured)


def test_pages_without_a_report():
    upload = parse(upload_page("fr", profiles=("siae",), max_files=40, max_bytes=80 * 2**20))
    assert "80\u00a0Mo" in "".join(upload.text)
    problem = problem_page(explain("busy", "en", limit=5), "en")
    assert "Service busy" in problem


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rules():
    """Yield (selector, declarations) of every rule of the style sheet, colours spelled out."""
    css = re.sub(r"/\*.*?\*/", "", stylesheet(), flags=re.DOTALL)
    named = dict(re.findall(r"(--[\w-]+): (#\w+)", css))
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        spelled = re.sub(r"var\((--[\w-]+)\)", lambda found: named.get(found[1], found[0]), body)
        short = re.sub(r"#(\w)(\w)(\w)\b", r"#\1\1\2\2\3\3", spelled)
        yield selector.strip(), dict(re.findall(r"([\w-]+):\s*([^;]+)", short))


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("#f8f7f2", "#ffffff", "#e5efea", "#fdf3e1")  # page, card, side, alert
MARKS = (".dot", ".welcome-side li::before")  # colour without text
LINES = {"#d8dfdb", "#cfdfd7", "#98a29d"}  # which separate, and say nothing alone


def test_every_text_of_the_style_sheet_has_double_a_contrast():
    checked = 0
    for selector, said in _rules():
        text = re.search(r"#\w{6}", said.get("color", ""))
        ground = re.search(r"#\w{6}", said.get("background", ""))
        if selector.startswith(":root") or selector.startswith(MARKS):
            continue
        if text:
            for under in [ground[0]] if ground else GROUNDS:
                if not ground and text[0] == "#ffffff":
                    continue
                assert _contrast(text[0], under) >= 4.5, (selector, under)
                checked += 1
        elif ground:  # what stands on it is ink or soft, or white when it is dark
            for over in ("#1f2a2e", "#505c63") if _luminance(ground[0]) > 0.2 else ("#ffffff",):
                assert _contrast(over, ground[0]) >= 4.5, (selector, over)
                checked += 1
    assert checked > 60


def test_marks_and_borders_that_tell_something_have_contrast():
    told = 0
    for selector, said in _rules():
        for name, value in said.items():
            for colour in re.findall(r"#\w{6}", value):
                edge = name.startswith(("border", "outline", "box-shadow"))
                if (edge and colour not in LINES) or selector.startswith(MARKS):
                    assert _contrast(colour, "#f8f7f2") >= 3, selector
                    told += 1
    assert told > 12


def test_bars_have_the_colours_of_their_dots_and_are_seen(answer):
    page = report_page(answer("mot"), "fr")
    fills = set(re.findall(r'class="bar-part".*? fill="(#\w{6})"', page))
    assert {"#5b6773", "#a2486b", "#17594f"} <= fills
    for fill in fills:
        assert _contrast(fill, "#e3e8e5") >= 3
    dots = {body["background"] for selector, body in _rules() if selector.startswith(".dot")}
    assert fills - {"#17594f"} <= dots


@pytest.mark.parametrize("language", ["fr", "en"])
def test_headings_descend_one_level_at_a_time(answer, language):
    for screening in (answer("mot"), replace(answer("mot"), scores=(), lots=(), findings=())):
        page = report_page(screening, language)
        levels = [int(level) for level in re.findall(r"<h(\d)", page)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(now - before <= 1 for before, now in pairwise(levels))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_tables_have_headers_and_quotes_their_language(answer, language):
    page = report_page(answer("mot"), language)
    assert f'<html lang="{language}">' in page
    assert len(re.findall(r"<th ", page)) == len(re.findall(r'<th scope="(?:col|row)"', page)) > 10
    assert "<th>" not in page
    for tag in ("blockquote", "q "):
        quotes = re.findall(rf"<{tag}[^>]*>", page)
        assert all('lang="fr"' in quote for quote in quotes)
    assert "<blockquote" in page
    drawn = re.findall(r"<svg[^>]*>\s*<title>([^<]+)</title>", page)
    assert len(drawn) == page.count("<svg") > 5


def test_what_is_folded_is_not_hidden_when_a_browser_prints():
    [printed] = re.findall(r"@media print \{.*", stylesheet(), re.DOTALL)
    assert "details::details-content { display: block; content-visibility: visible; }" in printed
    assert not re.search(r"details[^{,]*\{[^}]*display: none", printed)


def test_many_lots_are_a_table(answer):
    whole = answer("mot")
    scores = tuple(replace(whole.scores[1], lot=str(number)) for number in range(1, 41))
    page = report_page(replace(whole, scores=(whole.scores[0], *scores)), "fr")
    assert page.count('<table class="all-lots">') == 1
    assert "Pourquoi le score du lot 40" in "".join(parse(page).text).replace("\u00a0", " ")
    assert "all-lots" not in "".join(re.findall(r"<table.*?>", report_page(whole, "fr")))


def test_lot_numbers_in_a_row_are_told_by_their_ends():
    assert lot_list([str(number) for number in range(1, 41)], "fr") == "1 à 40"
    assert lot_list(["1", "2", "4", "5", "6", "9"], "en") == "1, 2, 4 to 6, 9"
    assert lot_list(["1A", "1B", "1C"], "fr") == "1A, 1B, 1C"
    assert lot_list([], "fr") == ""


@given(st.sets(st.integers(0, 60)))
def test_folded_lot_numbers_say_the_same_lots(numbers):
    said = lot_list([str(number) for number in sorted(numbers)], "en")
    found = set()
    for part in filter(None, said.split(", ")):
        first, _, last = part.partition(" to ")
        found |= set(range(int(first), int(last or first) + 1))
    assert found == numbers


def test_numbers_in_both_languages():
    assert number(1234.56, "fr", 1) == "1\u202f234,6"
    assert number(1234.56, "en", 1) == "1,234.6"
    assert percent(12.5, "fr") == "12,5\u00a0%"
    assert percent(45, "en") == "45%"
    assert money(90000, "fr") == "90\u202f000\u00a0€"
    assert money(90000, "en") == "€90,000"
    assert signed(0.0, "fr") == "0,0"
    assert signed(-2.0, "en") == "−2.0"
    assert size(50 * 2**20, "fr") == "50\u00a0Mo"
    assert size(900, "en") == "1\u00a0KB"
    assert counted("pages", 0, "fr").endswith("page")
    assert counted("pages", 0, "en").endswith("pages")


def test_french_printing_of_our_own_sentences():
    assert polished("L'accès : 45 % ; quoi ?", "fr") == (
        "L’accès\u00a0: 45\u00a0%\u202f; quoi\u202f?"
    )
    assert polished("it's: fine", "en") == "it's: fine"


def test_plain_text_hides_nothing():
    assert plain("a\x1b[0m\u202eb\tc\nd") == "a\ufffd[0m\ufffdb c d"
    assert plain("élève 50\u00a0%") == "élève 50\u00a0%"


# -- facts, and pieces that disagree ---------------------------------------------------------------


def test_facts_are_shown_once_a_value_with_all_their_places(answer):
    screening = answer("x")
    (fact,) = screening.facts
    elsewhere = replace(fact, place=replace(fact.place, page=7))
    other = replace(fact, name="lever.advance_percent", value=5.0, detail="pme", lots=("2",))
    view = make_view(replace(screening, facts=(elsewhere, other, fact)), "fr")
    (group,) = view.facts
    assert [(f.title, f.value, f.lots) for f in group.facts] == [
        ("Avance", "5\u00a0% (PME)", "Lot\u00a02"),
        ("Délai de paiement", "30\u00a0jours", ""),
    ]
    assert [spot.page for spot in group.facts[1].spots] == [7, 2]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_fact_and_choice_has_words(answer, language):
    fact = answer("x").facts[0]
    values = {"flag": True, "date": "2026-10-01", "words": "mots", "choice": ""}
    for kind in facts.kinds().values():
        for value in kind.values or (values.get(kind.unit, 3.0),):
            one = replace(fact, name=kind.name, value=value)
            (group,) = make_view(replace(answer("x"), facts=(one,)), language).facts
            shown = group.facts[0].value
            assert shown
            assert (
                shown != value
                or kind.unit == "words"
                or value in ("solidaire", "conjoint")
                or (language == "en")
            )


def test_pieces_that_disagree_are_shown_side_by_side(answer):
    screening = answer("x")
    (one,) = screening.disagreements
    hours = replace(one, kind="hours", values=("600", "620"), lots=("1",))
    page = report_page(replace(screening, disagreements=(hours,)), "fr")
    text = " ".join("".join(parse(page).text).split())
    assert "Les heures d’insertion diffèrent Lot 1" in text
    assert "600 heures" in text
    assert "620 heures" in text
    said = screening_text(replace(screening, disagreements=(hours,)), "en")
    assert "Integration hours differ" in said


def test_weights_that_do_not_sum_say_which_number_is_what(answer):
    screening = answer("x")
    (one,) = screening.disagreements
    summed = replace(one, kind="sum", values=("95", "100"))
    (french,) = make_view(replace(screening, disagreements=(summed,)), "fr").apart
    assert french.values == ("Somme des poids\u00a0: 95", "Total attendu\u00a0: 100")
    (english,) = make_view(replace(screening, disagreements=(summed,)), "en").apart
    assert english.values == ("Sum of the weights: 95", "Expected total: 100")


def test_figures_of_clauses_are_shown_with_their_words(answer):
    screening = answer("x")
    (fact,) = screening.facts
    late = replace(
        fact, name="quantity.penalty", value=50.0, per="day", label="social.integration",
        place=replace(fact.place, quote="Retard de justificatifs 50 € par jour"),
    )  # fmt: skip
    report = replace(
        fact, name="quantity.penalty", value=50.0, per="day", label="env.management",
        place=replace(fact.place, quote="Bilan non remis 50 € par jour"),
    )  # fmt: skip
    page = report_page(replace(screening, facts=(late, report)), "fr")
    text = " ".join("".join(parse(page).text).split())
    assert text.count("50 € par jour") == 4
    assert "Retard de justificatifs" in text
    assert "Bilan non remis" in text


def test_choices_agree_with_what_they_are_about(answer):
    fact = answer("x").facts[0]
    both = tuple(
        replace(fact, name=name, value="allowed")
        for name in ("lever.variants", "lever.subcontracting")
    )
    (group,) = make_view(replace(answer("x"), facts=both), "fr").facts
    assert [shown.value for shown in group.facts] == ["autorisées", "autorisée"]


def test_the_report_is_headed_by_buyer_and_object(answer):
    screening = answer("x")
    (fact,) = screening.facts
    buyer = replace(fact, name="procedure.buyer", value="Ville <b>de</b> Valbrume")
    other = replace(buyer, value="Autre", place=replace(fact.place, page=3))
    again = replace(buyer, place=replace(fact.place, page=4))
    page = report_page(replace(screening, facts=(other, buyer, again)), "fr")
    assert "<title>Rapport de lecture · Ville &lt;b&gt;de&lt;/b&gt; Valbrume · Clausier" in page
    assert make_view(screening, "fr").about == ()
