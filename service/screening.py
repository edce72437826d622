"""The one function behind every door: files in, screening out. No web, no database."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from corpus.documents import BlockKind, Notice, Page, Piece
from corpus.findings import SCHEMA_VERSION, Caution, PieceSummary, Reference, Screening
from models.classifier import classifier
from models.reading import read_call
from models.scorer import PROFILES, score
from nlp.clauses import clauses
from nlp.cues import cues
from nlp.dossier import told
from nlp.reading import read_piece, sniff
from nlp.reading.archive import unpack
from nlp.reading.errors import (
    EmptyFile,
    ImageOnly,
    ReadingError,
    RecognitionFailed,
    TooLarge,
    TooManyFiles,
    TooManyPages,
)
from nlp.reading.isolation import isolated
from nlp.references import missing
from nlp.versions import Choice, choose
from service.messages import message
from service.settings import Limits

Progress = Callable[[str, int, int], None]
_SLICE = 8  # scans that one child reads: the engine is loaded once for them
SAMPLE = Path(__file__).with_name("sample") / "dossier"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file as it was given: its name and its bytes."""

    name: str
    data: bytes


class UnknownProfile(ValueError):
    """The profile is none of ``models.scorer.PROFILES``."""


class NothingRead(Exception):
    """No piece at all could be read; ``cautions`` says why for each."""

    def __init__(self, cautions: tuple[Caution, ...]) -> None:
        super().__init__("; ".join(c.message_en for c in cautions) or "no file given")
        self.cautions = cautions


def screen(
    files: Sequence[SourceFile],
    *,
    profile: str = "siae",
    launch_date: date | None = None,
    limits: Limits | None = None,
    isolate: bool = True,
    progress: Progress | None = None,
    password: str | None = None,
) -> Screening:
    """Screen a dossier for one profile: read, find, score.

    A piece that fails is reported in ``warnings`` and the others go on. The order of ``files``
    does not change the result. ``isolate=False`` reads in this process: for measuring only.
    Raises UnknownProfile, or NothingRead when no piece could be read.
    """
    if profile not in PROFILES:
        raise UnknownProfile(profile)
    pieces, cautions = read(
        files, limits=limits, isolate=isolate, progress=progress, password=password
    )
    if not pieces:
        raise NothingRead(cautions)
    choices = choose(pieces)
    gone = {choice.piece for choice in choices if not choice.counts}
    standing = tuple(told(piece) for piece in pieces if piece.id not in gone)
    model = classifier()
    call = read_call(standing, model, readable=_readable(pieces, cautions), launch=launch_date)
    if model is None:
        cautions += (_plain("no-classifier", None),)
    return Screening(
        schema_version=SCHEMA_VERSION,
        clausier_version=clausier_version(),
        rules_digest=cues().digest,
        model=model.name if model else "",
        profile=profile,
        launch_date=call.launch.isoformat() if call.launch else None,
        pieces=tuple(_summary(piece) for piece in pieces),
        findings=call.findings,
        clauses=clauses(call.findings),
        criteria=call.criteria,
        lots=call.lots,
        facts=call.facts,
        references=call.references,
        disagreements=call.disagreements,
        scores=score(call, profile),
        warnings=cautions
        + tuple(_chosen(choices, pieces))
        + tuple(_unfound(call.references, pieces)),
    )


