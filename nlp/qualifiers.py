"""How far a passage binds: negated, unticked, "sans objet", template, recital, optional, scored.

The words live in ``patterns/_qualifiers.toml``. Each qualifier looks at the passage around the
words that made a rule fire, never at the passage alone: "non réservé mais avec clause sociale"
is negated for the reservation and affirmed for the clause.
"""

from __future__ import annotations

import re

from corpus.documents import CELL_MARK, Block, BlockKind
from nlp.wordlists import word_lists

_CLAUSE_END = re.compile(r"[;.!?]|\bmais\b|\btoutefois\b|\bcependant\b|\bbut\b|\bhowever\b", re.I)
_CITATION = re.compile(r"\b([LRD]|art|n)\.")  # the stop of "art. L. 2113-12" ends no clause
_BOX = re.compile(r"[☐☒☑■]|\[\s?[xX]?\s?\]|\(\s?[xX]\s?\)|\( \)|\|[xX_]\|")
_TICKED = re.compile(r"[☒☑■]|[\[(|]\s?[xX]\s?[\])|]")


def says(name: str, text: str) -> re.Match[str] | None:
    """Return the first match in ``text`` of a list of ``patterns/_qualifiers.toml``."""
    return word_lists("qualifiers")[name].search(text)


def clause_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the clause that holds ``text[start:end]``."""
    low, high = 0, len(text)
    for match in _CLAUSE_END.finditer(text):
        if match.end() <= start:
            low = match.end()
        elif match.start() >= end:
            high = match.start()
            break
    return low, high


def negated(text: str, start: int, end: int, *, absence: bool = False) -> bool:
    """Tell whether the words at ``[start, end)`` are denied in their own clause.

    With ``absence``, only when a clause is said not to exist: "aucun pesticide n'est employé" is a
    prohibition, which binds, "aucune exigence n'est posée" an absence.
    """
    text = word_lists("qualifiers")["pseudo_negation"].sub(
        lambda m: "·" * len(m[0]), _CITATION.sub(r"\1 ", text)
    )
    low, high = clause_around(text, start, end)
    low, high = max(low, start - 180), min(high, end + 60)
    denials = [
        (low + m.start(), end) for m in (says("negation_before", text[low:start]),) if m is not None
    ]
    if (after := says("negation_after", text[end:high])) is not None:
        denials.append((start, end + after.end()))
    if (inside := says("negation_inside", text[start:end])) is not None:
        denials.append((start + inside.start(), end))
    if re.search(r"\bn[e']\s?$", text[low:start]) and says("negation_begins", text[start:end]):
        denials.append((start, end))
    if absence:
        return any(says("absence", text[first:last]) for first, last in denials)
    return bool(denials)


def without_object(text: str, start: int, end: int) -> bool:
    """Tell whether "sans objet", "néant" or "non" answers the words at ``[start, end)``."""
    return bool(
        says("field_none", text)
        or says("answer_none", text[end : end + 90])
        or says("inside_none", text[start:end])
        or says("leading_none", text[max(0, start - 90) : start])
    )


def box_state(text: str, start: int, end: int) -> bool | None:
    """Return True when the option at ``[start, end)`` is ticked, False when not, None without box.

    A group of boxes is a unit: the box that governs an option is the one before it, unless the
    text begins with words, when boxes follow their options ("Oui ☐ Non ☒").
    """
    boxes = list(_BOX.finditer(text))
    if not boxes:
        return None
    if says("ticked_none", text):
        return False
    answer = _yes_no(text)
    if answer is not None:
        return answer
    before = [b for b in boxes if b.start() < max(end, start + 1)]
    box = before[-1] if before else boxes[0]
    return bool(_TICKED.fullmatch(box[0]))


_MARKED = re.compile(r"\W*(?:[xX✓✔☒☑■]|oui)\W*|[☒☑■].*")


def column_state(block: Block) -> bool | None:
    """Return what a row answers in its "Oui" and "Non" columns, None when it has no such pair."""
    if block.kind != BlockKind.ROW or not block.lead:
        return None
    heads = [cell.strip(" .:?").lower() for cell in block.lead.split(CELL_MARK.strip())]
    if not {"oui", "non"} <= set(heads) or len(block.cells) > len(heads):
        return None
    cells = [block.text[start:end].strip() for start, end in block.cells]
    cells += [""] * (len(heads) - len(cells))  # empty cells at the end of a row are not kept
    yes, no = cells[heads.index("oui")], cells[heads.index("non")]
    if bool(_MARKED.fullmatch(yes)) == bool(_MARKED.fullmatch(no)):
        return None  # a frame to fill in, or nonsense
    return bool(_MARKED.fullmatch(yes))


_YES_BOX = re.compile(r"(?P<yb>[☐☒☑■]|\[\s?[xX]?\s?\])\s*(?:oui|yes)\b", re.I)
_NO_BOX = re.compile(r"(?P<nb>[☐☒☑■]|\[\s?[xX]?\s?\])\s*(?:non|no)\b", re.I)
_YES_AFTER = re.compile(r"\b(?:oui|yes)\s*:?\s*(?P<yb>[☐☒☑]|\[\s?[xX]?\s?\])", re.I)


def _yes_no(text: str) -> bool | None:
    """Read a pair of boxes "☐ oui ☒ non"; None when the text holds no such pair."""
    yes, no, after = _YES_BOX.search(text), _NO_BOX.search(text), _YES_AFTER.search(text)
    first = min((m.start() for m in (yes, no) if m is not None), default=len(text))
    if after is not None and after.start() < first:  # boxes follow their options
        return bool(_TICKED.fullmatch(after["yb"]))
    if yes is None and no is None:
        return None
    return yes is not None and bool(_TICKED.fullmatch(yes["yb"]))


def ticked_no(text: str) -> bool:
    """Tell whether the answer "non" of a pair of boxes is ticked in a text."""
    no = _NO_BOX.search(text)
    return no is not None and bool(_TICKED.fullmatch(no["nb"]))


def sets_duty(text: str, lead: str = "") -> bool:
    """Tell whether a passage, or the sentence that leads it, says what must be done."""
    return bool(says("duty", text) or (lead and says("duty", lead)))


def never_inherits(text: str) -> bool:
    """Tell whether a passage is of the kind that never takes its article's theme."""
    return bool(says("never_inherits", text))
