"""Quality and speed of character recognition on scans of known text, from clean to hopeless.

    python tests/ocr_quality.py

The pages written below are printed, scanned at three resolutions, soiled with fixed seeds, read as
the service reads them, and compared with what was printed. Prints Markdown tables.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
import pypdfium2 as pdfium
import typst
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from rapidfuzz.distance import Levenshtein

from corpus.documents import Page
from nlp.reading.ocr import LOW_CONFIDENCE, confidence
from nlp.reading.pdf import read_pdf
from service.screening import SourceFile, read
from service.settings import Limits

RESOLUTIONS = (150, 200, 300)
BAD = 0.10  # of the words wrong: such a page must be told to be of low quality
THRESHOLDS = (0.60, 0.70, 0.80, 0.85, 0.90, 0.93, 0.95, 0.97)

STYLE = """
#set page(paper: "a4", margin: (x: 22mm, y: 24mm))
#set text(lang: "fr", font: ("Libertinus Serif", "DejaVu Sans Mono"), size: 10.5pt)
#set par(justify: true)
#set heading(numbering: "1.1")
#set list(marker: [•])
"""

PAGES = (
    """
#text(size: 8.5pt)[Commune de Rivebelle #h(1fr) CCAP n° 2026-17 #h(1fr) Page 4/21]

= Clause sociale d'insertion
Le titulaire réserve à des personnes éloignées de l'emploi 7 % au moins du temps total de travail
nécessaire à l'exécution du marché, soit 1 240 heures sur la durée initiale (article L. 2112-2 du
code de la commande publique). Sont notamment concernés les demandeurs d'emploi de longue durée, les
allocataires du revenu de solidarité active et les jeunes de moins de 26 ans sans qualification.

Le facilitateur désigné par le maître d'ouvrage vérifie l'éligibilité des publics à compter du
1er mars 2026. À défaut d'exécution, une pénalité de 60,00 € est appliquée par heure non réalisée,
après mise en demeure restée sans effet pendant quinze jours.

== Modalités de mise en œuvre
Trois voies s'offrent au titulaire :
- l'embauche directe de salariés, en contrat à durée déterminée ou indéterminée ;
- la mise à disposition de salariés par une entreprise de travail temporaire d'insertion ;
- la sous-traitance ou la cotraitance avec une structure d'insertion par l'activité économique.

== Suivi et contrôle
Un bilan est remis chaque trimestre, au plus tard le 15 du mois suivant : état nominatif, contrats,
heures réalisées, attestations. « L'absence de transmission vaut non-réalisation » (cf. § 4.2). Le
défaut de production de ces pièces est sanctionné par une pénalité forfaitaire de 150 € par jour.

= Clause environnementale
Les déchets sont triés à la source et valorisés à hauteur de 70 % en masse. Les véhicules de plus de
3,5 tonnes respectent au moins la norme Euro VI. Les produits d'entretien portent un écolabel (type
I, norme ISO 14024) ou répondent à des exigences équivalentes, dont le candidat apporte la preuve.
""",
    """
= Bordereau des prix unitaires
#set text(size: 9.5pt)
#table(columns: (auto, 1fr, auto, auto, auto), stroke: 0.5pt,
align: (left, left, right, right, right),
[N°], [Désignation], [Unité], [Quantité], [Prix HT],
[101], [Nettoyage des sols souples], [m²], [12 450], [0,38 €],
[102], [Lavage mécanisé des parkings], [m²], [8 200], [0,52 €],
[103], [Vitrerie intérieure et extérieure], [m²], [1 935], [2,15 €],
[104], [Désinfection des sanitaires], [u], [364], [18,90 €],
[201], [Évacuation des déchets verts], [m³], [270], [41,00 €],
[202], [Tonte différenciée des prairies], [ha], [14], [395,00 €],
[203], [Taille douce des arbustes], [ml], [2 600], [3,75 €],
[301], [Astreinte de week-end], [jour], [52], [210,00 €])

Le montant total s'établit à 48 719,60 € HT, soit 58 463,52 € TTC (TVA à 20 %).

== Révision des prix
Les prix sont révisés au 1er janvier de chaque année par application du coefficient suivant, arrondi
au millième supérieur : 0,15 + 0,85 (ICHT-N / ICHT-No). L'indice retenu est publié par l'Insee sous
l'identifiant 001565196. Le mois zéro est celui de la remise des offres, fixée au 12 février 2026.

