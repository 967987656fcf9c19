"""`manage.py read_elements --code HS --ie I|E [--date YYYY-MM-DD] 'G_MODEL'`."""

import json
import re
import sys
from argparse import ArgumentTypeError
from datetime import date
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogue.checks import check_reading
from catalogue.elements import ElementReader
from catalogue.reading.showing import as_data

_WRONG_OPTION = 2  # the exit code
_CODE_DIGITS = frozenset({8, 10, 13})


def hs_code(text: str) -> str:
    """Take a code of 8, 10 or 13 digits, dots and blanks allowed; ArgumentTypeError for others."""
    digits = re.sub(r"[.\s]", "", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) in _CODE_DIGITS):
        raise ArgumentTypeError(f"商品编码“{text}”应为 8、10 或 13 位数字，如 8542399000")
    return digits


def ie_flag(text: str) -> str:
    """Take I or E; ArgumentTypeError for anything else."""
    if text.upper() not in {"I", "E"}:
        raise ArgumentTypeError(f"进出口标志“{text}”应为 I（进口）或 E（出口）")
    return text.upper()


def day(text: str) -> date:
    """Take YYYY-MM-DD; ArgumentTypeError for no such day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"日期“{text}”应写成 YYYY-MM-DD，如 2025-03-19") from None


class Command(BaseCommand):
    """Reads one 规格型号 into named elements; prints one line of JSON."""

    help = "把一条规格型号按规范申报目录对应到申报要素，输出一行 JSON。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the text and what it is read by; --date defaults to the newest edition in force."""
        parser.add_argument("g_model", metavar="G_MODEL", help="规格型号，各部分以 | 分隔")
        parser.add_argument("--code", required=True, type=hs_code, metavar="HS", help="商品编码")
        parser.add_argument("--ie", required=True, type=ie_flag, metavar="I|E", help="进出口标志")
        parser.add_argument("--date", type=day, metavar="YYYY-MM-DD", help="申报日期")
        parser.add_argument("--name", default="", metavar="名称", help="商品名称，一并检查时填写")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Say a missing or wrong option in one Chinese sentence."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        at_terminal = parser.called_from_command_line

        def refuse(message: str) -> NoReturn:
            if at_terminal:
                sys.stderr.write(f"{_sentence(message)}\n")
                sys.exit(_WRONG_OPTION)
            raise CommandError(_sentence(message), returncode=_WRONG_OPTION)

        parser.error = refuse  # type: ignore[method-assign]
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, check and print; CommandError where no catalogue is held."""
        reader = ElementReader()
        if not reader.editions:
            raise CommandError("系统中还没有规范申报目录，请先用 import_catalogue 装入目录。")
        reading = reader.read(options["g_model"], options["code"], options["ie"], options["date"])
        findings = check_reading(
            reading, hs_code=options["code"], ie_flag=options["ie"], name=options["name"]
        )
        data = as_data(reading, findings)
        text = json.dumps(data, ensure_ascii=False)
        # What the shell could not decode comes as lone surrogates, which no encoding takes.
        is_plain = text.encode("utf-8", "replace").decode("utf-8") == text
        self.stdout.write(text if is_plain else json.dumps(data))


_MISSING = re.compile(r"the following arguments are required: (.*)")
_USAGE = "用法：read_elements --code 商品编码 --ie I或E [--date YYYY-MM-DD] '规格型号'"


def _sentence(message: str) -> str:
    """Put argparse's message into one Chinese sentence."""
    missing = _MISSING.search(message)
    if missing:
        return f"缺少参数 {missing[1]}。{_USAGE}"
    told = re.search(r"[\u4e00-\u9fff].*", message.split(": ", 1)[-1])
    if told and message.startswith("argument"):
        return f"{told.group()}。"
    return f"参数不对。{_USAGE}"
