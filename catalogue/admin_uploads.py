"""目录文件上传 in the administrators' site: the form, how far the reading is, its end and report."""

from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from authorization.admin_base import BigTableAdmin
from authorization.change_models import ChangeEvent
from authorization.events import By, note_of
from authorization.gate import as_user
from authorization.ledger import note_export, noted
from catalogue.importing.files import ENDINGS, FILE_LIMIT, MEGABYTE
from catalogue.importing.result import UnreadableCatalogue
from catalogue.incoming import YEARS, Wanted
from catalogue.models import CatalogueImport
from catalogue.reports import shown_report
from catalogue.uploads import UNFINISHED, check_upload, receive


class UploadForm(forms.ModelForm):
    """A catalogue file with its year and the dates it is in force."""

    file = forms.FileField(
        label="文件",
        help_text=f"官方附件 .pdf，或对应好列名的 .xlsx，或 .tsv；最大 {FILE_LIMIT // MEGABYTE} MB。",
        error_messages={
            "required": "没有选择文件，请选择目录文件。",
            "empty": "文件是空的，请核对后重新选择。",
        },
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ENDINGS)}),
    )
    year = forms.IntegerField(
        label="目录年份",
        min_value=YEARS[0],
        max_value=YEARS[-1],
        error_messages={"required": "没有填写目录年份，请填写四位年份。"},
    )
    effective_from = forms.DateField(
        label="生效日期", required=False, widget=AdminDateWidget, help_text="不填为当年 1 月 1 日。"
    )
    effective_to = forms.DateField(
        label="失效日期",
        required=False,
        widget=AdminDateWidget,
        help_text="不填为当年 12 月 31 日。",
    )

    class Meta:
        model = CatalogueImport
        fields = ["file", "year", "effective_from", "effective_to"]

    wanted: Wanted | None = None

    def clean_file(self) -> Any:
        """Refuse at once what a look at the file tells."""
        file = self.cleaned_data["file"]
        try:
            check_upload(file)
        except UnreadableCatalogue as refused:
            raise ValidationError(str(refused)) from refused
        return file

    def clean(self) -> dict[str, Any]:
        """Refuse dates that are no span."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.wanted = Wanted.of(
                    cleaned["year"],
                    cleaned.get("effective_from"),
                    cleaned.get("effective_to"),
                    cleaned["file"].name,
                )
            except UnreadableCatalogue as refused:
                raise ValidationError(str(refused)) from refused
        return cleaned


class CatalogueImportAdmin(BigTableAdmin):
    """目录文件上传: added by the form; then looked at."""

    form = UploadForm
    changes_of = ChangeEvent.Of.UPLOAD
    list_display = ["file_name", "year", "state", "edition", "uploaded_by", "uploaded_at"]
    list_select_related = ["edition", "uploaded_by"]
    list_filter = ["state"]
    add_form_template = "admin/catalogue/catalogueimport/add_form.html"
    change_form_template = "admin/catalogue/catalogueimport/change_form.html"
    fields = [
        "file_name",
        "year",
        "effective_from",
        "effective_to",
        "uploaded_by",
        "uploaded_at",
    ]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What was uploaded stays as it is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """It stays, for looking at."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for a file and its dates; of one that is there show everything."""
        return UploadForm.Meta.fields if obj is None else self.fields

    def get_urls(self) -> list[URLPattern]:
        """Add the part that looks again by itself, and the file."""
        own = [
            path(
                f"<int:upload_id>/{word}/",
                self.admin_site.admin_view(view),
                name=f"catalogue_catalogueimport_{word}",
            )
            for word, view in (("progress", self.progress_view), ("file", self.file_view))
        ]
        return own + super().get_urls()

    def save_model(
        self, request: HttpRequest, obj: CatalogueImport, form: Any, change: bool
    ) -> None:
        """Keep the file once, and have a worker read it; a second click finds the first."""
        upload, is_new = receive(form.cleaned_data["file"], form.wanted, as_user(request))
        obj.pk = upload.pk
        obj.refresh_from_db()
        request.upload_is_new = is_new  # type: ignore[attr-defined]
        if is_new:
            facts = {"file_name": obj.file_name, "year": obj.year}
            of = ChangeEvent.Of.UPLOAD
            note_of(ChangeEvent.Kind.CATALOGUE_UPLOADED, of, obj, By.of(request), after=facts)

    def response_add(
        self, request: HttpRequest, obj: CatalogueImport, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Lead to the page that shows how far it is."""
        if getattr(request, "upload_is_new", True):
            self.message_user(request, f"已收到 {obj.file_name}。", messages.SUCCESS)
        else:
            self.message_user(request, "这个文件已经上传，正在读取，没有重复上传。", messages.INFO)
        return redirect("admin:catalogue_catalogueimport_change", obj.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an upload with its progress, or its end and report."""
        upload = self.get_object(request, object_id)
        context = (extra_context or {}) | (progress_context(upload) if upload else {})
        return super().change_view(request, object_id, form_url, context)

    def progress_view(self, request: HttpRequest, upload_id: int) -> HttpResponse:
        """Give the part of the page that says how far it is; it asks again while there is more."""
        upload = get_object_or_404(CatalogueImport.objects.select_related("edition"), pk=upload_id)
        return render(
            request, "admin/catalogue/catalogueimport/_progress.html", progress_context(upload)
        )

    def file_view(self, request: HttpRequest, upload_id: int) -> HttpResponse | FileResponse:
        """Hand out the kept file, to be looked at."""
        upload = get_object_or_404(CatalogueImport, pk=upload_id)
        stored = Path(upload.file.path) if upload.file else None
        if stored is None or not stored.is_file():
            raise Http404("文件已不在。")
        entry = note_export(
            By.of(request),
            what=f"目录文件（原件）：{upload.file_name}",
            rows=0,
            facts={"upload": upload.pk, "bytes": stored.stat().st_size},
        )
        response = FileResponse(stored.open("rb"), as_attachment=True, filename=upload.file_name)
        return noted(response, entry)


def progress_context(upload: CatalogueImport) -> dict[str, Any]:
    """Say how far an upload is, for the page and for the part of it that is fetched again."""
    is_running = upload.state == CatalogueImport.State.RUNNING
    return {
        "upload": upload,
        "is_moving": upload.state in UNFINISHED,
        "progress_title": "正在读取" if is_running else "排队中，等待后台读取",
        "progress_done": upload.pages_done if is_running else 0,
        "progress_total": upload.pages_total if is_running else 0,
        "progress_text": "读取在后台进行，可以离开本页，稍后再来查看结果。",
        "report": shown_report(upload.report),
    }
