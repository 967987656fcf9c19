"""A watched folder: what lies in it, which of it has come whole, taking it, putting it away.

    收件/审核 2025-09.xlsx        comes here, or into a sub-folder named after a month
    收件/处理中/CLAIM/…           while somebody works at it
    收件/已接收/NAME（上传 17）/…  the file, with its report beside it; or 待处理/, 未通过/

A file is taken by renaming it into a folder of its own, so that of any number of watchers on any
number of hosts exactly one gets it; file and report are put away by renaming that folder, so that
a sender never sees one without the other. Nothing in the folder is trusted: links are not
followed, and what is read is read from the opened file.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from secrets import token_hex
from typing import IO

from customs_audit.inbox.months import month_of_folder
from customs_audit.inbox_models import InboxFile

Outcome = InboxFile.Outcome
REPORT = ".报告.txt"
FAULTS_WORKBOOK = ".问题清单.xlsx"
FAULTS_TABLE = ".问题清单.csv"
OURS = (REPORT, FAULTS_WORKBOOK, FAULTS_TABLE)
# Where one that is put away lies: 已接收, 待处理, 未通过; and while it is worked at: 处理中.
SUBFOLDERS = {outcome: outcome.label for outcome in Outcome}
# What programs call a file that they have not finished, and what is nobody's data.
_UNFINISHED_ENDINGS = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp")
_LEFT_OUT = frozenset({"thumbs.db", "desktop.ini"})
# A file that is open for writing somewhere waits for its writer as long as this, no longer: some
# network file systems say so of every file.
LONGEST_OPEN = 600.0
# One that can't be opened is told of after this time, and waited for all the same.
UNREADABLE_AFTER = 60.0
# An empty claim is the trace of a watcher that was killed, or that came second.
EMPTY_AFTER = 60.0
_LONGEST_NAME = 180  # bytes, that leave room for what is added in 255


class Readiness(Enum):
    """How far a file has come."""

    COMING = "coming"
    WHOLE = "whole"
    UNREADABLE = "unreadable"


class NotAFile(OSError):
    """A link, a folder or the like, where a file was."""


class CannotWatch(Exception):
    """The folder can't be watched; the text is one sentence for the operator."""


@dataclass(frozen=True)
class Found:
    """A file that lies in the folder (or its sub-folder `month`, "" for none) to be taken."""

    path: Path
    month: str = ""


@dataclass(frozen=True)
class Claim:
    """A taken file's own folder; its name is the claim, with the sub-folder behind an @."""

    path: Path

    @property
    def name(self) -> str:
        """What the database knows it by."""
        return self.path.name

    @property
    def month(self) -> str:
        """The sub-folder that it came from, or ""."""
        return self.name.partition("@")[2]

    @property
    def number(self) -> int:
        """For its advisory lock; two of the same number only wait for each other."""
        return zlib.crc32(self.name.encode()) & 0x7FFF_FFFF

    def file(self) -> Path | None:
        """The taken file, or None where somebody has removed it."""
        for path in sorted(self.path.iterdir()):
            if not path.name.endswith(OURS):
                return path
        return None


@dataclass
class _Seen:
    size: int
    changed: int
    since: float


