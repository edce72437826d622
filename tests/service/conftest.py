"""Small documents made on the spot: good ones, and every kind of bad one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pikepdf
import pytest

from corpus.documents import Box, PieceType
from corpus.findings import (
    SCHEMA_VERSION,
    Caution,
    Contribution,
    Criterion,
    Disagreement,
    Fact,
    Finding,
    Lot,
    PieceSummary,
    Place,
    Reference,
    Score,
    Screening,
    Stage,
    Status,
)
from nlp.clauses import clauses
from service.settings import settings

RULES = (
    "RÈGLEMENT DE LA CONSULTATION",
    "Article 1 - Objet du marché",
    "Le marché porte sur l'entretien des espaces verts de la commune.",
    "Article 2 - Réservation",
    "Le marché est réservé, en application de l'article L. 2113-13 du code de la",
    "commande publique, aux structures d'insertion par l'activité économique.",
)

PdfMaker = Callable[..., bytes]


def _content(lines: Sequence[str]) -> bytes:
    shown = []
    for line in lines:
        text = line.encode("cp1252")
        for character in (b"\\", b"(", b")"):
            text = text.replace(character, b"\\" + character)
        shown.append(b"(" + text + b") Tj T*")
    return b"BT /F1 11 Tf 60 780 Td 16 TL\n" + b"\n".join(shown) + b"\nET"


def make_pdf(*pages: Sequence[str], repeat: int = 1, key: str = "") -> bytes:
    """Make a PDF of text pages, the whole repeated, protected when a key is given."""
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type1,
                BaseFont=pikepdf.Name.Helvetica,
                Encoding=pikepdf.Name.WinAnsiEncoding,
            )
        )
        contents = [pdf.make_stream(_content(page)) for page in pages]
        for stream in contents * repeat:
            pdf.add_blank_page(page_size=(595, 842))
            page = pdf.pages[-1]
            page.Contents = stream
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        return _saved(pdf, key)


def _saved(pdf: pikepdf.Pdf, key: str = "") -> bytes:
    out = io.BytesIO()
    protection = pikepdf.Encryption(owner=key, user=key) if key else None
    # The same document always has the same bytes.
    pdf.save(out, encryption=protection, **({} if key else {"deterministic_id": True}))
    return out.getvalue()


def image_pdf() -> bytes:
    """Make a PDF whose only page is a picture, as a scanner does."""
    with pikepdf.new() as pdf:
        picture = pdf.make_stream(
            bytes(range(256)) * 12,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=32,
            Height=32,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
        )
        pdf.add_blank_page(page_size=(595, 842))
        page = pdf.pages[-1]
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
        return _saved(pdf)


def drawing_pdf() -> bytes:
    """Make a PDF whose only page holds a line and no text."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.pages[-1].Contents = pdf.make_stream(b"100 100 m 300 300 l S")
        return _saved(pdf)