def read(
    files: Sequence[SourceFile],
    *,
    limits: Limits | None = None,
    isolate: bool = True,
    progress: Progress | None = None,
    password: str | None = None,
) -> tuple[tuple[Piece, ...], tuple[Caution, ...]]:
    """Read every file of a dossier, archives unpacked, in an order that does not depend on theirs.

    Returns the pieces and the cautions about what could not be read.
    """
    limits = limits or Limits()
    cautions: list[Caution] = []
    members = _members(files, limits, cautions)
    call = _isolated if isolate else _here
    # pdfium knows no threads: in this process one file is read after the other.
    with ThreadPoolExecutor(limits.workers if isolate else 1) as pool:
        asked = [pool.submit(_read, call, file, limits, password) for file in members]
        answers = []
        for done, (file, future) in enumerate(zip(members, asked, strict=True)):
            if progress:
                progress(file.name, done, len(members))
            answers.append(future.result())
        if progress:
            progress("", len(members), len(members))
        pieces: list[Piece] = []
        pages = scans = 0
        for file, piece in zip(members, answers, strict=True):
            if isinstance(piece, ReadingError):
                cautions.append(_caution(piece, file.name, limits))
                continue
            if pages + len(piece.pages) > limits.max_pages:
                cautions.append(_caution(TooManyPages(), file.name, limits))
                continue
            pages += len(piece.pages)
            wanted = [page.number for page in piece.pages if page.scan]
            if len(wanted) > limits.max_scans - scans:
                cautions.append(_plain("too-many-scans", file.name, limit=limits.max_scans))
                del wanted[limits.max_scans - scans :]
            scans += len(wanted)
            read = _recognised(pool, call, piece, file, wanted, limits, password)
            if not any(page.source != "none" for page in read.pages) and wanted:
                failed = any(n.code == "page-recognition-failed" for n in read.notices)
                lost = RecognitionFailed() if failed else ImageOnly()
                cautions.append(_caution(lost, file.name, limits))
                continue
            pieces.append(replace(read, id=f"p{len(pieces) + 1}"))
            cautions += [_noticed(notice, read.name) for notice in _grouped(read.notices)]
    return tuple(pieces), tuple(cautions)


_Call = Callable[..., Any]


def _isolated(
    function: Callable[..., Any], *args: object, seconds: float, limits: Limits, **kwargs: object
) -> Any:
    return isolated(
        function, *args, seconds=seconds, memory_bytes=limits.max_memory_bytes, **kwargs
    )


def _here(
    function: Callable[..., Any], *args: object, seconds: float, limits: Limits, **kwargs: object
) -> Any:
    return function(*args, **kwargs)


def _read(
    call: _Call, file: SourceFile, limits: Limits, password: str | None
) -> Piece | ReadingError:
    try:
        piece: Piece = call(
            read_piece,
            file.name,
            file.data,
            id="",
            max_pages=limits.max_pages,
            password=password,
            seconds=limits.max_seconds,
            limits=limits,
        )
    except ReadingError as error:
        return error
    return piece


