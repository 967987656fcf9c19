"""The URLs about accounts: one's own, and those of an enterprise's users."""

from django.urls import path

from authorization import account_views, own_views, second_factor_views, single_window_views

app_name = "account"
urlpatterns = [
    path("", own_views.own_account, name="own"),
    path("sessions/end/", own_views.own_sessions_end, name="own_sessions_end"),
    path("password-link/", own_views.set_by_link, name="link_set"),
    path("password-link/<str:token>/", own_views.open_link, name="link"),
    path("second-factor/", second_factor_views.second_factor_page, name="second_factor"),
    path("second-factor/codes/", second_factor_views.new_codes, name="recovery_codes"),
    path("single-window/", single_window_views.begin, name="single_window"),
    path("single-window/back/", single_window_views.back, name="single_window_back"),
    path("users/", account_views.user_list, name="users"),
    path("users/add/", account_views.user_add, name="user_add"),
    path("users/<int:user_id>/", account_views.user_detail, name="user"),
    path("users/<int:user_id>/disable/", account_views.user_disable, name="user_disable"),
    path("users/<int:user_id>/enable/", account_views.user_enable, name="user_enable"),
    path("users/<int:user_id>/unlock/", account_views.user_unlock, name="user_unlock"),
    path("users/<int:user_id>/link/", account_views.user_link, name="user_link"),
    path(
        "users/<int:user_id>/sessions/end/",
        account_views.user_sessions_end,
        name="user_sessions_end",
    ),
    path("users/events/", account_views.event_list, name="events"),
]
