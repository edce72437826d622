"""The cells of a PDF's tables as pdfplumber alone finds them: what plain tools give, to compare."""

from __future__ import annotations

import io


def table_rows(data: bytes) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return (page, cells) of every row of every table of a PDF, white space folded."""
    import pdfplumber

    rows = []
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            for table in page.extract_tables():
                for row in table:
                    cells = tuple(" ".join((cell or "").split()) for cell in row)
                    rows.append((page.page_number, cells))
    return tuple(rows)
