"""Speed of reading, tagging and whole screening beside named peers, on the same files, in turn.

    python tests/benchmark.py [PDF or folder ...] [--markdown]

Without arguments: the sample consultation. Ratios carry over between machines, seconds do not.
"""

from __future__ import annotations

import argparse
import io
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pdfplumber
import pikepdf
import pypdf
from pdfminer.high_level import extract_text as pdfminer_text

from nlp.criteria import award_criteria
from nlp.cues import cues
from nlp.dossier import told
from nlp.reading import read_piece
from nlp.tagger import tag
from service.screening import SAMPLE, SourceFile, screen
from service.settings import Limits

Files = list[tuple[str, bytes]]


def pdfplumber_text(data: bytes) -> None:
    """What a user of pdfplumber writes, pages closed as its documentation advises."""
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_text()
            page.close()


def pypdf_text(data: bytes) -> None:
    for page in pypdf.PdfReader(io.BytesIO(data)).pages:
        page.extract_text()


def pdftotext(data: bytes) -> None:
    subprocess.run(  # noqa: S603
        [shutil.which("pdftotext") or "pdftotext", "-", "-"],
        input=data,
        capture_output=True,
        check=False,
    )


def cpu(work: Callable[[], object]) -> float:
    """Seconds of processor time, children included: the best of three."""
    best = float("inf")
    for _ in range(3):
        before = sum(time_of(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        work()
        after = sum(time_of(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        best = min(best, after - before)
    return best


def time_of(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def ours(files: Files) -> dict[str, Callable[[], object]]:
    pieces = [read_piece(n, d, id=f"p{i}", max_pages=5000) for i, (n, d) in enumerate(files)]
    cues()
    sources = [SourceFile(name, data) for name, data in files]
    limits = Limits(max_pages=20000, max_files=500)
    return {
        "clausier: text, boxes, tables, outline": lambda: [
            read_piece(n, d, id="p", max_pages=5000) for n, d in files
        ],
        "clausier: tagging alone": lambda: (
            [tag(p) for p in pieces] + [award_criteria([told(p) for p in pieces])]
        ),
        "clausier: whole screening, one process": lambda: screen(
            sources, isolate=False, limits=limits
        ),
    }


def peers(files: Files) -> dict[str, Callable[[], object]]:
    found: dict[str, Callable[[bytes], object]] = {
        "pdfplumber.extract_text": pdfplumber_text,
        "pdfminer.six": lambda data: pdfminer_text(io.BytesIO(data)),
        "pypdf": pypdf_text,
    }
    if shutil.which("pdftotext"):
        found["pdftotext"] = pdftotext
    return {name: (lambda f=f: [f(data) for _, data in files]) for name, f in found.items()}


def repeated(data: bytes, pages: int) -> bytes:
    """A file of ``pages`` pages, those of ``data`` over and over."""
    with pikepdf.open(io.BytesIO(data)) as source, pikepdf.new() as long:
        while len(long.pages) < pages:
            long.pages.append(source.pages[len(long.pages) % len(source.pages)])
        out = io.BytesIO()
        long.save(out)
        return out.getvalue()


def memory_and_growth(files: Files) -> Iterator[str]:
    data = max(files, key=lambda f: len(f[1]))[1]
    times = {}
    for pages in (75, 150, 300):
        piece = read_piece("CCAP.pdf", repeated(data, pages), id="p", max_pages=5000)
        times[pages] = cpu(lambda piece=piece: tag(piece))
    yield f"tagging 75 / 150 / 300 pages: {times[75]:.2f} / {times[150]:.2f} / {times[300]:.2f} s"
    script = (
        "import sys,resource;from service.screening import screen,SourceFile;"
        "screen([SourceFile('CCAP.pdf',sys.stdin.buffer.read())],isolate=False);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024)"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script], input=repeated(data, 300), capture_output=True, check=True
    )
    yield f"peak memory, whole screening of a 300-page file: {int(done.stdout)} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[SAMPLE])
    arguments = parser.parse_args()
    found = sorted(
        p for path in arguments.paths for p in ([path] if path.is_file() else path.rglob("*.pdf"))
    )
    files = [(p.name, p.read_bytes()) for p in found]
    pages = sum(len(pypdf.PdfReader(io.BytesIO(d)).pages) for _, d in files)
    rows = {name: cpu(work) for name, work in {**peers(files), **ours(files)}.items()}
    reference = rows["pdfplumber.extract_text"]
    print(f"{len(files)} files, {pages} pages, processor time, best of three\n")
    print("| reader | pages/s | ms/page | times pdfplumber's text |")
    print("|---|---:|---:|---:|")
    for name, seconds in rows.items():
        print(
            f"| {name} | {pages / seconds:.1f} | {1000 * seconds / pages:.1f} "
            f"| {reference / seconds:.1f} |"
        )
    print()
    for line in memory_and_growth(files):
        print(f"- {line}")


if __name__ == "__main__":
    main()
