"""Plain text and Markdown -> pages, dumps of PDF files among them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import pairwise

from nlp.reading.html import write_html
from nlp.reading.text import BULLET, TICKED, UNTICKED, LeftOut, Pages, Sheets, decode, headed

_SEPARATOR = re.compile(
    r"[ \t]{0,80}(?P<mark>\#{1,6}|-{2,80}|={2,80}|\*{2,80}|\[|)[ \t]{0,8}page[ \t]{1,8}"
    r"(?P<number>\d{1,5})(?:[ \t]{0,4}(?:/|sur|of|de)[ \t]{0,4}\d{1,5})?[ \t]{0,8}"
    r"[\])]?[ \t]{0,8}(?:[-=*\#]{1,80})?[ \t]{0,80}",
    re.IGNORECASE,
)
_RULE = re.compile(r"[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")


def read_plain(data: bytes, markdown: bool = False, *, max_pages: int) -> Pages:
    """Read a text file, cut at its form feeds or at the page separators of a dump.

    Struck text of Markdown is left out and told by a notice.
    Raises EmptyFile, UnsupportedType (no text but bytes), NoText, TooManyPages or TooLarge.
    """
    lines = re.split(r"\r\n|\r|\n", decode(data).replace("\x0c", "\n\x0c\n"))
    sheets = Sheets(max_pages)
    left = LeftOut()
    for number, chunk in _dumped(lines):
        sheets.skip_to(number)
        if markdown:
            left.add(_markdown(sheets, chunk))
        else:
            for line in chunk:
                style = "footer" if _SEPARATOR.fullmatch(line) else ""
                sheets.line(line, style)
    return sheets.close(), left.notices()


def _dumped(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield (page number, its lines)."""
    separators = _separators(lines)
    if not separators:
        number, chunk = 1, list[str]()
        for line in lines:
            if line == "\x0c":
                yield number, chunk
                number, chunk = number + 1, []
            else:
                chunk.append(line)
        if any(line.strip() for line in chunk):
            yield number, chunk
        return
    lines = ["" if line == "\x0c" else line for line in lines]
    starts = [at for at, _ in separators]
    if _below(lines, starts):  # the separators are page feet: each closes its page
        begin = 0
        for at, number in separators:
            yield number, lines[begin : at + 1]
            begin = at + 1
        if any(line.strip() for line in lines[begin:]):
            yield separators[-1][1] + 1, lines[begin:]
        return
    for index, (at, number) in enumerate(separators):
        end = starts[index + 1] if index + 1 < len(starts) else len(lines)
        # What stands before page 1 (the name of the dump) goes with it.
        before = _unruled(lines[:at]) if index == 0 else []
        yield number, before + (_unruled if index + 1 < len(starts) else list)(lines[at + 1 : end])


def _separators(lines: list[str]) -> list[tuple[int, int]]:
    """Return the (line, page number) of the separators, when some kind counts up from 1."""
    kinds: dict[str, list[tuple[int, int]]] = {}
    for at, line in enumerate(lines):
        if len(line) < 200 and (match := _SEPARATOR.fullmatch(line)) is not None:
            kinds.setdefault(match["mark"][:1], []).append((at, int(match["number"])))
    for mark in sorted(kinds, reverse=True):  # bare "Page 3" lines last: they may be page feet
        found = kinds[mark]
        numbers = [number for _, number in found]
        ascend = all(a < b for a, b in pairwise(numbers))
        # A page left blank may be missing; a few numbers far apart count nothing.
        close = numbers[-1] <= 2 * len(numbers)
        if numbers[0] == 1 and ascend and close and (mark or len(numbers) > 1):
            return found
    return []


def _below(lines: list[str], starts: list[int]) -> bool:
    """Tell whether bare page numbers stand at the foot of their pages."""
    match = _SEPARATOR.fullmatch(lines[starts[0]])
    if match is None or match["mark"]:
        return False
    before = sum(len(line.strip()) for line in lines[: starts[0]])
    after = sum(len(line.strip()) for line in lines[starts[-1] + 1 :])
    return before > after


