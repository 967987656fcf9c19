"""The form that files are uploaded by, and what becomes of each of them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils import timezone

from authorization.models import User
from customs_audit.models import AuditKind, AuditUpload
from customs_audit.uploads import CannotReceive, Received, check_month, own_name, receive

logger = logging.getLogger(__name__)

DISK_FAILED = "保存“{name}”时服务器的磁盘写不进去，没有收下；请稍后重试，仍不行请联系管理员。"


class MonthInput(forms.DateInput):
    """The browser's own picker of a month; its value is as 2026-03."""

    input_type = "month"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"placeholder": "例如 2026-03", **(attrs or {})}, format="%Y-%m")


class MonthField(forms.Field):
    """A month; cleaned to its first day."""

    widget = MonthInput

    def to_python(self, value: Any) -> date | None:
        """Read 2026-03. Raises ValidationError for what is no month."""
        text = str(value or "").strip()
        if not text:
            return None
        match = re.fullmatch(r"([0-9]{4})-?([0-9]{2})", text)
        if match and 1 <= int(match[2]) <= 12 and int(match[1]):
            return date(int(match[1]), int(match[2]), 1)
        raise forms.ValidationError(
            f"“{text[:20]}”不是月份；请写成四位年份和两位月份，例如 2026-03。"
        )


class UploadForm(forms.Form):
    """For which month the files are, and what kind of audit it was."""

    use_required_attribute = False

    audit_month = MonthField(
        label="审核月份",
        error_messages={"required": "没有选择审核月份；请选择后再上传。"},
        widget=MonthInput({"class": "form-control form-control-sm"}),
    )
    audit_kind = forms.ChoiceField(
        label="审核类别",
        choices=AuditKind.choices,
        initial=AuditKind.MONTHLY,
        error_messages={
            "required": "没有选择审核类别；请选择后再上传。",
            "invalid_choice": "“%(value)s”不是审核类别；请从列表中选择。",
        },
        widget=forms.Select({"class": "form-select form-select-sm"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this_month = timezone.localdate().replace(day=1)
        self.fields["audit_month"].initial = this_month
        self.fields["audit_month"].widget.attrs["max"] = f"{this_month:%Y-%m}"

    def clean_audit_month(self) -> date:
        """Refuse a month that is to come."""
        try:
            return check_month(self.cleaned_data["audit_month"])
        except CannotReceive as refused:
            raise forms.ValidationError(str(refused)) from refused

    @property
    def sentence(self) -> str:
        """What is wrong, as one line."""
        return "".join(str(sentence) for found in self.errors.values() for sentence in found)


@dataclass(frozen=True)
class Taken:
    """What became of one file: a sentence, how good it is (a level of messages), where it leads."""

    name: str
    level: str
    sentence: str
    url: str = ""

    def as_json(self) -> dict[str, str]:
        """Return what the sending script reads."""
        return {"name": self.name, "level": self.level, "sentence": self.sentence, "url": self.url}


def take_files(files: Iterable[UploadedFile], form: UploadForm, user: User) -> list[Taken]:
    """Receive files one after another for a valid form; one that is refused keeps no other."""
    return [_take(file, form.cleaned_data, user) for file in files]


def _take(file: UploadedFile, wanted: dict[str, Any], user: User) -> Taken:
    name = own_name(file.name or "")
    try:
        received = receive(
            file,
            name,
            audit_month=wanted["audit_month"],
            audit_kind=AuditKind(wanted["audit_kind"]),
            user=user,
        )
    except CannotReceive as refused:
        return Taken(name, "error", str(refused))
    except OSError:
        logger.exception("upload of %s bytes", file.size)
        return Taken(name, "error", DISK_FAILED.format(name=name))
    return _told(name, received)


def _told(name: str, received: Received) -> Taken:
    upload = received.upload
    url = reverse("customs_audit:upload", args=[upload.pk])
    if not received.is_new:
        sentence = (
            f"“{name}”与{described(upload)}内容完全相同，没有重复上传；请打开那次上传继续处理。"
        )
        return Taken(name, "warning", sentence, url)
    if received.same_content is not None:
        sentence = f"已收到“{name}”；它与{described(received.same_content)}内容完全相同，请核对审核月份和类别。"
        return Taken(name, "warning", sentence, url)
    return Taken(name, "success", f"已收到“{name}”，正在校验；可以离开本页，稍后再来查看。", url)


def described(upload: AuditUpload) -> str:
    """Say which upload it is: its number, name, month, who and when."""
    when = timezone.localtime(upload.uploaded_at)
    who = str(upload.uploaded_by) if upload.uploaded_by else upload.get_source_display()
    return (
        f"上传 {upload.pk}（{upload.audit_month:%Y-%m} {upload.get_audit_kind_display()}，"
        f"{who} {when:%Y-%m-%d %H:%M} 上传）"
    )
