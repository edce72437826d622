"""Scanned pages -> pages: characters recognised by Tesseract, with the place of each word.

A page is turned and straightened before it is read, and the places are turned back. Tick boxes,
bullets and dot leaders, which Tesseract takes for letters, are found by their shape, painted over
and put back as text. Runs in one thread: callers read slices of a file in several processes.
"""

from __future__ import annotations

import io
import math
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as api
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageFilter, ImageOps, UnidentifiedImageError
from scipy import ndimage

from corpus.documents import Line, Page, Word
from nlp.clean import Text, clean
from nlp.reading.errors import (
    EmptyFile,
    Encrypted,
    NotAPdf,
    OcrMissing,
    TooLarge,
    TooManyPages,
    Truncated,
    UnsupportedType,
)
from nlp.reading.layout import Mark, arrange, printed_lines

LANGUAGE = "fra"  # it reads English as well as "fra+eng" does, and French better
LOW_CONFIDENCE = 0.90  # of a page: above it at most one word in seven is wrong: docs/ocr.md

_DPI = 300
_MAX_PIXELS = 30_000_000  # an A2 sheet at 250 dpi; larger ones are read at a lower resolution
# The share of words read right (below) by the mean certainty of their signs (above), as counted
# by tests/ocr_quality.py: the confidence of a word is the odds that it is right.
_CERTAINTY = (0.0, 94.0, 96.5, 97.5, 98.25, 98.75, 99.1, 99.6)
_RIGHT = (0.05, 0.12, 0.26, 0.38, 0.54, 0.80, 0.95, 0.99)
_CREDIBLE = 0.2  # of a word: below it most are specks and strokes
_LEGIBLE = 0.35  # of a page or a line, all words taken: below it nothing is said of it
_UPSET = 0.5  # of a page: below it the page may stand on its head (0.2 when it does)
_SURE = 0.8  # of a word: one such, of three letters, must be on a page
_RULES = "|[]_ \n"  # what the lines of a table are taken for
_SPECK = 5  # pixels at most
_LEVEL = 0.2  # degrees: lines that lean less are left as they are

_WORD = re.compile(r"\S+")

_Grey: TypeAlias = NDArray[np.uint8]
_Ink: TypeAlias = NDArray[np.bool_]
_Rectangle: TypeAlias = tuple[float, float, float, float]  # x0, y0, x1, y1


# -- the engine -------------------------------------------------------------------------------

_FOLDERS = (
    "/usr/share/tesseract-ocr/*/tessdata",  # Debian, Ubuntu
    "/usr/share/tessdata",  # Arch, Alpine
    "/usr/share/tesseract/tessdata",  # Fedora
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "/opt/local/share/tessdata",
)


@cache
def missing() -> str | None:
    """Name what character recognition lacks ("tesserocr", "fra", "osd"), None when it can work."""
    if find_spec("tesserocr") is None:
        return "tesserocr"
    return min((_lacking(folder) for folder in _folders()), key=len, default="tessdata") or None


def _folders() -> Iterator[Path]:
    if prefix := os.environ.get("TESSDATA_PREFIX"):
        yield Path(prefix)
        yield Path(prefix, "tessdata")
    for pattern in _FOLDERS:
        yield from sorted(Path("/").glob(pattern[1:]), reverse=True)


def _lacking(folder: Path) -> str:
    needed = (LANGUAGE, "osd")
    return ", ".join(n for n in needed if not (folder / f"{n}.traineddata").is_file())


@cache
def _engine(language: str, mode: str) -> Any:
    """Return Tesseract with its models loaded, once a process."""
    if detail := missing():
        raise OcrMissing(detail)
    os.environ["OMP_THREAD_LIMIT"] = "1"  # read when the library is loaded
    import tesserocr

    folder = next(f for f in _folders() if not _lacking(f))
    tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)
    return tesserocr.PyTessBaseAPI(
        path=str(folder),
        lang=language,
        psm=getattr(tesserocr.PSM, mode),
        variables={"debug_file": os.devnull},
    )


def _show(engine: Any, grey: _Grey) -> None:
    height, width = grey.shape
    engine.SetImageBytes(np.ascontiguousarray(grey).tobytes(), width, height, 1, width)
    engine.SetSourceResolution(_DPI)


# -- files ------------------------------------------------------------------------------------


