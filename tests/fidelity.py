"""Our reading of PDF files beside its peers: words, reading order, time, damaged files.

    python tests/fidelity.py FOLDER_OR_PDF ... [--misses] [--rounds 3] [--json]

Every reader runs in a child process of its own; those that are not installed are left out.
"""

from __future__ import annotations

import argparse
import html
import importlib.util
import io
import itertools
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

OURS = "clausier"
BROKEN_SECONDS = 10
_MAX_PAGES = 100_000


# -- Readers: the bytes of a file -> the text of each page ------------------------------------


def clausier(data: bytes) -> list[str]:
    from nlp.reading.pdf import read_pdf

    pages, notices = read_pdf(data, max_pages=_MAX_PAGES)
    for notice in notices:
        print(notice.code, notice.page, file=sys.stderr)
    return [page.text for page in pages]


def pypdfium2_text(data: bytes) -> list[str]:
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document:
        return [page.get_textpage().get_text_range() for page in document]


def pdfplumber_pages(data: bytes, text: Callable[[Any], str]) -> list[str]:
    import pdfplumber

    found = []
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            found.append(text(page))
            page.close()
    return found


def pdfminer_text(data: bytes) -> list[str]:
    from pdfminer.high_level import extract_text

    return extract_text(io.BytesIO(data)).split("\f")[:-1]


def pypdf_text(data: bytes) -> list[str]:
    import pypdf

    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]


def poppler(data: bytes, *options: str) -> str:
    done = subprocess.run(  # noqa: S603
        [shutil.which("pdftotext") or "pdftotext", *options, "-", "-"],
        input=data,
        capture_output=True,
        check=False,
    )
    sys.stderr.buffer.write(done.stderr)
    if done.returncode:
        raise OSError(done.stderr.decode(errors="replace"))
    return done.stdout.decode(errors="replace")


def pdftotext(data: bytes, *options: str) -> list[str]:
    return poppler(data, *options).split("\f")[:-1]


def pdftotext_words(data: bytes) -> list[str]:
    pages = poppler(data, "-bbox").split("<page ")[1:]
    return [html.unescape(lines(re.findall(r">(.*)</word>", page))) for page in pages]


def pdf_oxide_pages(data: bytes, text: Callable[[Any, int], str]) -> list[str]:
    import pdf_oxide

    document = pdf_oxide.PdfDocument.from_bytes(data)
    return [text(document, i) for i in range(int(document.page_count))]


def playa_text(data: bytes) -> list[str]:
    import playa

    document = playa.parse(data)  # its pages hold it weakly
    return [page.extract_text() for page in document.pages]


def oxidize_text(data: bytes) -> list[str]:
    import oxidize_pdf

    document = oxidize_pdf.PdfReader.from_bytes(data)
    return [document.extract_text_from_page(i) for i in range(document.page_count)]


def lines(words: Iterable[str]) -> str:
    # One word a line: a hyphen that ends a line is then joined as in plain text.
    return "\n".join(words)


class Reader(NamedTuple):
    """A way to read; ``engine`` parses the file, and the engine's reader that ``votes`` judges."""

    name: str
    library: str
    engine: str
    read: Callable[[bytes], list[str]]
    votes: bool = False
    boxes: str = ""

    @property
    def present(self) -> bool:
        if self.library == "pdftotext":
            return shutil.which(self.library) is not None
        return self.library == "nlp" or importlib.util.find_spec(self.library) is not None


