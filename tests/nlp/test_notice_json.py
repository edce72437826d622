from __future__ import annotations

import json
from typing import Any

import pytest

from corpus.documents import BlockKind
from nlp.reading.decp import considerations
from nlp.reading.errors import NoText, Truncated
from nlp.reading.fields import Fields
from nlp.reading.notice import notice_fields, read_notice_json
from nlp.sections import structure


def read(value: Any) -> tuple[list[str], Fields]:
    data = json.dumps(value).encode()
    pages, notices = read_notice_json(data, max_pages=50)
    assert notices == ()
    found = [page.text[line.start : line.end] for page in pages for line in page.lines]
    return found, notice_fields(data)


def furniture(value: Any) -> list[str]:
    pages, _ = read_notice_json(json.dumps(value).encode(), max_pages=50)
    return [b.text for b in structure(pages, lots=()) if b.kind == BlockKind.FURNITURE]


SIMPLE = {
    "FNSimple": {
        "organisme": {"acheteurPublic": "Ville", "cp": "29200", "ville": "Brest"},
        "initial": {
            "communication": {"urlDocConsul": "https://achats.example", "nomContact": "M. X"},
            "procedure": {
                "typeProcedure": {"procedureAdaptee": ""},
                "conditionsParticipation": {"aptitude": "Agrément", "capaciteTech": "Références"},
                "dateReceptionOffres": "2026-03-01T12:00:00+01:00",
                "variantes": {"non": ""},
                "criteresAttribution": "Prix : 60 %\nInsertion : 40 %",
                "reductionCandidats": {"non": ""},
            },
            "natureMarche": {
                "intitule": "Nettoyage",
                "codeCPV": {"objetPrincipal": {"classPrincipale": "90911200"}},
                "typeMarche": {"services": ""},
                "dureeMois": 12,
                "valeurEstimee": {"valeur": "90000"},
                "marcheReserve": {"oui": {"atelierProtege": ""}},
            },
            "lots": {
                "lot": [
                    {"description": "Lot n°1 Vitres", "lieuExecution": "Nord"},
                    {"num": "7", "intitule": "Sols", "description": "Les sols"},
                ]
            },
            "informComplementaires": {
                "visiteObligatoire": {"oui": "", "visiteDetail": "Le 3 mai"},
                "autresInformComplementaires": "Clause d'insertion",
            },
        },
    }
}
RECORD = {
    "idweb": "26-1",
    "objet": "Nettoyage",
    "nomacheteur": "Ville de Brest",
    "famille_libelle": "Formulaire national simplifié",
    "type_marche": ["SERVICES"],
    "descripteur_libelle": ["Nettoyage", "Vitres"],
    "criteres": ["sociaux"],
    "datelimitereponse": "2026-03-01T12:00:00+01:00",
}


