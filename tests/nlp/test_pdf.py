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


def drawn(content: str) -> bytes:
    """Return a page of one content stream, compressed, with Helvetica as F."""
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        page.Contents = document.make_stream(content.encode())
        out = io.BytesIO()
        document.save(out, compress_streams=True)
        return out.getvalue()


TEXT = "BT /F 10 Tf 80 700 Td (clause sociale) Tj ET\n"


@pytest.mark.parametrize(
    ("drawing", "text"),
    [
        ("60 698 10 10 re S", "☐ clause sociale"),
        ("60 698 10 10 re S 62 700 m 68 706 l S 62 706 m 68 700 l S", "☒ clause sociale"),
        # a tick with round ends
        (
            "60 698 10 10 re S "
            "62 702 m 63 700 64 700 65 702 c 68 707 l 67 708 l 64 704 l 62 702 l f",
            "☒ clause sociale",
        ),
        # a target: a round frame with a smaller square in it
        (
            "60 703 m 60 706 62 708 65 708 c 68 708 70 706 70 703 c 70 700 68 698 65 698 c "
            "62 698 60 700 60 703 c S 63 701 4 4 re S",
            "clause sociale",
        ),
    ],
    ids=["box", "crossed box", "ticked box", "target"],
)
def test_only_square_frames_are_tick_boxes(drawing: str, text: str) -> None:
    assert read(drawn(TEXT + drawing))[0].text == text


def test_a_stream_damaged_in_its_middle_is_said() -> None:
    lines = "".join(f"BT /F 10 Tf 60 {800 - n} Td (ligne {n * n}) Tj ET\n" for n in range(400))
    data = drawn(lines)
    assert read_pdf(data, max_pages=1)[1] == ()
    at = data.index(b"stream") + len(data[data.index(b"stream") : data.index(b"endstream")]) // 2
    spoilt = data[:at] + bytes(b ^ 0x5A for b in data[at : at + 30]) + data[at + 30 :]
    assert [n.code for n in read_pdf(spoilt, max_pages=1)[1]] == ["part-damaged"]
