"""PDF pages written operator by operator.

Places are points from the top left of the page as displayed; a text stands on its baseline.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pikepdf
from pdfminer.fontmetrics import FONT_METRICS
from pikepdf import Array, Dictionary, Name

FONTS = {
    "R": "Helvetica",
    "B": "Helvetica-Bold",
    "I": "Helvetica-Oblique",
    "T": "Times-Roman",
    "C": "Courier",
    "Z": "ZapfDingbats",
}


def width(text: str, size: float = 10, font: str = "R") -> float:
    """Return the width of a text in points."""
    metrics = FONT_METRICS[FONTS[font]][1]
    return sum(metrics.get(c, 500) for c in text) * size / 1000


def coded(text: str) -> str:
    """Return a text as a hexadecimal string operand (WinAnsi)."""
    return f"<{text.encode('cp1252').hex()}>"


class Sheet:
    """One page: operators, widgets and annotations."""

    def __init__(self, wide: float = 595, high: float = 842, turn: int = 0) -> None:
        self.wide, self.high, self.turn = wide, high, turn
        self.operators: list[str] = []
        self.forms: dict[str, tuple[str, list[float], dict[str, Any]]] = {}
        self.fonts: dict[str, Callable[[pikepdf.Pdf], Any]] = {}
        self.fields: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []

    def raw(self, *operators: str) -> None:
        """Add operators as they are."""
        self.operators += operators

    def up(self, y: float) -> float:
        """Return an ordinate of the PDF space."""
        return self.high - y

    def text(self, x: float, y: float, text: str, size: float = 10, font: str = "R") -> None:
        """Show a text in one string."""
        self.raw(f"BT /{font} {size} Tf 1 0 0 1 {x} {self.up(y)} Tm {coded(text)} Tj ET")

    def lines(
        self,
        x: float,
        y: float,
        lines: Sequence[str],
        size: float = 10,
        font: str = "R",
        step: float = 12,
    ) -> float:
        """Show lines below each other and return the baseline after them."""
        for text in lines:
            self.text(x, y, text, size, font)
            y += step
        return y

    def flow(
        self, x: float, y: float, text: str, room: float = 470, size: float = 10, font: str = "R"
    ) -> float:
        """Show a paragraph broken into lines of at most ``room`` points; return what follows."""
        line = ""
        for word in text.split(" "):
            longer = f"{line} {word}".strip()
            if line and width(longer, size, font) > room:
                self.text(x, y, line, size, font)
                y, line = y + size * 1.2, word
            else:
                line = longer
        self.text(x, y, line, size, font)
        return y + size * 2.2

    def rule(self, x0: float, y0: float, x1: float, y1: float, thick: float = 0.6) -> None:
        """Draw a line."""
        self.raw(f"{thick} w {x0} {self.up(y0)} m {x1} {self.up(y1)} l S")

    def box(self, x: float, y: float, w: float, h: float, paint: str = "S") -> None:
        """Draw a rectangle whose top left corner is given."""
        self.raw(f"0.7 w {x} {self.up(y + h)} {w} {h} re {paint}")

    def grid(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        """Draw all the rules of a table."""
        for x in xs:
            self.rule(x, ys[0], x, ys[-1])
        for y in ys:
            self.rule(xs[0], y, xs[-1], y)

    def field(self, box: tuple[float, float, float, float], **entries: Any) -> None:
        """Add a form widget at (x0, y0, x1, y1); ``entries`` are those of its dictionary."""
        self.fields.append({"Rect": self._rect(box), **entries})

    def note(self, kind: str, box: tuple[float, float, float, float], **entries: Any) -> None:
        """Add an annotation that is no widget."""
        self.notes.append({"Subtype": Name(kind), "Rect": self._rect(box), **entries})

    def _rect(self, box: tuple[float, float, float, float]) -> Array:
        return Array([box[0], self.up(box[3]), box[2], self.up(box[1])])


def standard(base: str) -> Dictionary:
    """Return one of the fourteen standard fonts."""
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/" + base))
    if base != "ZapfDingbats":
        font.Encoding = Name.WinAnsiEncoding
    return font


def unicode_map(codes: dict[int, str]) -> bytes:
    """Return a ToUnicode table for one-byte codes."""
    rows = "\n".join(
        f"<{code:02x}> <{text.encode('utf-16-be').hex()}>" for code, text in codes.items()
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def "
        "/CMapType 2 def 1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{rows}\nendbfchar endcmap end end"
    ).encode()


def glyph_font(
    base: str, codes: dict[int, str] | None = None
) -> Callable[[pikepdf.Pdf], Dictionary]:
    """Return a font that is not embedded, symbolic, with a ToUnicode table when ``codes``."""

    def make(document: pikepdf.Pdf) -> Dictionary:
        font = Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=Name("/" + base),
            FirstChar=0,
            LastChar=255,
            Widths=Array([800] * 256),
            FontDescriptor=document.make_indirect(
                Dictionary(
                    Type=Name.FontDescriptor,
                    FontName=Name("/" + base),
                    Flags=4,
                    FontBBox=Array([0, -200, 1000, 800]),
                    ItalicAngle=0,
                    Ascent=800,
                    Descent=-200,
                    CapHeight=700,
                    StemV=80,
                )
            ),
        )
        if codes:
            font.ToUnicode = document.make_stream(unicode_map(codes))
        return font

    return make


def _turned(sheet: Sheet) -> tuple[str, tuple[float, float]]:
    """Return the matrix that makes a page with /Rotate stand upright, and its media size."""
    w, h = sheet.wide, sheet.high
    if sheet.turn == 90:
        return f"0 1 -1 0 {h} 0 cm", (h, w)
    if sheet.turn == 180:
        return f"-1 0 0 -1 {w} {h} cm", (w, h)
    if sheet.turn == 270:
        return f"0 -1 1 0 0 {w} cm", (h, w)
    return "", (w, h)


def pdf(*sheets: Sheet, form: dict[str, Any] | None = None) -> tuple[str, bytes]:
    """Return the file of these pages; ``form`` adds entries to its form dictionary."""
    with pikepdf.new() as document:
        fonts = {key: document.make_indirect(standard(base)) for key, base in FONTS.items()}
        fields = Array()
        for sheet in sheets:
            matrix, size = _turned(sheet)
            page = document.add_blank_page(page_size=size)
            if sheet.turn:
                page.Rotate = sheet.turn
            own = {key: document.make_indirect(make(document)) for key, make in sheet.fonts.items()}
            table = Dictionary({f"/{k}": v for k, v in {**fonts, **own}.items()})
            drawn = _xobjects(document, sheet, table)
            page.Resources = Dictionary(Font=table, XObject=drawn)
            page.Contents = document.make_stream(
                "\n".join([matrix, *sheet.operators]).encode("latin-1")
            )
            annotations = Array()
            for entry in sheet.notes:
                annotations.append(
                    document.make_indirect(
                        Dictionary(
                            {"/Type": Name.Annot, "/F": 4, **{f"/{k}": v for k, v in entry.items()}}
                        )
                    )
                )
            for entry in sheet.fields:
                _widget(document, entry, annotations, fields, fonts)
            if len(annotations):
                page.Annots = annotations
        if len(fields):
            document.Root.AcroForm = Dictionary(
                Fields=fields,
                DA=pikepdf.String("/R 10 Tf 0 g"),
                DR=Dictionary(Font=Dictionary({f"/{k}": v for k, v in fonts.items()})),
                **(form or {}),
            )
        out = io.BytesIO()
        document.save(out, static_id=True)
    return "pdf", out.getvalue()


def _xobjects(document: pikepdf.Pdf, sheet: Sheet, fonts: Dictionary) -> Dictionary:
    """Form XObjects see the page's fonts and the forms defined before them."""
    made: dict[str, Any] = {}
    for name, (content, matrix, extra) in sheet.forms.items():
        made[f"/{name}"] = document.make_stream(
            content.encode("latin-1"),
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([-2000, -2000, 2000, 2000]),
            Matrix=Array(matrix),
            Resources=Dictionary(Font=fonts, XObject=Dictionary(made)),
            **extra,
        )
    return Dictionary(made)


