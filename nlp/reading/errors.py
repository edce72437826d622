"""Errors of reading. Each has a stable code; the texts shown to people live in the service."""

from __future__ import annotations


class ReadingError(Exception):
    """A file could not be read. ``code`` is stable and public."""

    code = "unreadable"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail


class EmptyFile(ReadingError):
    """The file has no bytes."""

    code = "empty-file"


class UnsupportedType(ReadingError):
    """The file is of a kind we do not read."""

    code = "unsupported-type"


class NotAPdf(ReadingError):
    """The name says PDF, the content does not."""

    code = "not-a-pdf"


class Truncated(ReadingError):
    """The file is damaged or cut short."""

    code = "damaged-file"


class Encrypted(ReadingError):
    """The file needs a password."""

    code = "password-needed"


class ImageOnly(ReadingError):
    """Every page is a picture, and no text was recognised on any."""

    code = "image-only"


class RecognitionFailed(ReadingError):
    """Every page is a picture, and their recognition took too long or stopped dead."""

    code = "recognition-failed"


class NoText(ReadingError):
    """The file holds no text at all."""

    code = "no-text"


class TooLarge(ReadingError):
    """The file is over the size limit."""

    code = "too-large"


class TooManyPages(ReadingError):
    """The file is over the page limit."""

    code = "too-many-pages"


class TooManyFiles(ReadingError):
    """The dossier holds more files than the limit."""

    code = "too-many-files"


class TimedOut(ReadingError):
    """Reading took longer than the limit."""

    code = "too-slow"


class OutOfMemory(ReadingError):
    """Reading needed more memory than the limit, or the reader died."""

    code = "reader-died"


class ArchiveBomb(ReadingError):
    """The archive unpacks to more than the limit."""

    code = "archive-too-large"


class UnsafePath(ReadingError):
    """The archive holds a path that leaves its folder."""

    code = "unsafe-path"


class OcrMissing(ReadingError):
    """Tesseract, or its data for a language, is not installed."""

    code = "ocr-missing"
