"""Scanned pages: recognised page by page, marked all the way to the report."""

import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from nlp.reading import ocr
from nlp.reading.errors import TimedOut
from service.report.html import report_page
from service.report.terminal import screening_text
from service.screening import NothingRead, SourceFile, screen
from service.settings import Limits

SAMPLE = Path(__file__).parents[2] / "service" / "sample" / "dossier"


def scan(*numbers: int) -> SourceFile:
    """Return pages of the sample's CCAP as pictures."""
    with pypdfium2.PdfDocument(next(SAMPLE.glob("CCAP*.pdf"))) as document:
        pages = [
            document[n - 1].render(scale=150 / 72, grayscale=True).to_pil().convert("L")
            for n in numbers
        ]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return SourceFile("CCAP.pdf", out.getvalue())


@pytest.fixture(scope="module")
def insertion_page() -> int:
    with pypdfium2.PdfDocument(next(SAMPLE.glob("CCAP*.pdf"))) as document:
        return next(
            i + 1
            for i in range(len(document))
            if "action d'insertion"
            in document[i].get_textpage().get_text_bounded().replace("’", "'")
        )


def test_what_is_found_on_a_scan_says_so(insertion_page):
    answer = screen([scan(insertion_page)])
    assert "social.integration" in {label for f in answer.findings for label in f.labels}
    assert {f.source for f in answer.findings} == {"ocr"}
    assert all(f.boxes for f in answer.findings)
    assert answer.pieces[0].sources == {"ocr": 1}
    assert "page-recognised" in {w.code for w in answer.warnings}
    assert "OCR" in screening_text(answer, "fr")
    assert ">OCR</span>" in report_page(answer, "fr")


def test_without_the_engine_a_scan_is_refused_and_the_rest_read(monkeypatch):
    monkeypatch.setattr(ocr, "missing", lambda: "fra")
    with pytest.raises(NothingRead) as refused:
        screen([scan(1)])
    assert [c.code for c in refused.value.cautions] == ["image-only"]
    text = SourceFile("RC.txt", "Article 1\nLe marché comporte une clause d'insertion.".encode())
    answer = screen([scan(1), text])
    assert [p.name for p in answer.pieces] == ["RC.txt"]


def test_no_more_scans_than_allowed():
    answer = screen([scan(1, 2)], limits=Limits(max_scans=1))
    assert answer.pieces[0].sources == {"ocr": 1, "none": 1}
    assert "too-many-scans" in {w.code for w in answer.warnings}


def test_a_scan_that_takes_too_long_is_said():
    with pytest.raises(NothingRead) as refused:
        screen([scan(1)], limits=Limits(max_scan_seconds=0.01))
    [caution] = refused.value.cautions
    assert caution.code == "recognition-failed"
    assert "0.01" in caution.message_fr
    assert "0.01" in caution.message_en


@pytest.mark.parametrize("limits", [{"max_scan_seconds": 0.01}, {}], ids=["too slow", "read"])
def test_a_scan_that_fails_leaves_the_text_pages_of_its_piece(limits):
    out = io.BytesIO()
    with (
        pikepdf.open(next(SAMPLE.glob("RC*.pdf"))) as text,
        pikepdf.open(io.BytesIO(scan(1).data)) as picture,
    ):
        text.pages.extend(picture.pages)
        text.save(out)
    answer = screen([SourceFile("RC.pdf", out.getvalue())], limits=Limits(**limits))
    assert answer.pieces[0].sources["text"] > 1
    assert ("ocr" in answer.pieces[0].sources) == (not limits)
    codes = {w.code for w in answer.warnings}
    assert ("page-recognition-failed" in codes) == bool(limits)


def test_a_picture_without_text_is_not_called_a_failure():
    out = io.BytesIO()
    Image.new("L", (800, 1100), 200).save(out, "PDF")
    with pytest.raises(NothingRead) as refused:
        screen([SourceFile("photo.pdf", out.getvalue())])
    assert [c.code for c in refused.value.cautions] == ["image-only"]


def test_one_bad_scan_does_not_cost_the_others(monkeypatch):
    real = ocr.recognise

    def fragile(data, numbers, **given):
        if 2 in numbers:
            raise TimedOut("1")
        return real(data, numbers, **given)

    monkeypatch.setattr(ocr, "recognise", fragile)
    answer = screen([scan(1, 2, 3)], isolate=False, limits=Limits(workers=1))
    assert answer.pieces[0].sources == {"ocr": 2, "none": 1}
    assert [w.code for w in answer.warnings if "failed" in w.code] == ["page-recognition-failed"]
