"""The ``clausier`` command: screen, text, serve, train, evaluate, compare, taxonomy, doctor."""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from corpus import taxonomy
from corpus.findings import Caution, Screening
from models.scorer import PROFILES
from service import messages
from service.messages import Language, message, severity
from service.report.data import (
    dumps,
    pieces_data,
    screening_json,
    screening_schema,
    taxonomy_data,
)
from service.report.html import report_page
from service.report.pdf import CannotPrint, check_printing, report_pdf
from service.report.terminal import pieces_text, screening_text, warnings_text
from service.report.texts import catalogue, plain
from service.report.view import warning_views
from service.settings import Limits, Settings, parse_date
from service.settings import settings as read_settings

# The screening loads the language tools, which takes seconds: only the commands that read
# documents import it, so that help and lists answer at once.
if TYPE_CHECKING:
    from service.screening import SourceFile

DISTRIBUTION = "clausier"
PACKAGES = ("corpus", "nlp", "models", "service")
_SHOWN = ("pydantic", "spacy", "scikit-learn", "pypdfium2", "pdfplumber", "fastapi", "typer")

OK, NOTHING_READ, USAGE, PROBLEMS = 0, 1, 2, 3
_EXIT_CODES = """Exit codes:

0 all was read.

1 nothing could be read.

2 wrong option, profile, date or path.

3 the report is there, but a piece or some pages could not be read.
"""

app = typer.Typer(
    name="clausier",
    help="Read public tenders: social, environmental and reserved clauses, with their evidence.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables would print the text of confidential documents.
    pretty_exceptions_enable=False,
)


