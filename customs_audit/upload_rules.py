"""The rules that rows are checked by, as a list to choose from."""

import re
from functools import cache

from declarations.rules import RULES

# Rules on a file as a whole: no row ever breaks one of these.
_OF_FILES = ("file.", "sheet.", "column.")
# What a case puts into its rule's sentence: {label}, {limit:,}.
_FACT = re.compile(r"（?\{\w+(?::[^}]*)?\}）?")


@cache
def rule_choices() -> list[tuple[str, str]]:
    """Return each rule that a row can break, with what it asks for in a few words."""
    return [(name, rule_words(name)) for name in RULES if not name.startswith(_OF_FILES)]


def rule_words(name: str, label: str = "") -> str:
    """Return a rule's sentence without the facts of a case and without what to do.

    `label` names the column where the rule speaks of any.
    """
    text = RULES[name].text
    if label:
        text = text.replace("{label}", label)
    return without_facts(re.split("[；。]", text)[0])


def without_facts(text: str) -> str:
    """Return a rule's sentence, or a part of it, without the facts of a case."""
    return _FACT.sub("…", text)