def recognise(
    data: bytes, numbers: Sequence[int], *, password: str | None = None
) -> tuple[Page, ...]:
    """Read the pages of a PDF that have these 1-based numbers from their picture.

    Words and boxes are in points of the page as displayed. Lines are placed as if the page were
    upright and level, which is what tells paragraphs. A page without a credible word has no text
    and the source "none". Raises OcrMissing, EmptyFile, NotAPdf, Encrypted or Truncated.
    """
    if not data:
        raise EmptyFile
    if b"%PDF-" not in data[:1024]:
        raise NotAPdf
    if detail := missing():
        raise OcrMissing(detail)
    try:
        document = pdfium.PdfDocument(data, password=password)
    except pdfium.PdfiumError as error:
        raise (Encrypted if "password" in str(error).lower() else Truncated) from error
    try:
        if not all(1 <= number <= len(document) for number in numbers):
            raise Truncated
        return tuple(_recognise_page(document, number) for number in numbers)
    finally:
        document.close()


def _recognise_page(document: pdfium.PdfDocument, number: int) -> Page:
    try:
        page = document[number - 1]
    except pdfium.PdfiumError:
        return Page(number, "", source="none")
    try:
        width, height = page.get_size()
        scale = min(_resolution(page) / 72, math.sqrt(_MAX_PIXELS / max(width * height, 1)))
        grey = page.render(scale=scale, grayscale=True).to_numpy()
    except pdfium.PdfiumError:
        return Page(number, "", source="none")
    finally:
        page.close()
    return _read(grey.reshape(grey.shape[:2]), number, scale)


def _resolution(page: Any) -> float:
    """Return the dpi at which to take the page: its scan's own, where noise is easily told."""
    width, height = page.get_size()
    for image in page.get_objects(filter=(api.FPDF_PAGEOBJ_IMAGE,)):
        x0, y0, x1, y1 = image.get_bounds()
        across, down = image.get_px_size()
        covered = abs(x1 - x0) * abs(y1 - y0)
        if covered > 0.5 * width * height:
            # A hair less: one pixel more than the scan has would blur the whole page.
            return min(max(71.9995 * math.sqrt(across * down / covered), 100.0), _DPI)
    return _DPI


def recognise_image(data: bytes, *, max_pages: int = 500) -> tuple[Page, ...]:
    """Read the pages of a PNG, JPEG or TIFF picture, as ``recognise`` does.

    A point is 1/72 inch by the resolution the file states; where that makes no sheet of paper,
    the longer side is that of A4. Raises OcrMissing, EmptyFile, UnsupportedType, TooLarge,
    TooManyPages or Truncated.
    """
    if not data:
        raise EmptyFile
    if detail := missing():
        raise OcrMissing(detail)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            # half a picture is an error, whatever a library that prints has set for all
            ImageFile.LOAD_TRUNCATED_IMAGES = False
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF")) as image:
                count = getattr(image, "n_frames", 1)
                if count > max_pages:
                    raise TooManyPages(f"{count}>{max_pages}")
                return tuple(_recognise_frame(image, index) for index in range(count))
    except UnidentifiedImageError as error:
        raise UnsupportedType("image") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLarge from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Truncated(str(error)) from error


def _recognise_frame(image: Image.Image, index: int) -> Page:
    image.seek(index)
    if image.width * image.height > 2 * _MAX_PIXELS:  # before a pixel is unpacked
        raise TooLarge(f"{image.width}x{image.height}")
    stated = image.info.get("dpi", (0, 0))[0]
    upright = ImageOps.exif_transpose(image)
    longer = max(upright.size)
    dpi = float(stated)
    if dpi <= 72 or not 3 <= longer / dpi <= 50:  # 72 is what software writes that does not know
        dpi = longer / (842 / 72)
    grey = _flat(upright)
    by = min(_DPI / dpi, math.sqrt(_MAX_PIXELS / (grey.width * grey.height)))
    if by < 1:
        grey = grey.resize(_size(grey, by), Image.Resampling.BOX)
        dpi *= by
    return _read(np.asarray(grey), index + 1, dpi / 72)


def _size(image: Image.Image, by: float) -> tuple[int, int]:
    return max(round(image.width * by), 1), max(round(image.height * by), 1)


