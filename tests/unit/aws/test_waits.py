"""How winbake waits for AWS: as it should be done there, hurried in a rehearsal."""

from __future__ import annotations

import pytest

from winbake.aws.errors import AwsError
from winbake.aws.session import AwsSession


@pytest.mark.parametrize(
    ("endpoint", "speed", "seconds"),
    [("", None, 5.0), ("http://127.0.0.1:5000", None, 0.1), ("http://127.0.0.1:5000", 10.0, 0.5)],
)
def test_a_pause_fits_the_clocks(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, speed: float | None, seconds: float
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    session = AwsSession("eu-central-1")
    session.clock_speed = speed
    assert session.pause(5.0) == seconds


def test_there_is_one_look_at_least_and_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    session = AwsSession("eu-central-1")
    session.clock_speed = 1000.0
    assert len(list(session.looks(0.0, 1.0))) >= 1
    assert len(list(session.looks(3.0, 1.0))) >= 2
    session.cancelled.set()
    with pytest.raises(AwsError, match="interrupted"):
        session.pause(1.0)
