"""The WSGI application that the production server (gunicorn) loads."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from portal.embedded import ensure_services  # the settings read the addresses it sets

ensure_services()

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()

from authorization.checks import refuse_test_roots  # noqa: E402 (needs the apps)

refuse_test_roots()