class TestBoamp:
    def test_the_head_of_a_record(self) -> None:
        found, fields = read(RECORD)
        assert found == [
            "Avis de marché",
            "Intitulé : Nettoyage",
            "Acheteur : Ville de Brest",
            "Type d'avis : Formulaire national simplifié",
            "Descripteurs : Nettoyage, Vitres",
            "Critères signalés : sociaux",
            "Nature du marché : services",
            "Date limite de réception des offres : 01/03/2026 à 12h00",
        ]
        assert fields == {
            "BT-21": ("Nettoyage",),
            "BT-23": ("services",),
            "BT-131": ("2026-03-01T12:00:00+01:00",),
        }

    @pytest.mark.parametrize("packed", [True, False])
    def test_a_simple_form(self, packed: bool) -> None:
        found, fields = read(RECORD | {"donnees": json.dumps(SIMPLE) if packed else SIMPLE})
        for line in (
            "Procédure : procédure adaptée",
            "Aptitude à exercer l'activité : Agrément",
            "Variantes : interdites (BT-63 not-allowed)",
            "Durée : 12 mois",
            "Valeur estimée hors TVA : 90 000 €",
            "Marché réservé : ateliers protégés et structures d'insertion (BT-71 res-ws)",
            "Visite obligatoire : oui",
            "Visite détail : Le 3 mai",
            "Informations complémentaires : Clause d'insertion",
        ):
            assert line in found
        assert not any("M. X" in line or "29200" in line for line in found)
        assert fields["BT-21"] == ("Nettoyage",)
        assert fields["BT-71"] == ("res-ws",)
        assert fields["BT-36"] == ("12 MONTH",)
        assert fields["BT-262"] == ("90911200",)
        assert fields["BT-750"] == ("Agrément", "Références")
        assert fields["LOT-0007/BT-24"] == ("Les sols",)

    def test_criteria_end_with_their_part_and_lots_come_last(self) -> None:
        found, _ = read(RECORD | {"donnees": SIMPLE})
        at = found.index("Critères d'attribution")
        assert found[at + 1 : at + 5] == [
            "Prix : 60 %",
            "Insertion : 40 %",
            "Procédure",
            "Réduction candidats : non",
        ]
        assert found[-4:] == [
            "Lot 1 - Vitres",
            "Lieu d'exécution : Nord",
            "Lot 7 - Sols",
            "Description : Les sols",
        ]

    def test_an_older_form(self) -> None:
        form = {
            "OBJET": {
                "OBJET_COMPLET": "Voirie",
                "CPV": {"PRINCIPAL": "45233140"},
                "LOTS": {"LOT": {"NUM": "1", "INTITULE": "Enrobés"}},
                "DUREE_DELAI": {"DUREE_MOIS": "6"},
            },
            "CONDITION_RELATIVE_MARCHE": {"CONDITIONS_PARTICULIERES": "300 heures d'insertion"},
            "PROCEDURE": {
                "CRITERES_ATTRIBUTION": {
                    "CRITERES_PONDERES": {
                        "CRITERE": [
                            {"@POIDS": "60", "#text": "Prix"},
                            {"@POIDS": "40", "#text": "Valeur technique"},
                        ]
                    }
                }
            },
        }
        found, fields = read(RECORD | {"donnees": form})
        assert "Critère : Valeur technique, pondération 40" in found
        assert "Conditions d'exécution : 300 heures d'insertion" in found
        assert fields["BT-734"] == ("Prix", "Valeur technique")
        assert fields["BT-541"] == ("60", "40")
        assert fields["BT-70"] == ("300 heures d'insertion",)
        assert fields["LOT-0001/BT-21"] == ("Enrobés",)

    def test_eforms_as_json(self) -> None:
        def text(value: str, **attributes: str) -> dict[str, str]:
            return {f"@{key}": v for key, v in attributes.items()} | {"#text": value}

        listed = text("res-ws", listName="reserved-procurement")
        requirement = {
            "cac:SpecificTendererRequirement": {"cbc:TendererRequirementTypeCode": listed}
        }
        form = {
            "cac:ProcurementProject": {"cbc:Name": text("Entretien", languageID="FRA")},
            "cac:ProcurementProjectLot": [
                {
                    "cbc:ID": text(f"LOT-000{number}", schemeName="Lot"),
                    "cac:TenderingTerms": {"cac:TendererQualificationRequest": [requirement]},
                    "cac:ProcurementProject": {"cbc:Name": text("Vitres", languageID="FRA")},
                }
                for number in (1, 2)
            ],
        }
        found, fields = read(RECORD | {"donnees": json.dumps({"EFORMS": {"ContractNotice": form}})})
        assert found[0] == "Annonce"
        assert "Lot 2 - Vitres" in found
        assert fields["BT-21"] == ("Entretien",)
        assert fields["LOT-0002/BT-71"] == ("res-ws",)
        assert fields["BT-23"] == ("services",)  # of the head: the form does not say it

    def test_a_ted_form_as_json(self) -> None:
        form = {
            "@LG": "FR",
            "@FORM": "F02",
            "OBJECT_CONTRACT": {"TITLE": {"P": ["Un", "Deux"]}},
            "LEFTI": {"RESTRICTED_SHELTERED_PROGRAM": None},
        }
        _, fields = read(RECORD | {"donnees": {"JOUE": {"F02_2014": form}}})
        assert fields["BT-21"] == ("Un\nDeux",)
        assert fields["BT-736"] == ("yes",)

    def test_corrections_are_said_and_no_clause_is_read_from_them(self) -> None:
        form = {"RECTIF": {"RECT_INFO": "Lire 500 heures d'insertion"}}
        assert furniture(RECORD | {"donnees": form}) == ["Lire 500 heures d'insertion"]

    @pytest.mark.parametrize(
        "answer",
        [
            {"results": [RECORD], "total_count": 1},
            {"records": [{"record": {"fields": RECORD}}]},
            {"records": [{"fields": RECORD}]},
            [RECORD],
        ],
    )
    def test_answers_of_the_portal(self, answer: Any) -> None:
        assert read(answer) == read(RECORD)

    @pytest.mark.parametrize(
        ("value", "field", "expected"),
        [
            ({"marcheReserve": {"non": ""}}, "BT-71", ("none",)),
            ({"marcheReserve": {"cadreProgrammeEmploi": ""}}, "BT-736", ("yes",)),
            ({"marcheReserve": {"oui": ""}}, "BT-71", None),  # to whom is not said
            ({"variantes": "oui"}, "BT-63", ("allowed",)),
            ({"dureeJours": 90}, "BT-36", ("90 DAY",)),
            ({"valeurEstimee": "1 200,50"}, "BT-27", ("1200,50",)),
        ],
    )
    def test_values_of_forms(
        self, value: Any, field: str, expected: tuple[str, ...] | None
    ) -> None:
        assert read(RECORD | {"donnees": {"MAPA": value}})[1].get(field) == expected

    @pytest.mark.parametrize(
        "form",
        [
            "pas du JSON",
            "[1",
            [[1, None, {"lots": 3, "criteres": [None, {"#text": 1}]}]],
            {"EFORMS": {"ContractNotice": ["\0", {"1 2": {"@\0": [1], "#text": "\0\ud83d"}}]}},
            {"F02_2014": None},
            {"lots": {"lot": {"num": None, "intitule": ["x"]}}},
            True,
        ],
    )
    def test_odd_forms_are_survived(self, form: Any) -> None:
        assert "Acheteur : Ville de Brest" in read(RECORD | {"donnees": form})[0]

    def test_forms_nested_without_end(self) -> None:
        deep: Any = "x"
        for _ in range(700):
            deep = {"cac:A": deep}
        with pytest.raises(Truncated):
            read(RECORD | {"donnees": {"EFORMS": {"ContractNotice": deep}}})


