"""Ruled tables: lines drawn on the page by pdfium, made into cells by pdfplumber's algorithm.

pdfplumber parses every character of a page before it finds a table, 100 ms and more; its four
table functions need only the lines, which pdfium gives in one or two milliseconds.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pypdfium2.raw as api

Place: TypeAlias = Callable[[float, float, float, float], tuple[float, float, float, float]]
CellBox: TypeAlias = tuple[float, float, float, float]

MIN_RULES = 4  # drawn paths below which a page has no ruled table
MAX_RULES = 4000  # above it, a drawing
_MAX_SEGMENTS = 400  # of one path
_MAX_EDGES = 3000
_THIN = 2.5  # points: a rectangle this thin is a line
_SHORT = 3.0  # points: shorter lines rule nothing
_TOLERANCE = 3.0  # pdfplumber's own default for snapping, joining and crossing


def ruled_tables(page: Any, place: Place) -> list[list[list[CellBox | None]]]:
    """Return the tables of a page as rows of cell boxes in display coordinates.

    ``page`` is a pypdfium2 page; ``place`` turns a box of its space into one of the page as shown.
    """
    count = api.FPDFPage_CountObjects(page)
    if not MIN_RULES <= count <= 50 * MAX_RULES:
        return []
    objects = (api.FPDFPage_GetObject(page, i) for i in range(count))
    paths = [o for o in objects if api.FPDFPageObj_GetType(o) == api.FPDF_PAGEOBJ_PATH]
    if not MIN_RULES <= len(paths) <= MAX_RULES:
        return []
    edges = [edge for path in paths for edge in _edges(path, place)][:_MAX_EDGES]
    if not edges:
        return []
    # slow to import: only when a page has lines
    from pdfplumber.table import (
        Table,
        cells_to_tables,
        edges_to_intersections,
        intersections_to_cells,
        merge_edges,
    )

    merged = merge_edges(edges, _TOLERANCE, _TOLERANCE, _TOLERANCE, _TOLERANCE)
    merged = [e for e in merged if max(e["width"], e["height"]) >= _SHORT]
    cells = intersections_to_cells(edges_to_intersections(merged, _TOLERANCE, _TOLERANCE))
    return [[row.cells for row in Table(None, group).rows] for group in cells_to_tables(cells)]


def _edges(path: Any, place: Place) -> Iterator[dict[str, Any]]:
    """Yield the horizontal and vertical lines of one drawn path."""
    segments = api.FPDFPath_CountSegments(path)
    if segments <= 6:
        box = [ctypes.c_float() for _ in range(4)]
        if api.FPDFPageObj_GetBounds(path, *(ctypes.byref(v) for v in box)):
            yield from _sides(*place(*(v.value for v in box)))
    elif segments <= _MAX_SEGMENTS:
        for x0, y0, x1, y1 in _strokes(path, segments):
            if abs(x1 - x0) < 1 or abs(y1 - y0) < 1:
                low_x, high_x, low_y, high_y = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
                yield from _sides(*place(low_x, low_y, high_x, high_y))


def _sides(x0: float, y0: float, x1: float, y1: float) -> Iterator[dict[str, Any]]:
    """Yield a line, or the four sides of a rectangle."""
    if y1 - y0 <= _THIN and x1 - x0 > _THIN:
        middle = (y0 + y1) / 2
        yield _edge(x0, middle, x1, middle)
    elif x1 - x0 <= _THIN and y1 - y0 > _THIN:
        middle = (x0 + x1) / 2
        yield _edge(middle, y0, middle, y1)
    elif x1 - x0 > _THIN and y1 - y0 > _THIN:
        yield _edge(x0, y0, x1, y0)
        yield _edge(x0, y1, x1, y1)
        yield _edge(x0, y0, x0, y1)
        yield _edge(x1, y0, x1, y1)


def _edge(x0: float, y0: float, x1: float, y1: float) -> dict[str, Any]:
    return {
        "x0": x0,
        "x1": x1,
        "top": y0,
        "bottom": y1,
        "width": x1 - x0,
        "height": y1 - y0,
        "orientation": "h" if y0 == y1 else "v",
        "object_type": "line",
    }


def _strokes(path: Any, segments: int) -> Iterator[tuple[float, float, float, float]]:
    """Yield the straight strokes of a path in page space."""
    matrix = api.FS_MATRIX()
    api.FPDFPageObj_GetMatrix(path, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    for i in range(segments):
        segment = api.FPDFPath_GetPathSegment(path, i)
        api.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = api.FPDFPathSegment_GetType(segment)
        if kind == api.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == api.FPDF_SEGMENT_LINETO:
            yield (*last, *point)
        if api.FPDFPathSegment_GetClose(segment):
            yield (*point, *start)
        last = point