def make_zip(members: Mapping[str, bytes]) -> bytes:
    """Make a zip archive of the given members, whatever their names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@dataclass(frozen=True)
class Bad:
    """A file that cannot be read, the code that says so, and the limits that make it so."""

    id: str
    name: str
    data: bytes
    code: str
    limits: Mapping[str, float] = field(default_factory=dict)
    member: str = ""  # the bad file of an archive that opens

    @property
    def told(self) -> str:
        """The name that the message is about."""
        return self.member or self.name


def _bad() -> list[Bad]:
    good = make_pdf(RULES)
    dense = ["Le titulaire assure l'entretien des espaces verts de la commune. " * 2] * 48
    return [
        Bad("not a pdf", "memoire.pdf", b"Bonjour, ceci est du texte.", "not-a-pdf"),
        Bad("empty", "vide.pdf", b"", "empty-file"),
        Bad("truncated", "coupe.pdf", good[:180], "damaged-file"),
        Bad("encrypted", "secret.pdf", make_pdf(RULES, key="x"), "password-needed"),
        Bad("image only", "scan.pdf", image_pdf(), "image-only"),
        Bad("no text", "plan.pdf", drawing_pdf(), "no-text"),
        Bad("unsupported", "photo.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "unsupported-type"),
        Bad(
            "zip bomb",
            "bombe.zip",
            make_zip({"zeros.pdf": bytes(8 * 2**20)}),
            "archive-too-large",
            {"max_archive_bytes": 2**20},
        ),
        Bad(
            "traversal",
            "sortie.zip",
            make_zip({"../../sortie.pdf": make_pdf(("Hors du dossier.",))}),
            "unsafe-path",
            member="../../sortie.pdf",
        ),
        Bad(
            "too large",
            "lourd.pdf",
            make_pdf(("Un fichier lourd.",)) + b"%" * 40_000,
            "too-large",
            {"max_file_bytes": 20_000},
        ),
        Bad(
            "too many pages",
            "long.pdf",
            make_pdf(("Une page.",), repeat=12),
            "too-many-pages",
            {"max_pages": 10},
        ),
        Bad(
            "too slow",
            "lent.pdf",
            make_pdf(dense, repeat=1400),
            "too-slow",
            {"max_seconds": 3},
        ),
    ]


BAD = _bad()


@pytest.fixture(params=BAD, ids=lambda bad: bad.id)
def bad(request: pytest.FixtureRequest) -> Bad:
    return request.param


@pytest.fixture(scope="session")
def rules() -> bytes:
    return make_pdf(RULES)


@pytest.fixture(scope="session")
def pdf() -> PdfMaker:
    return make_pdf


@pytest.fixture(scope="session")
def zipped() -> Callable[[Mapping[str, bytes]], bytes]:
    return make_zip


@pytest.fixture(autouse=True)
def _fresh_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings are read once a process; each test starts from the defaults."""
    for name in ("CLAUSIER_HOST", "CLAUSIER_PORT", "CLAUSIER_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, float]], None]:
    """Set limits of the command line through its environment."""

    def apply(limits: Mapping[str, float]) -> None:
        for name, value in limits.items():
            monkeypatch.setenv(f"CLAUSIER_LIMITS__{name.upper()}", str(value))
        settings.cache_clear()

    return apply


def _screening(word: str) -> Screening:
    """Make an answer in which every text that comes from documents holds ``word``."""
    box = Box(1, 10.0, 20.0, 30.0, 40.0)
    findings = tuple(
        Finding(
            id=f"f{number}",
            piece="p1",
            page=number,
            boxes=(box,),
            quote=f"Passage {number} {word} réservé à l'insertion",
            article=f"Article {number} {word}",
            lots=("2",) if number == 1 else (),
            labels=labels,
            stage=Stage.EXECUTION,
            status=status,
            values={"hours": 1200.0, "articles": [f"L2113-13 {word}"]},
            confidence=0.9 if number != 3 else 0.3,
            found_by=("rule",),
            cues=("insertion",),
        )
        for number, (labels, status) in enumerate(
            (
                (("reserved.integration",), Status.BINDING),
                (("social.integration", "social.training"), Status.BINDING),
                (("env.waste",), Status.ENCOURAGED),
                (("env.energy",), Status.EXCLUDED),
            ),
            1,
        )
    )
    criteria = (
        Criterion("c1", f"Prix {word}", 60.0, "percent", 60.0, "price", (), None, "p1", 6, (), ""),
        Criterion("c2", "Social", 40.0, "percent", 40.0, "social", (), None, "p1", 6, (), ""),
        Criterion("c3", "Tutorat", 10.0, "points", None, "social", (), "c2", "p1", 6, (), ""),
        Criterion("c4", "Délai", None, "none", None, "delay", ("2",), None, "p1", 6, (), ""),
    )
    score = {
        lot: Score(
            lot,
            "siae",
            62.5,
            "good",
            0.8,
            30.0,
            (
                Contribution("D1", 25.0, 25.0, f"Réservé {word}", f"Reserved {word}", ("f1",)),
                Contribution("D2", 40.1, 25.0, "Insertion : 1200 h", "Integration", ("f2", "f2")),
                Contribution("D2", -2.6, 25.0, "Moins", "Less"),
            ),
            ("reserved-for-you",),
            ("CCAP",),
        )
        for lot in ("", "2")
    }
    piece = PieceSummary(
        "p1", f"RC {word}.pdf", PieceType.RC, 0.9, "application/pdf", "0", 8, 900, ()
    )
    place = Place(
        "p1", 2, (Box(2, 50.0, 60.0, 200.0, 72.0),), f"Trente jours {word}.", "7 Paiement"
    )
    return Screening(
        SCHEMA_VERSION,
        "0.1.0",
        "abcdef0123456789",
        "clauses-0123456789ab",
        "siae",
        "2026-10-01",
        (piece,),
        findings,
        clauses(findings),
        criteria,
        (Lot("2", f"Désherbage {word}", 90000.0, ("reserved.integration",), ("f1",)),),
        (Fact("lever.payment_days", 30, place, "lever.payment_days/delay"),),
        (Reference(f"CCTP 10 {word}", place, None),),
        (Disagreement("variants", place, place, (f"allowed {word}", "forbidden")),),
        tuple(score.values()),
        (
            Caution("page-image", f"Image {word}.", f"Picture {word}.", f"RC {word}.pdf", 4),
            Caution("not-a-pdf", "Pas un PDF.", "Not a PDF.", f"x {word}.pdf"),
        ),
    )


@pytest.fixture(scope="session")
def answer() -> Callable[[str], Screening]:
    return _screening
