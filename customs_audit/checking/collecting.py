"""Looking for cyclic garbage less often while many small objects are made that form no cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# New objects after which Python looks, in place of 700: a row's check makes a dozen.
_SELDOM = 200_000


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Collect seldom while the block runs; what counts references frees nearly everything."""
    usual = gc.get_threshold()
    gc.set_threshold(_SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