READERS = (
    Reader(OURS, "nlp", "pdfium", clausier, boxes="words, lines, tables"),
    Reader("pypdfium2", "pypdfium2", "pdfium", pypdfium2_text, votes=True),
    Reader("pdfminer.six", "pdfminer", "pdfminer", pdfminer_text, votes=True),
    Reader(
        "pdfplumber text",
        "pdfplumber",
        "pdfminer",
        partial(pdfplumber_pages, text=lambda page: page.extract_text()),
    ),
    Reader(
        "pdfplumber words",
        "pdfplumber",
        "pdfminer",
        partial(pdfplumber_pages, text=lambda page: lines(w["text"] for w in page.extract_words())),
        boxes="words",
    ),
    Reader("playa", "playa", "pdfminer", playa_text),  # grew out of pdfminer.six
    Reader("pypdf", "pypdf", "pypdf", pypdf_text, votes=True),
    Reader("pdftotext", "pdftotext", "poppler", pdftotext, votes=True),
    Reader("pdftotext -layout", "pdftotext", "poppler", lambda data: pdftotext(data, "-layout")),
    Reader("pdftotext -raw", "pdftotext", "poppler", lambda data: pdftotext(data, "-raw")),
    Reader("pdftotext -bbox", "pdftotext", "poppler", pdftotext_words, boxes="words"),
    Reader(
        "pdf_oxide text",
        "pdf_oxide",
        "pdf_oxide",
        partial(pdf_oxide_pages, text=lambda document, i: document.extract_text(i)),
    ),
    Reader(
        "pdf_oxide words",
        "pdf_oxide",
        "pdf_oxide",
        partial(
            pdf_oxide_pages,
            text=lambda document, i: lines(w.text for w in document.extract_words(i)),
        ),
        boxes="words",
    ),
    Reader(
        "pdf_oxide characters",
        "pdf_oxide",
        "pdf_oxide",
        partial(
            pdf_oxide_pages,
            text=lambda document, i: "".join(c.char for c in document.extract_chars(i)),
        ),
        boxes="characters",
    ),
    Reader("oxidize-pdf", "oxidize_pdf", "oxidize-pdf", oxidize_text),
)


# -- One child a reader -------------------------------------------------------------------------


class Run(NamedTuple):
    """What a child gives: page texts or an error for each file, seconds of CPU, peak megabytes."""

    files: list[list[str] | str]
    seconds: float
    megabytes: float


def child(name: str, paths: list[Path], *, warm: bool) -> None:
    """Read the files, after a warm-up on the first if ``warm``; print a ``Run`` as JSON."""
    reader = next(r for r in READERS if r.name == name)
    out, sys.stdout = sys.stdout, sys.stderr
    files = [path.read_bytes() for path in paths]
    if warm:
        attempt(reader, files[0])
    before = cpu()
    found = [attempt(reader, data) for data in files]
    seconds = cpu() - before
    # Not getrusage: its peak is inherited from the parent.
    peak = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text("ascii", "replace"))
    known = peak and reader.library != "pdftotext"  # whose memory is another process's
    json.dump(Run(found, seconds, int(peak[1]) / 1024 if peak and known else 0), out)


def cpu() -> float:
    """Seconds of processor time so far, finished children included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def attempt(reader: Reader, data: bytes) -> list[str] | str:
    try:
        return reader.read(data)
    except Exception as error:  # noqa: BLE001 - a reader may fail in any way: that is the measure
        return f"{type(error).__name__}: {error}"


def start(
    reader: Reader, paths: Iterable[Path], seconds: int, *, warm: bool = False
) -> tuple[Run, str]:
    """Run a child for ``seconds`` of processor time; return what it read and what it warned of.

    Raises the errors of subprocess: a child over its time dies of the signal XCPU.
    """

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    done = subprocess.run(  # noqa: S603
        [sys.executable, __file__, "--child", reader.name, *["--warm"] * warm, *map(str, paths)],
        capture_output=True,
        preexec_fn=limit,
        timeout=10 * seconds,  # for one that waits and works at nothing
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    return Run(*json.loads(done.stdout)), done.stderr.decode(errors="replace")


# -- Words --------------------------------------------------------------------------------------

_HYPHEN = "-\u2010\u2011\u00ad\ufffe\x02"
_LINE_END = re.compile(rf"(?<=\w)[{_HYPHEN}]+[^\S\n]*\r?\n\s*(?=\w)")
_INNER = re.compile(rf"(?<=\w)[{_HYPHEN}]+(?=\w)|[\u200b-\u200d\u2060\ufeff\u00ad]")
_WORD = re.compile(r"[^\W_]+")
_ARROW = re.compile(r"(?<!\S)Æ(?!\S)")  # what an arrow of Wingdings is for those who trust its code


def words(text: str) -> list[str]:
    """Cut into runs of letters and digits, case kept, the same for every reader.

    Ligatures and full-width forms are unfolded (NFKC) and hyphens taken out of words, since
    readers differ on those of a line's end; an arrow read as a letter is no word.
    """
    text = _ARROW.sub("", unicodedata.normalize("NFKC", text.replace("º", "°")))
    return _WORD.findall(_INNER.sub("", _LINE_END.sub("", text)))


@dataclass(frozen=True)
class Sheet:
    """One page as every reader sees it: reader's name -> words in its order."""

    file: str
    number: int
    words: dict[str, list[str]]


