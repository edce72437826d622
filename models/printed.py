"""The made-up consultations as PDF files, as a buyer's word processor would print them.

WeasyPrint and the fonts of matplotlib are tools of development: where they are not, consultations
are measured as HTML only. The same piece gives the same file.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

STYLE = Path(__file__).with_suffix(".css")
_FACES = (("DejaVuSans.ttf", "normal"), ("DejaVuSans-Bold.ttf", "bold"))


def can_print() -> bool:
    """Tell whether the tools that print are installed."""
    if find_spec("weasyprint") is None or find_spec("matplotlib") is None:
        return False
    try:
        import_module("weasyprint")
    except OSError:  # it loads Pango, which is no Python package
        return False
    return True


def pdf(html: str) -> bytes:
    """Return a piece, an HTML fragment, as a PDF file: A4, running title, page numbers.

    Raises ImportError without WeasyPrint.
    """
    library, style, fonts = _press()
    page = f'<!doctype html><html lang="fr"><meta charset="utf-8"><body>{html}</body></html>'
    # pieces hold words only; nothing is fetched for them
    fetcher = import_module("weasyprint.urls").URLFetcher(allowed_protocols=())
    document = library.HTML(string=page, url_fetcher=fetcher)
    printed = document.write_pdf(
        stylesheets=[style], font_config=fonts, pdf_identifier=b"clausier", full_fonts=False
    )
    return bytes(printed)


@cache
def _press() -> tuple[Any, Any, Any]:
    """Return the library, the style and the fonts it names, which are everywhere alike."""
    library = import_module("weasyprint")
    folder = Path(import_module("matplotlib").get_data_path()) / "fonts" / "ttf"
    fonts = import_module("weasyprint.text.fonts").FontConfiguration()
    faces = "".join(
        f'@font-face{{font-family:"Printed";font-weight:{weight};'
        f"src:url({(folder / name).as_uri()})}}"
        for name, weight in _FACES
    )
    css = faces + STYLE.read_text(encoding="utf-8")
    return library, library.CSS(string=css, font_config=fonts), fonts
