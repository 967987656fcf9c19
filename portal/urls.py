"""Every URL of the portal."""

from django.contrib import admin
from django.urls import include, path

from portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.PortalLoginView.as_view(), name="login"),
    path("logout/", views.PortalLogoutView.as_view(), name="logout"),
    path("unauthorized/", views.unauthorized, name="unauthorized"),
    path("authorization/", include("authorization.urls")),
    path("password/", views.PortalPasswordChangeView.as_view(), name="password_change"),
    path("account/", include("authorization.account_urls")),
    path("help/", views.help_page, name="help"),
    path("library/", include("enterprise_lib.urls")),
    path("public/", include("public_lib.urls")),
    path("catalogue/", include("catalogue.urls")),
    path("messages/", include("messages_app.urls")),
    path("customs/", include("customs_audit.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "portal.views.bad_request"
handler403 = "portal.views.permission_denied"
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"
