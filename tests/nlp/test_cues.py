from pathlib import Path

import pytest

from corpus import taxonomy
from nlp import cues
from nlp.language import fold, tokens


def test_norms_ignore_inflection() -> None:
    assert len({fold(w) for w in ("réservé", "Réservées", "RÉSERVATION")}) == 1
    assert fold("sociaux") == fold("sociale")
    assert fold("3000") == fold("12,5") == "#"
    assert fold("marché") != fold("marge")


def test_choices_and_options() -> None:
    assert cues.expand("heure (d'insertion|de travail|)", {}) == [
        "heure",
        "heure d'insertion",
        "heure de travail",
    ]
    assert cues.expand("réservé aux @siae", {"siae": ["EI", "ACI"]}) == [
        "réservé aux ACI",
        "réservé aux EI",
    ]
    with pytest.raises(cues.CueError, match="unknown concept"):
        cues.expand("@nobody", {})
    with pytest.raises(cues.CueError, match="unbalanced"):
        cues.expand("heure (d'insertion", {})


def test_every_label_has_its_cues() -> None:
    assert set(cues.cues().labels) == set(taxonomy.labels())


def test_acronyms_match_themselves_only(tmp_path: Path) -> None:
    (tmp_path / "_concepts.toml").write_text("[concept]\n")
    (tmp_path / "env.waste.toml").write_text('[rule.x]\nphrases = ["PLIE", "EA"]\n')
    loaded = cues.load(tmp_path)
    phrases = loaded.labels["env.waste"].rules[0].phrases

    def found(text: str) -> list[str]:
        doc = tokens(text)
        return [text[h.start : h.end] for h in cues.find(phrases, loaded.hits(doc), doc)]

    assert found("Le PLIE et une EA") == ["PLIE", "EA"]
    assert found("remise des plis ; eau et lieu") == []
    assert found("REMISE DES PLIS") == []


def test_articles_of_law_in_every_spelling() -> None:
    for text in ("L. 2113-13", "L.2113-13", "L 2113-13", "L2113-13", "article L. 2113 - 13"):
        assert [name for name, _, _ in cues.articles(text)] == ["L2113-13"]
    assert [n for n, _, _ in cues.articles("L. 2113-13-1 et R.2113-7")] == ["L2113-13-1", "R2113-7"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('colour = "red"', "unknown key colour"),
        ('[rule.a]\nphrase = ["x"]', "unknown key phrase"),
        ('[rule.a]\nregex = ["x"]', "needs 'on'"),
        ('inherit = "some"', "none, duty or all"),
        ('[rule.a]\nphrases = ["… x"]', "begins or ends with a gap"),
        ('[rule.a]\nstatus = "maybe"', "maybe"),
    ],
)
def test_a_broken_cue_file_is_refused(tmp_path: Path, body: str, message: str) -> None:
    (tmp_path / "_concepts.toml").write_text("[concept]\n")
    (tmp_path / "env.waste.toml").write_text(body)
    with pytest.raises(cues.CueError, match=message):
        cues.load(tmp_path)
    (tmp_path / "env.waste.toml").rename(tmp_path / "env.wast.toml")
    with pytest.raises(cues.CueError, match="no such label"):
        cues.load(tmp_path)
