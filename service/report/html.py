"""The pages: a self-contained report, the upload form and the problem page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from corpus.findings import Screening
from service.messages import LANGUAGES, Language, Message
from service.report.texts import (
    counted,
    money,
    name,
    number,
    percent,
    plain,
    quantity,
    signed,
    size,
    words,
)
from service.report.view import View, WarningView, make_view, profile_name

_TEMPLATES = Path(__file__).with_name("templates")


@cache
def stylesheet() -> str:
    """Return the style sheet that every page carries inside."""
    return (_TEMPLATES / "page.css").read_text(encoding="utf-8")


@cache
def content_policy() -> str:
    """Return the policy of the pages: no script at all, no style but ours, nothing fetched."""
    digest = hashlib.sha256(stylesheet().encode()).digest()
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{base64.b64encode(digest).decode()}'",
            "img-src data:",
            "form-action 'self'",
            "base-uri 'none'",
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = plain
    environment.globals.update(
        # The style sheet is our own file: escaping it would break its hash and its quotes.
        stylesheet=Markup(stylesheet()),  # noqa: S704
        content_policy=content_policy(),
        counted=counted,
        money=money,
        signed=signed,
        profile_name=profile_name,
        name=name,
        number=number,
        percent=percent,
        quantity=quantity,
        words=words,
        languages=LANGUAGES,
    )
    return environment


def _render(template: str, language: Language, **values: object) -> str:
    def t(key: str, **params: object) -> str:
        return words(key, language, **params)

    known = {"t": t, "language": language, "paper": "", **values}
    page: str = _environment().get_template(template).render(known)
    return page


def report_page(screening: Screening, language: Language = "fr", *, home: str = "") -> str:
    """Return the report as one HTML page that needs nothing else; ``home`` links back to a form."""
    return _render("report.html", language, view=make_view(screening, language), home=home)


def report_paper(view: View) -> str:
    """Return the report as the HTML that is printed: all unfolded, with the style of paper."""
    # As the style sheet, a file of ours.
    style = Markup(_paper_style())  # noqa: S704
    return _render("report.html", view.language, view=view, home="", paper=style)


@cache
def _paper_style() -> str:
    return (_TEMPLATES / "paper.css").read_text(encoding="utf-8")


def upload_page(
    language: Language,
    *,
    profiles: Sequence[str],
    max_files: int,
    max_bytes: int,
) -> str:
    """Return the page on which a person sends documents; it works without scripts."""
    return _render(
        "upload.html",
        language,
        profiles=profiles,
        max_files=number(max_files, language),
        max_size=size(max_bytes, language),
        home="",
    )


def problem_page(
    problem: Message, language: Language, *, warnings: Sequence[WarningView] = (), home: str = "/"
) -> str:
    """Return the page that says what went wrong and what to do."""
    return _render("problem.html", language, problem=problem, warnings=warnings, home=home)
