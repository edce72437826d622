import pytest

from nlp.clean import clean


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("l\u2019emploi\u00a0: 5\u202f%", "l'emploi : 5 %"),
        ("déve\u00adloppement", "développement"),
        ("eﬃcacité et ﬁnance", "efficacité et finance"),
        ("SSoommmmaaiirree", "Sommaire"),
        ("A R T I C L E 1", "ARTICLE 1"),
        ("C L A U S E\u2003S O C I A L E", "CLAUSE SOCIALE"),
        ("C L A U S E   S O C I A L E", "CLAUSE SOCIALE"),
        ("la signature.Le titulaire", "la signature. Le titulaire"),
        ("VariantesDes variantes", "Variantes Des variantes"),
        ("mot\t\t  autre\u2003fin", "mot autre fin"),
        ("\uf0b7 un\n\uf0a8 deux\n\uf0fe trois", "• un\n☐ deux\n☑ trois"),
        ("ligne  \r\nsuite\u2028fin", "ligne\nsuite\nfin"),
        ("re\u0301serve\u0301", "réservé"),
        ("Objet .\n.\n.\n.\n12\nSuite", "Objet . . . . 12\nSuite"),
        ("biodégra\u2010\r\ndable et recon\x02nu", "biodégra-\ndable et reconnu"),
        ("biodégra\u2010\r\ndable et sous\x02traité", "biodégra-\ndable et sous-traité"),
        ("un formulaire\x02type", "un formulaire-type"),
    ],
)
def test_each_step(raw: str, expected: str) -> None:
    assert clean(raw).value == expected


@pytest.mark.parametrize(
    "raw",
    [
        "110000 euros",
        "Lot n\u00b0 2",
        "successeur et assommant",
        "SharePoint",
        "https://marches.fr/?page=entreprise.EntrepriseRecherche",
        "L A",
        "1 2 3 4 5",
    ],
)
def test_ordinary_text_is_left_alone(raw: str) -> None:
    assert clean(raw).value == raw


def test_every_character_leads_back_to_its_source() -> None:
    raw = "ﬁn \u00a0de\u00ad l\u2019aﬀaire\r\nRRéésseerrvvéé"
    text = clean(raw)
    assert text.value == "fin de l'affaire\nRéservé"
    assert len(text.origin) == len(text.value)
    assert list(text.origin) == sorted(text.origin)
    for char, source in zip(text.value, text.origin, strict=True):
        if char.isalpha() and raw[source].isascii():
            assert raw[source] == char