@dataclass
class Inbox:
    """A watched folder; a file that did not change for `settle` seconds has come whole."""

    root: Path
    settle: float
    _seen: dict[Path, _Seen] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the sub-folders. Raises CannotWatch."""
        if not self.root.is_dir():
            raise CannotWatch(f"没有文件夹 {self.root}；请核对路径，或先挂接网络文件夹。")
        try:
            for name in SUBFOLDERS.values():
                (self.root / name).mkdir(exist_ok=True)
        except OSError as error:
            raise CannotWatch(
                f"不能在 {self.root} 中建立子文件夹（{error.strerror}）；请给运行本命令的用户写权限。"
            ) from error

    @property
    def is_there(self) -> bool:
        """Whether it can be used now; a network folder that is away looks empty or not there."""
        return all((self.root / name).is_dir() for name in SUBFOLDERS.values())

    def _subfolder(self, outcome: Outcome) -> Path:
        return self.root / SUBFOLDERS[outcome]

    # --- what came -------------------------------------------------------------------------------

    def found(self) -> Iterator[Found]:
        """What lies there to be taken, the oldest first; what nobody can take has no place in it."""
        entries = [Found(path) for path in self._files(self.root)]
        for path in self._folders():
            if month_of_folder(path.name):
                entries += [Found(file, path.name) for file in self._files(path)]
        self._forget_all_but({entry.path for entry in entries})
        yield from sorted(entries, key=lambda entry: (_changed(entry.path), entry.path))

    def _files(self, folder: Path) -> Iterator[Path]:
        for path in _listed(folder):
            if not _is_unfinished(path.name) and _mode(path, stat.S_ISREG):
                yield path

    def _folders(self) -> Iterator[Path]:
        for path in _listed(self.root):
            if path.name not in SUBFOLDERS.values() and _mode(path, stat.S_ISDIR):
                yield path

    def strangers(self) -> Iterator[tuple[Path, str]]:
        """What lies there and is never taken, each with the sentence that tells its sender why."""
        for folder in (
            self.root,
            *(path for path in self._folders() if month_of_folder(path.name)),
        ):
            for path in _listed(folder):
                if path.name in SUBFOLDERS.values() or path.name.startswith("."):
                    continue
                if _mode(path, stat.S_ISDIR):
                    if folder != self.root or not month_of_folder(path.name):
                        yield path, _A_FOLDER
                elif not _mode(path, stat.S_ISREG):
                    yield path, _A_LINK

    def readiness(self, path: Path) -> Readiness:
        """Whether a file has come whole: unchanged for a while, and nobody writes to it."""
        now = time.monotonic()
        try:
            state = path.lstat()
        except OSError:
            return Readiness.COMING
        seen = self._seen.get(path)
        if seen is None or (seen.size, seen.changed) != (state.st_size, state.st_mtime_ns):
            seen = self._seen[path] = _Seen(state.st_size, state.st_mtime_ns, now)
        unchanged = now - seen.since
        if unchanged < self.settle:
            return Readiness.COMING
        try:
            is_open = is_written_to(path)
        except OSError:
            return Readiness.UNREADABLE if unchanged > UNREADABLE_AFTER else Readiness.COMING
        if is_open and unchanged < LONGEST_OPEN:
            return Readiness.COMING
        return Readiness.WHOLE

    def _forget_all_but(self, paths: set[Path]) -> None:
        for path in self._seen.keys() - paths:
            del self._seen[path]

    def drop_notes(self) -> None:
        """Remove our notes on what is not there any more."""
        folders = [path for path in self._folders() if month_of_folder(path.name)]
        for folder in (self.root, *folders):
            for note in _listed(folder):
                about = note.with_name(note.name.removesuffix(REPORT))
                if note.name.endswith(REPORT) and not about.is_symlink() and not about.exists():
                    note.unlink(missing_ok=True)

    # --- taking and putting away -----------------------------------------------------------------

    def claims(self) -> list[Claim]:
        """What was taken and is not put away yet, by whomever."""
        return [
            Claim(path)
            for path in _listed(self._subfolder(Outcome.WORKING))
            if _mode(path, stat.S_ISDIR)
        ]

    def take(self, found: Found) -> Claim | None:
        """Take a file; None where somebody else was first. Raises OSError where it can't be moved."""
        stamp = f"{datetime.now():%Y%m%d-%H%M%S}-{token_hex(4)}"
        name = f"{stamp}@{found.month}" if found.month else stamp
        claim = Claim(self._subfolder(Outcome.WORKING) / name)
        claim.path.mkdir()
        try:
            found.path.rename(claim.path / found.path.name)
        except OSError as error:
            with suppress(OSError):
                claim.path.rmdir()
            if isinstance(error, FileNotFoundError):
                return None
            raise
        self._seen.pop(found.path, None)
        return claim

    def drop_empty(self, claim: Claim) -> None:
        """Remove the claim of nothing, once nobody can be about to move a file into it."""
        with suppress(OSError):
            if time.time() - claim.path.lstat().st_mtime > EMPTY_AFTER:
                claim.path.rmdir()

    def put_away(self, claim: Claim, outcome: Outcome, name: str) -> Path:
        """Move a claim's folder to where its sender looks for it, under this name or the next free.

        Raises FileNotFoundError where somebody has moved it already.
        """
        name = shortened(name)
        for number in range(1, 10_000):
            target = self._subfolder(outcome) / (name if number == 1 else f"{name} ({number})")
            try:
                claim.path.rename(target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    raise
            else:
                return target
        raise OSError(errno.EEXIST, "no free name", str(claim.path))


_A_FOLDER = (
    "没有收取：这是一个文件夹，只收取文件；请把文件直接放入收件文件夹，"
    "或把文件夹按审核月份命名（如 2025-09）。"
)
_A_LINK = "没有收取：这是一个链接而不是文件；请把文件本身复制到收件文件夹。"
UNREADABLE = (
    "没有收取：这个文件打不开，可能正被别的程序占用，或没有读取权限；请关闭文件，或重新放入。"
)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _mode(path: Path, asked: Callable[[int], bool]) -> bool:
    """Whether a path is of a kind (stat.S_ISREG, ...), links not followed; False where it is gone."""
    try:
        return asked(path.lstat().st_mode)
    except OSError:
        return False


def _changed(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _is_unfinished(name: str) -> bool:
    """Whether a name says that its file is not finished, is a program's own, or is ours."""
    low = name.lower()
    return (
        low.startswith((".", "~"))
        or low.endswith((*_UNFINISHED_ENDINGS, *OURS))
        or low in _LEFT_OUT
    )


def shortened(name: str) -> str:
    """A file's name as it can be shown and be part of another; its ending is kept."""
    try:
        os.fsencode(name).decode("utf-8")
    except UnicodeDecodeError:  # by a client that writes names in GBK
        name = os.fsencode(name).decode("gb18030", "replace")
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem and len(ending) < 16 else (name, "")
    while len((stem + ending).encode()) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem + ending


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to be read. Raises NotAFile for a link or the like, without waiting for it; OSError."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise NotAFile(error.errno, error.strerror, str(path)) from error
        raise
    with os.fdopen(number, "rb", closefd=True) as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise NotAFile(errno.EINVAL, "not a file", str(path))
        yield file


def is_written_to(path: Path) -> bool:
    """Whether somebody has a file open for writing, as far as the system can tell (Linux, local).

    A read lease is given only where nobody has; it is given back at once. Whoever opens the file in
    between makes the kernel send SIGIO, which the command ignores. Raises OSError where the file can't
    be opened.
    """
    with opened(path) as file:
        if not hasattr(fcntl, "F_SETLEASE"):
            return False
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except OSError as error:
            return error.errno == errno.EAGAIN
    return False
