import io
import logging
import os
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from itertools import pairwise

import pdfplumber
import pikepdf
import pytest
from typer.testing import CliRunner

from corpus.findings import Lot
from nlp.clauses import clauses
from service.cli import app
from service.report import pdf as printing
from service.report.data import screening_json
from service.report.pdf import CannotPrint, check_printing, report_pdf

HOSTILE = (
    '<script>alert(1)</script><img src="http://h.test/x"><a href="http://h.test">x</a>{{7*7}}\x1b['
)
SHEET, MARGIN = 595.3, 45  # A4 in points; the margin of the sheet, less a hair


def _printable():
    try:
        check_printing()
    except CannotPrint:
        return False
    return True


needs_pango = pytest.mark.skipif(not _printable(), reason="Pango is not installed")


@pytest.fixture(scope="module")
def printed(answer):
    """Return the report of a word as PDF, each printed once."""
    kept = {}

    def of(word, language="fr"):
        key = (word, language)
        if key not in kept:
            kept[key] = report_pdf(answer(word), language)
        return kept[key]

    return of


def text(data):
    with pdfplumber.open(io.BytesIO(data)) as file:
        return "\n".join(page.extract_text() for page in file.pages)


def squeezed(data):
    return re.sub(r"\s", "", text(data))


def elements(file, kind):
    return [
        thing
        for thing in file.objects
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == pikepdf.Name(f"/{kind}")
    ]


