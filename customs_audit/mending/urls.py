"""The URLs of mending one upload, below its own; their names are the room's."""

from django.urls import path

from customs_audit.mending import action_views, grid_views, workbook_views

urlpatterns = [
    path("", grid_views.MendGrid.as_view(), name="mend"),
    path("save/", grid_views.save, name="mend_save"),
    path("rows/<int:number>/", grid_views.row_page, name="mend_row"),
    path("same/", action_views.same_correction, name="mend_same"),
    path("aside/", action_views.set_aside, name="mend_aside"),
    path("back/", action_views.take_back, name="mend_back"),
    path("right/", action_views.find_right, name="mend_right"),
    path("repair/", action_views.accept_repair, name="mend_repair"),
    path("declared/", action_views.take_declared, name="mend_declared"),
    path(
        "workbook/",
        workbook_views.error_workbook,
        name="mend_workbook",
    ),
    path(
        "workbook/take/",
        workbook_views.take,
        name="mend_workbook_take",
    ),
    path(
        "workbooks/<int:workbook_id>/",
        workbook_views.workbook_page,
        name="mend_workbook_page",
    ),
    path(
        "workbooks/<int:workbook_id>/decide/",
        workbook_views.decide,
        name="mend_workbook_decide",
    ),
    path(
        "workbooks/<int:workbook_id>/apply/",
        workbook_views.apply,
        name="mend_workbook_apply",
    ),
    path(
        "workbooks/<int:workbook_id>/drop/",
        workbook_views.drop,
        name="mend_workbook_drop",
    ),
]