class Output(StrEnum):
    """Forms of the answer."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    PDF = "pdf"


class Plain(StrEnum):
    """Forms of a list."""

    TEXT = "text"
    JSON = "json"


class Split(StrEnum):
    """Splits on which the clause finder is tried."""

    DEV = "dev"
    TEST = "test"


class Lang(StrEnum):
    """Languages of the answer."""

    FR = "fr"
    EN = "en"


_Lang = Annotated[Lang, typer.Option("--lang", help="Language of messages and reports.")]
_OutputFile = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file instead of the terminal.")
]
_Sample = Annotated[bool, typer.Option("--sample", help="Read the sample tender shipped within.")]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"{DISTRIBUTION} {_version(DISTRIBUTION)}")
        raise typer.Exit(OK)


@app.command("screen", epilog=_EXIT_CODES)
def screen_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Files, folders (all they hold) or zip archives."),
    ] = None,
    *,
    profile: Annotated[
        str, typer.Option(help=f"Kind of firm to score for: {', '.join(PROFILES)}.")
    ] = PROFILES[0],
    launch_date: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Day of launch, noted in the report.")
    ] = "",
    format_: Annotated[Output, typer.Option("--format", "-f", help="Form of the report.")] = (
        Output.TEXT
    ),
    output: _OutputFile = None,
    lang: _Lang = Lang.FR,
    sample: _Sample = False,
    password: Annotated[
        str | None,
        typer.Option(
            envvar="CLAUSIER_PASSWORD",
            help="Password of protected files; the variable keeps it out of the history.",
        ),
    ] = None,
) -> None:
    """Read a tender, mark its clauses with their evidence and score it from 0 to 100."""
    language: Language = lang.value
    if profile not in PROFILES:
        _usage("unknown-profile", language, choices=", ".join(PROFILES))
    day = _day(launch_date, language)
    if format_ is Output.PDF:  # a long reading for nothing helps no one
        _printable(output, language)
    from service.screening import NothingRead

    limits = _settings(language).limits
    files = _files(paths or (), sample, limits, language)
    try:
        screening = _screen(files, profile, day, limits, password)
    except NothingRead as nothing:
        _nothing_read(nothing.cautions, language)
    to_terminal = output is None and sys.stdout.isatty()
    answer: str | bytes
    match format_:
        case Output.PDF:
            answer = report_pdf(screening, language)
        case Output.JSON:
            answer = screening_json(screening)
        case Output.HTML:
            answer = report_page(screening, language)
        case Output.TEXT:
            answer = screening_text(screening, language, colour=to_terminal, **_width(output))
    _write(answer, output, language)
    _problems(screening.warnings)


def _problems(cautions: Sequence[Caution]) -> None:
    """Leave with the code for "read with problems" when a piece was lost in whole or in part."""
    if any(caution.piece and severity(caution.code) != "info" for caution in cautions):
        raise typer.Exit(PROBLEMS)


@app.command(
    "text",
    epilog="Exit codes: 0 ok · 1 nothing could be read · 2 wrong option or path"
    " · 3 read with problems on some piece.",
)
def text_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Files, folders (all they hold) or zip archives."),
    ] = None,
    format_: Annotated[
        Plain, typer.Option("--format", "-f", help="json adds the place of each block on its page.")
    ] = Plain.TEXT,
    output: _OutputFile = None,
    lang: _Lang = Lang.FR,
    sample: _Sample = False,
) -> None:
    """Print what is read of a tender, page by page, with its articles."""
    from service.screening import read

    language: Language = lang.value
    limits = _settings(language).limits
    files = _files(paths or (), sample, limits, language)
    pieces, cautions = read(files, limits=limits)
    if not pieces:
        _nothing_read(cautions, language)
    answer = dumps(pieces_data(pieces)) if format_ is Plain.JSON else pieces_text(pieces, language)
    _write(answer, output, language)
    _problems(cautions)


@app.command("serve")
def serve_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
) -> None:
    """Open the web page and the JSON interface (stop with Ctrl+C)."""
    # The web libraries take half a second to load: only this command pays for them.
    import uvicorn

    from service.app import create_app

    chosen = _settings("fr")
    # Our own lines count files and seconds; they never name a file nor quote a document.
    logging.basicConfig(level=logging.INFO, format="%(levelname)s:     %(name)s: %(message)s")
    uvicorn.run(
        create_app(chosen),
        host=host or chosen.host,
        port=chosen.port if port is None else port,
        server_header=False,
        timeout_keep_alive=10,
    )


@app.command("taxonomy")
def taxonomy_command(
    format_: Annotated[Plain, typer.Option("--format", "-f", help="Form of the list.")] = (
        Plain.TEXT
    ),
    lang: _Lang = Lang.FR,
) -> None:
    """Print the labels that are looked for, by family."""
    if format_ is Plain.JSON:
        _echo(dumps(taxonomy_data()))
        return
    language: Language = lang.value
    lines: list[str] = []
    for family in taxonomy.families():
        lines += [family.title_en if language == "en" else family.title_fr]
        lines += [f"  {label.id:<28} {label.title(language)}" for label in family.labels]
        lines += [""]
    _echo("\n".join(lines).rstrip() + "\n")


@app.command("train", epilog="Exit codes: 0 trained · 1 refused: worse than the one in place.")
def train_command(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the classifier; ours if absent.")
    ] = None,
    corrections: Annotated[
        Path | None,
        typer.Option(help="Corrections of findings (JSON lines) to learn from as well."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Annotated real files on which it must not get worse.")
    ] = None,
) -> None:
    """Train the clause classifier on the passages of the corpus: minutes, no network."""
    from corpus.corrections import CorrectionError, as_examples, read_corrections
    from corpus.passages import read_passages
    from models import training
    from models.classifier import FOLDER
    from models.evaluate import on_real_files

    dev = read_passages("dev")
    learnt = read_passages("train")
    try:
        given = as_examples(read_corrections(corrections)) if corrections else ()
    except (OSError, CorrectionError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(USAGE) from error
    if data is not None and not data.is_dir():
        _usage("no-such-path", "fr", value=plain(str(data)))
    model = training.train((*learnt, *given), dev)
    real = on_real_files(data) if given and data is not None else None
    if given and (lost := training.lost(training.train(learnt, dev), model, dev, real)):
        typer.echo(f"Refused: worse on {lost}. Nothing was changed.", err=True)
        raise typer.Exit(1)
    saved = training.write(model, out or FOLDER, dev, corrections=len(given))
    _echo(f"{saved}  {out or FOLDER}\n")


@app.command("evaluate", epilog="Exit codes: 0 ok · 2 wrong option or path.")
def evaluate_command(
    split: Annotated[
        Split, typer.Option(help="test was never read while anything was made: keep it so.")
    ] = Split.DEV,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the annotated real files, for whoever has them.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the page here, its picture beside it, not to the terminal."),
    ] = None,
    json_: Annotated[
        Path | None, typer.Option("--json", help="Write all figures and claims, for compare.")
    ] = None,
    facts: Annotated[
        bool, typer.Option("--facts", help="Measure criteria, lots and other facts instead.")
    ] = False,
) -> None:
    """Measure how well clauses are found, on passages we wrote and on annotated real files."""
    from corpus.gold import GoldError
    from models import accuracy, plot
    from models.classifier import ModelError, load
    from models.evaluate import evaluate

    if data is not None and not data.is_dir():
        _usage("no-such-path", "fr", value=plain(str(data)))
    if facts:  # both splits at once: of test only figures are told
        from models import facts_page

        _write(facts_page.page(facts_page.figures(data)), out, "fr")
        return
    model = None
    try:
        model = load()
    except ModelError as error:
        typer.echo(f"clausier: {error}; the rules are evaluated alone", err=True)
    try:
        result = evaluate(split.value, model, data=data)
    except GoldError as error:
        typer.echo(f"clausier: {error}", err=True)
        raise typer.Exit(USAGE) from error
    if json_ is not None:
        _write(dumps(result), json_, "fr")
    picture = plot.plot(result) if out is not None else None
    if out is not None and picture is not None:
        _write(picture, out.with_suffix(".svg"), "fr")
    elif out is not None:
        typer.echo("clausier: matplotlib is not installed, so no picture is drawn", err=True)
    name = out.with_suffix(".svg").name if out is not None and picture is not None else ""
    _write(accuracy.page(result, name), out, "fr")


@app.command("compare", epilog="Exit codes: 0 ok · 2 wrong path or file.")
def compare_command(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="What evaluate --json wrote before.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="What it writes now.")],
    output: _OutputFile = None,
) -> None:
    """Tell what is gained and lost between two evaluations, by label and by document."""
    from models.compare import ComparisonError, comparison, read_evaluation

    try:
        answer = comparison(read_evaluation(old), read_evaluation(new))
    except OSError as error:
        _usage("no-such-path", "fr", value=plain(str(error.filename)))
    except ComparisonError as error:
        typer.echo(f"clausier: {error}", err=True)
        raise typer.Exit(USAGE) from error
    _write(answer, output, "fr")


@app.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of what `clausier screen --format json` prints."""
    _echo(dumps(screening_schema()))


