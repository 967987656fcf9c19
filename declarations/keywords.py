"""A typed keyword, told apart into words of the content and 报关单号."""

import re

from declarations.normalise import keyword_words

_ENTRY_ID = re.compile(r"[0-9]{8}[01ie][0-9]{9}")


def read_keyword(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split a typed keyword into (words of the content, 报关单号), each once."""
    words, entry_ids = [], []
    for word in dict.fromkeys(keyword_words(text)):
        # Normalising has folded widths and letter case: a 集中申报清单's E or I is stored upper.
        if _ENTRY_ID.fullmatch(word):
            entry_ids.append(word.upper())
        else:
            words.append(word)
    return tuple(words), tuple(entry_ids)
