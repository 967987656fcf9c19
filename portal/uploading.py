"""A limit on what an uploaded file may take of the disk before any page has looked at it."""

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

# The largest file that any page takes (customs_audit/uploads.py), and a little: enough for that
# page to see that there was more.
KEPT = 201 * 2**20


class BoundedUploadHandler(FileUploadHandler):
    """Reads a file to its end but keeps no more than 201 MiB of it.

    Who looks at the file's size refuses it then by his own sentence.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass a piece on to the handler that keeps it, unless enough was kept."""
        return raw_data if start < KEPT else None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Leave the file to the handler that keeps it."""
        return None
