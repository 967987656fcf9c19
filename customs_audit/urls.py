"""The URLs of this room."""

from django.urls import path

from customs_audit import conflict_views, run_views, views
from customs_audit.mending import action_views, grid_views, workbook_views

app_name = "customs_audit"
urlpatterns = [
    path("releases/", views.ReleaseList.as_view(), name="releases"),
    path("releases/<int:release_id>/", views.release, name="release"),
    path("conflicts/", conflict_views.ConflictList.as_view(), name="conflicts"),
    path("conflicts/<int:content_id>/<str:month>/", conflict_views.conflict, name="conflict"),
    path("runs/", run_views.RunList.as_view(), name="runs"),
    path("runs/cancel/", run_views.cancel, name="cancel_run"),
    path("runs/retry/", run_views.retry, name="retry_run"),
    path("runs/<int:run_id>/", run_views.run, name="run"),
    path("failures/", run_views.FailureList.as_view(), name="failures"),
    path("failures/retry/", run_views.retry_failures, name="retry_failures"),
    path("uploads/<int:upload_id>/mend/", grid_views.MendGrid.as_view(), name="mend"),
    path("uploads/<int:upload_id>/mend/save/", grid_views.save, name="mend_save"),
    path("uploads/<int:upload_id>/mend/rows/<int:number>/", grid_views.row_page, name="mend_row"),
    path("uploads/<int:upload_id>/mend/same/", action_views.same_correction, name="mend_same"),
    path("uploads/<int:upload_id>/mend/aside/", action_views.set_aside, name="mend_aside"),
    path("uploads/<int:upload_id>/mend/back/", action_views.take_back, name="mend_back"),
    path("uploads/<int:upload_id>/mend/right/", action_views.find_right, name="mend_right"),
    path(
        "uploads/<int:upload_id>/mend/declared/", action_views.take_declared, name="mend_declared"
    ),
    path(
        "uploads/<int:upload_id>/mend/workbook/",
        workbook_views.error_workbook,
        name="mend_workbook",
    ),
    path(
        "uploads/<int:upload_id>/mend/workbook/take/",
        workbook_views.take,
        name="mend_workbook_take",
    ),
    path(
        "uploads/<int:upload_id>/mend/workbooks/<int:workbook_id>/",
        workbook_views.workbook_page,
        name="mend_workbook_page",
    ),
    path(
        "uploads/<int:upload_id>/mend/workbooks/<int:workbook_id>/decide/",
        workbook_views.decide,
        name="mend_workbook_decide",
    ),
    path(
        "uploads/<int:upload_id>/mend/workbooks/<int:workbook_id>/apply/",
        workbook_views.apply,
        name="mend_workbook_apply",
    ),
    path(
        "uploads/<int:upload_id>/mend/workbooks/<int:workbook_id>/drop/",
        workbook_views.drop,
        name="mend_workbook_drop",
    ),
]