== Critères d'attribution
#table(columns: (1fr, auto), stroke: 0.5pt, align: (left, right),
[Critère], [Pondération],
[Prix des prestations], [45 %],
[Valeur technique, appréciée au vu du mémoire], [35 %],
[Performance en matière d'insertion sociale], [12 %],
[Qualité environnementale de l'offre], [8 %])

Les offres dont la note technique est inférieure à 10/20 sont éliminées. Les prix anormalement bas
font l'objet d'une demande de justification (articles R. 2152-3 à R. 2152-5).
""",
    """
#align(center)[#text(size: 14pt, weight: "bold")[ACTE D'ENGAGEMENT]]
Le signataire, après avoir pris connaissance des pièces du marché, s'engage :

☐ pour son propre compte ;

☒ pour le compte de la société indiquée ci-dessous ;

☐ au nom d'un groupement ☐ conjoint ☐ solidaire.

Dénomination sociale : Ateliers du Val d'Ombre, société coopérative d'intérêt collectif

Adresse : 14 bis, rue des Tanneurs, 71000 Mâcon. Téléphone : 03 85 00 00 00

Le candidat est-il une structure relevant de l'article L. 2113-12 ? ☒ Oui ☐ Non

Statut : ☐ entreprise adaptée ☒ ÉSAT ☐ structure d'insertion par l'activité économique

Effectif à la date de signature : 38 salariés, dont 31 travailleurs handicapés.

= Durée et délais
Le marché prend effet à sa notification pour douze mois. Il est reconductible tacitement trois fois,
sans que sa durée totale puisse excéder quarante-huit mois.

= Paiement
Le délai global de paiement est de 30 jours. Le candidat renonce à l'avance : ☐ Oui ☒ Non

La sous-traitance est envisagée pour les prestations suivantes : collecte et tri des papiers, pour
un montant maximal de 4 800 € HT. Le sous-traitant ☒ demande ☐ ne demande pas le paiement direct.

Fait à Mâcon, le 9 janvier 2026
""",
    """
= Sommaire
#let entry(number, title, page) = [#number #title #box(width: 1fr, repeat(gap: 1.5pt)[.]) #page \\ ]
#entry("1", "Objet du marché", "3") #entry("1.1", "Étendue des prestations", "3")
#entry("1.2", "Allotissement et lots réservés", "4") #entry("2", "Durée du marché", "5")
#entry("2.1", "Reconduction tacite", "5") #entry("3", "Clause sociale d'insertion", "6")
#entry("3.1", "Public concerné", "6") #entry("3.2", "Heures à réaliser", "7")
#entry("3.3", "Suivi, bilan et pénalités", "8") #entry("4", "Clause environnementale", "9")
#entry("4.1", "Tri et valorisation des déchets", "9") #entry("4.2", "Véhicules et carburants", "10")
#entry("5", "Révision des prix", "11") #entry("6", "Modalités de règlement", "12")
#entry("7", "Sous-traitance et cotraitance", "13") #entry("8", "Assurances", "14")
#entry("9", "Pénalités de retard", "15") #entry("10", "Résiliation", "16")
#entry("11", "Règlement des litiges", "17") #entry("12", "Dérogations au CCAG", "18")
""",
    """
#set page(columns: 2, margin: 16mm)
#set text(size: 8pt)
= Règlement de la consultation
La présente consultation porte sur la collecte, le tri et le recyclage des papiers de bureau de la
communauté d'agglomération. Elle est passée selon la procédure adaptée ouverte prévue aux articles
L. 2123-1 et R. 2123-1 à R. 2123-7 du code de la commande publique.

== Allotissement
Lot n° 1 : sites administratifs (secteur nord). Lot n° 2 : écoles et crèches. Lot n° 3 : déchèteries
et équipements sportifs. Le lot n° 2 est réservé aux entreprises adaptées et aux établissements de
travail protégé, à condition que plus de la moitié des travailleurs concernés soient handicapés.

== Variantes
Les variantes sont autorisées si elles réduisent les émissions de gaz à effet de serre. Elles ne
peuvent modifier ni les fréquences de passage ni le nombre de points d'apport volontaire.

== Visite des lieux
Elle est facultative ; les candidats prennent rendez-vous auprès du service des moyens généraux.

== Pièces de la candidature
Une lettre de candidature, une déclaration sur l'honneur, le chiffre d'affaires des trois derniers
exercices et une liste des principales références de moins de trois ans. Aucun niveau minimal n'est
exigé des entreprises créées depuis moins de deux ans.

== Jugement des offres
Chaque offre reçoit une note sur cent points. Le sous-critère « parcours d'insertion » vaut dix
points : encadrement, formation qualifiante, passerelles vers l'emploi durable.

== Négociation
Le pouvoir adjudicateur peut aussi attribuer le marché au vu des offres
initiales. À l'inverse, il peut négocier avec les trois candidats les mieux classés, par écrit et
dans des conditions strictement égales.

== Délai de validité
Les offres restent valables cent vingt jours à compter de la date limite fixée pour leur remise, le
lundi 16 mars 2026 à 12 h 00. Les plis arrivés hors délai ne sont pas ouverts.

== Recours
Le tribunal administratif compétent est celui de Dijon. Le référé précontractuel peut être exercé
jusqu'à la signature du contrat (article L. 551-1 du code de justice administrative).
""",
)

# -- printing and scanning ---------------------------------------------------------------------

Soil = Callable[[Image.Image, np.random.Generator], Image.Image]


def picture(pixels: NDArray[Any]) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def skewed(degrees: float) -> Soil:
    return lambda image, _: image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)


def noisy(sigma: float) -> Soil:
    return lambda image, random: picture(
        np.asarray(image) + random.normal(0, sigma, (image.height, image.width))
    )


def speckled(part: float) -> Soil:
    def soil(image: Image.Image, random: np.random.Generator) -> Image.Image:
        where = random.random((image.height, image.width))
        return picture(
            np.where(where < part, 0, np.where(where > 1 - part, 255, np.asarray(image)))
        )

    return soil


def blurred(points: float) -> Soil:
    return lambda image, _: image.filter(ImageFilter.GaussianBlur(points * image.width / 595))


def compressed(quality: int) -> Soil:
    def soil(image: Image.Image, _: np.random.Generator) -> Image.Image:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        return Image.open(out).convert("L")

    return soil


def pale(image: Image.Image, _: np.random.Generator) -> Image.Image:
    """Pale ink on dark paper, darker towards one edge."""
    paper = np.linspace(205, 150, image.width)
    return picture(90 + np.asarray(image) / 255 * (paper - 90))


def bled(image: Image.Image, _: np.random.Generator) -> Image.Image:
    """The back of the sheet shows through, mirrored."""
    back = np.asarray(blurred(0.5)(image, _), dtype=float)[::-1]
    return picture(np.minimum(np.asarray(image), 255 - 0.25 * (255 - back)))


def faxed(image: Image.Image, _: np.random.Generator) -> Image.Image:
    """Half the resolution, black and white."""
    return picture((np.asarray(image.reduce(2)) > 150) * 255).resize(image.size)


def soiled(*soils: Soil) -> Soil:
    def soil(image: Image.Image, random: np.random.Generator) -> Image.Image:
        for one in soils:
            image = one(image, random)
        return image

    return soil


SOILS: dict[str, Soil] = {
    "clean": soiled(),
    "skew +1°": skewed(1),
    "skew -2°": skewed(-2),
    "noise": noisy(25),
    "speckles": speckled(0.005),
    "blur": blurred(0.5),
    "low contrast": pale,
    "JPEG 30": compressed(30),
    "bleed-through": bled,
    "photocopy": soiled(skewed(-1), blurred(0.4), noisy(20), speckled(0.003), compressed(40)),
    "fax": soiled(skewed(1), faxed),
    "ruined": soiled(blurred(0.9), noisy(45), compressed(20)),
}


def printed() -> bytes:
    source = STYLE + "\n#pagebreak()\n".join(f"#[{page}]" for page in PAGES[:-1])
    source += f"\n#pagebreak()\n{PAGES[-1]}"  # it sets the paper, which no block may
    result = typst.compile(source.encode(), ignore_system_fonts=True)
    assert isinstance(result, bytes)
    return result


def scan(data: bytes, dpi: int, soil: Soil, copies: int = 1) -> bytes:
    """Return the PDF of pictures that a scanner makes of a PDF."""
    random = np.random.default_rng(dpi)
    with pdfium.PdfDocument(data) as document:
        pages = [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document]
    images = [soil(page.convert("L"), random) for page in pages] * copies
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=dpi)
    return out.getvalue()


# -- measures -----------------------------------------------------------------------------------


class Measured(NamedTuple):
    """One page: the shares of its characters and words that are wrong, boxes, confidence."""

    characters: float
    words: float
    boxes: int  # tick boxes wrong, missed or invented
    confidence: float


def pages_of(data: bytes, workers: int = 2, isolate: bool = True) -> tuple[Page, ...]:
    limits = Limits(workers=workers, max_scan_seconds=300)
    pieces, _ = read([SourceFile("scan.pdf", data)], limits=limits, isolate=isolate)
    return pieces[0].pages if pieces else ()


def folded(text: str) -> str:
    """Return the text on one line, without the leaders of a table of contents and its numbers."""
    return " ".join(re.sub(r"(?: ?\.){3,}(?: \d+$)?", " ", text, flags=re.MULTILINE).split())


def signs(text: str) -> str:
    return re.sub("[^☐☒]", "", text.replace("☑", "☒"))


def measured(truth: str, page: Page) -> Measured:
    wanted, got = folded(truth), folded(page.text)
    return Measured(
        Levenshtein.distance(wanted, got) / len(wanted),
        Levenshtein.distance(wanted.split(), got.split()) / len(wanted.split()),
        Levenshtein.distance(signs(truth), signs(got)),
        confidence(page),
    )


def told(pages: Sequence[Measured], threshold: float) -> tuple[str, int]:
    """Return which of the bad pages are told, as "3/4", and how many good ones are."""
    bad = [page.confidence < threshold for page in pages if page.words > BAD]
    good = [page.confidence < threshold for page in pages if page.words <= BAD]
    return f"{sum(bad)}/{len(bad)}" if bad else "", sum(good)


def thresholds(pages: Sequence[Measured]) -> Iterator[str]:
    yield "| threshold | bad told | good told | words wrong on the worst page not told |"
    yield "|---:|---:|---:|---:|"
    for threshold in THRESHOLDS:
        bad, good = told(pages, threshold)
        worst = max(page.words for page in pages if page.confidence >= threshold)
        mark = "**" if threshold == LOW_CONFIDENCE else ""
        yield f"| {mark}{threshold:.2f}{mark} | {bad} | {good} | {worst:.0%} |"


def odds(words: Sequence[tuple[float, bool]]) -> Iterator[str]:
    """Yield a table of the share of words that are right, by their confidence."""
    yield "| confidence of the word | words | right |"
    yield "|---|---:|---:|"
    for low, high in pairwise((0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 1.01)):
        right = [known for sure, known in words if low <= sure < high]
        if right:
            yield f"| {low:.2f} to {min(high, 1):.2f} | {len(right)} | {fmean(right):.0%} |"


def speeds(data: bytes) -> Iterator[str]:
    yield "| scan | dpi | processor s a page | pages/s, one child | pages/s, two children |"
    yield "|---|---:|---:|---:|---:|"
    for name, dpi in [("clean", 150), ("clean", 200), ("clean", 300), ("photocopy", 300)]:
        scanned = scan(data, dpi, SOILS[name], copies=2)
        start = time.process_time()
        count = len(pages_of(scanned, workers=1, isolate=False))
        used = (time.process_time() - start) / count
        rates = []
        for workers in (1, 2):
            clock = time.perf_counter()
            pages_of(scanned, workers)
            rates.append(count / (time.perf_counter() - clock))
        yield f"| {name} | {dpi} | {used:.2f} | {rates[0]:.2f} | {rates[1]:.2f} |"


def main() -> None:
    data = printed()
    truth = [page.text for page in read_pdf(data, max_pages=len(PAGES))[0]]
    boxes = sum(len(signs(text)) for text in truth)
    every: list[Measured] = []
    words: list[tuple[float, bool]] = []  # confidence, is one of the page's words
    print("| scan | dpi | characters wrong | words wrong | boxes right | bad told | good told |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, soil in SOILS.items():
        for dpi in RESOLUTIONS:
            pages = pages_of(scan(data, dpi, soil)) or [Page(0, "")] * len(truth)
            found = [measured(text, page) for text, page in zip(truth, pages, strict=True)]
            every += found
            for known, page in zip(map(set, map(str.split, truth)), pages, strict=True):
                words += [(w.confidence, page.text[w.start : w.end] in known) for w in page.words]
            bad, good = told(found, LOW_CONFIDENCE)
            print(
                f"| {name} | {dpi} | {fmean(page.characters for page in found):.1%} "
                f"| {fmean(page.words for page in found):.1%} "
                f"| {boxes - sum(page.boxes for page in found)}/{boxes} | {bad} | {good or ''} |",
                flush=True,
            )
    for table in (thresholds(every), odds(words), speeds(data)):
        print()
        for line in table:
            print(line, flush=True)


if __name__ == "__main__":
    main()
