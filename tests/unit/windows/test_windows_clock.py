"""The host's clock: fast where the model waits, but a busy computer makes no network stand still."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest

from winbake.rehearsal.standins.mirror import Mirror
from winbake.rehearsal.standins.model import load_standins
from winbake.rehearsal.windows.clock import Clock

SPEED = 100.0

_HELD_UP = f"""
import sys, time
from winbake.rehearsal.windows.clock import Clock
clock = Clock({SPEED})
began = clock.passed
print("ready", flush=True)
sys.stdin.readline()
print(clock.passed - began, flush=True)
"""


def test_a_process_that_does_not_get_to_run_has_no_time_pass_on_its_hosts() -> None:
    if not hasattr(signal, "SIGSTOP"):
        pytest.skip("this system cannot hold a process up")
    with subprocess.Popen(
        [sys.executable, "-c", _HELD_UP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None and child.stdin is not None
        assert child.stdout.readline() == "ready\n"
        os.kill(child.pid, signal.SIGSTOP)
        time.sleep(1.0)
        os.kill(child.pid, signal.SIGCONT)
        child.stdin.write("\n")
        child.stdin.flush()
        passed = float(child.stdout.readline())
    assert passed < 0.5 * SPEED, "a second held up would be 100 s on the host"


def test_a_wait_lasts_as_long_as_the_host_counts() -> None:
    clock = Clock(SPEED)
    began = clock.passed
    assert not clock.wait(threading.Event(), 10)
    assert clock.passed - began >= 10


def test_a_wait_ends_at_once_when_its_event_comes() -> None:
    clock = Clock(SPEED)
    event = threading.Event()
    clock.call_later(5, event.set)
    assert clock.wait(event, 10_000)
    assert clock.passed < 5_000


def test_a_timer_that_is_cancelled_does_nothing() -> None:
    clock = Clock(SPEED)
    rung = threading.Event()
    timer = clock.call_later(20, rung.set)
    timer.cancel()
    assert not clock.wait(rung, 60)
    assert not timer.is_alive()


def test_setting_the_date_moves_no_stopwatch() -> None:
    clock = Clock(SPEED)
    before, uptime = clock.passed, clock.uptime
    clock.set(clock.now().replace(year=2001))
    assert clock.now().year == 2001
    assert clock.passed - before < 1000 and clock.uptime - uptime < 1000


def test_a_client_that_hangs_up_in_the_middle_is_nothing_to_print(capfd: pytest.CaptureFixture[str]) -> None:
    with Mirror(load_standins()) as mirror:
        url = next(iter(mirror.urls()))
        host, path = url.split("/", 3)[2:]
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", mirror.port)) as client:
                client.sendall(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Proto: https\r\n".encode())
                # A reset, not an orderly end: what a killed download does.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.1)
    assert capfd.readouterr().err == ""
