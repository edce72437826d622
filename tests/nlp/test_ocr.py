"""Character recognition, on scans made here of text that is known with its places."""

import io
import math
import os
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import cache

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
import typst
from PIL import Image, ImageFilter

from corpus.documents import Page, Word
from nlp.reading import ocr
from nlp.reading.errors import (
    EmptyFile,
    Encrypted,
    NotAPdf,
    TimedOut,
    TooLarge,
    TooManyPages,
    Truncated,
    UnsupportedType,
)
from nlp.reading.isolation import isolated
from nlp.reading.ocr import LOW_CONFIDENCE, OcrMissing, confidence, recognise, recognise_image
from nlp.reading.pdf import read_pdf

# On a machine without the engine these are skipped; where changes are checked they must run.
engine = pytest.mark.skipif(
    ocr.missing() is not None and not os.environ.get("CI"), reason="Tesseract is not installed"
)

STYLE = """
#set page(width: 110mm, height: 80mm, margin: 10mm)
#set text(lang: "fr", font: ("Libertinus Serif", "DejaVu Sans Mono"), size: 10pt)
#set list(marker: [•])
"""
PROSE = """
ARTICLE 12 - Clause sociale

Le titulaire réserve 7 % des heures de travail à l'insertion de personnes éloignées de l'emploi,
soit 1 240 heures. À défaut, une pénalité de 60,00 € est appliquée après mise en demeure.

Trois voies sont ouvertes :
- l'embauche directe de demandeurs d'emploi ;
- la mise à disposition de salariés ;
- la sous-traitance à une entreprise adaptée.

Le bilan trimestriel est remis au maître d'ouvrage le 12 mars 2026.
"""
FORM = """
Le candidat est une structure adaptée : ☒ Oui ☐ Non

☐ entreprise adaptée #h(1fr) ☒ atelier protégé

#box(square(size: 3mm, stroke: 0.6pt)) Le soumissionnaire accepte l'avance forfaitaire.

#let cell(digit) = box(rect(width: 4mm, height: 4mm, inset: 2pt, stroke: 0.5pt)[#text(7pt, digit)])
Code postal : #for digit in "71000" [#cell(digit)] MÂCON

Durée du marché #box(width: 1fr, repeat[.]) 48 mois

#box(width: 10mm, height: 10mm, {
  let cell = 10mm / 21
  for x in range(21) { for y in range(21) {
    let edge = calc.max(calc.abs(calc.rem(x + 14, 14) - 3), calc.abs(calc.rem(y + 14, 14) - 3))
    let corner = (x < 8 or x > 12) and (y < 8 or y > 12) and not (x > 12 and y > 12)
    let dark = if corner { edge != 2 and edge < 4 } else { calc.rem(x * x + 3 * y + x * y, 5) < 2 }
    if dark { place(dx: x * cell, dy: y * cell, square(size: cell * 1.05, fill: black)) }
  } }
})
"""


@cache
def printed(source: str = PROSE) -> bytes:
    pdf = typst.compile((STYLE + source).encode(), ignore_system_fonts=True)
    assert isinstance(pdf, bytes)
    return pdf


def picture(source: str = PROSE, dpi: int = 200) -> Image.Image:
    document = pdfium.PdfDocument(printed(source))
    image = document[0].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    document.close()
    return image


def scanned(*images: Image.Image, dpi: int = 200) -> bytes:
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=dpi)
    return out.getvalue()


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@cache
def truth(source: str = PROSE) -> Page:
    return read_pdf(printed(source), max_pages=1)[0][0]


def one(data: bytes) -> Page:
    (page,) = recognise(data, [1])
    return page


def found(page: Page, source: str = PROSE) -> float:
    """The share of the true words that were read."""
    wanted = Counter(truth(source).text.split())
    return (wanted & Counter(page.text.split())).total() / wanted.total()


def pairs(page: Page) -> Iterator[tuple[Word, Word]]:
    """True words beside those read, for the words that stand once on the page."""
    true = truth()
    read = {page.text[w.start : w.end]: w for w in page.words}
    counts = Counter(true.text.split())
    for word in true.words:
        value = true.text[word.start : word.end]
        if counts[value] == 1 and len(value) > 2 and value in read:
            yield word, read[value]