CONTRACT = {
    "id": "2026-1",
    "acheteur": {"id": "1", "nom": "Ville de Brest"},
    "nature": "Marché",
    "objet": "Nettoyage",
    "codeCPV": "90910000",
    "dureeMois": 12,
    "montant": 12000.5,
    "dateNotification": "2026-02-01",
    "titulaires": [{"titulaire": {"id": "2", "typeIdentifiant": "SIRET"}}],
    "considerationsSociales": {"considerationSociale": ["Clause sociale", "Marché réservé"]},
    "considerationsEnvironnementales": {
        "considerationEnvironnementale": ["Pas de considération environnementale"]
    },
    "marcheInnovant": False,
    "modalitesExecution": {"modaliteExecution": ["Bons de commande"]},
}


class TestEssentialData:
    def test_a_contract_of_the_decree_of_2022(self) -> None:
        found, fields = read({"marches": {"marche": [CONTRACT]}})
        assert found == [
            "Données essentielles du marché",
            "Intitulé : Nettoyage",
            "Acheteur : Ville de Brest",
            "Code CPV principal : 90910000",
            "Durée : 12 mois",
            "Montant hors TVA : 12 000,50 €",
            "Date de notification : 01/02/2026",
            "Nature du contrat : Marché",
            "Modalités d'exécution : Bons de commande",
            "Marché innovant : non",
            "Considérations sociales : Clause sociale",
            "Considérations sociales : Marché réservé",
            "Considérations environnementales : Pas de considération environnementale",
        ]
        assert fields["considerationsSociales"] == ("Clause sociale", "Marché réservé")
        assert fields["marcheInnovant"] == ("false",)
        assert fields["BT-720"] == ("12000.5",)

    def test_several_contracts_are_told_apart(self) -> None:
        concession = {
            "objet": "Kiosque",
            "valeurGlobale": 9,
            "considerationsSociales": {"considerationSociale": ["Concession réservée"]},
        }
        _, fields = read({"marches": {"marche": [CONTRACT], "contrat-concession": [concession]}})
        assert fields["CON-0001/BT-21"] == ("Nettoyage",)
        assert fields["CON-0002/considerationsSociales"] == ("Concession réservée",)

    @pytest.mark.parametrize(
        "file",
        [
            {"marches": [CONTRACT]},
            [CONTRACT],
            CONTRACT,
            {"results": [CONTRACT]},
            CONTRACT
            | {
                "considerationsSociales": ["Clause sociale", "Marché réservé"],
                "considerationsEnvironnementales": ["Pas de considération environnementale"],
            },
        ],
    )
    def test_shapes_of_files(self, file: Any) -> None:
        assert read(file) == read({"marches": {"marche": [CONTRACT]}})

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("Clause sociale, Critère social", ("Clause sociale", "Critère social")),
            ("Clause sociale;Critère social", ("Clause sociale", "Critère social")),
            (["Clause sociale", "Clause sociale"], ("Clause sociale",)),
            (["Pas de considération sociale", "Clause sociale"], ("Clause sociale",)),
            ({"considerationSociale": "Sans objet"}, ()),
            ("NC", ()),
            (None, ()),
            (3, ()),
            ("Pas de considération sociale", ("Pas de considération sociale",)),
        ],
    )
    def test_considerations_however_they_are_joined(
        self, value: Any, expected: tuple[str, ...]
    ) -> None:
        assert considerations(value) == expected

    def test_a_row_of_a_table(self) -> None:
        row = {"objet": "Vitres", "montant": "NC", "considerationssociales": "Critère social"}
        assert read([row])[1] == {
            "BT-21": ("Vitres",),
            "considerationsSociales": ("Critère social",),
        }

    def test_modifications_are_said_and_no_clause_is_read_from_them(self) -> None:
        change = {"modification": {"objetModification": "Ajout d'heures d'insertion"}}
        found = furniture(CONTRACT | {"modifications": [change, None, {"modification": 3}]})
        assert found == ["Modification : Ajout d'heures d'insertion"]