def in_order(node, kinds):
    """Yield the elements of a structure tree in reading order."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from in_order(child, kinds)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        if str(node["/S"])[1:] in kinds:
            yield str(node["/S"])[1:]
        yield from in_order(node.get("/K", pikepdf.Array()), kinds)


@needs_pango
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_file_tells_its_title_and_language_and_is_tagged(printed, language):
    with pikepdf.open(io.BytesIO(printed("mot", language))) as file:
        assert file.Root.Lang == language
        assert file.Root.MarkInfo.Marked
        assert file.Root.ViewerPreferences.DisplayDocTitle
        title = "Rapport de lecture" if language == "fr" else "Reading report"
        assert str(file.docinfo["/Title"]) == f"{title} · Clausier"
        assert file.open_metadata()["pdfuaid:part"] == "1"
        assert len(file.Root.Outlines.First) > 0


@needs_pango
def test_the_same_screening_gives_the_same_bytes_in_another_process(printed, answer):
    program = (
        "import sys; from pydantic import TypeAdapter; from corpus.findings import Screening;"
        "from service.report.pdf import report_pdf;"
        "answer = TypeAdapter(Screening).validate_json(sys.stdin.buffer.read());"
        "sys.stdout.buffer.write(report_pdf(answer, 'fr'))"
    )
    again = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program],
        input=screening_json(answer("mot")).encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    assert again.stdout == printed("mot")
    assert b"CreationDate" not in again.stdout
    assert printed("mot") != printed("mot", "en")


@needs_pango
@pytest.mark.parametrize("language", ["fr", "en"])
def test_tags_say_what_readers_of_the_screen_need(printed, language):
    with pikepdf.open(io.BytesIO(printed("mot", language))) as file:
        figures = elements(file, "Figure")
        assert len(figures) > 5
        assert all(str(figure["/Alt"]) for figure in figures)
        headers = elements(file, "TH")
        assert {str(header["/A"]["/Scope"]) for header in headers} == {"/Row", "/Column"}
        quotes = elements(file, "BlockQuote")
        assert quotes
        assert {str(quote["/Lang"]) for quote in quotes} == {"fr"}
        links = [note for page in file.pages for note in page.get("/Annots", ())]
        assert links
        assert not [link for link in links if str(link["/Contents"]).startswith("f-")]
        levels = [
            int(kind[1])
            for kind in in_order(file.Root.StructTreeRoot.K, {"H1", "H2", "H3", "H4", "H5"})
        ]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(now - before <= 1 for before, now in pairwise(levels))


@needs_pango
def test_every_font_is_embedded_with_its_accents(printed):
    with pikepdf.open(io.BytesIO(printed("œuvre déjà à l'été Ç"))) as file:
        fonts = [
            thing
            for thing in file.objects
            if isinstance(thing, pikepdf.Dictionary)
            and thing.get("/Type") == pikepdf.Name("/FontDescriptor")
        ]
        assert fonts
        assert all({"/FontFile2", "/FontFile3"} & set(font.keys()) for font in fonts)
    assert "Passage 1 œuvre déjà à l'été Ç réservé" in text(printed("œuvre déjà à l'été Ç"))


@needs_pango
@pytest.mark.parametrize("language", ["fr", "en"])
def test_hostile_text_stays_text(printed, language):
    data = printed(HOSTILE, language)
    assert "<script>alert(1)</script>" in squeezed(data)
    assert "{{7*7}}" in squeezed(data)
    with pikepdf.open(io.BytesIO(data)) as file:
        for page in file.pages:
            for note in page.get("/Annots", ()):
                assert note["/Subtype"] == "/Link"
                assert "/A" not in note  # an action: only places of the file itself are linked
        kinds = {str(thing.get("/Subtype")) for thing in file.objects if hasattr(thing, "keys")}
        assert "/Image" not in kinds
        assert not {"/OpenAction", "/AA", "/JavaScript", "/EmbeddedFiles"} & set(file.Root.keys())
        assert "<script>" not in bytes(file.Root.Metadata.read_bytes()).decode()


@needs_pango
@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "file:///etc/hostname", "data:,x"])
def test_a_report_may_fetch_nothing(answer, monkeypatch, caplog, address):
    # As if a hole in the escaping let an address through.
    page = f'<html lang="fr"><title>x</title><p>mot<img src="{address}" alt="x"></html>'
    monkeypatch.setattr(printing, "report_paper", lambda _: page)
    check_printing()
    with caplog.at_level(logging.ERROR, logger="weasyprint"):
        assert "mot" in text(report_pdf(answer("mot"), "fr"))
    assert "disallowed protocol" in caplog.text


@needs_pango
def test_printing_finds_no_fault_in_the_page(answer, caplog):
    with caplog.at_level(logging.ERROR, logger="weasyprint"):
        report_pdf(answer("mot"), "en")
    assert caplog.messages == []


@needs_pango
def test_nothing_is_folded_on_paper_and_pages_are_numbered(answer):
    whole = answer("mot")
    many = tuple(
        replace(whole.findings[1], id=f"m{number}", page=number, quote=f"Clause numéro {number}.")
        for number in range(1, 9)
    )
    found = (*many, whole.findings[3])
    data = report_pdf(replace(whole, findings=found, clauses=clauses(found)), "fr")
    said = text(data)
    for number in range(1, 9):
        assert f"Clause numéro {number}." in said
    assert "Voir 4 autres" not in said
    assert "Passage 4 mot" in said  # which does not bind
    assert "Trente jours mot." in said  # beside what clauses contradict
    with pdfplumber.open(io.BytesIO(data)) as file:
        count = len(file.pages)
        for page in file.pages:
            assert page.extract_text().rstrip().endswith(f"{page.page_number} / {count}")


@needs_pango
def test_long_names_and_many_lots_stay_on_the_sheet(answer):
    whole = answer("mot")
    name = "Annexe_" + "tres_long_nom_de_piece-" * 8 + "v12.pdf"
    numbers = tuple(str(number) for number in range(1, 41))
    screening = replace(
        whole,
        pieces=(replace(whole.pieces[0], name=name),),
        findings=(replace(whole.findings[0], lots=numbers), *whole.findings[1:]),
        lots=tuple(Lot(number, "Prestation de nettoyage " * 4, 1e6, (), ()) for number in numbers),
        scores=(
            whole.scores[0],
            *(replace(whole.scores[1], lot=number) for number in numbers[:10]),
        ),
        facts=(
            *(replace(fact, lots=numbers) for fact in whole.facts),
            replace(whole.facts[0], name="procedure.buyer", value="Ville de Valbrume " * 9),
        ),
    )
    data = report_pdf(screening, "fr")
    assert "Lots 1 à 40" in text(data)
    with pdfplumber.open(io.BytesIO(data)) as file:
        for page in file.pages:
            assert min(char["x0"] for char in page.chars) >= MARGIN - 1
            assert max(char["x1"] for char in page.chars) <= SHEET - MARGIN + 1
            assert len(page.chars) > 80  # no sheet is left all but empty
    assert re.sub(r"\s", "", name) in squeezed(data)


@needs_pango
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_dossier_in_which_nothing_is_found(answer, language):
    empty = replace(
        answer("mot"), findings=(), clauses=(), criteria=(), lots=(), facts=(), references=(),
        disagreements=(), scores=(), warnings=(),
    )  # fmt: skip
    said = text(report_pdf(empty, language))
    french = language == "fr"
    assert ("Aucune clause n’a été relevée" if french else "No clause was found") in said
    assert ("Aucun score" if french else "No score") in said
    assert ("Ce qui n’a pas été trouvé" if french else "What was not found") in said
    assert ("se contredisent" if french else "disagree") not in said


@pytest.mark.parametrize("error", [OSError("libpango"), ImportError("weasyprint")])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_missing_is_said_before_anything_is_read(monkeypatch, tmp_path, error, language):
    def missing(name):
        raise error

    printing._press.cache_clear()
    monkeypatch.setattr(printing, "import_module", missing)
    out = tmp_path / "rapport.pdf"
    arguments = ["screen", "--sample", "--format", "pdf", "--lang", language]
    result = CliRunner().invoke(app, [*arguments, "--output", str(out)])
    assert result.exit_code == 2
    assert "[cannot-print]" in result.stderr
    assert "install-system-packages" in result.stderr
    assert not out.exists()


def test_no_font_at_all_is_an_error_not_a_crash(monkeypatch):
    class Library:
        @staticmethod
        def FontConfiguration():  # noqa: N802 - its name in WeasyPrint
            warnings.warn("No fonts configured", UserWarning, stacklevel=1)

    printing._press.cache_clear()
    monkeypatch.setattr(printing, "import_module", lambda _: Library)
    with pytest.raises(CannotPrint, match="police"):
        check_printing()


@needs_pango
def test_the_command_writes_a_pdf(rules, tmp_path):
    (tmp_path / "RC.pdf").write_bytes(rules)
    out = tmp_path / "out" / "rapport.pdf"
    out.parent.mkdir()
    result = CliRunner().invoke(
        app, ["screen", str(tmp_path / "RC.pdf"), "--format", "pdf", "--output", str(out)]
    )
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "L. 2113-13" in text(out.read_bytes())
    piped = CliRunner().invoke(app, ["screen", str(tmp_path / "RC.pdf"), "--format", "pdf"])
    assert piped.stdout_bytes == out.read_bytes()