KINDS = ("absent", "fewer", "spaces", "invented")


class Fault(NamedTuple):
    """A word that a reader lost or alone has.

    ``kind`` is "spaces" (its letters are there, cut otherwise), "fewer" (the word is there, less
    often: judges repeat what is printed twice to look bold), "absent" or "invented".
    """

    kind: str
    word: str
    file: str
    page: int


@dataclass
class Fidelity:
    """Counts of words and letters over all pages, and the faults behind them."""

    agreed: int = 0
    kept: int = 0
    letters_agreed: int = 0
    letters_kept: int = 0
    total: int = 0
    faults: list[Fault] | None = None


def fidelity(reader: Reader, readers: Iterable[Reader], sheets: Iterable[Sheet]) -> Fidelity:
    """Judge a reader by the words that two engines other than its own find on the same page."""
    others = [r for r in readers if r.engine != reader.engine]
    judges = [r.name for r in others if r.votes]
    result = Fidelity(faults=[])
    assert result.faults is not None
    for sheet in sheets:
        own = Counter(sheet.words[reader.name])
        agreed = second_of([Counter(sheet.words[name]) for name in judges])
        anyone: Counter[str] = Counter()
        for other in others:
            anyone |= Counter(sheet.words[other.name])
        joined = "".join(sheet.words[reader.name])
        result.agreed += agreed.total()
        result.kept += (agreed & own).total()
        result.total += own.total()
        letters = second_of([Counter("".join(sheet.words[name])) for name in judges])
        result.letters_agreed += letters.total()
        result.letters_kept += (letters & Counter(joined)).total()
        for word in (agreed - own).elements():
            spaced = len(word) > 3 and joined.count(word) >= agreed[word]
            kind = "spaces" if spaced else "fewer" if word in own else "absent"
            result.faults.append(Fault(kind, word, sheet.file, sheet.number))
        for word in (own - anyone).elements():
            result.faults.append(Fault("invented", word, sheet.file, sheet.number))
    return result


def second_of(counts: list[Counter[str]]) -> Counter[str]:
    """For each key, the number that at least two of the counters reach."""
    found: Counter[str] = Counter()
    for one, other in itertools.combinations(counts, 2):
        found |= one & other
    return found


# -- Order --------------------------------------------------------------------------------------


def agreement(one: list[str], other: list[str]) -> tuple[int, int]:
    """Of the words that stand once on either side: (those that need not move, all of them)."""
    there = once(other)
    places = [there[word] for word in once(one) if word in there]
    tails: list[int] = []  # of the longest run of rising places
    for place in places:
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
    return len(tails), len(places)


def once(sequence: list[str]) -> dict[str, int]:
    """Place of each word that stands only once, in order."""
    counts = Counter(sequence)
    return {word: i for i, word in enumerate(sequence) if counts[word] == 1}


def share(pairs: Iterable[tuple[int, int]]) -> float:
    kept, total = map(sum, zip((0, 0), *pairs, strict=True))
    return kept / total if total else 1.0


def order_table(names: list[str], sheets: list[Sheet]) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {name: {} for name in names}
    for one, other in itertools.combinations(names, 2):
        value = share(agreement(s.words[one], s.words[other]) for s in sheets)
        table[one][other] = table[other][one] = value
    return table


def worst_pages(judges: list[str], sheets: list[Sheet], limit: int = 10) -> list[dict[str, Any]]:
    """Pages where our order agrees least with the other engines, beside their own agreement."""
    rows: list[dict[str, Any]] = []
    for sheet in sheets:
        ours = {n: share([agreement(sheet.words[OURS], sheet.words[n])]) for n in judges}
        theirs = [
            share([agreement(sheet.words[a], sheet.words[b])])
            for a, b in itertools.combinations(judges, 2)
        ]
        rows.append(
            {
                "file": sheet.file,
                "page": sheet.number,
                **ours,
                "mean": sum(ours.values()) / len(ours),
                "among them": sum(theirs) / len(theirs),
            }
        )
    return sorted(rows, key=lambda row: row["mean"])[:limit]


