"""The project: settings, urls, Celery, embedded services, home page."""
