"""What is drawn on a page: the rules of tables, made into cells by pdfplumber's algorithm.

pdfplumber parses every character of a page before it finds a table, 100 ms and more; its four
table functions need only the lines, which pdfium gives in one or two milliseconds.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import pypdfium2.raw as api

Place: TypeAlias = Callable[[float, float, float, float], tuple[float, float, float, float]]
CellBox: TypeAlias = tuple[float, float, float, float]
Edge: TypeAlias = dict[str, Any]

MAX_PATHS = 4000  # above it, a drawing
_MIN_EDGES = 4  # without them nothing is ruled
_MAX_DEPTH = 3  # of forms drawn in forms
_MAX_SEGMENTS = 400  # of one path
_MAX_EDGES = 3000
_THIN = 2.5  # points: a rectangle this thin is a line
_SHORT = 3.0  # points: shorter lines rule nothing
_TOLERANCE = 3.0  # pdfplumber's own default for snapping, joining and crossing


class Drawn(NamedTuple):
    """A path of a page: pdfium's handle, the matrices of the forms around it, its place."""

    handle: Any
    outer: tuple[Any, ...]
    x0: float
    y0: float
    x1: float
    y1: float


def drawn_paths(page: Any, place: Place) -> list[Drawn]:
    """Return the paths of a page, those inside its forms too; none when it is a drawing.

    ``page`` is a pypdfium2 page; ``place`` turns a box of its space into one of the page as shown.
    """
    paths: list[Drawn] = []
    bounds = [ctypes.c_float() for _ in range(4)]
    pointers = [ctypes.byref(v) for v in bounds]
    count = api.FPDFPage_CountObjects(page)
    if count > 50 * MAX_PATHS:
        return []
    objects = (api.FPDFPage_GetObject(page, i) for i in range(count))
    for handle, outer in _inside(objects, (), 0):
        if not api.FPDFPageObj_GetBounds(handle, *pointers):
            continue
        box = tuple(v.value for v in bounds)
        for matrix in outer:
            box = _moved_box(matrix, *box)
        paths.append(Drawn(handle, outer, *place(*box)))
        if len(paths) > MAX_PATHS:
            return []
    return paths


def _inside(
    objects: Iterator[Any], outer: tuple[Any, ...], depth: int
) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for item in objects:
        kind = api.FPDFPageObj_GetType(item)
        if kind == api.FPDF_PAGEOBJ_PATH:
            yield item, outer
        elif kind == api.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            matrix = api.FS_MATRIX()
            api.FPDFPageObj_GetMatrix(item, matrix)
            count = min(max(api.FPDFFormObj_CountObjects(item), 0), MAX_PATHS * 4)
            parts = (api.FPDFFormObj_GetObject(item, i) for i in range(count))
            yield from _inside(parts, (matrix, *outer), depth + 1)


def _moved(matrix: Any, x: float, y: float) -> tuple[float, float]:
    return (
        matrix.a * x + matrix.c * y + matrix.e,
        matrix.b * x + matrix.d * y + matrix.f,
    )


def _moved_box(
    matrix: Any, x0: float, y0: float, x1: float, y1: float
) -> tuple[float, float, float, float]:
    corners = [_moved(matrix, x, y) for x in (x0, x1) for y in (y0, y1)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def drawn_rules(paths: Sequence[Drawn], place: Place) -> list[Edge]:
    """Return the horizontal and vertical lines of a page as displayed, as pdfplumber has them."""
    return [edge for path in paths for edge in _edges(path, place)][:_MAX_EDGES]


def ruled_cells(
    edges: Sequence[Edge],
) -> tuple[list[list[list[CellBox | None]]], list[CellBox]]:
    """Return the cells that rules enclose: tables as rows, and cells that stand alone.

    A cell alone is a frame or a tick box.
    """
    if len(edges) < _MIN_EDGES:
        return [], []
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
    tables = cells_to_tables(cells)
    owned = {cell for group in tables for cell in group}
    return (
        [[row.cells for row in Table(None, group).rows] for group in tables],
        [cell for cell in cells if cell not in owned],
    )


def _edges(path: Drawn, place: Place) -> Iterator[Edge]:
    """Yield the horizontal and vertical lines of one drawn path."""
    segments = api.FPDFPath_CountSegments(path.handle)
    if segments <= 6:
        if segments > 3 and curved(path):
            return
        yield from _sides(path.x0, path.y0, path.x1, path.y1)
    elif segments <= _MAX_SEGMENTS:
        for x0, y0, x1, y1 in strokes(path, segments):
            if abs(x1 - x0) < 1 or abs(y1 - y0) < 1:
                low_x, high_x, low_y, high_y = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
                yield from _sides(*place(low_x, low_y, high_x, high_y))


def _sides(x0: float, y0: float, x1: float, y1: float) -> Iterator[Edge]:
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


def _edge(x0: float, y0: float, x1: float, y1: float) -> Edge:
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


def curved(path: Drawn) -> bool:
    """Tell whether a path has curves: a circle or an icon rules nothing and is no tick box."""
    return any(
        api.FPDFPathSegment_GetType(api.FPDFPath_GetPathSegment(path.handle, i))
        == api.FPDF_SEGMENT_BEZIERTO
        for i in range(min(api.FPDFPath_CountSegments(path.handle), 40))
    )


def strokes(path: Drawn, segments: int) -> Iterator[tuple[float, float, float, float]]:
    """Yield the straight strokes of a path in page space: x, y of its ends."""
    own = api.FS_MATRIX()
    api.FPDFPageObj_GetMatrix(path.handle, own)
    # read once: ctypes are slow to read
    matrices = [(m.a, m.b, m.c, m.d, m.e, m.f) for m in (own, *path.outer)]
    x, y = ctypes.c_float(), ctypes.c_float()
    to_x, to_y = ctypes.byref(x), ctypes.byref(y)
    start = last = (0.0, 0.0)
    for i in range(segments):
        segment = api.FPDFPath_GetPathSegment(path.handle, i)
        api.FPDFPathSegment_GetPoint(segment, to_x, to_y)
        px, py = x.value, y.value
        for a, b, c, d, e, f in matrices:
            px, py = a * px + c * py + e, b * px + d * py + f
        point = px, py
        kind = api.FPDFPathSegment_GetType(segment)
        if kind == api.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == api.FPDF_SEGMENT_LINETO:
            yield (*last, *point)
        if api.FPDFPathSegment_GetClose(segment):
            yield (*point, *start)
        last = point
