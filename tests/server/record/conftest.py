"""A sound record to tamper with."""

import copy

import pytest

from tests.server.record.builder import Draft, sample


@pytest.fixture(scope="session")
def whole() -> Draft:
    """A sound record; tests change copies of it."""
    return sample()


@pytest.fixture
def draft(whole: Draft) -> Draft:
    return copy.deepcopy(whole)
