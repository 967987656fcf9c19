"""As whom the embedded services run, and the folders that only they and we may enter.

PostgreSQL refuses to run as root, so under root both services run as a system user of their
own. That user is let into exactly the folders on the way to its data and binaries, to pass
through and not to list: by an access-control entry, so that nobody else gains anything.
"""

import contextlib
import os
import pwd
import re
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SYSTEM_USER = "portal_service"
# sockaddr_un.sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included.
SOCKET_PATH_BYTES = 103
# os.setxattr's value: a version, then (tag, permissions, id) entries sorted by tag and id.
ACL_ATTRIBUTE = "system.posix_acl_access"
ACL_VERSION, USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 2, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
ACL_NO_ID = 0xFFFFFFFF


class ServicesError(RuntimeError):
    """The embedded services cannot run; the text is one Chinese sentence for the user."""


@dataclass(frozen=True)
class Account:
    """The system user that the services run as; `switched` when that is not ourselves."""

    name: str
    uid: int
    gid: int
    switched: bool

    @property
    def popen(self) -> dict[str, Any]:
        """Keyword arguments that make subprocess start a program as this user."""
        if not self.switched:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account_for(data: Path) -> Account:
    """Choose the account for the services whose data is, or will be, in `data`.

    Ourselves; under root the owner of the data, or the system user where root itself owns it
    or there is none yet. Raises ServicesError where no such user can be had, or where the
    data belongs to somebody else.
    """
    owner = data.stat().st_uid if data.exists() else None
    own = os.geteuid()
    if own != 0:
        if owner not in (None, own):
            raise ServicesError(
                f"{data} 属于用户 {_name(owner)}：请用该用户（或 root）运行，或另放一份项目再试。"
            )
        entry = _entry(own)
        return Account(entry.pw_name, own, entry.pw_gid, switched=False)
    entry = _entry(owner) if owner else _system_user()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switched=True)


def make_folder(folder: Path, account: Account) -> None:
    """Make sure that `folder` exists, belongs to `account`, and is closed to everyone else."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account.switched:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def write_file(path: Path, text: str, account: Account) -> None:
    """Write a file that only `account` (and root) may read, replacing the old one whole."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    if account.switched:
        os.chown(fresh, account.uid, account.gid)
    fresh.replace(path)


def noted_socket_folder(note: Path, account: Account) -> Path | None:
    """Return the folder for sockets that the file `note` names, or None.

    It is used again only where it is still a real folder (no link), of the right owner and
    closed to others: it lies where anyone may write beside it.
    """
    try:
        noted = Path(note.read_text().strip())
        seen = noted.lstat()
    except FileNotFoundError:
        return None
    right = (
        stat.S_ISDIR(seen.st_mode)
        and seen.st_uid == account.uid
        and stat.S_IMODE(seen.st_mode) == 0o700
        and _short(noted)
    )
    return noted if right else None


def make_socket_folder(note: Path, account: Account) -> Path:
    """Make a short folder for sockets that nobody else can enter, and note its name in `note`.

    The project may lie deeper than a socket's path may be long, or hold characters that need
    quoting in an address, so the folder is made under the system's folder for temporary
    files, with a random name. Raises ServicesError where there is none to write in.
    """
    for base in (Path("/tmp"), Path(tempfile.gettempdir()), Path("/var/tmp")):  # noqa: S108
        if (
            base.is_dir()
            and os.access(base, os.W_OK | os.X_OK)
            and _short(base / "portal-12345678")
        ):
            folder = Path(tempfile.mkdtemp(prefix="portal-", dir=base))
            make_folder(folder, account)
            note.write_text(f"{folder}\n")
            return folder
    raise ServicesError("找不到可写的临时文件夹（/tmp 或 /var/tmp），无法放置数据库的套接字。")


def open_way(target: Path, account: Account) -> None:
    """Let a switched account pass through `target`, ours, and the folders that lead to it.

    Raises ServicesError where one of them is closed and the file system keeps no
    access-control lists.
    """
    if not account.switched or _may_enter(target, account):
        return
    for folder in [*reversed(target.parents), target]:
        if _may_enter(folder, account):
            continue
        try:
            _grant_search(folder, account.uid)
        except (OSError, AttributeError):
            if folder == target:  # the services' own folder: what it holds is closed by itself
                _add_mode(folder, 0o001)
                continue
            raise ServicesError(
                f"数据库不能以 root 身份运行，而系统用户 {account.name} 进不了 {folder}：请把项目放到"
                f"所有用户都能进入的文件夹（如 /opt），或先执行 chmod o+x {folder}。"
            ) from None
        if folder != target:
            print(
                f"已允许系统用户 {account.name} 穿过 {folder}（不能列出其内容）。", file=sys.stderr
            )


def open_binaries(package: Path, account: Account) -> None:
    """Make an installed package's files readable for a switched account.

    An installation under a strict umask is closed to others; its content is public anyway.
    """
    if not account.switched:
        return
    for folder, _, names in os.walk(package):
        _add_mode(Path(folder), 0o055)
        for name in names:
            path = Path(folder, name)
            _add_mode(path, 0o055 if path.stat().st_mode & stat.S_IXUSR else 0o044)
    open_way(package, account)


def _add_mode(path: Path, bits: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits != bits:
        path.chmod(mode | bits)


def _short(folder: Path) -> bool:
    """Whether a socket in `folder` fits, and its address needs no quoting anywhere."""
    path = str(folder)
    return len(path) + len("/.s.PGSQL.5432") <= SOCKET_PATH_BYTES and bool(
        re.fullmatch(r"[A-Za-z0-9/._-]+", path)
    )


def _may_enter(folder: Path, account: Account) -> bool:
    run = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)], cwd="/", check=False, **account.popen
    )
    return run.returncode == 0


def _grant_search(folder: Path, uid: int) -> None:
    """Add an access-control entry that lets user `uid` search `folder`. Raises OSError."""
    mode = folder.stat().st_mode
    entries = {
        (USER_OBJ, ACL_NO_ID): mode >> 6 & 7,
        (GROUP_OBJ, ACL_NO_ID): mode >> 3 & 7,
        (OTHER, ACL_NO_ID): mode & 7,
    }
    with contextlib.suppress(OSError):
        held = os.getxattr(folder, ACL_ATTRIBUTE)
        entries = {
            (tag, number): permissions
            for tag, permissions, number in struct.iter_unpack("<HHI", held[4:])
        }
    entries[(USER, uid)] = entries.get((USER, uid), 0) | 1
    entries[(MASK, ACL_NO_ID)] = 0
    for (tag, _), permissions in entries.items():
        if tag in (USER, GROUP_OBJ, GROUP):
            entries[(MASK, ACL_NO_ID)] |= permissions
    packed = struct.pack("<I", ACL_VERSION) + b"".join(
        struct.pack("<HHI", tag, permissions, number)
        for (tag, number), permissions in sorted(entries.items())
    )
    os.setxattr(folder, ACL_ATTRIBUTE, packed)


def _system_user() -> pwd.struct_passwd:
    """Find or make the system user. Raises ServicesError where it cannot be made."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd:
        subprocess.run(
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=False,
            capture_output=True,
        )
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise ServicesError(
            f"数据库不能以 root 身份运行，又无法创建系统用户 {SYSTEM_USER}：请改用普通用户运行。"
        ) from None


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise ServicesError(
            f"用户编号 {uid} 在本机没有用户名，PostgreSQL 无法运行：请换一个有用户名的用户。"
        ) from None


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return str(uid)
