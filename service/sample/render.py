"""Render the sample consultation: every Typst source becomes a PDF of the dossier.

Run ``python service/sample/render.py`` (needs the PyPI package ``typst``).
Only the fonts bundled with Typst are used and the dates are fixed: the same
sources always give the same bytes, so the PDFs can be compared in a review.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typst

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
DOSSIER = HERE / "dossier"
SHARED = {"style.typ"}
"""Sources that are imported by the pieces and are not pieces themselves."""

CREATED = datetime(2026, 10, 2, 8, 0, tzinfo=UTC)
"""Creation date written in the PDFs."""


def render(source: Path, target: Path) -> None:
    """Compile one Typst source into one PDF."""
    typst.compile(
        source,
        output=target,
        root=SOURCES,
        ignore_system_fonts=True,
        timestamp=CREATED,
    )


def pieces() -> list[Path]:
    """Return the sources of the pieces, in the order of their names."""
    return [path for path in sorted(SOURCES.glob("*.typ")) if path.name not in SHARED]


def main() -> None:
    """Render every piece of the consultation."""
    DOSSIER.mkdir(exist_ok=True)
    for source in pieces():
        target = DOSSIER / f"{source.stem}.pdf"
        render(source, target)
        print(target.relative_to(HERE))


if __name__ == "__main__":
    main()
