import pytest

from authorization.cards import sm2


@pytest.fixture(params=["gmssl-pyx", "gmssl"])
def sm2_library(request):
    """Run a test on each of the two libraries for SM2."""
    try:
        sm2.use(request.param)
    except ImportError:
        pytest.skip(f"{request.param} is not installed: pip install -r requirements-dev.txt")
    yield request.param
    sm2.use()
