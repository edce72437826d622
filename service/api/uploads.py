"""Reads an upload as it streams in, and stops at the first byte, file or field too many."""

from __future__ import annotations

from dataclasses import dataclass, field

import anyio
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from service.api.problems import ProblemError
from service.screening import SourceFile
from service.settings import Limits

FILES = "files"
FIELDS = ("profile", "launch_date", "lang")
_MAX_FIELDS = 20
_MAX_FIELD_BYTES = 1024
_MAX_HEADER_BYTES = 8 * 1024
_MAX_NAME = 200
# What a form adds around its files: boundaries, headers and small fields.
_OVERHEAD = 256 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A form that came in whole: its files and its known fields."""

    files: tuple[SourceFile, ...]
    fields: dict[str, str]


@dataclass(slots=True)
class _Part:
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    disposition: bytes = b""
    header_bytes: int = 0
    name: str = ""
    file_name: str | None = None
    data: bytearray = field(default_factory=bytearray)


class _Form:
    """Receives the parser's callbacks and keeps the parts we know."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._part = _Part()
        self._plain = 0
        self.files: list[SourceFile] = []
        self.fields: dict[str, str] = {}
        self.ended = False

    def on_part_begin(self) -> None:
        self._part = _Part()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._part.header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._part.value += data[start:end]

    def on_header_end(self) -> None:
        if self._part.header.lower() == b"content-disposition":
            self._part.disposition = bytes(self._part.value)
        self._part.header.clear()
        self._part.value.clear()

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._part.disposition)
        if b"name" not in options:
            raise ProblemError("bad-upload")
        self._part.name = _decoded(options[b"name"])
        if b"filename" in options:
            self._part.file_name = _base_name(_decoded(options[b"filename"]))
            if len(self.files) >= self._limits.max_files:
                raise ProblemError("too-many-uploads", limit=self._limits.max_files)
        else:
            self._plain += 1
            if self._plain > _MAX_FIELDS:
                raise ProblemError("bad-upload")

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.file_name is None and len(part.data) + end - start > _MAX_FIELD_BYTES:
            raise ProblemError("bad-upload")
        part.data += data[start:end]

    def on_part_end(self) -> None:
        part = self._part
        if part.file_name is None:
            if part.name in FIELDS:
                self.fields[part.name] = _decoded(bytes(part.data)).strip()
        elif part.name == FILES and (part.file_name or part.data):
            # A browser sends one nameless empty file when none was chosen.
            self.files.append(SourceFile(part.file_name or "document", bytes(part.data)))
        self._part = _Part()

    def on_end(self) -> None:
        self.ended = True

    def _count_header(self, count: int) -> None:
        self._part.header_bytes += count
        if self._part.header_bytes > _MAX_HEADER_BYTES:
            raise ProblemError("bad-upload")


async def read_upload(request: Request, limits: Limits, seconds: float) -> Upload:
    """Read the form of a request within ``limits`` and ``seconds``.

    Raises ProblemError: not-multipart, bad-upload, body-too-large, too-many-uploads,
    upload-too-slow or no-file. A file over its own limit is let through: it is reported and the
    others are read.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise ProblemError("not-multipart")
    most = limits.max_total_bytes + _OVERHEAD
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > most:
        raise _too_large(limits)
    form = _Form(limits)
    try:
        # The parser is made inside: it refuses an over-long boundary.
        parser = _parser(form, options[b"boundary"])
        with anyio.fail_after(seconds):
            received = 0
            async for chunk in request.stream():
                received += len(chunk)
                if received > most:
                    raise _too_large(limits)
                parser.write(chunk)
            parser.finalize()
    except TimeoutError:
        raise ProblemError("upload-too-slow", headers={"Connection": "close"}) from None
    except (FormParserError, ClientDisconnect):
        raise ProblemError("bad-upload") from None
    finally:
        # Known before any refusal, so that the refusal is in the language of the form.
        request.state.language = form.fields.get("lang")
    if not form.ended:
        raise ProblemError("bad-upload")
    if not form.files:
        raise ProblemError("no-file")
    return Upload(tuple(form.files), form.fields)


def _parser(form: _Form, boundary: bytes) -> MultipartParser:
    return MultipartParser(
        boundary,
        {
            "on_part_begin": form.on_part_begin,
            "on_header_field": form.on_header_field,
            "on_header_value": form.on_header_value,
            "on_header_end": form.on_header_end,
            "on_headers_finished": form.on_headers_finished,
            "on_part_data": form.on_part_data,
            "on_part_end": form.on_part_end,
            "on_end": form.on_end,
        },
    )


def _too_large(limits: Limits) -> ProblemError:
    # The rest of the body is not read, so the connection cannot serve another request.
    return ProblemError(
        "body-too-large",
        headers={"Connection": "close"},
        limit_bytes=limits.max_total_bytes,
    )


def _decoded(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _base_name(name: str) -> str:
    """Return the last part of a client's path, cut in its middle when it is endless."""
    name = name.replace("\\", "/").rpartition("/")[2].strip()
    if name in (".", ".."):
        return "document"
    if len(name) > _MAX_NAME:
        name = f"{name[: _MAX_NAME - 20]}…{name[-16:]}"
    return name
