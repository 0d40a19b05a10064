"""Days and hours are those of Sweden, wherever the server stands."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from survey import clock


@pytest.mark.parametrize(
    "stored",
    [
        datetime(2026, 6, 30, 22, 30),
        datetime(2026, 6, 30, 22, 30, tzinfo=UTC),
        datetime(2026, 6, 30, 18, 30, tzinfo=timezone(timedelta(hours=-4))),
    ],
)
def test_a_moment_is_told_by_the_clocks_in_sweden(stored: datetime) -> None:
    assert clock.local(stored).strftime("%Y-%m-%d %H:%M") == "2026-07-01 00:30"
