"""Excel files -> pages, read from their XML, and the writing of a sheet, whoever made it.

The usual library gives up on files that office suites open (an odd style is enough) and tells
neither hidden rows nor struck words.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from lxml import etree

from corpus.documents import Notice
from nlp.reading.errors import TooManyPages, Truncated, UnsupportedType
from nlp.reading.package import MAX_BYTES, Package, first, integer
from nlp.reading.text import LeftOut, Pages, Sheets, headed, local, refuse_entities, signs

MAX_ROWS, MAX_COLUMNS = 10_000, 200  # of a sheet; what lies beyond is reported
MAX_CELLS = 400_000  # of a file: each takes about half a kilobyte in the end


def read_xlsx(data: bytes, *, max_pages: int, max_bytes: int = MAX_BYTES) -> Pages:
    """Read an Excel file, a page a sheet, a row of a table for each row used; values, no formulas.

    Sheets, rows and columns that are hidden are left out. Raises EmptyFile, Truncated, Encrypted,
    ArchiveBomb, UnsupportedType, NoText, TooManyPages or TooLarge.
    """
    package = Package(data, max_bytes)
    if "xl/workbook.bin" in package.names:
        raise UnsupportedType("xlsb")
    return _Book(package).read(max_pages)


class _Style(NamedTuple):
    """How a cell is shown: its number format, its font, whether it is struck."""

    form: str = ""
    font: str = ""
    struck: bool = False


class _Book:
    """Reads the sheets of an Excel file in the order of its tabs."""

    def __init__(self, package: Package) -> None:
        self._package = package
        main = [t for kind, t in package.relations("").values() if kind == "officeDocument"]
        self._main = main[0] if main else "xl/workbook.xml"
        self._relations = package.relations(self._main)
        root = package.xml(self._main)
        if root is None:
            raise Truncated("no workbook")
        if local(root) != "workbook":
            raise UnsupportedType(local(root))
        self._root = root
        properties = first(root, "workbookPr")
        since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._day_0 = (
            datetime.datetime(1904, 1, 1) if since_1904 else datetime.datetime(1899, 12, 30)
        )
        self._left = LeftOut()
        self._strings = [self._string(item) for item in self._part("sharedStrings")]
        self._styles = list(_styles(self._part("styles")))

    def read(self, max_pages: int) -> Pages:
        """Return a page for each sheet that is seen, and what is to say of them."""
        tabs = list(self._tabs())
        if len(tabs) > max_pages:
            raise TooManyPages(f"{len(tabs)}>{max_pages}")
        sheets = Sheets(max_pages)
        notices: list[Notice] = []
        cells = 0
        for number, (title, part) in enumerate(tabs, 1):
            sheets.skip_to(number)
            rows: list[list[str]] = []
            for row in self._rows(part):
                cells += len(row)
                if len(rows) == MAX_ROWS or cells > MAX_CELLS:
                    notices.append(Notice("rows-left-out", number, str(len(rows))))
                    break
                rows.append(row)
            write_sheet(sheets, title, rows)
        self._left.comments = sum(
            name.startswith(("xl/comments", "xl/threadedcomments")) for name in self._package.names
        )
        return sheets.close(), (*notices, *self._left.notices())

    def _part(self, kind: str) -> Any:
        for found, target in self._relations.values():
            if found == kind and (root := self._package.xml(target)) is not None:
                return root
        return ()

    def _tabs(self) -> Iterator[tuple[str, str]]:
        """Yield (title, part) of the sheets of cells that are not hidden."""
        for tab in self._root.iterfind("{*}sheets/{*}sheet"):
            key = next((v for k, v in tab.attrib.items() if k.endswith("}id")), "")
            kind, part = self._relations.get(key, ("", ""))
            if kind != "worksheet":  # a sheet of charts
                continue
            if tab.get("state") in ("hidden", "veryHidden"):
                self._left.hidden += 1
            else:
                yield tab.get("name") or "", part

    # -- cells

    def _rows(self, part: str) -> Iterator[list[str]]:
        """Yield the texts of each row that shows any; raises Truncated."""
        refuse_entities(self._package.chunks(part))
        hidden: set[int] = set()
        try:
            for element in self._package.elements(part, ("{*}col", "{*}row")):
                if local(element) == "col":
                    if _hidden(element):
                        begin, end = integer(element.get("min")), integer(element.get("max"))
                        hidden.update(range(begin, min(end, MAX_COLUMNS) + 1))
                elif any(row := self._row(element, hidden)):
                    yield row
        except (etree.XMLSyntaxError, ValueError) as error:
            raise Truncated(str(error)) from error

    def _row(self, element: Any, hidden: set[int]) -> list[str]:
        texts: list[str] = []
        column = 0
        unseen = _hidden(element)
        for cell in element:
            column = _column(cell.get("r") or "") or column + 1
            if local(cell) != "c" or column > MAX_COLUMNS:
                continue
            text = self._shown(cell)
            if text.strip() and (unseen or column in hidden):
                self._left.hidden += 1
                text = ""
            if text.strip():
                texts += [""] * (column - 1 - len(texts))
                texts[column - 1 :] = [text]
        return texts

    def _shown(self, cell: Any) -> str:
        """Return a value as the sheet shows it, with French marks."""
        kind = cell.get("t") or "n"
        at = integer(cell.get("s"))
        style = self._styles[at] if 0 <= at < len(self._styles) else _Style()
        if kind == "inlineStr":
            return self._text(self._string(first(cell, "is")), style)
        value = first(cell, "v")
        raw = (value.text or "") if value is not None else ""
        if not raw or kind == "e":
            return ""
        match kind:
            case "s":
                at = integer(raw, -1)
                return self._text(self._strings[at], style) if 0 <= at < len(self._strings) else ""
            case "str" | "d":
                return self._text(raw, style)
            case "b":
                return "VRAI" if raw in ("1", "true") else "FAUX"
        try:
            return self._number(float(raw), style.form)
        except (ValueError, OverflowError):
            return raw

    def _number(self, value: float, form: str) -> str:
        letters = re.sub(r"\"[^\"]*\"|\\.|\[(?!h|m|s)[^\]]*\]", "", form.partition(";")[0].lower())
        if not re.search("[dmyhs]", letters) or "general" in letters:
            return _formatted(value, form)
        if "[" in letters:
            minutes = round(value * 24 * 60)
            return f"{minutes // 60}:{minutes % 60:02d}"
        day = self._day_0 + datetime.timedelta(seconds=round(value * 86400))
        timed = "h" in letters and (day.hour or day.minute or not re.search("[dy]", letters))
        dated = re.search("[dy]", letters) or "h" not in letters
        return day.strftime(("%d/%m/%Y " if dated else "") + ("%H:%M" if timed else "")).strip()

    def _text(self, text: str, style: _Style) -> str:
        if style.struck:
            self._left.changes += bool(text.strip())
            return ""
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        return signs(text, style.font) if len(text) < 4 else text  # a tick box made of a letter

    def _string(self, item: Any | None) -> str:
        """Return a string of one or several looks, without the words struck out in it."""
        text = ""
        for part in item if item is not None else ():
            if local(part) == "t":
                text += part.text or ""
            elif local(part) == "r":
                run = "".join(t.text or "" for t in part if local(t) == "t")
                strike = first(first(part, "rPr"), "strike")
                if strike is not None and strike.get("val") not in ("0", "false"):
                    self._left.changes += bool(run.strip())
                else:
                    text += run
        return text


def _hidden(element: Any) -> bool:
    """Tell whether a row or column is hidden; what is folded up in a group is no secret."""
    return element.get("hidden") in ("1", "true") and not integer(element.get("outlineLevel"))


def _column(reference: str) -> int:
    """Return the number of a cell's column from its name ("BC12" -> 55), 0 where there is none."""
    number = 0
    for letter in reference[:3]:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number


