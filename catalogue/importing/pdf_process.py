"""Reading a PDF's pages in a process of their own, with bounded time and memory.

A PDF comes from outside, and its reader is a large native library: whatever a hostile file does
to it ends here, not in the worker. The child needs no Django and answers one JSON line a page.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

from catalogue.importing.pdf_content import OversizedPage, open_document, page_content
from catalogue.importing.pdf_grid import Block, GridRow, TextLine, page_blocks
from catalogue.importing.result import UnreadableCatalogue

MAX_SECONDS = 150  # of processor time; the annex takes 8
MAX_BYTES = 768 * 2**20  # of address space; the annex takes 40 MiB
_LIMITS = (str(MAX_SECONDS), str(MAX_BYTES))
_ROOT = Path(__file__).resolve().parents[2]

EXHAUSTED = "读取这个 PDF 的第 {page} 页时超出了时间或内存的限度，它不像规范申报目录，没有导入。"


class PageRead(NamedTuple):
    """A page (from 1) of `pages`: its blocks, and what about it could not be read."""

    page: int
    pages: int
    width: float
    blocks: list[Block]
    characters: int
    unreadable: int
    images: int
    problem: str


def read_pages(path: Path) -> Generator[PageRead, None, None]:
    """Give the pages of a PDF one after another; closing the generator ends the child.

    Raises UnreadableCatalogue for a file that can't be opened or exhausts its limits.
    """
    module = "catalogue.importing.pdf_process"
    command = [sys.executable, "-m", module, str(path.resolve()), *_LIMITS]
    # Its errors go where ours go: to the log.
    child = subprocess.Popen(
        command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    done = 0
    try:
        for line in child.stdout or ():
            answer = json.loads(line)
            if "error" in answer:
                raise UnreadableCatalogue(answer["error"])
            done = answer["page"]
            yield _page(answer)
        if child.wait() != 0:
            raise UnreadableCatalogue(EXHAUSTED.format(page=done + 1))
    except json.JSONDecodeError as error:
        # The child was killed in the middle of a line.
        raise UnreadableCatalogue(EXHAUSTED.format(page=done + 1)) from error
    finally:
        if child.stdout is not None:
            child.stdout.close()
        child.kill()
        child.wait()


def _page(answer: dict[str, object]) -> PageRead:
    blocks = [
        GridRow(tuple(block["edges"]), tuple(block["cells"]), tuple(block["merged"]))
        if "cells" in block
        else TextLine(**block)
        for block in answer.pop("blocks")  # type: ignore[attr-defined]
    ]
    return PageRead(blocks=blocks, **answer)  # type: ignore[arg-type]


def _answers(path: Path) -> Iterator[dict[str, object]]:
    """Give what the child writes: a page each, or one error."""
    try:
        document = open_document(path)
    except UnreadableCatalogue as error:
        yield {"error": str(error)}
        return
    pages = len(document)
    for index in range(pages):
        answer: dict[str, object] = {
            "page": index + 1, "pages": pages, "width": 0.0, "blocks": [], "characters": 0,
            "unreadable": 0, "images": 0, "problem": "",
        }  # fmt: skip
        try:
            content = page_content(document, index)
            answer |= {
                "width": content.width,
                "characters": len(content.characters),
                "unreadable": content.unreadable,
                "images": content.images,
            }
            if content.rotated:
                answer["problem"] = "页面是旋转的"
            else:
                answer["blocks"] = [block._asdict() for block in page_blocks(content)]
        except OversizedPage:
            answer["problem"] = "内容多得不像目录"
        except RuntimeError:  # pdfium's errors
            answer["problem"] = "页面损坏"
        yield answer


def main(path: Path, seconds: int, memory: int) -> None:
    """Write the pages of `path` to standard output, within processor seconds and bytes."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for answer in _answers(path):
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
