"""The report on a terminal. Texts from documents are never read as markup or control codes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from corpus.documents import Block, BlockKind, Piece
from corpus.findings import Screening
from service.messages import Language
from service.report.texts import counted, money, name, number, plain, quantity, signed, words
from service.report.view import (
    CriterionView,
    Evidence,
    FamilyView,
    ScoreView,
    View,
    WarningView,
    make_view,
)

_STATUS_STYLE = {
    "binding": "bold green",
    "scored": "bold blue",
    "encouraged": "yellow",
    "mention": "dim",
    "excluded": "dim",
}
_SEVERITY_STYLE = {"error": "bold red", "warning": "yellow", "info": "dim"}
_BAND_STYLE = {"priority": "bold green", "good": "green", "partner": "yellow"}
_BAR = 24
_WIDTH = 100


def screening_text(
    screening: Screening, language: Language, *, width: int = _WIDTH, colour: bool = False
) -> str:
    """Return the report of a screening as lines of at most ``width`` characters."""
    return _draw(_report(make_view(screening, language)), width, colour)


def warnings_text(
    warnings: Sequence[WarningView],
    language: Language,
    *,
    width: int = _WIDTH,
    colour: bool = False,
) -> str:
    """Return warnings alone, for when nothing could be read."""
    return _draw(_warnings(warnings, language), width, colour)


def pieces_text(pieces: Sequence[Piece], language: Language) -> str:
    """Return what was read of each piece, page by page, with the articles as headings."""
    lines: list[str] = []
    for piece in pieces:
        kind = name("piece", piece.type.value, language)
        pages = counted("pages", len(piece.pages), language)
        lines += [f"=== {plain(piece.name)} · {kind} · {pages} ===", ""]
        lines += _piece_lines(piece, language)
    return "\n".join(lines).rstrip() + "\n"


def _piece_lines(piece: Piece, language: Language) -> Iterable[str]:
    blocks: dict[int, list[Block]] = {}
    for block in piece.blocks:
        blocks.setdefault(block.page, []).append(block)
    path: tuple[str, ...] = ()
    for page in piece.pages:
        yield f"--- {words('page', language, n=page.number)} ---"
        if not piece.blocks:
            yield from (plain(line) for line in page.text.splitlines())
        for block in blocks.get(page.number, ()):
            if block.path and block.path != path and block.kind is not BlockKind.HEADING:
                yield f"[{plain(' › '.join(block.path))}]"
            path = block.path
            mark = {BlockKind.HEADING: "# ", BlockKind.ITEM: "- ", BlockKind.ROW: "| "}
            yield mark.get(block.kind, "") + plain(block.text)
        yield ""


def _draw(content: RenderableType, width: int, colour: bool) -> str:
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=colour,
        color_system="auto" if colour else None,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(content)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()).rstrip() + "\n"


def _report(view: View) -> RenderableType:
    language = view.language
    pages = sum(piece.pages for piece in view.screening.pieces)
    parts: list[RenderableType] = [
        Text(f"{words('brand', language)} · {words('report_title', language)}", "bold"),
        Text(f"{words('for_profile', language, profile=view.profile)} · {view.launched}"),
        Text(
            f"{counted('pieces', len(view.screening.pieces), language)}, "
            f"{counted('pages', pages, language)}"
        ),
    ]
    if view.lost:
        parts.append(Text(counted("lost", view.lost, language), "bold red"))
    parts += [_heading(words("score", language)), _scores(view)]
    parts.append(Text(words("caveat", language), "dim"))
    parts += [_heading(words("reserved_title", language)), _reserved(view)]
    for score in view.scores:
        parts += [_heading(f"{words('why', language)} · {score.title}"), _reasons(score, language)]
    parts.append(_heading(words("found", language)))
    shown = [family for family in view.families if family.labels]
    parts += [_family(family, language) for family in shown]
    if not shown:
        parts.append(Text(words("found_none", language)))
    parts += [_heading(words("criteria", language)), _criteria(view)]
    if view.apart:
        parts += [_heading(words("apart", language)), _apart(view)]
    if view.facts:
        parts += [_heading(words("facts", language)), _facts(view)]
    parts += [_heading(words("not_found", language)), _not_found(view)]
    if view.warnings:
        parts += [_heading(words("warnings", language)), _warnings(view.warnings, language)]
    version = words(
        "version",
        language,
        version=view.screening.clausier_version,
        digest=view.screening.rules_digest[:12],
        model=view.screening.model.partition("-")[2] or words("no_classifier", language),
    )
    parts += [Text(), Text(words("footer", language), "dim"), Text(version, "dim")]
    return Group(*parts)


def _heading(title: str) -> RenderableType:
    return Padding(Rule(Text(title, "bold"), align="left", characters="─"), (1, 0, 0, 0))


def _bar(value: float, maximum: float, cells: int = _BAR) -> Text:
    filled = round(max(0.0, min(1.0, value / maximum if maximum else 0.0)) * cells)
    return Text.assemble(("━" * filled, "green"), ("─" * (cells - filled), "dim"))


def _grid(*columns: str, header: bool = True) -> Table:
    """Make a plain table; a column whose title starts with ">" is aligned right."""
    table = Table(box=None, pad_edge=False, show_header=header, header_style="dim")
    for column in columns:
        table.add_column(
            Text(column.lstrip(">")), justify="right" if column.startswith(">") else "left"
        )
    return table


def _scores(view: View) -> RenderableType:
    language = view.language
    if not view.scores:
        return Text(words("no_score", language))
    table = _grid(
        words("lot", language, number="").strip(),
        ">" + words("score", language),
        "",
        words("band", language),
        ">" + words("confidence", language),
        "",
    )
    for score in view.scores:
        detail = " · ".join(score.reserved)
        if score.amount is not None:
            detail = " · ".join(filter(None, (detail, money(score.amount, language))))
        table.add_row(
            Text(score.title),
            Text(number(score.score, language, 1), "bold"),
            _bar(score.score, 100, 16),
            Text(score.band_name, _BAND_STYLE.get(score.band, "")),
            Text(score.confidence),
            Text(detail, "dim"),
        )
    return table


def _reserved(view: View) -> RenderableType:
    if not view.reserved:
        return Text(words("reserved_none", view.language))
    return Group(
        *(
            Text.assemble(
                (item.lots, "bold"),
                f" · {item.title}",
                (f" ({_place(item.evidence, view.language)})" if item.evidence else "", "dim"),
            )
            for item in view.reserved
        )
    )


def _reasons(score: ScoreView, language: Language) -> RenderableType:
    table = _grid(words("dimension", language), ">" + words("points", language), "", "")
    for part in score.reasons:
        most = f"/{quantity(part.maximum, language)}" if part.maximum > 0 else ""
        for at, line in enumerate(part.lines):
            places = " ; ".join(_place(item, language) for item in line.places[:2])
            reason = Text.assemble((f"{signed(line.points, language)} ", "dim"), line.reason)
            if places:
                reason.append(f" ({places})", "dim")
            if at:
                table.add_row(Text(), Text(), Text(), reason)
                continue
            table.add_row(
                Text(part.name),
                Text.assemble((number(part.points, language, 1), "bold"), (most, "dim")),
                _bar(part.points, part.maximum, 8) if part.maximum > 0 else Text(),
                reason,
            )
    table.add_row(
        Text(words("total", language), "bold"),
        Text.assemble((number(score.score, language, 1), "bold"), ("/100", "dim")),
        Text(),
        Text(words("inclusion", language, points=number(score.inclusion, language, 1)), "dim"),
    )
    notes = []
    if score.gates:
        notes.append(Text(f"{words('gates', language)} {' · '.join(score.gates)}", "dim"))
    if score.missing:
        missing = words("missing_documents", language)
        notes.append(Text(f"{missing} {', '.join(score.missing)}", "dim"))
    return Group(table, *notes)


def _place(evidence: Evidence, language: Language) -> str:
    return f"{evidence.piece}, {words('page_short', language, n=evidence.page)}"


def _family(family: FamilyView, language: Language) -> RenderableType:
    count = counted("passages", family.passages, language)
    parts: list[RenderableType] = [
        Text(),
        Text.assemble((family.title, "bold underline"), (f"  {count}", "dim")),
    ]
    for label in family.labels:
        parts.append(Text.assemble((label.title, "bold"), (f"  {label.id}", "dim")))
        parts += [
            Padding(_passage(item, language), (0, 0, 1, 2))
            for item in (*label.evidence, *label.aside)
        ]
    return Group(*parts)


def _passage(item: Evidence, language: Language) -> RenderableType:
    head = Text.assemble(
        (item.status_name, _STATUS_STYLE.get(item.status, "")), f" · {item.stage_name}"
    )
    for extra in (
        item.part,
        item.lots,
        words("doubtful", language) if item.doubtful else "",
        words("recognised", language) if item.recognised else "",
    ):
        if extra:
            head.append(f" · {extra}")
    quote = Text("« " if language == "fr" else "“")
    for text, told in item.quote:
        quote.append(text, "bold" if told else "")
    quote.append(" »" if language == "fr" else "”")
    source = _place(item, language) + (f" · {item.article}" if item.article else "")
    parts = [head, quote, Text(source, "dim")]
    if item.values:
        parts.append(Text(" · ".join(item.values), "cyan"))
    if item.also:
        parts.append(Text(f"{words('also', language)} {' · '.join(item.also)}", "dim"))
    return Group(*parts)


def _criteria(view: View) -> RenderableType:
    language = view.language
    if not view.criteria:
        return Text(words("criteria_none", language))
    parts: list[RenderableType] = []
    for group in view.criteria:
        table = _grid("", ">", "", "", header=False)
        for row, level in _flat(group.criteria, 0):
            table.add_row(
                Text("  " * level + row.name, "" if level else "bold"),
                Text(row.weight),
                _bar(row.share, 100, 20) if row.share is not None else Text(),
                Text(row.theme_name, "dim"),
            )
        parts += [Text(group.title, "bold underline"), Padding(table, (0, 0, 1, 0))]
    return Group(*parts)


def _flat(criteria: Iterable[CriterionView], level: int) -> Iterable[tuple[CriterionView, int]]:
    for criterion in criteria:
        yield criterion, level
        yield from _flat(criterion.children, level + 1)


def _apart(view: View) -> RenderableType:
    language = view.language
    parts: list[RenderableType] = [Text(words("apart_note", language), "dim")]
    for item in view.apart:
        parts.append(Text(f"{item.title} {item.lots}".rstrip(), "bold"))
        for spot, value in zip((item.first, item.second), item.values, strict=True):
            where = f"{spot.piece}, {words('page', language, n=spot.page)}"
            said = Text.assemble((f"{value} ", "cyan"), (where, "dim"), f" · {spot.quote}")
            parts.append(Padding(said, (0, 0, 0, 2)))
    return Group(*parts)


def _facts(view: View) -> RenderableType:
    language = view.language
    parts: list[RenderableType] = []
    for group in view.facts:
        table = _grid("", "", "", header=False)
        for fact in group.facts:
            places = dict.fromkeys(
                f"{spot.piece}, {words('page', language, n=spot.page)}" for spot in fact.spots
            )
            table.add_row(
                Text(f"{fact.title} {fact.lots}".rstrip()),
                Text(fact.value, "bold"),
                Text(" · ".join(list(places)[:2]), "dim"),
            )
        parts += [Text(group.title, "bold underline"), Padding(table, (0, 0, 1, 0))]
    return Group(*parts)


def _not_found(view: View) -> RenderableType:
    language = view.language
    parts: list[RenderableType] = [Text(words("not_found_note", language), "dim")]
    for family in view.families:
        if family.not_found:
            parts.append(Text.assemble((f"{family.title} ", "bold"), " · ".join(family.not_found)))
    if len(parts) == 1:
        parts.append(Text(words("not_found_nothing", language)))
    return Group(*parts)


def _warnings(warnings: Iterable[WarningView], language: Language) -> RenderableType:
    parts = []
    for warning in warnings:
        head = Text.assemble(
            (warning.severity_name, _SEVERITY_STYLE[warning.severity]), f" · {warning.title}"
        )
        if warning.piece:
            head.append(f" · {warning.piece}", "bold")
        if warning.page:
            head.append(f", {words('page', language, n=warning.page)}", "bold")
        head.append(f" [{warning.code}]", "dim")
        parts.append(Group(head, Padding(Text(warning.text), (0, 0, 0, 2))))
    return Group(*parts)
