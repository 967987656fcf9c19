"""The page where an officer says what the columns of an uploaded file mean."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from authorization.events import By
from authorization.gate import as_user
from authorization.ledger import note_read
from authorization.models import User
from customs_audit.heading_forms import (
    NEEDS,
    SheetChoice,
    confirmed,
    field_groups,
    find_problems,
    keep_headings,
    read_choices,
)
from customs_audit.mending.concerned import parties_of_texts
from customs_audit.models import AuditUpload
from customs_audit.queueing import queue_check
from customs_audit.views import CUSTOMS_SIDE

State = AuditUpload.State

DONE = "表头已确认，开始逐行校验；可以离开本页，稍后再来查看。"
NOT_NOW = "这次上传不在等待确认表头；没有更改任何内容。"


@CUSTOMS_SIDE
class Headings(View):
    """Confirm an upload's headings: each sheet used or not, each column a field or not read."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, upload_id: int) -> HttpResponse:
        """Show what was found."""
        upload = get_object_or_404(AuditUpload, pk=upload_id)
        if upload.state != State.TO_CONFIRM:
            return redirect("customs_audit:upload", upload.pk)
        choices = read_choices(upload.sheets)
        return self.show(request, upload, choices, problems=[])

    def post(self, request: HttpRequest, upload_id: int) -> HttpResponse:
        """Take what is sent where a file can be read by it, else say what is missing."""
        upload = get_object_or_404(AuditUpload, pk=upload_id)
        if upload.state != State.TO_CONFIRM:
            messages.warning(request, NOT_NOW)
            return redirect("customs_audit:upload", upload.pk)
        choices = read_choices(upload.sheets, request.POST.dict())
        if any(choice.was_relaid for choice in choices):
            return self.show(request, upload, choices, problems=[])
        if problems := find_problems(choices):
            return self.show(request, upload, choices, problems)
        remember = bool(request.POST.get("remember"))
        if confirm(upload.pk, choices, as_user(request), remember=remember):
            messages.success(request, DONE)
        else:
            messages.warning(request, NOT_NOW)
        return redirect("customs_audit:upload", upload.pk)

    @staticmethod
    def show(
        request: HttpRequest,
        upload: AuditUpload,
        choices: list[SheetChoice],
        problems: list[str],
    ) -> HttpResponse:
        """Draw the page; its samples are cells of the file, whatever they mean."""
        samples = [text for sheet in upload.sheets for row in sheet["sample"] for text in row]
        enterprises = parties_of_texts(samples)
        if enterprises:
            note_read(
                By.of(request),
                what=f"确认表头：上传 {upload.pk} {upload.file_name}",
                enterprises=enterprises,
            )
        context: dict[str, Any] = {
            "title": "确认表头",
            "upload": upload,
            "sheets": choices,
            "problems": problems,
            "groups": field_groups(),
            "needs": NEEDS,
            "remember": request.method != "POST" or bool(request.POST.get("remember")),
        }
        return render(request, "customs_audit/upload_headings.html", context)


def confirm(upload_id: int, choices: list[SheetChoice], by: User, *, remember: bool) -> bool:
    """Store what was confirmed and have the upload checked; False where it no longer waits for it."""
    with transaction.atomic():
        upload = AuditUpload.objects.select_for_update().get(pk=upload_id)
        if upload.state != State.TO_CONFIRM:
            return False
        if remember:
            keep_headings(choices, by)
        upload.sheets = confirmed(choices)
        upload.state = State.RECEIVED
        upload.save(update_fields=["sheets", "state"])
        transaction.on_commit(lambda: queue_check(upload))
    return True