@app.command("doctor", epilog="Exit codes: 0 all is well · 1 a check failed.")
def doctor_command() -> None:
    """Check the installation: packages, data files, the sample tender, versions."""
    checks = list(_checks())
    for check in checks:
        _echo(f"{'ok    ' if check.ok else 'FAILED'}  {check.name}: {check.detail}\n")
    raise typer.Exit(OK if all(check.ok for check in checks) else 1)


def main() -> None:
    """Run the command; the console entry of the distribution."""
    app()


# -- reading what was asked -----------------------------------------------------------------------


def _settings(language: Language) -> Settings:
    try:
        return read_settings()
    except ValidationError as error:
        names = ", ".join(".".join(map(str, e["loc"])) for e in error.errors())
        _usage("bad-settings", language, value=names)


def _day(text: str, language: Language) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        _usage("bad-date", language)


def _files(
    paths: Sequence[Path], sample: bool, limits: Limits, language: Language
) -> list[SourceFile]:
    from service.screening import SourceFile, sample_files

    files: list[SourceFile] = list(sample_files()) if sample else []
    if not paths and not sample:
        _usage("no-file", language)
    # No file is read past what any limit allows, and one file too many is enough to refuse.
    most = max(limits.max_file_bytes, limits.max_archive_bytes, limits.max_total_bytes) + 1
    for path in paths:
        try:
            for name, file in _walk(path):
                if len(files) > limits.max_files:
                    return files
                files.append(SourceFile(name, _read(file, most)))
        except OSError:
            _usage("no-such-path", language, value=plain(str(path)))
    return files


def _walk(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name, file) for a file, or for all that a folder holds, in the order of names.

    Hidden files, links to folders and special files of a folder are left out.
    """
    if not path.is_dir():
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(f"not a file: {path}")
        yield path.name, path
        return
    for folder, inner, names in os.walk(path, onerror=_raise):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder) / name
            if not name.startswith(".") and file.is_file():
                yield file.relative_to(path).as_posix(), file


def _raise(error: OSError) -> NoReturn:
    raise error


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def _screen(
    files: Sequence[SourceFile],
    profile: str,
    day: date | None,
    limits: Limits,
    password: str | None,
) -> Screening:
    """Screen with a progress bar on standard error when a person looks at it."""
    from service.screening import screen

    console = Console(stderr=True)
    if not console.is_terminal:
        return screen(files, profile=profile, launch_date=day, limits=limits, password=password)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task("", total=None)

        def advance(piece: str, done: int, total: int) -> None:
            progress.update(task, description=plain(piece)[-40:], completed=done, total=total)

        return screen(
            files,
            profile=profile,
            launch_date=day,
            limits=limits,
            progress=advance,
            password=password,
        )


# -- answering ------------------------------------------------------------------------------------


def _width(output: Path | None) -> dict[str, int]:
    """Follow the terminal within a readable measure; a file has the usual one."""
    if output is not None or not sys.stdout.isatty():
        return {}
    return {"width": max(60, min(Console().width, 120))}


def _printable(output: Path | None, language: Language) -> None:
    """Refuse a PDF that cannot be made, or that a terminal would be sent."""
    if output is None and sys.stdout.isatty():
        _usage("pdf-to-terminal", language)
    try:
        check_printing()
    except CannotPrint as error:
        _usage(error.code, language)


def _write(answer: str | bytes, output: Path | None, language: Language) -> None:
    if output is None:
        _echo(answer)
        return
    try:
        output.write_bytes(answer.encode() if isinstance(answer, str) else answer)
    except OSError:
        _usage("cannot-write", language, value=plain(str(output)))


def _echo(text: str | bytes) -> None:
    """Write UTF-8 whatever the locale: a report must not fail on an accent."""
    sys.stdout.flush()
    content = text.encode("utf-8", "replace") if isinstance(text, str) else text
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(content.decode("utf-8"))
        return
    buffer.write(content)
    buffer.flush()


def _usage(code: str, language: Language, **params: object) -> NoReturn:
    typer.echo(f"clausier: {message(code, language, **params)} [{code}]", err=True)
    raise typer.Exit(USAGE)


def _nothing_read(cautions: Iterable[Caution], language: Language) -> NoReturn:
    typer.echo(f"clausier: {message('nothing-to-read', language)} [nothing-to-read]", err=True)
    if views := warning_views(cautions, language):
        typer.echo(warnings_text(views, language), err=True, nl=False)
    raise typer.Exit(NOTHING_READ)


# -- doctor ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the installation: what it looked at, and what it saw."""

    name: str
    ok: bool
    detail: str