RELEASE = {
    "ocid": "ocds-1",
    "buyer": {"name": "Ville de Brest"},
    "tender": {
        "id": "1",
        "title": "Entretien",
        "procurementMethod": "open",
        "mainProcurementCategory": "services",
        "tenderPeriod": {"endDate": "2026-03-01T12:00:00Z"},
        "hasSustainability": True,
        "items": [
            {"classification": {"scheme": "CPV", "id": "90911300"}, "relatedLot": "LOT-0001"}
        ],
        "lots": [
            {
                "id": "LOT-0001",
                "title": "Vitres",
                "value": {"amount": 1234.5, "currency": "EUR"},
                "contractPeriod": {"durationInDays": 90},
                "otherRequirements": {"reservedParticipation": ["shelteredWorkshop"]},
                "contractTerms": {"reservedExecution": True, "performanceTerms": "100 heures"},
                "submissionTerms": {"variantPolicy": "notAllowed"},
                "suitability": {"sme": True},
                "selectionCriteria": {"criteria": [{"description": "Références"}]},
                "sustainability": [
                    {
                        "goal": "social.disadvantagedEmploymentOpportunities",
                        "strategies": ["contractPerformanceConditions", "euGPPCriteria"],
                        "description": "Insertion de publics éloignés",
                    },
                    {"goal": "environmental.recycling"},
                    {"goal": "environmental.waterResources"},
                ],
                "awardCriteria": {
                    "criteria": [
                        {
                            "type": "quality",
                            "name": "Insertion",
                            "numbers": [{"number": 40, "weight": "percentageExact"}],
                        },
                        {"type": "price", "description": "Prix"},
                    ]
                },
            }
        ],
    },
    "awards": [{"suppliers": [{"name": "Propreté SA"}], "value": {"amount": 9, "currency": "EUR"}}],
}


