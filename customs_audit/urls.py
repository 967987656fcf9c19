"""The URLs of this room."""

from django.urls import include, path

from customs_audit import (
    conflict_views,
    correction_views,
    heading_views,
    release_views,
    run_views,
    upload_views,
    views,
)
from customs_audit.asking import agreement_views, cases, upload_exports
from customs_audit.asking import views as asking

app_name = "customs_audit"
urlpatterns = [
    path("uploads/", upload_views.UploadList.as_view(), name="uploads"),
    path("uploads/moving/", upload_views.moving_rows, name="uploads_moving"),
    path("uploads/take/", upload_views.take, name="upload_take"),
    path("uploads/template/<str:kind>/", upload_views.template, name="upload_template"),
    path("uploads/<int:upload_id>/", upload_views.upload, name="upload"),
    path("uploads/<int:upload_id>/file/", upload_views.original, name="upload_file"),
    path("uploads/<int:upload_id>/mended/", upload_exports.mended, name="upload_mended"),
    path(
        "uploads/<int:upload_id>/headings/",
        heading_views.Headings.as_view(),
        name="upload_headings",
    ),
    path("releases/", views.ReleaseList.as_view(), name="releases"),
    path("releases/<int:release_id>/", release_views.release, name="release"),
    path(
        "releases/<int:release_id>/approve/", release_views.approve_release, name="approve_release"
    ),
    path("releases/<int:release_id>/return/", release_views.return_release, name="return_release"),
    path(
        "releases/<int:release_id>/withdraw/",
        release_views.withdraw_release,
        name="withdraw_release",
    ),
    path("uploads/<int:upload_id>/submit/", release_views.submit, name="submit_release"),
    path(
        "verdicts/<int:verdict_id>/correct/",
        correction_views.correct_verdict,
        name="correct_verdict",
    ),
    path("conflicts/", conflict_views.ConflictList.as_view(), name="conflicts"),
    path("conflicts/<int:content_id>/<str:month>/", conflict_views.conflict, name="conflict"),
    path("verdicts/", asking.VerdictList.as_view(), name="verdicts"),
    path("declared/", asking.DeclaredList.as_view(), name="declared"),
    path("declared/case/", cases.state_case, name="state_case"),
    path("agreement/", agreement_views.agreement, name="agreement"),
    path("differing/", agreement_views.DifferingList.as_view(), name="differing"),
    path("runs/", run_views.RunList.as_view(), name="runs"),
    path("runs/cancel/", run_views.cancel, name="cancel_run"),
    path("runs/retry/", run_views.retry, name="retry_run"),
    path("runs/<int:run_id>/", run_views.run, name="run"),
    path("failures/", run_views.FailureList.as_view(), name="failures"),
    path("failures/retry/", run_views.retry_failures, name="retry_failures"),
    path("uploads/<int:upload_id>/mend/", include("customs_audit.mending.urls")),
]
