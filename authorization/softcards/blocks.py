"""Long messages, which clients of the control send in blocks.

A block is a header of 128 characters and a piece of the message: `BLOCKTXT`, the message's check
code (4), the piece's (4), the message's length (16), the piece's (8), how many pieces (4), the
group's name (36), the piece's number from 0 (4), 44 reserved. The control asks for the next by
`_nextBlock`. The check code is a CRC-16 (Modbus) over the low byte of each character.
"""

import json
from typing import Any

MARK = "BLOCKTXT"
HEADER = 128
MAX_MESSAGE = 16 * 1024 * 1024


class BadBlock(ValueError):
    """This is no block that can be read; the text says why."""


def check_code(text: str) -> str:
    """Give the check code of a text: four hexadecimal digits, low byte first."""
    crc = 0xFFFF
    for letter in text:
        crc ^= ord(letter) & 0xFF
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return f"{crc & 0xFF:02X}{crc >> 8:02X}"


def split(message: str, group: str, size: int) -> list[str]:
    """Write a message as blocks of at most `size` characters, as a client does."""
    pieces = [message[at : at + size] for at in range(0, len(message), size)] or [""]
    total = check_code(message)
    return [
        f"{MARK}{total}{check_code(piece)}{len(message):016d}{len(piece):08d}"
        f"{len(pieces):04d}{group:0>36}{number:04d}".ljust(HEADER, "0")
        + piece
        for number, piece in enumerate(pieces)
    ]


class Blocks:
    """Gathers the blocks of one connection."""

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}

    def take(self, text: str) -> tuple[str | None, str]:
        """Take a block; returns the whole message once it is there, and what to answer.

        Raises BadBlock.
        """
        if len(text) < HEADER:
            raise BadBlock("报头不完整")
        try:
            length, size, count = int(text[16:32]), int(text[32:40]), int(text[40:44])
            number = int(text[80:84])
        except ValueError:
            raise BadBlock("报头中的数字不正确") from None
        group, piece = text[44:80], text[HEADER:]
        if length > MAX_MESSAGE or not 0 <= number < count:
            raise BadBlock("数据过长或包号不正确")
        pieces = self.groups.setdefault(group, [])
        is_sound = len(piece) == size and check_code(piece) == text[12:16]
        if not is_sound or number != len(pieces):
            return None, _next_block(group, len(pieces), is_sound=False)
        pieces.append(piece)
        if len(pieces) < count:
            return None, _next_block(group, len(pieces))
        message = "".join(self.groups.pop(group))
        if len(message) != length or check_code(message) != text[8:12]:
            raise BadBlock("总校验码不符")
        return message, _next_block(group, count, is_finished=True)


def _next_block(
    group: str, number: int, *, is_sound: bool = True, is_finished: bool = False
) -> str:
    data: dict[str, Any] = {"guid": group, "next": number, "finish": is_finished}
    return json.dumps(
        {
            "_id": 0,
            "_method": "_nextBlock",
            "_status": "00",
            "_args": {"Result": is_sound, "Data": [data], "Error": []},
        }
    )