def _unruled(lines: list[str]) -> list[str]:
    """Drop the rule that stands right before a separator."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    if end and _RULE.fullmatch(lines[end - 1]):
        return lines[: end - 1]
    return lines


_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*?)[ \t]*#*[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_LIST = re.compile(r"[ \t]*([-*+])[ \t]+(?:\[([ xX])\][ \t]+)?(?=\S)")
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_FRONT = re.compile(r"[\w-]+:|\s|#|- ")
_HTML = re.compile(r"[ \t]*<(table|ul|ol|dl|h[1-6])[\s>]", re.IGNORECASE)
_CLOSING = re.compile(r"</(table|ul|ol|dl|h[1-6])>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:(?P<flow>a|abbr|b|code|em|font|i|img|mark|small|span|strong|sub|sup|u)"
    r"|article|aside|blockquote|center|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header"
    r"|hr|li|main|nav|ol|p|section|summary|table|tbody|td|th|thead|tr|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"!?\[([^\[\]]{0,300})\]\((?:https?:|mailto:|[/#.])[^()\s]{0,500}(?: \"[^\"]{0,200}\")?\)"
)
_STRONG = re.compile(r"(?<![\w*_])(\*\*|__)(?=[\w«\"'(])(?!_)(.{1,2000}?)(?<=[^\s*_])\1(?![\w*_])")
_EMPHASIS = re.compile(
    r"(?<![\w*_])([*_])(?=[\w«\"'(])(?!_)([^*_]{1,1000})(?<=[^\s*_])\1(?![\w*_])"
)
_INNER = re.compile(r"\*\*(?=[^\s*])([^*]{1,1000})(?<=[^\s*])\*\*")  # bold inside a word
_CODE = re.compile(r"`{1,3}([^`]{1,1000})`{1,3}")
_COMMENT = re.compile(r"<!--(?:(?!<!--).){0,2000}?-->", re.DOTALL)
_STRUCK = re.compile(r"(?<!~)~~(?=[^\s~])[^~\n]{1,1000}(?<=\S)~~(?!~)")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,12}\d{0,2});")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>])")


def _markdown(sheets: Sheets, lines: list[str]) -> LeftOut:
    """Write lines of Markdown; return what was left out."""
    # Dumps of PDF files are Markdown by name only: a parser would eat "<nom>", "[1]: ..." and
    # indented text. The few signs that matter are read line by line, all else stands.
    source = _COMMENT.sub("", "\n".join(_without_front_matter(lines)))
    source, struck = _STRUCK.subn("", source)
    left = LeftOut(struck)
    lines = source.split("\n")
    closing = {tag.lower(): at for at, line in enumerate(lines) for tag in _CLOSING.findall(line)}
    fenced = False
    at = 0
    while at < len(lines):
        line = lines[at]
        below = lines[at + 1] if at + 1 < len(lines) else ""
        at += 1
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            sheets.line(line)
        elif (match := _HEADING.fullmatch(line)) is not None:
            sheets.paragraph(_inline(match[2]), f"h{len(match[1])}")
        elif (match := _HTML.match(line)) and closing.get(match[1].lower(), -1) >= at - 1:
            end = at - 1
            while f"</{match[1].lower()}>" not in lines[end].lower():
                end += 1
            block = "\n".join(lines[at - 1 : end + 1])
            left.add(write_html(sheets, block.encode("utf-8", "replace")))
            at = end + 1
        elif _is_row(line, below):
            end = at
            while end < len(lines) and "|" in lines[end] and lines[end].strip():
                end += 1
            _markdown_table(sheets, lines[at - 1 : end])
            at = end
        elif _RULE.fullmatch(line):
            sheets.gap()
        elif line.strip() and _UNDERLINE.fullmatch(below) and _alone(lines, at - 1):
            sheets.paragraph(_inline(line), "h1" if "=" in below else "h2")
            at += 1
        elif (match := _LIST.match(line)) is not None:
            sign = "-" if match[1] == "-" else BULLET
            sign = {None: sign, " ": UNTICKED}.get(match[2], TICKED)
            sheets.line(f"{sign} {_inline(line[match.end() :])}", "item")
        else:
            sheets.line(_inline(line))
    return left


def _without_front_matter(lines: list[str]) -> list[str]:
    if not lines or lines[0].rstrip() != "---":
        return lines
    for at, line in enumerate(lines[1:80], 1):
        if line.rstrip() == "---":
            return lines[at + 1 :]
        if line and not _FRONT.match(line):
            break
    return lines


def _alone(lines: list[str], at: int) -> bool:
    """Tell whether a line begins its paragraph and reads like the title of what follows."""
    line = lines[at].strip()
    return (at == 0 or not lines[at - 1].strip()) and not _LIST.match(line) and len(line) < 160


def _is_row(line: str, below: str) -> bool:
    if "|" not in line:
        return False
    if _DELIMITER.fullmatch(below) and "|" in below:
        return True
    return _piped(line) and _piped(below)


def _piped(line: str) -> bool:
    line = line.strip()
    return len(line) > 2 and line.startswith("|") and line.endswith("|")


def _markdown_table(sheets: Sheets, lines: list[str]) -> None:
    rows = [_split(line) for line in lines if not _DELIMITER.fullmatch(line)]
    ruled = len(lines) > 1 and _DELIMITER.fullmatch(lines[1]) is not None
    sheets.table(rows, header=(ruled and len(rows) > 1) or headed(rows))


def _split(line: str) -> list[str]:
    line = line.strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return [_inline(cell) for cell in re.split(r"(?<!\\)\|", line)]


def _inline(text: str) -> str:
    """Take the marks of emphasis, links and known HTML tags out of a line."""
    text = re.sub(r"<br\s{0,4}/?>", "\n", text, flags=re.IGNORECASE)
    text = _TAG.sub(lambda match: "" if match["flow"] else " ", text)
    text = _LINK.sub(r"\1", text)
    text = _CODE.sub(r"\1", text)
    text = _STRONG.sub(r"\2", text)
    text = _INNER.sub(r"\1", text)
    text = _EMPHASIS.sub(r"\2", text)
    text = re.sub(r"\A\s*(?:>\s?){1,5}", "", text)
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return _ESCAPE.sub(r"\1", text)
