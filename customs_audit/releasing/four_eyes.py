"""Four eyes: who uploaded or submitted audited rows does not release them (AUDIT_FOUR_EYES)."""

from django.conf import settings

from authorization.models import User
from customs_audit.models import UploadRelease


def why_not(release: UploadRelease, user: User) -> str:
    """Say in one sentence why a user may not release these rows; "" where he may.

    Returning them to be mended is open to every officer.
    """
    if not settings.AUDIT_FOUR_EYES:
        return ""
    if release.submitted_by_id == user.pk:
        return "这次发布由您提交，须由另一位海关人员复核发布。"
    if release.upload.uploaded_by_id == user.pk:
        return "这份数据由您上传，须由另一位海关人员复核发布。"
    return ""