@engine
def test_words_are_read_with_places_and_confidence() -> None:
    page = one(scanned(picture()))
    assert page.source == "ocr"
    assert " ".join(page.text.split()) == " ".join(truth().text.split())
    assert (page.width, page.height) == pytest.approx((truth().width, truth().height), abs=1)
    for word in page.words:
        assert not any(c.isspace() for c in page.text[word.start : word.end])
        assert 0 <= word.x0 < word.x1 <= page.width
        assert 0 <= word.y0 < word.y1 <= page.height
        assert 0 <= word.confidence <= 1
    assert confidence(page) > 0.95
    assert confidence(page) > LOW_CONFIDENCE


@engine
def test_lines_stand_as_those_of_a_text_layer() -> None:
    page, true = one(scanned(picture())), truth()
    assert len(page.lines) == len(true.lines)
    for line, other in zip(page.lines, true.lines, strict=True):
        assert page.text[line.start : line.end] == true.text[other.start : other.end]
        assert line.y0 == pytest.approx(other.y0, abs=1.5)
        assert line.y1 == pytest.approx(other.y1, abs=1.5)
        assert line.size == pytest.approx(other.size, rel=0.1)
    assert len({line.size for line in page.lines}) == 1


@engine
@pytest.mark.parametrize(
    ("degrees", "lean"), [(0, 1.5), (0, -5), (90, 0), (90, -1.5), (180, 1.5), (270, 0)]
)
def test_a_turned_and_leaning_page_keeps_its_places(degrees: int, lean: float) -> None:
    image = picture().rotate(degrees, expand=True)
    image = image.rotate(lean, Image.Resampling.BICUBIC, fillcolor=255)
    page = one(scanned(image))
    width, height = truth().width, truth().height
    cos, sin = math.cos(math.radians(lean)), math.sin(math.radians(lean))

    def displayed(x: float, y: float) -> tuple[float, float]:
        turns = {90: (y, width - x), 180: (width - x, height - y), 270: (height - y, x)}
        x, y = turns.get(degrees, (x, y))
        x, y = x - page.width / 2, y - page.height / 2
        return x * cos + y * sin + page.width / 2, -x * sin + y * cos + page.height / 2

    assert found(page) > 0.95
    compared = list(pairs(page))
    assert len(compared) > 25
    for true, read in compared:
        x, y = displayed((true.x0 + true.x1) / 2, (true.y0 + true.y1) / 2)
        assert (read.x0 + read.x1) / 2 == pytest.approx(x, abs=3)
        assert (read.y0 + read.y1) / 2 == pytest.approx(y, abs=3)
    # Lines are those of the level page: none covers the next.
    for line, below in zip(page.lines, page.lines[1:], strict=False):
        assert below.y0 > line.y0 + 0.5 * line.size


@engine
def test_a_page_turned_by_the_file_is_read_as_displayed() -> None:
    with pikepdf.open(io.BytesIO(scanned(picture().rotate(90, expand=True)))) as document:
        document.pages[0].rotate(90, relative=False)
        out = io.BytesIO()
        document.save(out)
    page = one(out.getvalue())
    assert (page.width, page.height) == pytest.approx((truth().width, truth().height), abs=1)
    assert all(
        read.x0 == pytest.approx(true.x0, abs=3) and read.y1 == pytest.approx(true.y1, abs=4)
        for true, read in pairs(page)
    )
    assert found(page) > 0.95


@engine
def test_a_dirty_page_is_read() -> None:
    pixels = np.asarray(picture()).astype(float)
    random = np.random.default_rng(7)
    paper = np.linspace(190, 140, pixels.shape[1])
    dark = 70 + pixels / 255 * (paper - 70) + random.normal(0, 8, pixels.shape)
    specks = random.random(pixels.shape)
    peppered = np.where(specks < 0.004, 0, np.where(specks > 0.996, 255, pixels))
    for dirty in (dark, peppered):
        page = one(scanned(Image.fromarray(np.clip(dirty, 0, 255).astype(np.uint8))))
        assert found(page) > 0.9
        assert confidence(page) > LOW_CONFIDENCE