_FORMS = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 14: "d/m/y", 15: "d/m/y",
    16: "d/m", 17: "m/y", 18: "h:m", 19: "h:m", 20: "h:m", 21: "h:m", 22: "d/m/y h:m",
    37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0", 42: "#,##0",
    43: "#,##0.00", 44: "#,##0.00", 45: "h:m", 46: "[h]:m", 47: "h:m",
}  # fmt: skip


def _styles(root: Any) -> Iterator[_Style]:
    """Yield the looks that cells name by number."""
    parts = {local(part): part for part in root}
    forms = dict(_FORMS)
    for form in parts.get("numFmts", ()):
        forms[integer(form.get("numFmtId"))] = form.get("formatCode") or ""
    fonts: list[tuple[str, bool]] = []
    for font in parts.get("fonts", ()):
        name, strike = first(font, "name"), first(font, "strike")
        struck = strike is not None and strike.get("val") not in ("0", "false")
        fonts.append(((name.get("val") or "").lower() if name is not None else "", struck))
    for look in parts.get("cellXfs", ()):
        at = integer(look.get("fontId"))
        font = fonts[at] if 0 <= at < len(fonts) else ("", False)
        yield _Style(forms.get(integer(look.get("numFmtId")), ""), *font)


def write_sheet(sheets: Sheets, title: str, rows: list[list[str]]) -> None:
    """Write the rows of a sheet; the title rows above the columns stand apart from them."""
    if not rows:
        return
    sheets.paragraph(title, "h1")
    begin = 0
    while begin < len(rows) and sum(bool(cell) for cell in rows[begin]) < 2:
        begin += 1
    sheets.table(rows[:begin], header=False)
    sheets.table(rows[begin:], header=headed(rows[begin:]))