def _checks() -> Iterator[Check]:
    yield _run("python", lambda: sys.version.split()[0])
    yield _run("distribution", lambda: f"{DISTRIBUTION} {_version(DISTRIBUTION)}")
    owners = importlib.metadata.packages_distributions()
    for package in PACKAGES:
        yield _run(f"package {package}", lambda name=package: _owner(name, owners.get(name, ())))  # type: ignore[misc]
    yield _run("taxonomy", lambda: f"{len(taxonomy.labels())} labels")
    yield _run("messages", lambda: f"{len(messages.entries())} messages")
    yield _run("texts", lambda: f"{sum(map(len, catalogue().values()))} texts")
    yield _run("settings", lambda: f"{read_settings().limits}")
    yield _run("sample", _sample_works)
    # What all else works without is told, not failed.
    yield _run("classifier", _classifier)
    yield _run("scanned pages", _recognition)
    yield _run("DOC and XLS", _conversion)
    yield _run("PDF reports", _printing)
    yield _run("libraries", lambda: ", ".join(f"{name} {_version(name)}" for name in _SHOWN))


def _printing() -> str:
    try:
        check_printing()
    except CannotPrint:
        return "not printed: Pango, a font or WeasyPrint is missing; run ./install-system-packages"
    return "printed by WeasyPrint"


def _run(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except Exception as error:  # noqa: BLE001 - whatever fails is what the doctor must report
        return Check(name, False, f"{type(error).__name__}: {error}")


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _owner(package: str, owners: Iterable[str]) -> str:
    """Tell where a package comes from; our names are common, so another one could hide it."""
    others = sorted(set(owners) - {DISTRIBUTION})
    folders = [str(folder) for folder in importlib.import_module(package).__path__]
    if others:
        raise RuntimeError(f"also provided by {', '.join(others)}")
    if DISTRIBUTION not in owners:
        raise RuntimeError(f"not installed by {DISTRIBUTION}, read from {', '.join(folders)}")
    if len(folders) != 1:
        raise RuntimeError(f"spread over {', '.join(folders)}")
    home = Path(__file__).resolve().parent.parent
    if Path(folders[0]).resolve().parent != home:
        raise RuntimeError(f"read from {folders[0]}, not from {home}")
    return folders[0]


def _classifier() -> str:
    from models.classifier import ModelError, load

    try:
        return load().name
    except ModelError as error:
        return f"not used: {error}"


def _recognition() -> str:
    from nlp.reading import ocr

    lacking = ocr.missing()
    if lacking is None:
        return "read by Tesseract"
    return f"not read: {lacking} is missing; run ./install-system-packages"


def _conversion() -> str:
    from nlp.reading.legacy import converter_program

    program = converter_program()
    return f"read by {program}" if program else "not read: LibreOffice is not installed"


def _sample_works() -> str:
    from service.screening import sample_files, screen

    started = time.monotonic()
    screening = screen(sample_files())
    seconds = time.monotonic() - started
    if not screening.findings or not screening.scores:
        raise RuntimeError("the sample tender gives no finding or no score")
    pages = sum(piece.pages for piece in screening.pieces)
    return f"{len(screening.findings)} findings on {pages} pages in {seconds:.1f} s"


if __name__ == "__main__":
    main()
