import socket
from collections.abc import Iterator
from dataclasses import asdict

import pytest

from sandbox.errors import SandboxError
from sandbox.ports import LOOPBACK, PORT_VARIABLE, choose_ports, free_ports, is_free
from sandbox.run_directory import Ports


@pytest.fixture(autouse=True)
def _no_choice(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(PORT_VARIABLE, raising=False)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_free_ports_differ():
    ports = choose_ports(None)
    assert len({ports.front_door, ports.ministack, ports.moto}) == 3
    assert all(is_free(port) for port in (ports.front_door, ports.ministack, ports.moto))


def test_no_outgoing_connection_is_given_one_before_its_server_starts():
    # Linux, ip_local_port_range: 32768 to 60999; macOS and IANA: 49152 and up.
    ports = choose_ports(None)
    assert all(1024 < port < 32768 for port in asdict(ports).values())
    assert all(1024 < port < 32768 for port in free_ports([0, 0, 0]))


def test_the_ports_of_the_last_start_are_kept():
    last = choose_ports(None)
    assert choose_ports(last) == last


def test_a_port_that_is_taken_by_now_is_replaced(taken: int):
    last = choose_ports(None)
    ports = choose_ports(Ports(taken, last.ministack, last.moto))
    assert ports.front_door != taken
    assert ports.ministack == last.ministack


def test_the_port_that_was_asked_for(monkeypatch: pytest.MonkeyPatch):
    wanted = choose_ports(None).front_door
    monkeypatch.setenv(PORT_VARIABLE, str(wanted))
    assert choose_ports(None).front_door == wanted


def test_the_port_that_was_asked_for_is_taken(monkeypatch: pytest.MonkeyPatch, taken: int):
    monkeypatch.setenv(PORT_VARIABLE, str(taken))
    with pytest.raises(SandboxError, match=rf"port {taken} is taken, but {PORT_VARIABLE} asks for it; stop what"):
        choose_ports(None)


@pytest.mark.parametrize("text", ["http", "80", "70000", "-1", "4566.0"])
def test_what_is_not_a_port_is_refused(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv(PORT_VARIABLE, text)
    with pytest.raises(SandboxError, match=f"'{text}', which is not a port; allowed: 1024 to 65535"):
        choose_ports(None)


def test_any_number_of_ports_and_those_of_the_last_start_where_they_are_free(taken: int):
    first = free_ports([0, 0])
    assert len(set(first)) == 2
    assert free_ports([first[0], taken, first[1]])[::2] == first
    assert taken not in free_ports([taken])