class TestOpenContracting:
    def test_a_release(self) -> None:
        found, fields = read(RELEASE)
        at = found.index("Lot 1 - Vitres")
        assert found[:at] == [
            "Avis de marché",
            "Acheteur : Ville de Brest",
            "Intitulé : Entretien",
            "Procédure : ouverte",
            "Nature du marché : services",
            "Date limite de réception des offres : 01/03/2026 à 12h00",
            "Développement durable",
            "Objectifs de développement durable : oui",
        ]
        for line in (
            "Valeur estimée hors TVA : 1 234,50 €",
            "Durée : 90 jours",
            "Code CPV principal : 90911300",
            "Conditions d'exécution : 100 heures",
            "Critère de sélection : Références",
            "Objectif : recyclage",
            "Moyen : conditions d'exécution",
            "Critère (qualité) : Insertion, pondération 40 %",
            "Critère : Prix",
            "Titulaire : Propreté SA",
        ):
            assert line in found[at:]
        lot = {key: values for key, values in fields.items() if key.startswith("LOT-0001/")}
        expected = {
            "BT-71": ("res-ws",),
            "BT-736": ("yes",),
            "BT-63": ("not-allowed",),
            "BT-726": ("true",),
            "BT-775": ("opp",),
            "BT-774": ("water-mar",),
            "BT-805": ("eu",),
            "BT-777": ("Insertion de publics éloignés",),
            "BT-541": ("40",),
            "BT-5421": ("per-exa",),
        }
        assert {key: lot[f"LOT-0001/{key}"] for key in expected} == expected

    @pytest.mark.parametrize(
        "package",
        [
            {"releases": [RELEASE]},
            {"records": [{"compiledRelease": RELEASE}]},
            {"records": [{"ocid": "ocds-1", "releases": [{"ocid": "ocds-1"}, RELEASE]}]},
        ],
    )
    def test_packages(self, package: Any) -> None:
        assert read(package) == read(RELEASE)

    @pytest.mark.parametrize(
        "release",
        [
            {"ocid": "o", "tender": {"title": [{"value": "versions"}]}},
            {"ocid": "o", "planning": {"budget": {"description": "versions"}}},
        ],
    )
    def test_what_is_no_tender_is_its_strings(self, release: Any) -> None:
        found, fields = read(release)
        assert "versions" in found
        assert fields == {}

    @pytest.mark.parametrize(
        "tender",
        [
            {"title": "T", "lots": [None, {"id": 3, "value": [], "awardCriteria": "x"}]},
            {"title": "T", "sustainability": [{"goal": None, "strategies": "x"}], "items": {}},
            {"title": "T", "value": {"amount": True}, "contractTerms": [], "tenderPeriod": 3},
        ],
    )
    def test_odd_types_are_survived(self, tender: Any) -> None:
        assert "Intitulé : T" in read({"ocid": "o", "tender": tender})[0]


class TestExtracts:
    def test_the_fields_are_kept_beside_a_text(self) -> None:
        notice = {
            "title": "Entretien",
            "text": "Avis\nLot réservé",
            "cpv_main": ["77310000"],
            "lots": [{"lot_id": "LOT-0001", "reserved_procurement_BT71": ["res-ws"]}],
        }
        found, fields = read(notice)
        assert found == ["Entretien", "Avis", "Lot réservé"]
        assert fields == {
            "BT-21": ("Entretien",),
            "BT-262": ("77310000",),
            "LOT-0001/BT-71": ("res-ws",),
        }

    def test_groups_are_no_lots(self) -> None:
        assert "Groupe 1 - Nord" in read({"lots": [{"lot_id": "GLO-0001", "title": "Nord"}]})[0]

    def test_lines_of_json(self) -> None:
        data = b'{"text": "un"}\n\n{"text": "deux\\u2028trois"}\n'
        pages, _ = read_notice_json(data, max_pages=5)
        assert [page.text for page in pages] == ["un", "deux\ntrois"]

    @pytest.mark.parametrize("data", [b'{"a": 1}\n{"b"', b'{"a": 1}\n[1]', b'{"a": 1} {"b": 2}'])
    def test_what_is_no_line_of_json(self, data: bytes) -> None:
        with pytest.raises(Truncated):
            read_notice_json(data, max_pages=5)

    def test_unknown_json_has_lines_and_no_fields(self) -> None:
        found, fields = read({"BT-71": ["res-ws"]})
        assert found == ["res-ws"]
        assert fields == {}

    def test_nothing_to_read(self) -> None:
        assert notice_fields(b"{}") == {}
        with pytest.raises(NoText):
            read_notice_json(b"{}", max_pages=5)
