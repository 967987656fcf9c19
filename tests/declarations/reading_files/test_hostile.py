"""Files made to hurt: each ends in its one sentence, soon, and in little memory."""

import resource
import time

import pytest

from declarations.faults import RejectedFile
from declarations.files.limits import UPLOAD_LIMITS
from declarations.files.reading import read_upload
from tests.declarations.files import declared_row, write_xlsx
from tests.declarations.reading_files.hostile import CORPUS
from tests.declarations.reading_files.old_files import old_stream, write_compound


def processor_time():
    """What this process and its children have used: a busy machine makes nothing slower by it."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def read_all(path, limits=UPLOAD_LIMITS):
    with read_upload(path, path.name, limits=limits) as file:
        return [row for at in range(len(file.sheets)) for row in file.rows(at)]


def sentence_of(path, limits=UPLOAD_LIMITS):
    """Read a file that must be refused; give the rule after a look at the sentence."""
    with pytest.raises(RejectedFile) as caught:
        read_all(path, limits)
    [fault] = caught.value.faults
    assert fault.text.count("。") == 1 and fault.text.endswith("。")
    assert "{" not in fault.text and len(fault.text) < 120
    return fault.rule


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.name)
def test_it_ends_in_its_sentence(hostile, tmp_path):
    path = hostile.make(tmp_path)
    started = processor_time()
    assert sentence_of(path, hostile.limits) == hostile.rule
    assert processor_time() - started < 10


@pytest.mark.parametrize("ending", [".xlsx", ".xls"])
def test_a_workbook_torn_off_at_50_places_is_refused_at_each(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    if ending == ".xls":
        write_compound(path, old_stream())
    else:
        write_xlsx(path, [declared_row()])
    whole = path.read_bytes()
    for at in range(50):
        path.write_bytes(whole[: 1 + at * (len(whole) - 2) // 50])
        assert sentence_of(path) in ("file.unreadable", "file.content")