# -- Damaged files ------------------------------------------------------------------------------


def damaged() -> Iterator[tuple[str, bytes]]:
    """Yield (what was done, bytes) from a good file of a few pages, that one first."""
    import pikepdf

    from service.screening import SAMPLE

    data = next(SAMPLE.glob("CCAP*.pdf")).read_bytes()

    def changed(change: Callable[[pikepdf.Pdf], object], **options: Any) -> bytes:
        with pikepdf.open(io.BytesIO(data)) as document:
            change(document)
            document.save(out := io.BytesIO(), **options)
            return out.getvalue()

    def drawn(content: bytes) -> Callable[[pikepdf.Pdf], object]:
        return lambda document: document.pages[0].contents_add(content)

    yield "", data
    yield "cut at half", data[: len(data) // 2]
    at, end = data.rindex(b"\nxref"), data.rindex(b"trailer")
    yield "cross-reference table zeroed", data[:at] + bytes(end - at) + data[end:]
    yield "that and the trailer zeroed", data[:at] + bytes(len(data) - at)
    for count in (20, 200):
        dice, spoilt = random.Random(7), bytearray(data)  # noqa: S311 - no secret
        for _ in range(count):
            spoilt[dice.randrange(1024, len(data))] = dice.randrange(256)
        yield f"{count} bytes overwritten", bytes(spoilt)
    lock = pikepdf.Encryption(user="locked", owner="locked")
    yield "locked by a user password", changed(lambda _: None, encryption=lock)
    yield "50 MB of blanks in 50 kB", changed(drawn(b" " * 50_000_000))

    def emptied(document: pikepdf.Pdf) -> None:
        document.Root.Pages = pikepdf.Dictionary(
            Type=pikepdf.Name.Pages, Kids=pikepdf.Array(), Count=0
        )

    yield "no page in the tree", changed(emptied)

    def looped(document: pikepdf.Pdf) -> None:
        document.Root.Pages.Kids.append(document.Root.Pages)

    yield "page tree that holds itself", changed(looped)
    steps = [f"{20 + i * 0.2:.1f}" for i in range(2500)]
    grid = "".join(f"{z} 20 m {z} 820 l S 20 {z} m 570 {z} l S\n" for z in steps)
    yield "5,000 drawn lines", changed(drawn(grid.encode()))


def outcome(reader: Reader, path: Path, whole: Counter[str]) -> str:
    """Say what becomes of a damaged file, against the words of the sound one."""
    try:
        run, warnings = start(reader, [path], BROKEN_SECONDS)
    except subprocess.TimeoutExpired:
        return f"over {BROKEN_SECONDS} s"
    except subprocess.CalledProcessError as error:
        over = -error.returncode in (signal.SIGXCPU, signal.SIGKILL)
        return f"over {BROKEN_SECONDS} s" if over else f"died ({error.returncode})"
    (pages,) = run.files
    slow = f", {run.seconds:.0f} s" if run.seconds > 2 else ""
    big = f", {run.megabytes:.0f} MB" if run.megabytes > 400 else ""
    if isinstance(pages, str):
        return pages.partition(":")[0] + slow + big
    part = (bag(pages) & whole).total() / whole.total()
    told = ", warned" if warnings.strip() else ", silent"
    return ("whole" if part > 0.999 else f"{part:.0%}" + told) + slow + big


def damage_table(readers: list[Reader]) -> dict[str, dict[str, str]]:
    """Return what was done -> reader's name -> outcome, one reader a library."""
    first = {r.library: r for r in reversed(readers)}
    table: dict[str, dict[str, str]] = {}
    whole: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "damaged.pdf")
        for what, data in damaged():
            path.write_bytes(data)
            for reader in reversed(first.values()):
                if what:
                    table.setdefault(what, {})[reader.name] = outcome(
                        reader, path, whole[reader.name]
                    )
                else:
                    whole[reader.name] = bag(start(reader, [path], 600)[0].files[0])
    return table


def bag(pages: list[str] | str) -> Counter[str]:
    return Counter(itertools.chain.from_iterable(map(words, pages)))


# -- The whole ----------------------------------------------------------------------------------


