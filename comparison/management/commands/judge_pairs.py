"""`manage.py judge_pairs FILE.tsv`: judge pairs of declared texts, the way that marks are made."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogue.elements import edition_on, element_names
from comparison.judging import DeclaredText, judge

NEEDED = ("hs_code", "ie_flag", "name_a", "g_model_a", "name_b", "g_model_b")
ADDED = ("judged", "score", "reason")


class Command(BaseCommand):
    """Adds the judgement to each row of a tab-separated file and prints it, other columns as is."""

    help = "比对：逐对判断两条申报内容一致、仅形式不同还是不同。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and the date whose edition names the elements."""
        parser.add_argument("file", metavar="FILE.tsv", type=Path)
        parser.add_argument(
            "--date", type=_day, help="按这一天有效的目录版本（默认：已启用的最新版本）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the file with judged, score and reason added."""
        edition = edition_on(options["date"])
        writer = csv.writer(self.stdout, delimiter="\t", lineterminator="\n")
        for number, row in enumerate(_rows(options["file"])):
            if number == 0:
                writer.writerow([*row, *ADDED])
            a, b = (
                DeclaredText(
                    row["hs_code"], row["ie_flag"], row[f"name_{side}"], row[f"g_model_{side}"]
                )
                for side in "ab"
            )
            judgement = judge(a, b, names=element_names(edition, a.hs_code))
            added = (judgement.judged.value, f"{judgement.score:.4f}", judgement.reason)
            writer.writerow([*row.values(), *added])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Read the rows by their headings; raises CommandError where the file is not such a table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, delimiter="\t", restval="")
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise CommandError(f"文件缺少列：{'、'.join(missing)}；请补上这些列再运行。")
            for row in reader:
                if None in row:
                    raise CommandError(
                        f"第 {reader.line_num} 行的列比表头多；请检查该行的制表符和双引号。"
                    )
                yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(
            f"读不了文件 {path.name}（{error}）；请给出 UTF-8 编码的制表符分隔文件。"
        ) from error


def _day(text: str) -> date:
    return date.fromisoformat(text)
