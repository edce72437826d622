"""Quality and speed of character recognition on scans of known text, from good to hopeless.

    python tests/ocr_quality.py [--real FOLDER]

Four pages written below are printed, scanned at three resolutions and soiled in eleven ways with
fixed seeds, read, and compared with what was printed. ``--real`` does the same with the PDF files
of a folder, every page that has a text layer being rendered and read as a picture.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean

import numpy as np
import pypdfium2 as pdfium
import typst
from PIL import Image, ImageFilter
from rapidfuzz.distance import Levenshtein

from corpus.documents import Page
from nlp.reading.errors import ReadingError
from nlp.reading.ocr import LOW_CONFIDENCE, confidence, recognise
from nlp.reading.pdf import read_pdf

RESOLUTIONS = (150, 200, 300)

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
#set page(columns: 2, margin: 16mm)
#set text(size: 9pt)
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
Le pouvoir adjudicateur se réserve la possibilité d'attribuer le marché sur la base des offres
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


def skewed(degrees: float) -> Soil:
    return lambda image, _: image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)


def noisy(image: Image.Image, random: np.random.Generator, sigma: float = 25) -> Image.Image:
    noise = random.normal(0, sigma, (image.height, image.width))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def blurred(image: Image.Image, _: np.random.Generator) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(image.width / 1240))


def compressed(image: Image.Image, _: np.random.Generator, quality: int = 40) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("L")


def grey(image: Image.Image, _: np.random.Generator) -> Image.Image:
    """Dark paper, darker towards one edge, and pale ink."""
    paper = np.linspace(205, 150, image.width)
    return Image.fromarray((60 + np.asarray(image) / 255 * (paper - 60)).astype(np.uint8))


def peppered(image: Image.Image, random: np.random.Generator, part: float = 0.01) -> Image.Image:
    pixels = np.array(image)
    where = random.random(pixels.shape)
    pixels[where < part / 2] = 0
    pixels[where > 1 - part / 2] = 255
    return Image.fromarray(pixels)


def bled(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """The back of the sheet shows through, mirrored."""
    back = np.asarray(blurred(image, random))[::-1, ::-1][:, ::-1].astype(float)
    return Image.fromarray(
        np.minimum(np.asarray(image), 255 - 0.22 * (255 - back)).astype(np.uint8)
    )


def photocopied(image: Image.Image, random: np.random.Generator) -> Image.Image:
    for soil in (skewed(-1.0), blurred, noisy, peppered, compressed):
        image = soil(image, random)
    return image


def faxed(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """Half the resolution, black and white."""
    pixels = np.asarray(peppered(image.reduce(2), random, 0.002)) > 150
    return Image.fromarray((pixels * 255).astype(np.uint8)).resize(image.size)


def ruined(image: Image.Image, random: np.random.Generator) -> Image.Image:
    far = image.filter(ImageFilter.GaussianBlur(image.width / 620))
    return compressed(noisy(far, random, 45), random, 20)


SOILS: dict[str, Soil] = {
    "clean": lambda image, _: image,
    "skew +2°": skewed(2),
    "skew -2°": skewed(-2),
    "gaussian noise": noisy,
    "blur": blurred,
    "JPEG 40": compressed,
    "grey paper": grey,
    "salt and pepper": peppered,
    "bleed-through": bled,
    "photocopy (all of these)": photocopied,
    "fax": faxed,
    "ruined": ruined,
}


def printed() -> bytes:
    source = STYLE + "\n#pagebreak()\n".join(f"#[{page}]" for page in PAGES[:3])
    source += f"\n#pagebreak()\n{PAGES[3]}"
    result = typst.compile(source.encode(), ignore_system_fonts=True)
    assert isinstance(result, bytes)
    return result


def scan(data: bytes, dpi: int, soil: Soil) -> bytes:
    """Return the PDF of pictures that a scanner makes of a PDF."""
    document = pdfium.PdfDocument(data)
    random = np.random.default_rng(dpi)
    images = [
        soil(page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L"), random)
        for page in document
    ]
    document.close()
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=dpi)
    return out.getvalue()


# -- measures -----------------------------------------------------------------------------------


def folded(text: str) -> str:
    return " ".join(text.split())


def character_errors(truth: str, read: str) -> float:
    truth, read = folded(truth), folded(read)
    return Levenshtein.distance(truth, read) / max(len(truth), 1)


def word_errors(truth: str, read: str) -> float:
    return Levenshtein.distance(truth.split(), read.split()) / max(len(truth.split()), 1)


def shared_words(truth: str, read: str) -> tuple[int, int, int]:
    one, two = Counter(truth.split()), Counter(read.split())
    return (one & two).total(), one.total(), two.total()


def pages_of(data: bytes, numbers: Sequence[int]) -> tuple[Page, ...]:
    return recognise(data, numbers)


def per_second(data: bytes, count: int, processes: int) -> float:
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(pages_of, [data] * processes, [[1]] * processes))  # models loaded
        numbers = [list(range(1 + i, count + 1, processes)) for i in range(processes)]
        start = time.perf_counter()
        list(pool.map(pages_of, [data] * processes, numbers))
        return count / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, help="a folder of PDF files with text layers")
    parser.add_argument("--every", type=int, default=3, help="of the real pages, one in so many")
    arguments = parser.parse_args()
    if arguments.real:
        for line in real(sorted(arguments.real.rglob("*.pdf")), arguments.every):
            print(line, flush=True)
        return
    data = printed()
    truth = [page.text for page in read_pdf(data, max_pages=10)[0]]
    points: list[tuple[float, float]] = []  # confidence, word errors
    words: list[tuple[float, bool]] = []  # confidence, is one of the page's words
    print("| scan | dpi | characters wrong | words wrong | mean confidence |")
    print("|---|---:|---:|---:|---:|")
    for name, soil in SOILS.items():
        for dpi in RESOLUTIONS:
            pages = recognise(scan(data, dpi, soil), range(1, len(truth) + 1))
            wrong = [word_errors(t, p.text) for t, p in zip(truth, pages, strict=True)]
            characters = fmean(
                character_errors(t, p.text) for t, p in zip(truth, pages, strict=True)
            )
            sure = [confidence(p) for p in pages]
            points += zip(sure, wrong, strict=True)
            for known, page in zip(map(set, map(str.split, truth)), pages, strict=True):
                words += [(w.confidence, page.text[w.start : w.end] in known) for w in page.words]
            print(
                f"| {name} | {dpi} | {characters:.1%} | {fmean(wrong):.1%} | {fmean(sure):.2f} |",
                flush=True,
            )
    print()
    for line in bands(points):
        print(line)
    print()
    for line in odds(words):
        print(line)
    print()
    scanned = scan(data, 300, SOILS["clean"])
    for processes in (1, 2):
        speed = per_second(scanned, len(truth), processes)
        print(f"- {processes} process(es): {speed:.2f} pages a second")


def bands(points: Sequence[tuple[float, float]]) -> Iterator[str]:
    """Yield a table of the word errors of pages by their confidence."""
    yield "| mean confidence of the page | pages | words wrong, mean | worst page |"
    yield "|---|---:|---:|---:|"
    edges = (0.0, 0.01, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 1.01)
    for low, high in pairwise(edges):
        inside = [wrong for sure, wrong in points if low <= sure < high]
        if inside:
            yield (
                f"| {low:.2f} to {min(high, 1):.2f} | {len(inside)} | {fmean(inside):.1%} "
                f"| {max(inside):.1%} |"
            )
    yield ""
    kept = [wrong for sure, wrong in points if sure >= LOW_CONFIDENCE]
    told = [wrong for sure, wrong in points if sure < LOW_CONFIDENCE]
    yield f"At {LOW_CONFIDENCE}: {len(kept)} pages pass, {max(kept):.1%} of words wrong at worst;"
    if told:
        yield f"{len(told)} are told, {min(told):.1%} at best."


def odds(words: Sequence[tuple[float, bool]]) -> Iterator[str]:
    """Yield a table of the share of words that are right by their confidence."""
    yield "| confidence of the word | words | right |"
    yield "|---|---:|---:|"
    for low, high in pairwise((0.0, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 1.01)):
        right = [known for sure, known in words if low <= sure < high]
        if right:
            yield f"| {low:.2f} to {min(high, 1):.2f} | {len(right)} | {fmean(right):.0%} |"


def real(paths: Sequence[Path], every: int) -> Iterator[str]:
    """Yield, a file, how well the pictures of its pages are read beside its text layer."""
    yield "| file | pages | word F1 | mean confidence |"
    yield "|---|---:|---:|---:|"
    total: dict[str, list[float]] = defaultdict(list)
    for path in paths:
        try:
            pages, _ = read_pdf(path.read_bytes(), max_pages=2000)
        except ReadingError:
            continue
        chosen = [p for p in pages[::every] if p.source == "text" and len(p.text) > 200]
        if not chosen:
            continue
        read = recognise(path.read_bytes(), [p.number for p in chosen])
        counts = np.sum(
            [shared_words(a.text, b.text) for a, b in zip(chosen, read, strict=True)], axis=0
        )
        f1 = 2 * counts[0] / (counts[1] + counts[2])
        sure = fmean(confidence(p) for p in read)
        total["f1"].append(f1)
        total["pages"].append(len(chosen))
        yield f"| {path.name} | {len(chosen)} | {f1:.3f} | {sure:.2f} |"
    weighted = np.average(total["f1"], weights=total["pages"])
    yield f"| all | {int(sum(total['pages']))} | {weighted:.3f} | |"


if __name__ == "__main__":
    main()