_ESCAPED = re.compile(r"_x(00[0-9A-Fa-f]{2})_")  # a control character, as the file writes it
_FORM = re.compile(
    r"\"(?P<quoted>[^\"]*)\"|\\(?P<escaped>.)|\[\$(?P<money>[^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*]."
    r"|(?P<figure>[0#?][0#?,.]*)|(?P<sign>.)"
)


def _formatted(value: float, form: str) -> str:
    """Write a number as its format says: decimals, thousands, per cent and the words around it."""
    parts = re.findall(r"(?:\"[^\"]*\"|\\.|[^;\"\\])+", form)
    signed = value < 0 and len(parts) > 1  # a format of its own for negative numbers has its sign
    part = parts[2] if not value and len(parts) > 2 else parts[1] if signed else "".join(parts[:1])
    tokens = list(_FORM.finditer(part))
    written = "".join(token["sign"] or "" for token in tokens)
    if not tokens or re.search(r"[^\s%€$£()+\-/:]", written):  # "General", dates, exponents
        return _figure(value)
    percent = "%" in written
    shown = abs(value) if signed else value
    text, done = "", False
    for token in tokens:
        if token["figure"] and not done:
            text, done = text + _placed(shown * 100 if percent else shown, token["figure"]), True
        text += token["quoted"] or token["escaped"] or token["money"] or token["sign"] or ""
    return re.sub(r"(?<=\d)(?=[%€])", " ", text)


def _placed(value: float, form: str) -> str:
    whole, _, decimals = form.partition(".")
    if whole.endswith(",") or abs(value) >= 1e15:  # in thousands, or beyond what a float tells
        return _figure(value)
    unit = Decimal(1).scaleb(-min(len(decimals), 10))
    exact = Decimal(repr(value)).quantize(unit, ROUND_HALF_UP)  # as the sheet rounds
    text = f"{exact:,f}".replace(",", " " if "," in whole else "")
    if value >= 0:
        text = text.zfill(whole.count("0") + len(text) - len(text.partition(".")[0]))
    optional = len(decimals) - len(decimals.rstrip("#?"))
    while optional and text.endswith("0"):
        text, optional = text[:-1], optional - 1
    return text.removesuffix(".").replace(".", ",")


def _figure(value: float) -> str:
    return f"{value:.10g}".replace(".", ",") if abs(value) < 1e10 else f"{value:.0f}"
