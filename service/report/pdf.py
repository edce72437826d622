"""The report as a PDF file for a colleague: all unfolded, tagged, with nothing fetched.

The file follows PDF/UA-1 (ISO 14289-1) as far as WeasyPrint tags it; what it leaves out of the
tags, the scope of table headers, the language of quotes and the words of links, is added here.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from corpus.findings import Screening
from service.messages import Language, message
from service.report.html import report_paper
from service.report.texts import words
from service.report.view import View, make_view

_SCOPES = {"/THead": "/Column", "/TBody": "/Row", "/TFoot": "/Row"}


class CannotPrint(RuntimeError):
    """What prints is not installed: WeasyPrint, the Pango library, or any font."""

    code = "cannot-print"

    def __str__(self) -> str:
        """Return what happened and what to do, in French."""
        return message(self.code, "fr")


def report_pdf(screening: Screening, language: Language = "fr") -> bytes:
    """Return the report as a PDF file; the same screening gives the same bytes on one machine.

    Raises CannotPrint when Pango, a font or WeasyPrint is missing.
    """
    library, fonts, fetcher = _press()
    view = make_view(screening, language)
    page = report_paper(view)
    says = _links(view)

    def finish(_: Any, pdf: Any) -> None:
        _complete(pdf.objects, says)

    printed = library.HTML(string=page, url_fetcher=fetcher).write_pdf(
        finisher=finish,
        font_config=fonts,
        # The file has no date, and its identifier comes from what it says.
        pdf_identifier=hashlib.sha256(page.encode()).digest()[:16],
        pdf_variant="pdf/ua-1",
    )
    return bytes(printed)


def check_printing() -> None:
    """Raise CannotPrint when no PDF can be made on this machine."""
    _press()


@cache
def _press() -> tuple[Any, Any, Any]:
    """Return WeasyPrint, the fonts it finds, and what it asks for addresses: none is allowed."""
    try:
        library = import_module("weasyprint")
        with warnings.catch_warnings():
            # Without any font Pango would end the whole process; the warning comes before.
            warnings.simplefilter("error", UserWarning)
            fonts = import_module("weasyprint.text.fonts").FontConfiguration()
        fetcher = import_module("weasyprint.urls").URLFetcher(allowed_protocols=())
    except (ImportError, OSError, UserWarning) as error:
        raise CannotPrint from error
    # Its lines could quote a document; they are about style sheets, which tests read.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    return library, fonts, fetcher


def _links(view: View) -> dict[str, str]:
    """Return what each link of the report leads to, in words."""
    says = {"warnings": words("warnings", view.language)}
    for family in view.families:
        says[f"family-{family.id}"] = family.title
        for label in family.labels:
            for item in (*label.evidence, *label.aside):
                page = words("page", view.language, n=item.page)
                says[f"f-{item.id}"] = f"{label.title}, {item.piece}, {page}"
    return says


def _complete(objects: list[Any], says: Mapping[str, str]) -> None:
    """Add to the tags of a PDF what readers of the screen need and WeasyPrint does not write."""
    pydyf = import_module("pydyf")
    for thing in objects:
        if not isinstance(thing, pydyf.Dictionary):
            continue
        if thing.get("Subtype") == "/Link" and "Dest" in thing:
            thing["Contents"] = pydyf.String(says.get(thing["Dest"].string, thing["Dest"].string))
        elif thing.get("S") == "/BlockQuote":
            thing["Lang"] = pydyf.String("fr")
        elif thing.get("S") == "/TH" and "A" in thing:
            part = _parent(objects, _parent(objects, thing))
            thing["A"]["Scope"] = _SCOPES.get(part["S"], "/Column")


def _parent(objects: list[Any], thing: Any) -> Any:
    return objects[int(thing["P"].split()[0])]