def _flat(image: Image.Image) -> Image.Image:
    """Return the picture in grey, on white where it is transparent."""
    if image.mode.startswith("I"):  # 16 bits
        return Image.fromarray((np.asarray(image, dtype=np.uint32) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("L")
    return image.convert("L")


# -- pages ------------------------------------------------------------------------------------


class _Seen(NamedTuple):
    """A word as recognised: its ink, the line it stands on and its size in pixels."""

    text: str
    confidence: float
    ink: _Rectangle
    line: int
    baseline: float
    size: float


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was recognised on a page turned by ``turn`` and levelled by ``lean`` degrees."""

    seen: tuple[_Seen, ...]
    marks: tuple[Mark, ...]
    turn: int
    lean: float
    size: tuple[int, int]  # width and height in pixels, levelled

    @property
    def confidence(self) -> float:
        return _mean((s.confidence, s.text) for s in self.seen)

    def lines(self) -> Iterator[tuple[_Seen, ...]]:
        """Yield the lines that are legible: a stamp or a signature is not."""
        for _, group in groupby(self.seen, key=lambda s: s.line):
            line = tuple(group)
            if _mean((s.confidence, s.text) for s in line) >= _LEGIBLE:
                yield line


def confidence(page: Page) -> float:
    """Return the mean confidence of a page's words (0 to 1), long words counting for more."""
    return _mean((w.confidence, page.text[w.start : w.end]) for w in page.words)


def _mean(words: Iterator[tuple[float, str]]) -> float:
    weights = [(c, sum(map(str.isalnum, text)) or 0.1) for c, text in words]
    total = sum(weight for _, weight in weights)
    return sum(c * weight for c, weight in weights) / total if total else 0.0


def _read(grey: _Grey, number: int, scale: float) -> Page:
    """Read a grey picture of ``scale`` pixels a point."""
    shown = (grey.shape[1] / scale, grey.shape[0] / scale)
    cleared = _cleared(grey, scale)
    if cleared is None:
        return Page(number, "", width=shown[0], height=shown[1], source="none")
    if (by := _DPI / 72 / scale) > 1.2:
        by = min(by, math.sqrt(_MAX_PIXELS / grey.size), 4.0)
        image = Image.fromarray(cleared)
        cleared = np.asarray(image.resize(_size(image, by), Image.Resampling.BICUBIC))
        scale *= by
    reading = _recognised(cleared, 0, scale)
    if reading.confidence < _UPSET:
        for turn in _turns(cleared):
            other = _recognised(cleared, turn, scale)
            if other.confidence > reading.confidence:
                reading = other
            if reading.confidence >= _UPSET:
                break
    return _page(reading, number, shown, scale)


def _cleared(grey: _Grey, scale: float) -> _Grey | None:
    """Return the page on white paper and without specks, None for one that is blank or no text."""
    image = Image.fromarray(grey)
    coarse = image.reduce(max(image.width // 150, 1))
    paper = coarse.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.MedianFilter(9))
    paper = paper.filter(ImageFilter.GaussianBlur(4)).resize(image.size, Image.Resampling.BILINEAR)
    ratio = grey.astype(np.float32) / np.maximum(np.asarray(paper), 1)
    dark = float(np.quantile(ratio[::4, ::4], 0.005))
    if 0.3 < dark < 0.7:  # pale ink; above, the page is blank and its grain no ink
        ratio = (ratio - dark) / (1 - dark)
    image = Image.fromarray(np.clip(ratio * 255, 0, 255).astype(np.uint8))
    if _speckled(image, scale):
        dusted = _dusted(image)
        image = _softened(image, scale) if _speckled(dusted, scale, 0.05) else dusted
    grey = np.asarray(image)
    parts = ndimage.label(grey < 128, np.ones((3, 3), bool))[1]
    return grey if 0 < parts <= _MAX_PARTS else None


def _dusted(image: Image.Image) -> Image.Image:
    """Take out the specks of two pixels at most, black and white, and nothing from the strokes."""
    grey = np.array(image)
    calm = np.asarray(image.filter(ImageFilter.MedianFilter(3)))
    for ink in (grey < 128, grey >= 128):
        labels = ndimage.label(ink)[0]
        specks = np.bincount(labels.ravel()) <= 2
        where = specks[labels] & ink
        grey[where] = calm[where]
    return Image.fromarray(grey)


def _softened(image: Image.Image, scale: float) -> Image.Image:
    image = image.filter(ImageFilter.MedianFilter(3))
    return image.filter(ImageFilter.GaussianBlur(1)) if _speckled(image, scale) else image


def _speckled(image: Image.Image, scale: float, share: float = 0.55) -> bool:
    """Tell whether specks make up this share of the page: of its middle half, as scanned."""
    quarter = image.height // 4
    labels, count = ndimage.label(
        np.asarray(image)[quarter : 3 * quarter] < 128, np.ones((3, 3), bool)
    )
    specks = np.flatnonzero(np.bincount(labels.ravel())[1:] <= _SPECK)
    many = bool(len(specks) > share * max(200, count))
    if not many or count > _MAX_PARTS:
        return many
    # The dot leaders of a table of contents are as small, and to be kept.
    dots = sum(map(len, _leaders(_boxes(labels)[specks], scale)))
    return bool(len(specks) - dots > share * max(200, count - dots))


def _turns(grey: _Grey) -> list[int]:
    """Return the turns to try, in degrees counter-clockwise, the likeliest first."""
    engine = _engine("osd", "OSD_ONLY")
    _show(engine, grey)
    found = engine.DetectOrientationScript()
    if found is None:  # too few characters to tell
        return [180, 90, 270]
    return [found["orient_deg"]] if found["orient_deg"] else []


def _recognised(grey: _Grey, turn: int, scale: float) -> _Reading:
    engine = _engine(LANGUAGE, "AUTO")
    grey = np.rot90(grey, turn // 90)
    _show(engine, grey)
    lean = _lean(engine)
    if lean:
        image = Image.fromarray(grey).rotate(
            lean, Image.Resampling.BICUBIC, expand=True, fillcolor=int(np.median(grey))
        )
        grey = np.asarray(image)
        _show(engine, grey)
    size = (grey.shape[1], grey.shape[0])
    marks, without = _marks(grey, np.asarray(engine.GetThresholdedImage()) < 128, scale)
    if marks:
        _show(engine, without)
    seen = tuple(_seen(engine)) if engine.Recognize() else ()
    engine.Clear()
    return _Reading(seen, marks, turn, lean, size)


def _lean(engine: Any) -> float:
    """Return the angle in degrees by which to turn the page counter-clockwise to level it."""
    import tesserocr

    level = tesserocr.RIL.TEXTLINE
    layout = engine.AnalyseLayout()
    if layout is None:
        return 0.0
    slopes: list[tuple[float, float]] = []
    ruled = (tesserocr.PT.HORZ_LINE, tesserocr.PT.VERT_LINE)  # told as level, whatever they are
    for line in tesserocr.iterate_level(layout, level):
        base = None if line.BlockType() in ruled else line.Baseline(level)
        if base is not None and (length := base[1][0] - base[0][0]) > 100:
            slopes.append(((base[1][1] - base[0][1]) / length, length))
    if len(slopes) < 3:
        return 0.0
    longest = sorted(slopes, key=lambda s: -s[1])[:40]
    lean = math.degrees(math.atan(median(slope for slope, _ in longest)))
    return lean if _LEVEL < abs(lean) < 15 else 0.0


def _seen(engine: Any) -> Iterator[_Seen]:
    import tesserocr

    symbol, word, line = tesserocr.RIL.SYMBOL, tesserocr.RIL.WORD, tesserocr.RIL.TEXTLINE
    iterator = engine.GetIterator()
    if iterator is None:
        return
    number, baseline, size, upright = -1, 0.0, 0.0, True
    signs: list[tuple[str, float]] = []
    for item in tesserocr.iterate_level(iterator, symbol):
        if item.Empty(symbol):  # a picture
            continue
        if item.IsAtBeginningOf(line):
            number += 1
            row = item.RowAttributes()
            # The descent is a guess on lines without a "p", the ascent on those without a "d".
            capital = row["row_height"] + row["descenders"]
            size = max(1.54 * capital, 2.33 * (capital - row["ascenders"]))
            base = item.Baseline(line)
            baseline = (base[0][1] + base[1][1]) / 2 if base else 0.0
            upright = item.Orientation()[1] == tesserocr.WritingDirection.LEFT_TO_RIGHT
        signs.append((item.GetUTF8Text(symbol), item.Confidence(symbol)))
        if item.IsAtFinalElement(word, symbol):
            text, box = item.GetUTF8Text(word), item.BoundingBox(word)
            # A sideways block is a page that lies on its side, or a column of numbers misread.
            if box and upright and text.strip(_RULES):
                yield _Seen(text.strip("| \n"), _sure(signs), box, number, baseline, size)
            signs = []


def _sure(signs: Sequence[tuple[str, float]]) -> float:
    """Return how sure a word is (0 to 1) from the certainty of its signs (to 100).

    Tesseract's own figure is that of the worst sign, and next to 0 for "l'offre", whose
    apostrophe its dictionary writes in another way. The mean tells right from wrong better.
    """
    known = [c for sign, c in signs if sign not in "'’"] or [c for _, c in signs]
    return float(np.interp(sum(known) / len(known), _CERTAINTY, _RIGHT))


def _page(reading: _Reading, number: int, shown: tuple[float, float], scale: float) -> Page:
    """Write the page, displayed ``shown`` points wide and high and read ``scale`` to a point."""
    width, height = shown
    seen = [s for line in reading.lines() for s in line if s.confidence >= _CREDIBLE]
    sure = any(s.confidence > _SURE and sum(map(str.isalpha, s.text)) > 2 for s in seen)
    if reading.confidence < _LEGIBLE or not sure:
        return Page(number, "", width=width, height=height, source="none")
    raw, owner = _joined(seen)
    text = clean(raw)
    marks = {tuple(v / scale for v in m[1:]): m for m in reading.marks}
    text, level = arrange(
        text,
        tuple(_level_words(text, owner, seen, scale)),
        reading.size[1] / scale,
        [Mark(m.text, *box) for box, m in marks.items()],
    )
    place = _placer(reading, (width * scale, height * scale))
    words: list[Word] = []
    sizes: list[float] = []
    for word in level:
        mark = marks.get(word[2:6])
        if mark is not None:
            ink, odds, size = mark[1:], 1.0, 0.0
        else:
            run = _run(text, owner, seen, word)
            ink, odds = _hull([s.ink for s in run]), min(s.confidence for s in run)
            size = run[0].size / scale
        x0, y0, x1, y1 = (v / scale for v in place(*ink))
        words.append(Word(word.start, word.end, x0, y0, x1, y1, round(odds, 3)))
        sizes.append(size)
    lines = tuple(_lines(text.value, level, sizes))
    return Page(number, text.value, lines, tuple(words), (), width, height, "ocr")


def _joined(seen: Sequence[_Seen]) -> tuple[str, list[int]]:
    """Return the page's text and, for each of its characters, the word it belongs to."""
    parts: list[str] = []
    owner: list[int] = []
    for index, word in enumerate(seen):
        last = index + 1 == len(seen)
        part = word.text + ("" if last else " " if seen[index + 1].line == word.line else "\n")
        parts.append(part)
        owner += [index] * len(part)
    return "".join(parts), owner


def _run(text: Text, owner: Sequence[int], seen: Sequence[_Seen], word: Word) -> Sequence[_Seen]:
    """Return the recognised words that a word of the cleaned text is made of."""
    first, last = text.origin[word.start], text.origin[word.end - 1]
    return seen[owner[first] : owner[last] + 1]


def _level_words(
    text: Text, owner: Sequence[int], seen: Sequence[_Seen], scale: float
) -> Iterator[Word]:
    """Place words in points on the level page, as high as their line: as a text layer does."""
    for match in _WORD.finditer(text.value):
        word = Word(*match.span(), 0.0, 0.0, 0.0, 0.0)
        run = _run(text, owner, seen, word)
        ink = _hull([s.ink for s in run])
        top, foot = run[0].baseline - 0.785 * run[0].size, run[0].baseline + 0.215 * run[0].size
        yield word._replace(x0=ink[0] / scale, y0=top / scale, x1=ink[2] / scale, y1=foot / scale)


def _lines(value: str, words: Sequence[Word], sizes: Sequence[float]) -> Iterator[Line]:
    known = [size for size in sizes if size]
    usual = median(known) if known else 0.0
    for start, end, first, last in printed_lines(value, words):
        x0, y0, x1, y1 = _hull([w[2:6] for w in words[first:last]])
        size = max(sizes[first:last])
        if abs(size - usual) < 0.12 * usual:  # type is set in few sizes: the rest is measure
            size = usual
        yield Line(start, end, x0, y0, x1, y1, round(size, 1))


def _hull(boxes: Sequence[Sequence[float]]) -> _Rectangle:
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def _placer(reading: _Reading, shown: tuple[float, float]) -> Callable[..., _Rectangle]:
    """Return a function from a box of the level page to its hull on the page as displayed."""
    width, height = shown
    turned = (height, width) if reading.turn in (90, 270) else (width, height)
    cos, sin = math.cos(math.radians(reading.lean)), math.sin(math.radians(reading.lean))

    def point(x: float, y: float) -> tuple[float, float]:
        dx, dy = x - reading.size[0] / 2, y - reading.size[1] / 2
        x = dx * cos - dy * sin + turned[0] / 2
        y = dx * sin + dy * cos + turned[1] / 2
        match reading.turn:
            case 90:
                return width - y, x
            case 180:
                return width - x, height - y
            case 270:
                return y, height - x
            case _:
                return x, y

    def place(x0: float, y0: float, x1: float, y1: float) -> _Rectangle:
        corners = [point(x, y) for x in (x0, x1) for y in (y0, y1)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return (
            min(max(min(xs), 0.0), width),
            min(max(min(ys), 0.0), height),
            max(min(max(xs), width), 0.0),
            max(min(max(ys), height), 0.0),
        )

    return place


# -- marks ------------------------------------------------------------------------------------

_MAX_PARTS = 25_000  # a page with more ink parts is a photograph or noise
_LEADER = 6  # dots at least


def _marks(grey: _Grey, ink: _Ink, scale: float) -> tuple[tuple[Mark, ...], _Grey]:
    """Find tick boxes, bullets and dot leaders; return them in pixels and the page without."""
    labels, count = ndimage.label(ink, np.ones((3, 3), bool))
    if not 0 < count <= _MAX_PARTS:
        return (), grey
    places = ndimage.find_objects(labels)
    areas = np.bincount(labels.ravel())[1:]
    boxes = _boxes(labels)
    sides = (boxes[:, 2:] - boxes[:, :2]) / scale  # points
    square = (sides[:, 0] < 1.25 * sides[:, 1]) & (sides[:, 1] < 1.25 * sides[:, 0])
    large, small = sides.max(axis=1), sides.min(axis=1)
    solid = areas > 0.66 * np.prod(sides * scale, axis=1)
    marks: list[Mark] = []
    painted: list[_Rectangle] = []
    framed = [
        i
        for i in np.flatnonzero(square & (small >= 4) & (large <= 15))
        if _framed(labels[places[i]] == i + 1)
    ]
    ticks = {i: _ticked(labels[places[i]] == i + 1, ink[places[i]]) for i in framed}
    empty = [large[i] for i in framed if ticks[i] == "☐"]
    for i in framed:
        sign = ticks[i]
        if not sign and areas[i] > 0.85 * np.prod(sides[i] * scale):
            # Blur fills a box that has a cross: it is as large as those left empty, and in no
            # frame, as the corner of a QR code is.
            alike = any(abs(large[i] - side) < 0.15 * side for side in empty)
            around = (boxes[framed, :2] < boxes[i, :2]) & (boxes[framed, 2:] > boxes[i, 2:])
            sign = "☒" if alike and not around.all(axis=1).any() else ""
        if sign and not any(_beside(boxes[i], boxes[j]) for j in framed if j != i):
            marks.append(Mark(sign, *map(float, boxes[i])))
            painted.append(tuple(boxes[i]))
    for i in np.flatnonzero(square & solid & (small >= 1.7) & (large <= 5.5)):
        if _alone(ink, boxes[i], scale):
            marks.append(Mark("•", *map(float, boxes[i])))
            painted.append(tuple(boxes[i]))
    rounded = (large - small) * scale <= 2  # pixels: a dot has few, and one more says nothing
    dots = boxes[
        rounded & (areas > 0.5 * np.prod(sides * scale, axis=1)) & (small >= 0.5) & (large <= 2.2)
    ]
    for chain in _leaders(dots, scale):
        marks.append(Mark("." * _LEADER, *map(float, _hull(chain))))
        painted.append(_hull(chain))
    return tuple(marks), _painted(grey, painted) if marks else grey


def _boxes(labels: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the boxes of the parts, one a row: x0, y0, x1, y1 in pixels."""
    places = ndimage.find_objects(labels)
    return np.array([(p[1].start, p[0].start, p[1].stop, p[0].stop) for p in places])


def _framed(part: _Ink) -> bool:
    """Tell whether a part has four straight sides, as a tick box has and a letter has not."""
    for side in (part, part[::-1], part.T, part.T[::-1]):
        near = side[: max(3, round(0.14 * len(side)))].any(axis=0)
        if near.mean() < 0.9:
            return False
    return True


def _ticked(frame: _Ink, inside: _Ink) -> str:
    """Return the sign for what stands in a box, "" when that is doubtful."""
    middle = slice(round(0.3 * len(inside)), -round(0.3 * len(inside)))
    if inside[middle, middle].mean() > 0.9 and not frame[middle, middle].any():  # of a QR code
        return ""
    edge = _thickness(frame) + max(2, round(0.06 * len(inside)))
    if 2 * edge > len(inside) - 3:
        return ""
    filled = float(inside[edge:-edge, edge:-edge].mean())
    return "☐" if filled < 0.02 else "☒" if filled > 0.08 else ""


def _thickness(frame: _Ink) -> int:
    """Return the usual thickness in pixels of the sides of a box."""
    rows = np.arange(max(frame.shape) + 1)[:, None]
    depths: list[NDArray[np.int64]] = []
    for side in (frame, frame[::-1], frame.T, frame.T[::-1]):
        padded = np.vstack((side, np.zeros(side.shape[1], bool)))
        depths.append(np.argmax(~padded & (rows[: len(padded)] > padded.argmax(axis=0)), axis=0))
    return int(np.median(np.concatenate(depths)))


def _beside(one: Any, two: Any) -> bool:
    """Tell whether two boxes touch or nearly so, as those of a number to fill in do."""
    away = max(two[0] - one[2], one[0] - two[2])
    return bool(abs(one[1] - two[1]) < 5 and away < 0.5 * (one[2] - one[0]))


def _alone(ink: _Ink, box: Any, scale: float) -> bool:
    """Tell whether a dot stands before a text, with nothing above, below and on its left."""
    x0, y0, x1, y1 = map(int, box)
    reach = y1 - y0
    rows = slice(max(y0 - reach, 0), y1 + reach)
    left = ink[rows, max(x0 - round(8 * scale), 0) : x0]
    over = ink[max(y0 - round(1.5 * reach), 0) : y0, x0 - 1 : x1 + 1]
    under = ink[y1 : y1 + round(1.5 * reach), x0 - 1 : x1 + 1]
    right = ink[rows, x1 + round(1.5 * scale) : x1 + round(30 * scale)]
    near = ink[rows, x1 : x1 + round(1.5 * scale)]
    return not (left.any() or over.any() or under.any() or near.any()) and bool(right.any())


def _leaders(dots: Any, scale: float) -> Iterator[list[Any]]:
    """Yield the runs of evenly spaced dots on one level."""
    order = dots[np.argsort(dots[:, 0])].tolist()
    chains: dict[int, list[list[Any]]] = {}  # by the row in which their last dot stands
    height = max(round(scale), 1)
    whole: list[list[Any]] = []
    for dot in order:
        row = dot[3] // height
        for near in (row, row - 1, row + 1):
            found = next((c for c in chains.get(near, ()) if _follows(c, dot, scale)), None)
            if found is not None:
                chains[near].remove(found)
                found.append(dot)
                chains.setdefault(row, []).append(found)
                break
        else:
            chain = [dot]
            whole.append(chain)
            # Only the last chains of a row can still grow.
            chains[row] = [*chains.get(row, ())[-4:], chain]
    for chain in whole:
        if len(chain) < _LEADER:
            continue
        steps = np.diff([dot[0] for dot in chain])
        even = np.flatnonzero(abs(steps - np.median(steps)) < 0.7 * scale)
        # Pieces of letters may stand at its ends. Within, a dot or two may be lost or stuck
        # together; the dots of a text keep no step at all.
        dotted = chain[even[0] : even[-1] + 2] if len(even) else []
        if len(dotted) >= _LEADER and len(even) > 0.7 * (len(dotted) - 1):
            yield dotted


def _follows(chain: list[Any], dot: Any, scale: float) -> bool:
    last = chain[-1]
    return bool(abs(dot[3] - last[3]) <= 0.6 * scale and 0 < dot[0] - last[0] <= 8 * scale)


def _painted(grey: _Grey, boxes: Sequence[_Rectangle]) -> _Grey:
    """Return a copy with the boxes in white, and the halo that compression leaves around them."""
    copy = grey.copy()
    for x0, y0, x1, y1 in boxes:
        copy[max(int(y0) - 4, 0) : int(y1) + 4, max(int(x0) - 4, 0) : int(x1) + 4] = 255
    return copy