@engine
def test_a_page_past_reading_is_told_by_its_confidence() -> None:
    image = picture()
    small = image.resize((image.width // 4, image.height // 4), Image.Resampling.BOX)
    page = one(scanned(small.resize(image.size, Image.Resampling.NEAREST)))
    assert found(page) < 0.7
    assert page.source == "none" or confidence(page) < LOW_CONFIDENCE


@engine
def test_tick_boxes_bullets_and_leaders_are_read() -> None:
    page = one(scanned(picture(FORM, 300), dpi=300))
    lines = page.text.split("\n")
    assert lines[0] == "Le candidat est une structure adaptée : ☒ Oui ☐ Non"
    assert lines[1] == "☐ entreprise adaptée ☒ atelier protégé"
    assert lines[2].startswith("☐ Le soumissionnaire")
    # Boxes that hold the digits of a number are no tick boxes, nor are the corners of a QR code.
    assert page.text.count("☐") + page.text.count("☒") == 5
    assert lines[-1].startswith("Durée du marché ......")
    box = next(w for w in page.words if page.text[w.start : w.end] == "☒")
    option = next(w for w in page.words if page.text[w.start : w.end] == "Oui")
    assert 0 < option.x0 - box.x1 < 8
    assert "• l'embauche" in one(scanned(picture())).text


@engine
@pytest.mark.parametrize("dpi", [150, 200])
@pytest.mark.parametrize("lean", [0, 1.5])
def test_a_table_of_contents_is_read_and_not_called_doubtful(dpi: int, lean: float) -> None:
    titles = [
        "Objet du marché", "Clause sociale", "Suivi et contrôle", "Révision des prix",
        "Pénalités de retard", "Clause environnementale", "Résiliation", "Assurances",
    ]  # fmt: skip
    source = "#set text(size: 9pt)\n" + "".join(
        f"{number} {title} #box(width: 1fr, repeat(gap: 1.5pt)[.]) {number + 2} \\\n"
        for number, title in enumerate(titles, 10)
    )
    image = picture(source, dpi).rotate(lean, Image.Resampling.BICUBIC, fillcolor=255)
    page = one(scanned(image, dpi=dpi))
    lines = [line.split(" ....")[0] for line in page.text.split("\n")]
    wanted = [f"{number} {title}" for number, title in enumerate(titles, 10)]
    assert lines[: len(wanted)] == wanted
    assert confidence(page) > LOW_CONFIDENCE


@engine
@pytest.mark.parametrize(("dpi", "blur", "ink"), [(300, 0, 0), (300, 2, 0), (150, 0, 100)])
def test_ticks_are_told_on_blurred_and_on_pale_scans(dpi: int, blur: int, ink: int) -> None:
    source = """
☒ Le candidat se présente seul.

☐ Le candidat se présente en groupement. ☐ conjoint ☒ solidaire
"""
    image = picture(source + PROSE, dpi).filter(ImageFilter.GaussianBlur(blur))
    pale = np.asarray(image) / 255 * (160 - ink) + ink if ink else np.asarray(image)
    page = one(scanned(Image.fromarray(pale.astype(np.uint8)), dpi=dpi))
    assert [c for c in page.text if c in "☐☒"] == list("☒☐☐☒")


@engine
def test_nothing_is_made_up_on_pages_without_text() -> None:
    random = np.random.default_rng(3)
    shape = picture().size[::-1]
    grain = random.integers(0, 256, shape).astype(np.uint8)
    smooth = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) / sum(shape) * 255
    images = [
        Image.new("L", shape[::-1], 255),
        Image.new("L", shape[::-1], 0),
        Image.fromarray(grain),
        Image.fromarray(smooth.astype(np.uint8)),
    ]
    for page in recognise(scanned(*images), [1, 2, 3, 4]):
        assert (page.source, page.text, page.words) == ("none", "", ())
        assert page.width > 0


@engine
def test_only_the_pages_asked_for_are_read() -> None:
    data = scanned(Image.new("L", picture().size, 255), picture())
    assert [(p.number, p.source) for p in recognise(data, [2])] == [(2, "ocr")]
    assert recognise(data, []) == ()
    with pytest.raises(Truncated):
        recognise(data, [3])


@engine
def test_a_child_of_bounded_memory_can_read_and_be_cut() -> None:
    data = scanned(picture())
    page = isolated(recognise, data, [1], seconds=60.0, memory_bytes=1 << 30)[0]
    assert found(page) > 0.95
    with pytest.raises(TimedOut):
        isolated(recognise, data, [1] * 50, seconds=1.0, memory_bytes=1 << 30)


# -- pictures ---------------------------------------------------------------------------------


@engine
def test_pictures_are_read_page_by_page() -> None:
    image = picture()
    tiff = saved(
        image, "TIFF", save_all=True, append_images=[Image.new("L", image.size, 255)],
        dpi=(200, 200), compression="tiff_lzw",
    )  # fmt: skip
    first, second = recognise_image(tiff)
    assert (first.number, first.source) == (1, "ocr")
    assert (second.number, second.source) == (2, "none")
    assert found(first) > 0.95
    assert first.width == pytest.approx(truth().width, abs=1)
    for true, read in pairs(first):
        assert read.x0 == pytest.approx(true.x0, abs=3)
        assert read.y1 == pytest.approx(true.y1, abs=4)


@engine
def test_a_phone_picture_without_resolution_is_taken_for_a_sheet() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # displayed after a quarter turn clockwise
    image = picture().rotate(90, expand=True)
    (page,) = recognise_image(saved(image.convert("RGB"), "JPEG", exif=exif, quality=90))
    assert max(page.width, page.height) == pytest.approx(842, abs=1)
    assert page.width > page.height
    assert found(page) > 0.9


@engine
def test_transparent_and_deep_pictures_are_read() -> None:
    ink = picture(dpi=150)
    clear = Image.new("RGBA", ink.size, (0, 0, 0, 0))
    clear.putalpha(Image.fromarray(255 - np.asarray(ink)))
    deep = Image.fromarray(np.asarray(ink).astype(np.uint16) * 257)
    for image in (clear, deep):
        (page,) = recognise_image(saved(image, "PNG", dpi=(150, 150)))
        assert found(page) > 0.9


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


@engine
@pytest.mark.parametrize("side", [9_000, 12_000, 60_000])
def test_a_picture_bomb_is_refused(side: int) -> None:
    with pytest.raises(TooLarge):
        recognise_image(bomb(side, side))


@engine
def test_bad_files_are_told() -> None:
    png = saved(picture(), "PNG")
    with pytest.raises(EmptyFile):
        recognise(b"", [1])
    with pytest.raises(EmptyFile):
        recognise_image(b"")
    with pytest.raises(NotAPdf):
        recognise(png, [1])
    with pytest.raises(Truncated):
        recognise(b"%PDF-1.7 and no more", [1])
    with pytest.raises(UnsupportedType):
        recognise_image(scanned(picture()))
    with pytest.raises(Truncated):
        recognise_image(png[: len(png) // 2])
    tiff = saved(picture(), "TIFF", save_all=True, append_images=[picture()] * 3)
    with pytest.raises(TooManyPages):
        recognise_image(tiff, max_pages=3)


@engine
def test_a_locked_file_opens_with_its_password() -> None:
    with pikepdf.open(io.BytesIO(scanned(picture()))) as document:
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(owner="o", user="clé"))
    with pytest.raises(Encrypted):
        recognise(out.getvalue(), [1])
    assert found(recognise(out.getvalue(), [1], password="clé")[0]) > 0.95  # noqa: S106


def test_a_missing_engine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "missing", lambda: "fra")
    for call in (lambda: recognise(printed(), [1]), lambda: recognise_image(bomb(9, 9))):
        with pytest.raises(OcrMissing) as caught:
            call()
        assert (caught.value.code, caught.value.detail) == ("ocr-missing", "fra")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    look = ocr.missing.__wrapped__
    monkeypatch.setattr(ocr, "find_spec", lambda name: object())
    monkeypatch.setattr(ocr, "_FOLDERS", ())
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert look() == "fra, osd"
    for language in ("fra", "osd"):
        (tmp_path / f"{language}.traineddata").touch()
    assert look() is None
    monkeypatch.setattr(ocr, "find_spec", lambda name: None)
    assert look() == "tesserocr"


def test_confidence_weighs_words_by_their_letters() -> None:
    page = Page(
        1, "insertion à", (), (Word(0, 9, 0, 0, 1, 1, 0.9), Word(10, 11, 0, 0, 1, 1, 0.4)),
        source="ocr",
    )  # fmt: skip
    assert confidence(page) == pytest.approx((9 * 0.9 + 0.4) / 10)
    assert confidence(Page(1, "", source="none")) == 0