def _widget(
    document: pikepdf.Pdf, entry: dict[str, Any], annotations: Array, fields: Array, fonts: Any
) -> None:
    """Add one widget; "looks" draw it by state, "group" is the field above it."""
    entry = dict(entry)
    looks = entry.pop("looks", None)
    group = entry.pop("group", None)
    widget = document.make_indirect(
        Dictionary({"/Type": Name.Annot, "/Subtype": Name.Widget, "/F": 4})
    )
    for key, value in entry.items():
        widget[f"/{key}"] = value
    if looks is not None:
        box = [float(v) for v in entry["Rect"]]
        w, h = box[2] - box[0], box[3] - box[1]
        streams = {
            key: document.make_stream(
                content.format(iw=w - 1, ih=h - 1).encode("cp1252"),
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, w, h]),
                Resources=Dictionary(Font=Dictionary({f"/{k}": v for k, v in fonts.items()})),
            )
            for key, content in looks.items()
        }
        normal = (
            streams[""] if "" in streams else Dictionary({f"/{k}": v for k, v in streams.items()})
        )
        widget.AP = Dictionary(N=normal)
    if group is None:
        fields.append(widget)
    else:
        parent = next((f for f in fields if str(f.get("/T", "")) == str(group["T"])), None)
        if parent is None:
            parent = document.make_indirect(Dictionary(Kids=Array(), **group))
            fields.append(parent)
        widget.Parent = parent
        parent.Kids.append(widget)
    annotations.append(widget)
