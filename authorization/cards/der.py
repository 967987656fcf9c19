"""Whether bytes are DER: asked before any parser sees what a stranger sent.

The parsers behind read BER too, where one value can be written in many ways and nested without
end; what is signed and kept here must have one form.
"""

MAX_DEPTH = 32
MAX_ELEMENTS = 4000
_CONSTRUCTED = 0x20
_ALWAYS_CONSTRUCTED = {0x10, 0x11}  # SEQUENCE, SET


def is_der(content: bytes) -> bool:
    """Say whether these bytes are exactly one DER value, of bounded depth and number of parts."""
    ends = [len(content)]
    place = elements = 0
    while ends:
        if place == ends[-1]:
            ends.pop()
            continue
        if len(ends) == 1 and elements:
            return False  # something follows the one value
        elements += 1
        header = _header(content, place, ends[-1])
        if header is None or elements > MAX_ELEMENTS:
            return False
        is_constructed, start, end = header
        if is_constructed:
            if len(ends) > MAX_DEPTH:
                return False
            ends.append(end)
            place = start
        else:
            place = end
    return elements > 0


def _header(content: bytes, place: int, limit: int) -> tuple[bool, int, int] | None:
    """Read a tag and a length: (whether constructed, where the value starts, where it ends)."""
    if place + 2 > limit:
        return None
    tag, length = content[place], content[place + 1]
    number, is_constructed = tag & 0x1F, bool(tag & _CONSTRUCTED)
    # No certificate has tags of several bytes; universal types have one form each.
    if number == 0x1F or tag == 0:
        return None
    if tag < 0x40 and is_constructed != (number in _ALWAYS_CONSTRUCTED):
        return None
    start = place + 2
    if length >= 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or start + size > limit or content[start] == 0:
            return None
        length = int.from_bytes(content[start : start + size], "big")
        if length < 0x80:
            return None
        start += size
    end = start + length
    return None if end > limit else (is_constructed, start, end)