def measure(paths: list[Path], rounds: int) -> dict[str, Any]:
    """Return every table, ready for JSON."""
    readers = [r for r in READERS if r.present]
    runs: dict[str, list[Run]] = {r.name: [] for r in readers}
    for _, reader in itertools.product(range(rounds), readers):
        runs[reader.name].append(start(reader, paths, 1800, warm=True)[0])
    texts = {name: found[0].files for name, found in runs.items()}
    sheets = list(sheets_of(paths, texts))
    names = [r.name for r in readers]
    judges = [r.name for r in readers if r.votes and r.engine != "pdfium"]
    words_of = {r.name: fidelity(r, readers, sheets) for r in readers}
    return {
        "files": len(paths),
        "pages": len(sheets),
        "words": {name: vars(found) for name, found in words_of.items()},
        "order": order_table(names, sheets),
        "worst": worst_pages(judges, sheets),
        "time": {
            r.name: {
                "pages_per_second": len(sheets) / min(run.seconds for run in runs[r.name]),
                "megabytes": max(run.megabytes for run in runs[r.name]),
                "boxes": r.boxes,
            }
            for r in readers
        },
        "damage": damage_table(readers),
        "errors": [
            (name, path.name, found)
            for name, files in texts.items()
            for path, found in zip(paths, files, strict=True)
            if isinstance(found, str)
        ],
    }


def sheets_of(paths: list[Path], texts: dict[str, list[list[str] | str]]) -> Iterator[Sheet]:
    for at, path in enumerate(paths):
        read = {name: [] if isinstance(f[at], str) else f[at] for name, f in texts.items()}
        for number in range(max(map(len, read.values()))):
            page = {n: words(t[number]) if number < len(t) else [] for n, t in read.items()}
            yield Sheet(path.name, number + 1, page)


def markdown(result: dict[str, Any], *, misses: bool) -> Iterator[str]:
    yield f"{result['files']} files, {result['pages']} pages\n"
    yield from table(
        ["reader", "words agreed", "kept", *KINDS, "letters kept"],
        (
            [
                name,
                f"{w['agreed']:,}",
                f"{w['kept'] / w['agreed']:.2%}",
                *(sum(f.kind == kind for f in w["faults"]) for kind in KINDS),
                f"{w['letters_kept'] / w['letters_agreed']:.3%}",
            ]
            for name, w in result["words"].items()
        ),
    )
    order = result["order"]
    yield from table(
        ["order", *(str(i + 1) for i in range(len(order))), "mean"],
        (
            [
                f"{i + 1} {name}",
                *(f"{row[n] * 100:.1f}" if n in row else "" for n in order),
                f"{sum(row.values()) / len(row) * 100:.1f}",
            ]
            for i, (name, row) in enumerate(order.items())
        ),
    )
    yield from table(
        list(result["worst"][0]),
        ([cell(v) for v in row.values()] for row in result["worst"]),
    )
    yield from table(
        ["reader", "pages/s", "peak MB", "boxes"],
        (
            [
                name,
                f"{t['pages_per_second']:.1f}",
                f"{t['megabytes']:.0f}" if t["megabytes"] else "-",
                t["boxes"],
            ]
            for name, t in result["time"].items()
        ),
    )
    damage = result["damage"]
    readers = list(next(iter(damage.values())))
    yield from table(["damage", *readers], ([what, *row.values()] for what, row in damage.items()))
    yield from (": ".join(error) for error in result["errors"])
    if misses:
        for fault in result["words"][OURS]["faults"]:
            yield f"{fault.kind}\t{fault.word}\t{fault.file}\t{fault.page}"


def cell(value: object) -> str:
    return f"{value * 100:.0f}" if isinstance(value, float) else str(value)


def table(head: list[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"
    yield ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3, help="of timing; the best counts")
    parser.add_argument("--misses", action="store_true", help="list each word lost or invented")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--warm", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.paths, warm=arguments.warm)
        return
    paths = sorted(
        f for p in arguments.paths for f in ([p] if p.is_file() else p.rglob("*.[pP][dD][fF]"))
    )
    result = measure(paths, arguments.rounds)
    if arguments.json:
        json.dump(result, sys.stdout, ensure_ascii=False, indent=1)
        return
    for line in markdown(result, misses=arguments.misses):
        print(line)


if __name__ == "__main__":
    main()
