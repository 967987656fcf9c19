"""What gunicorn reads by itself wherever it is started in this folder; its options come on top."""

logger_class = "portal.access_log.AccessLogger"
