"""Where in the contract a passage acts (stage) and how far it binds (status)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from corpus.documents import Block, BlockKind, PieceType
from corpus.findings import Stage, Status
from nlp import qualifiers
from nlp.qualifiers import says
from nlp.wordlists import word_file, word_lists

_STATES_CRITERIA = (
    PieceType.RC,
    PieceType.NOTICE,
    PieceType.CCP,
    PieceType.ANNEX,
    PieceType.FORM,
)
_LONGEST_HEADING = 300  # characters; what is longer was printed without a line's end
_LOT_TITLE = re.compile(r"\W*lot\s*(?:n°\s*)?\d", re.IGNORECASE)
_WEIGHT = re.compile(r"\d\s?(?:%|points?\b|pts\b|/\s?100)|/\s?\d{2,3}\b", re.IGNORECASE)
_CONTRACT = (PieceType.CCAP, PieceType.CCP, PieceType.CCTP, PieceType.AE)


def _rules() -> Mapping[str, re.Pattern[str]]:
    return word_lists("stages")


def _defaults() -> Mapping[str, Any]:
    defaults: Mapping[str, Any] = word_file("stages")["default"]
    return defaults


def stage(block: Block, text: str, label: str, piece: PieceType) -> Stage:
    """Return the stage of a passage from its own words, its article and its piece."""
    rules = _rules()
    family = label.partition(".")[0]
    fixed = _defaults()["label"].get(label) or _defaults()["family"].get(family)
    if label in _defaults()["contract"]["labels"] and piece in _CONTRACT:
        return Stage.EXECUTION
    if fixed:
        return Stage(fixed)
    heading = " › ".join(block.path[-2:])
    if criterion(block, text, piece):
        return Stage.AWARD_CRITERION
    if rules["execution_words"].search(text):
        return Stage.EXECUTION
    if piece == PieceType.CCTP:
        product = label in _defaults()["product"]["labels"]
        return Stage.SPECIFICATION if product else Stage.EXECUTION
    if rules["selection_heading"].search(heading) or rules["selection_words"].search(text):
        return Stage.SELECTION
    nearest = block.path[-1] if block.path else ""
    if rules["subject_words"].search(text) or rules["subject_heading"].search(nearest):
        return Stage.SUBJECT
    if rules["duty_words"].search(text) or rules["duty_words"].search(block.lead):
        return Stage.EXECUTION
    return Stage(_defaults()["piece"].get(piece.value, "other"))


def _contract_title(block: Block, piece: PieceType) -> bool:
    """The title of a notice or of one of its lots says what is bought; other headings only head."""
    return piece == PieceType.NOTICE and (not block.path or bool(_LOT_TITLE.match(block.text)))


def _title_line(text: str) -> bool:
    """A few words and a colon head what follows, and say nothing themselves."""
    return text.rstrip().endswith(":") and len(text.split()) <= 8


def criterion(block: Block, text: str, piece: PieceType) -> bool:
    """Tell whether a passage is (part of) an award criterion."""
    rules = _rules()
    if rules["not_criterion"].search(text):
        return False
    if rules["criterion_words"].search(text):
        return True
    if piece in _STATES_CRITERIA and rules["criterion_points"].search(text):
        return True
    near = f"{block.path[-1] if block.path else ''} › {block.lead}"
    if piece in (PieceType.CCTP, PieceType.CCAP) or rules["not_criterion"].search(near):
        return False
    return bool(rules["criterion_heading"].search(near)) and not rules["criterion_prose"].search(
        text
    )


def status(
    block: Block,
    text: str,
    start: int,
    end: int,
    label: str,
    stage_: Stage,
    piece: PieceType,
    *,
    denial: bool = False,
) -> tuple[Status, tuple[str, ...]]:
    """Return the status of the words at ``[start, end)`` and the qualifiers that decided it."""
    family = label.partition(".")[0]
    heads = block.kind == BlockKind.HEADING and len(block.text) <= _LONGEST_HEADING
    if (heads and not _contract_title(block, piece)) or _title_line(text):
        if family in ("social", "env") and stage_ == Stage.AWARD_CRITERION and _WEIGHT.search(text):
            return Status.SCORED, ("criterion",)
        return Status.MENTION, ("heading",)
    denies = denial or label in _defaults()["denial"]["labels"]
    box = qualifiers.column_state(block)
    if box is None:
        box = qualifiers.box_state(text, start, end)
    denies = denial or label in _defaults()["denial"]["labels"]
    if box is False and denies and qualifiers.ticked_no(text[start:end]):
        box = True  # "Variantes : ☐ oui ☒ non" says that they are refused
    if box is False:
        return Status.EXCLUDED, ("unticked",)
    if family == "reserved" and says("not_reserved", text) and not says("except", text):
        return Status.EXCLUDED, ("negated",)
    if not denies:
        if box is None and qualifiers.without_object(text, start, end):
            return Status.EXCLUDED, ("without-object",)
        absence = family in ("social", "env")
        if qualifiers.negated(text, start, end, absence=absence) or (
            block.lead and says("negative_lead", block.lead)
        ):
            return Status.EXCLUDED, ("negated",)
    if says("template", text):
        return Status.EXCLUDED, ("template",)
    heading = block.path[-1] if block.path else ""
    if family in ("social", "env") and (
        says("informs", text)
        or (block.lead and says("helping_lead", block.lead))
        or says("private_data", heading)
    ):
        return Status.MENTION, ("informs",)
    if stage_ == Stage.AWARD_CRITERION and family in ("social", "env"):
        return Status.SCORED, ("criterion",)
    here = family == "reserved" and says("reserved_now", text)
    if says("recital", text) and not says("strong_duty", text) and not here:
        return Status.MENTION, ("recital",)
    if says("mention_heading", heading) and not says("strong_duty", text):
        return Status.MENTION, ("recital",)
    if label in _defaults()["scored"]["labels"]:
        return Status.SCORED, ("criterion",)
    if family in ("access", "barrier", "reserved"):
        wished = family == "access" and says("wished", text)
        return (Status.ENCOURAGED, ("optional",)) if wished else (Status.BINDING, ())
    low, high = qualifiers.clause_around(text, start, end)
    if says("encouraged", text[low:high]) or (
        block.lead and says("encouraged", block.lead) and not says("strong_duty", text)
    ):
        return Status.ENCOURAGED, ("optional",)
    if block.kind == BlockKind.ITEM and says("optional_lead", block.lead):
        return Status.ENCOURAGED, ("one-of-several",)
    if qualifiers.sets_duty(text, block.lead) or block.kind in (BlockKind.ITEM, BlockKind.ROW):
        return Status.BINDING, ()
    if piece != PieceType.ANNEX:  # annexes mostly describe
        return Status.BINDING, ()
    return Status.MENTION, ("no-duty",)
