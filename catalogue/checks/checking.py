"""Running all checks over one reading."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from catalogue.checks import answers, codes, composition, values
from catalogue.checks.plan import (
    Asked,
    Fault,
    advice_of,
    asked_of,
    is_code_name,
    is_conditional,
    is_question,
)
from catalogue.checks.rules import RULES, Finding, finding
from catalogue.checks.whole import check_whole
from catalogue.checks.wording import has_other_script, is_filler
from catalogue.elements import Part, PartKind, Reading
from catalogue.word_lists import words

Check = Callable[[Asked, str], Fault | None]
_DENIED = re.compile(r"^[无非未不没]\S")
_BODY = frozenset({PartKind.ELEMENT, PartKind.OLDER, PartKind.UNMATCHED})
TAIL_GTIN, TAIL_CAS = "GTIN", "CAS"  # the places behind the catalogue's elements


class Plan(NamedTuple):
    """An element, the checks on any value of it, and those on a value that does not say 无…, 非…."""

    asked: Asked
    always: tuple[Check, ...]
    positive: tuple[Check, ...]
    is_due: bool
    is_question: bool


@lru_cache(maxsize=16_384)
def plan_of(name: str, chapter: str) -> Plan:
    """The checks that a value of element `name` (in a code of `chapter`) must pass."""
    asked = asked_of(name, chapter)
    bare, hint = asked.bare, asked.hint
    always: list[Check] = []
    positive: list[Check] = []
    if is_code_name(bare):
        always.append(values.check_full_width)
    if "CAS" in bare:
        always.append(codes.check_cas)
    elif name == TAIL_GTIN:
        always.append(codes.check_gtin_place)
    elif "GTIN" in bare:
        always.append(codes.check_gtin)
    elif composition.holds_composition(asked):
        positive.append(composition.check_sum)
        if composition.asks_composition(asked):
            positive.append(composition.check_shares_given)
    else:
        always.append(answers.check_evasion)
        positive += _hint_checks(asked)
    if values.units_of(asked) and not composition.holds_composition(asked):
        positive.append(values.check_unit)
    if bare == "包装规格":
        positive.append(values.check_package)
    elif bare == "规格型号":
        always.append(values.check_model_and_spec)
    elif "用途" in bare or bare == "应用场景" or hint.is_template:
        needs_machine = hint.is_template or "适用机型" in asked.name or "适用车型" in asked.name
        positive.append(values.check_machine if needs_machine else values.check_use)
    question = is_question(bare)
    return Plan(asked, tuple(always), tuple(positive), _is_due(asked), question)


def _hint_checks(asked: Asked) -> list[Check]:
    found: list[Check] = []
    if answers.is_closed_choice(asked):
        found.append(answers.check_one_of)
    if asked.hint.each and not asked.hint.is_open:
        found.append(answers.check_each)
    if asked.hint.questions:
        found.append(answers.check_questions)
    return found


def _is_due(asked: Asked) -> bool:
    """Whether an empty value is worth a word: not where it is due only under a condition.

    Goods without a barcode leave the GTIN empty.
    """
    return "GTIN" not in asked.bare and not is_conditional(asked.bare)


def check_reading(reading: Reading, *, hs_code: str, ie_flag: str, name: str = "") -> list[Finding]:
    """Check a read 规格型号 (with its ten-digit code, I or E, and 商品名称 if given).

    The findings that concern the whole come first, then those of the parts in their order. Nothing
    is decided: a finding shows where the text looks wrong and what to fill in. Where a part's place
    is uncertain, what rests on its place is withheld and the rest says so. Never raises.
    """
    chapter = hs_code[:2]
    found = check_whole(reading, ie_flag, name)
    found += _missing(reading, chapter)
    for index in range(len(reading.parts)):
        found += _check_part(reading, index, chapter)
    return found


def is_certain(reading: Reading, part: Part) -> bool:
    """Whether a part surely stands under its element."""
    return part.is_certain or reading.is_certain


def _missing(reading: Reading, chapter: str) -> list[Finding]:
    """Elements of the list that no part stands under, where the reading knows which."""
    if not reading.names or not reading.is_certain:
        return []
    placed = {part.number for part in reading.parts}
    found = []
    for element in reading.names:
        if element.number not in placed and (plan := plan_of(element.name, chapter)).is_due:
            facts = {"bare": plan.asked.bare, "advice": advice_of(plan.asked.bare)}
            found.append(finding("element_missing", facts, element=element.name, part=None))
    return found


def _check_part(reading: Reading, index: int, chapter: str) -> list[Finding]:
    part = reading.parts[index]
    certain = is_certain(reading, part)
    if part.kind is PartKind.ELEMENT:
        name = part.name
    elif part.kind is PartKind.GTIN:
        name = TAIL_GTIN
    elif part.kind is PartKind.CAS:
        name = TAIL_CAS
    else:
        return []
    plan = plan_of(name, chapter)
    text = part.value.strip()
    found: list[Finding] = []
    if not text and "CAS" in name and any(codes.is_cas(p.value) for p in reading.parts):
        return found  # it stands one place further on
    if part.label:
        prefixed: dict[str, object] = {"bare": plan.asked.bare, "prefix": part.label}
        found.append(finding("name_prefixed", prefixed, element=part.name, part=index))
    for fault in _faults(plan, part.kind, text):
        if RULES[fault.rule].needs_place and not (
            (certain or _is_in_order(reading)) and not has_other_script(text)
        ):
            continue
        if fault.rule == "composition_no_share" and _has_shares_elsewhere(reading, index):
            continue  # two parts have changed places
        facts = {"bare": plan.asked.bare, "value": text, **fault.facts}
        found.append(finding(fault.rule, facts, element=part.name, part=index, certain=certain))
    return found


def _is_in_order(reading: Reading) -> bool:
    """Whether all elements of the list stand in its order, each once, if without certainty.

    Nothing in the text then speaks for a shift; a part that doesn't suit its element may well be
    the fault itself (纸箱 as 包装规格).
    """
    numbers = [part.number for part in reading.parts if part.kind in _BODY]
    return bool(reading.names) and numbers == [name.number for name in reading.names or ()]


def _has_shares_elsewhere(reading: Reading, index: int) -> bool:
    """Whether a whole composition stands under an element that asks none."""
    return any(
        composition.is_whole(part.value) and not composition.is_about_composition(part.name)
        for at, part in enumerate(reading.parts)
        if at != index and part.kind is PartKind.ELEMENT
    )


def _faults(plan: Plan, kind: PartKind, text: str) -> list[Fault]:
    if not text:
        if kind is PartKind.ELEMENT and plan.is_due:
            return [Fault("element_missing", {"advice": advice_of(plan.asked.bare)})]
        return []
    if is_filler(text):
        if kind is not PartKind.ELEMENT:
            return []
        if plan.is_question:
            fault = answers.check_yes_no(plan.asked, text)
            return [fault] if fault else []
        return [values.filler_fault(plan.asked)]
    if plan.is_question and text in words("yes_no"):
        fault = answers.check_yes_no(plan.asked, text)
        return [fault] if fault else []
    checks = plan.always
    if plan.positive and not _DENIED.match(text):
        checks += plan.positive
    faults = []
    for check in checks:
        if fault := check(plan.asked, text):
            faults.append(fault)
            if fault.rule == "value_vague":
                break
    return faults
