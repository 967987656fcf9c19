"""Element lists: the key by which two lists are told to be the same."""

from collections.abc import Iterable
from hashlib import blake2b

LIST_KEY_BYTES = 16


def list_key(elements: Iterable[tuple[str, str]]) -> str:
    """Give the 32 hexadecimal digits that equal element lists share.

    `elements` are (name as printed, category code) in the order of the list.
    """
    text = "\n".join(f"{category}\t{name}" for name, category in elements)
    return blake2b(text.encode(), digest_size=LIST_KEY_BYTES).hexdigest()
