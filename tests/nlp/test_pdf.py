"""Reading PDF: places, tables, rotation, damage. The files are made here or are the sample's."""

import io
import random
from pathlib import Path

import pikepdf
import pytest

from corpus.documents import Page
from nlp.reading.errors import ReadingError, TooManyPages
from nlp.reading.pdf import read_pdf

SAMPLE = Path(__file__).parents[2] / "service" / "sample" / "dossier"


def sample(start: str) -> bytes:
    return next(SAMPLE.glob(f"{start}*.pdf")).read_bytes()


def read(data: bytes) -> tuple[Page, ...]:
    return read_pdf(data, max_pages=100)[0]


def turned(data: bytes, degrees: int) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.rotate(degrees, relative=False)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()


def test_words_and_lines_lie_on_the_page() -> None:
    for page in read(sample("CCAP")):
        assert page.source == "text"
        for word in page.words:
            assert not any(c.isspace() for c in page.text[word.start : word.end])
            assert 0 <= word.x0 < word.x1 <= page.width
            assert 0 <= word.y0 < word.y1 <= page.height
        for line in page.lines:
            assert "\n" not in page.text[line.start : line.end]


def test_boxes_follow_the_words_line_by_line() -> None:
    page = next(p for p in read(sample("CCAP")) if "action d'insertion qui favorise" in p.text)
    start = page.text.index("action d'insertion qui favorise")
    (box,) = page.boxes(start, start + 6)
    inside = [w for w in page.words if w.start == start]
    assert abs(box.x0 - inside[0].x0) < 0.1
    assert len(page.boxes(0, len(page.text))) >= len(page.lines) - 3


def test_ruled_tables_are_read_cell_by_cell() -> None:
    cells = [
        [" ".join(page.text[s:e] for s, e in cell.runs) for cell in row.cells]
        for page in read(sample("RC"))
        for table in page.tables
        for row in table.rows
    ]
    assert any(
        "Prix des prestations" in row[0] and row[-1].replace(" ", "") == "45%" for row in cells
    )


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_keeps_its_places(degrees: int) -> None:
    upright, page = read(sample("AE"))[1], read(turned(sample("AE"), degrees))[1]
    words = set(upright.text.split())
    assert len(words & set(page.text.split())) >= 0.9 * len(words)
    if degrees != 180:
        assert (page.width, page.height) == (upright.height, upright.width)
    for word in page.words:
        assert -1 <= word.x0 < word.x1 <= page.width + 1
        assert -1 <= word.y0 < word.y1 <= page.height + 1
    assert [len(t.rows) for t in page.tables] or not upright.tables


def test_too_many_pages() -> None:
    with pytest.raises(TooManyPages):
        read_pdf(sample("RC"), max_pages=2)


def test_damaged_files_are_read_or_refused_by_name() -> None:
    dice = random.Random(7)  # noqa: S311 - no secret
    whole = [path.read_bytes() for path in sorted(SAMPLE.glob("*.pdf"))]
    for _ in range(60):
        data = bytearray(dice.choice(whole))
        for _ in range(dice.choice([1, 20, 200])):
            at = dice.randrange(len(data) - 200)
            if dice.random() < 0.5:
                data[at] = dice.randrange(256)
            else:
                del data[at : at + dice.randrange(1, 100)]
        try:
            pages = read(bytes(data))
        except ReadingError as error:
            assert type(error) is not ReadingError  # noqa: PT017
        else:
            assert pages