def _recognised(
    pool: Executor,
    call: _Call,
    piece: Piece,
    file: SourceFile,
    numbers: Sequence[int],
    limits: Limits,
    password: str | None,
) -> Piece:
    """Return the piece with the words of its pages ``numbers``, which are pictures."""
    if not numbers:
        return piece
    # slow to import: only for pictures
    from nlp.reading.ocr import missing, recognise
    from nlp.reading.scans import with_recognised

    if missing() is not None:
        return piece
    size = max(1, min(_SLICE, -(-len(numbers) // limits.workers)))

    def ask(part: Sequence[int]) -> tuple[Sequence[int], Future[Any]]:
        return part, pool.submit(
            call,
            recognise,
            file.data,
            part,
            password=password,
            seconds=limits.max_scan_seconds * len(part),
            limits=limits,
        )

    asked = deque(ask(numbers[at : at + size]) for at in range(0, len(numbers), size))
    found: dict[int, Page] = {}
    failed: set[int] = set()
    while asked:
        part, future = asked.popleft()
        try:
            found.update({page.number: page for page in future.result()})
        except ReadingError:  # said page by page: the others stand
            if len(part) > 1:
                asked.extend(ask([number]) for number in part)
            else:
                failed.update(part)
    return with_recognised(piece, found, failed)


def sample_files() -> tuple[SourceFile, ...]:
    """Return the consultation shipped with Clausier."""
    return tuple(SourceFile(path.name, path.read_bytes()) for path in sorted(SAMPLE.glob("*.pdf")))


def clausier_version() -> str:
    """Return the version of the installed distribution."""
    try:
        return version("clausier")
    except PackageNotFoundError:
        return "0+source"


# -- files --------------------------------------------------------------------------------------


def _members(
    files: Sequence[SourceFile], limits: Limits, cautions: list[Caution]
) -> list[SourceFile]:
    """Unpack archives, drop doubles, refuse what is over the limits; sort by name and content."""
    found: list[SourceFile] = []
    for file in files:
        if _kind(file) not in ("zip", "7z"):
            found.append(file)
            continue
        try:
            inner, problems = unpack(
                file.name,
                file.data,
                max_bytes=limits.max_archive_bytes,
                max_files=limits.max_files,
                max_depth=limits.max_archive_depth,
            )
        except ReadingError as error:
            cautions.append(_caution(error, file.name, limits))
            continue
        found += [SourceFile(name, data) for name, data in inner]
        cautions += [_caution(error, name, limits) for name, error in problems]
    return _bounded(found, limits, cautions)


def _kind(file: SourceFile) -> str:
    """Return the kind of a file, "" when it cannot be told (the reader will say why)."""
    try:
        return sniff(file.name, file.data)
    except ReadingError:
        return ""


def _bounded(
    found: Sequence[SourceFile], limits: Limits, cautions: list[Caution]
) -> list[SourceFile]:
    keyed = sorted((f.name, hashlib.sha256(f.data).hexdigest(), f) for f in found if f.data)
    cautions += [_caution(EmptyFile(), f.name, limits) for f in found if not f.data]
    kept: list[SourceFile] = []
    seen: set[str] = set()
    total = 0
    for name, digest, file in keyed:
        if digest in seen:
            cautions.append(_plain("duplicate", name))
        elif len(kept) >= limits.max_files:
            cautions.append(_caution(TooManyFiles(), name, limits))
        elif (
            len(file.data) > limits.max_file_bytes
            or total + len(file.data) > limits.max_total_bytes
        ):
            cautions.append(_caution(TooLarge(), name, limits))
        else:
            seen.add(digest)
            total += len(file.data)
            kept.append(file)
    return kept


# -- words ----------------------------------------------------------------------------------------


def _caution(error: ReadingError, name: str, limits: Limits) -> Caution:
    limit = {
        "too-large": f"{limits.max_file_bytes // 2**20}",
        "too-many-pages": f"{limits.max_pages}",
        "too-many-files": f"{limits.max_files}",
        "too-slow": f"{limits.max_seconds:g}",
        "recognition-failed": f"{limits.max_scan_seconds:g}",
        "archive-too-large": f"{limits.max_archive_bytes // 2**20}",
    }.get(error.code)
    return _plain(error.code, name, limit=limit)


def _plain(code: str, name: str | None, page: int | None = None, **values: object) -> Caution:
    return Caution(
        code=code,
        message_fr=str(message(code, "fr", **values)),
        message_en=str(message(code, "en", **values)),
        piece=name,
        page=page,
    )


def _grouped(notices: Sequence[Notice]) -> Iterator[Notice]:
    """One notice a code: fifty image pages are one thing to say."""
    first: dict[str, Notice] = {}
    counts: dict[str, int] = {}
    for notice in notices:
        first.setdefault(notice.code, notice)
        counts[notice.code] = counts.get(notice.code, 0) + 1
    for code, notice in first.items():
        yield Notice(code, notice.page, str(counts[code]))


def _noticed(notice: Notice, name: str) -> Caution:
    return _plain(notice.code, name, notice.page, count=notice.detail)


def _chosen(choices: Sequence[Choice], pieces: Sequence[Piece]) -> Iterator[Caution]:
    """Say which copy of a piece counts, and why."""
    names = {piece.id: piece.name for piece in pieces}
    for choice in choices:
        other = names[choice.other]
        yield _plain(choice.code, names[choice.piece], value=other, reason=choice.reason)


def _unfound(sent: Sequence[Reference], pieces: Sequence[Piece]) -> Iterator[Caution]:
    """Say which article or annex the pieces send to and the dossier does not hold."""
    names = {piece.id: piece.name for piece in pieces}
    for one in missing(sent):
        yield _plain("reference-missing", names[one.place.piece], one.place.page, value=one.target)


def _readable(pieces: Sequence[Piece], cautions: Sequence[Caution]) -> float:
    pages = [page for piece in pieces for page in piece.pages]
    read_pages = sum(page.source != "none" for page in pages)
    lost = sum(1 for c in cautions if c.piece and c.piece not in {p.name for p in pieces})
    return read_pages / (len(pages) + lost) if pages else 0.0


def _summary(piece: Piece) -> PieceSummary:
    sources: dict[str, int] = {}
    for page in piece.pages:
        sources[page.source] = sources.get(page.source, 0) + 1
    return PieceSummary(
        id=piece.id,
        name=piece.name,
        type=piece.type,
        type_confidence=piece.type_confidence,
        media_type=piece.media_type,
        sha256=piece.sha256,
        pages=len(piece.pages),
        words=sum(len(page.text.split()) for page in piece.pages),
        articles=tuple(
            block.text[:120] for block in piece.blocks if block.kind == BlockKind.HEADING
        ),
        sources=sources,
    )
