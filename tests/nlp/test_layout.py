"""The order of reading, from places alone."""

from corpus.documents import Word
from nlp.clean import Text
from nlp.reading.layout import Mark, arrange

HEIGHT = 842.0
LETTER = 5.0  # points
Printed = tuple[float, float, str]  # left, top, words


def written(*printed: Printed) -> tuple[Text, tuple[Word, ...]]:
    value, words = "", []
    for x, y, text in printed:
        left = x
        for word in text.split(" "):
            at = len(value)
            words.append(Word(at, at + len(word), left, y, left + LETTER * len(word), y + 10))
            left = words[-1].x1 + LETTER
            value += word + " "
        value = value[:-1] + "\n"
    return Text.source(value[:-1]), tuple(words)


def ordered(*printed: Printed, marks: tuple[Mark, ...] = ()) -> list[str]:
    return arrange(*written(*printed), HEIGHT, marks)[0].value.split("\n")


def test_a_page_in_order_comes_back_as_it_is() -> None:
    page = written((60, 100, "Objet"), (60, 120, "Le marché est réservé."))
    assert arrange(*page, HEIGHT) == page


def test_a_title_written_late_goes_before_what_stands_below_it() -> None:
    left = [(60.0, 140.0 + 12 * i, f"gauche {i}") for i in range(4)]
    right = [(320.0, 140.0 + 12 * i, f"droite {i}") for i in range(4)]
    title = (320.0, 200.0 - 80, "Titre de droite")
    got = ordered((60, 120, "Titre de gauche"), *left, *right, title)
    assert got[0] == "Titre de gauche"
    assert got[1:5] == [t for _, _, t in left]  # its column is not torn
    assert got[5] == "Titre de droite"


def test_what_waits_for_a_late_line_does_not_go_behind_the_next_column() -> None:
    left = [(60.0, 300.0 + 12 * i, f"gauche {i}") for i in range(4)]
    right = [(320.0, 300.0 + 12 * i, f"droite {i}") for i in range(4)]
    got = ordered(*left, *right, (60, 280, "Chapitre trois"))
    assert got == ["Chapitre trois", *(t for _, _, t in (*left, *right))]


def turned(x: float, y: float, words: str, *, down: bool) -> list[tuple[str, Word]]:
    found = []
    for word in words.split():
        size = LETTER * len(word)
        top = y if down else y - size
        found.append((word, Word(0, 0, x, top, x + 10, top + size)))
        y = top + size + LETTER if down else top - LETTER
    return found


def page_of(*lines: list[tuple[str, Word]]) -> tuple[Text, tuple[Word, ...]]:
    value, words = "", []
    for line in lines:
        for text, word in line:
            at = len(value)
            words.append(word._replace(start=at, end=at + len(text)))
            value += text + " "
        value = value[:-1] + "\n"
    return Text.source(value[:-1]), tuple(words)


def test_lines_down_the_page_are_read_from_right_to_left() -> None:
    page = page_of(
        turned(280, 100, "seconde ligne du texte", down=True),
        turned(300, 100, "première ligne du texte", down=True),
    )
    assert arrange(*page, HEIGHT)[0].value.startswith("première")


def test_lines_up_the_page_keep_their_order() -> None:
    page = page_of(
        turned(280, 400, "première ligne du texte", down=False),
        turned(300, 400, "seconde ligne du texte", down=False),
    )
    assert arrange(*page, HEIGHT)[0].value.startswith("première")


def test_a_line_written_in_two_goes_is_read_as_one() -> None:
    text, words = written((60, 100, "Le titulaire réserve une part des heures"))
    below, more = written((60, 112, "à des personnes en insertion."))
    line = [(text.value[w.start : w.end], w) for w in words]
    page = page_of(line[::2], [(below.value[w.start : w.end], w) for w in more], line[1::2])
    assert arrange(*page, HEIGHT)[0].value == f"{text.value}\n{below.value}"


def test_a_note_up_the_margin_is_read_after_the_text() -> None:
    text, words = written((60, 100, "Le titulaire réserve"))
    after, more = written((60, 112, "des heures."))
    note = turned(20, 300, "Reçu le 3 mars", down=False)
    page = page_of(
        [(text.value[w.start : w.end], w) for w in words],
        note,
        [(after.value[w.start : w.end], w) for w in more],
    )
    assert arrange(*page, HEIGHT)[0].value.split("\n") == [
        "Le titulaire réserve",
        "des heures.",
        "Reçu le 3 mars",
    ]


def test_a_mark_is_read_where_it_stands() -> None:
    box = Mark("☒", 60, 100, 69, 109)
    assert ordered((78, 100, "clause sociale"), marks=(box,)) == ["☒ clause sociale"]


def test_lines_without_height_do_not_hang_the_reader() -> None:
    flat = tuple(Word(2 * i, 2 * i + 1, 60, 300 - i % 2, 80, 300 - i % 2) for i in range(6))
    text = Text.source("a\nb\nc\nd\ne\nf")
    assert sorted(arrange(text, flat, HEIGHT)[0].value.split()) == list("abcdef")


def test_signs_of_a_list_written_after_it_go_before_their_items() -> None:
    items = [(80.0, 100.0 + 14 * n, f"consigne {n}") for n in range(3)]
    signs = [(70.0, y, "•") for _, y, _ in items]
    got = ordered(*items, (60, 160, "Fin de la liste."), *signs)
    assert got == ["• consigne 0", "• consigne 1", "• consigne 2", "Fin de la liste."]


def test_a_dash_far_from_any_item_stays_where_it_is() -> None:
    got = ordered((200, 100, "consigne"), (60, 120, "Fin de la liste."), (70, 100, "–"))
    assert "– consigne" not in got


def test_wide_spaces_of_justified_lines_are_no_columns() -> None:
    words = "le titulaire remet son relevé au service".split()
    text, at = "", []
    for row in range(5):
        for n, word in enumerate(words):
            x, start = 60.0 + 50 * n, len(text)
            at.append(Word(start, start + len(word), x, 100.0 + 12 * row, x + 36, 110.0 + 12 * row))
            text += word + " "
        text = text[:-1] + "\n"
    page = (Text.source(text[:-1]), tuple(at))
    assert arrange(*page, HEIGHT) == page
