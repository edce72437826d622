"""Tick boxes and fields of a PDF page: those of its form, and those that are only drawn."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pypdfium2.raw as api

from corpus.documents import Word
from nlp.reading.layout import Mark
from nlp.reading.ruling import CellBox, Drawn, Place, curved, strokes

EMPTY, CROSSED = "☐", "☒"
_MAX_FIELDS = 2000
_MAX_VALUE = 4000  # characters of one field
_SMALL, _LARGE = 5.5, 17.0  # points: the side of a tick box
_STROKES = 3  # paths of a cross or a tick; more of them draw an icon
_HIDDEN = 0x2  # the flag of annotations that are not shown


def form_marks(page: Any, form: Any, place: Place) -> Iterator[Mark]:
    """Yield the tick boxes of a page's form with their state, and the values typed in its fields.

    ``form`` is pdfium's form environment; a document without a form has none.
    """
    rect = api.FS_RECTF()
    for i in range(min(api.FPDFPage_GetAnnotCount(page), _MAX_FIELDS)):
        annotation = api.FPDFPage_GetAnnot(page, i)
        try:
            if api.FPDFAnnot_GetSubtype(annotation) != api.FPDF_ANNOT_WIDGET:
                continue
            if api.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
                continue
            text = _field(form, annotation)
            if text and api.FPDFAnnot_GetRect(annotation, rect):
                low_x, high_x = sorted((rect.left, rect.right))
                low_y, high_y = sorted((rect.bottom, rect.top))
                yield Mark(text, *place(low_x, low_y, high_x, high_y))
        finally:
            api.FPDFPage_CloseAnnot(annotation)


def _field(form: Any, annotation: Any) -> str:
    match api.FPDFAnnot_GetFormFieldType(form, annotation):
        case api.FPDF_FORMFIELD_CHECKBOX | api.FPDF_FORMFIELD_RADIOBUTTON:
            on = api.FPDFAnnot_IsChecked(form, annotation) or _on_by_value(form, annotation)
            return CROSSED if on else EMPTY
        case api.FPDF_FORMFIELD_COMBOBOX | api.FPDF_FORMFIELD_LISTBOX:
            count = min(api.FPDFAnnot_GetOptionCount(form, annotation), _MAX_FIELDS)
            shown = [
                _string(partial(api.FPDFAnnot_GetOptionLabel, form, annotation, i))
                for i in range(count)
                if api.FPDFAnnot_IsOptionSelected(form, annotation, i)
            ]
            return " ; ".join(shown) or _value(form, annotation)
        case api.FPDF_FORMFIELD_TEXTFIELD:
            return _value(form, annotation)
        case _:
            return ""


def _value(form: Any, annotation: Any) -> str:
    return _string(partial(api.FPDFAnnot_GetFormFieldValue, form, annotation))


def _on_by_value(form: Any, annotation: Any) -> bool:
    """Tell whether a box without a state of its own is on by the value written beside it."""
    value = _string(partial(api.FPDFAnnot_GetStringValue, annotation, b"V"))
    on = _string(partial(api.FPDFAnnot_GetFormFieldExportValue, form, annotation))
    return bool(value) and value == on


def _string(read: Callable[[Any, int], int]) -> str:
    """Return what one of pdfium's functions writes into a buffer; nothing when it is too long."""
    size = read(None, 0)
    if not 2 < size <= 2 * _MAX_VALUE:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    read(buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")


def drawn_boxes(
    paths: Sequence[Drawn],
    cells: Sequence[CellBox],
    words: Sequence[Word],
) -> list[Mark]:
    """Return the small squares drawn before or after words, crossed when something is in them.

    ``cells`` are those that stand alone between rules: four strokes make a box too. Squares that
    touch each other are the cells of a grid, one letter each, and no tick boxes; round shapes, and
    what is in them, are icons.
    """
    small = [p for p in paths if p.x1 - p.x0 <= _LARGE + 3 and p.y1 - p.y0 <= _LARGE + 3]
    frames: list[CellBox] = []
    black: list[CellBox] = []
    round_: list[CellBox] = []
    for path in small:
        box = (path.x0, path.y0, path.x1, path.y1)
        if not _square(*box) or api.FPDFPath_CountSegments(path.handle) < 4:
            continue
        if curved(path):
            round_.append(box)
        elif _filled(path):
            black.append(box)
        elif _stroked(path) and not _slanted(path):
            frames.append(box)
    known = [*frames, *black]
    frames += [c for c in cells if _square(*c) and not any(_same(c, box) for box in known)]
    frames = [box for box in _distinct(frames) if not any(_inside(box, r) for r in round_)]
    black = [box for box in black if not any(_inside(box, r) for r in round_)]
    if not frames:
        return []  # black squares alone are bullets
    inside = {box: sum(_within(path, box) for path in small) for box in frames}
    boxes = {box: count > 0 for box, count in inside.items() if count <= _STROKES}
    size = max(x1 - x0 for x0, _, x1, _ in frames)
    for box in _distinct([*frames, *black]):
        if box not in inside and box[2] - box[0] > 0.75 * size:
            boxes[box] = True  # a box filled with black
    return [
        Mark(CROSSED if crossed else EMPTY, *box)
        for box, crossed in boxes.items()
        if any(_beside(box, word) for word in words)
        and not any(_touch(box, other) for other in boxes if other != box)
    ]


def _inside(inner: CellBox, outer: CellBox) -> bool:
    low = outer[0] <= inner[0] + 0.5 and outer[1] <= inner[1] + 0.5
    return low and outer[2] >= inner[2] - 0.5 and outer[3] >= inner[3] - 0.5


def _same(one: CellBox, two: CellBox) -> bool:
    return all(abs(a - b) < 2 for a, b in zip(one, two, strict=True))


def _square(x0: float, y0: float, x1: float, y1: float) -> bool:
    width, height = x1 - x0, y1 - y0
    return (
        _SMALL <= width <= _LARGE and _SMALL <= height <= _LARGE and 0.75 <= width / height <= 1.34
    )


def _draw_mode(path: Drawn) -> tuple[int, bool]:
    fill, stroke = ctypes.c_int(), api.FPDF_BOOL()
    api.FPDFPath_GetDrawMode(path.handle, ctypes.byref(fill), ctypes.byref(stroke))
    return fill.value, bool(stroke.value)


def _stroked(path: Drawn) -> bool:
    return _draw_mode(path)[1]


def _filled(path: Drawn) -> bool:
    """Tell whether a path is filled with a dark colour."""
    if not _draw_mode(path)[0]:
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    known = api.FPDFPageObj_GetFillColor(
        path.handle, *(ctypes.byref(c) for c in (red, green, blue, alpha))
    )
    return bool(known) and alpha.value > 60 and red.value + green.value + blue.value < 380


def _distinct(boxes: Sequence[CellBox]) -> list[CellBox]:
    """Drop the second of two frames of one box: a double line, a frame and its fill."""
    kept: list[CellBox] = []
    for box in sorted(boxes, key=lambda b: b[0] - b[2]):
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if not any(k[0] <= middle[0] <= k[2] and k[1] <= middle[1] <= k[3] for k in kept):
            kept.append(box)
    return sorted(kept, key=lambda b: (b[1], b[0]))


def _slanted(path: Drawn) -> bool:
    """Tell whether a path has slanting strokes, as a cross has and a frame has not."""
    side = path.x1 - path.x0
    return any(
        min(abs(x1 - x0), abs(y1 - y0)) > 0.3 * side
        for x0, y0, x1, y1 in strokes(path, min(api.FPDFPath_CountSegments(path.handle), 40))
    )


def _within(inner: Drawn, box: CellBox) -> bool:
    """Tell whether something drawn fills a box: a cross, a tick, a black square; not its frame."""
    width, height = inner.x1 - inner.x0, inner.y1 - inner.y0
    side = box[2] - box[0]
    if (
        inner.x0 < box[0] - 1.5
        or inner.y0 < box[1] - 1.5
        or inner.x1 > box[2] + 1.5
        or inner.y1 > box[3] + 1.5
        or min(width, height) < 0.2 * side
    ):
        return False
    if min(width, height) > 0.85 * side:  # as large as the frame: a cross has slanting strokes
        return _slanted(inner)
    return _stroked(inner) or _filled(inner)


def _touch(box: CellBox, other: CellBox) -> bool:
    level = abs(box[1] - other[1]) < 2 and abs(box[3] - other[3]) < 2
    return level and (abs(box[2] - other[0]) < 2 or abs(other[2] - box[0]) < 2)


def _beside(box: CellBox, word: Word) -> bool:
    """Tell whether a word stands on the box's line, close to its right or left."""
    middle = (box[1] + box[3]) / 2
    if not word.y0 - 2 <= middle <= word.y1 + 2:
        return False
    return -2 <= word.x0 - box[2] <= 40 or -2 <= box[0] - word.x1 <= 40
