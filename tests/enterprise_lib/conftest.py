"""The library that tests of the pages look at."""

import pytest

from tests.enterprise_lib.library import Library, make_library


@pytest.fixture
def library(db) -> Library:
    return make_library()
