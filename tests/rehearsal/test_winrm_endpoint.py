"""The rehearsal's WinRM endpoint must be taken for a real one by real clients: pywinrm, pypsrp and Ansible."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import winrm_stage
from pypsrp.client import Client
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import WSMan
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WinRMTransportError
from winrm.exceptions import WSManFaultError as PywinrmFault
from winrm.protocol import Protocol
from winrm_stage import PASSWORD

from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.winrm import Endpoint

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
WAYS = [("http", "ntlm"), ("https", "ntlm"), ("https", "basic")]


@pytest.fixture(scope="module")
def shared() -> Iterator[Endpoint]:
    """One endpoint for the tests that leave it as it was."""
    with winrm_stage.endpoint("shared") as running:
        yield running


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with winrm_stage.endpoint() as running:
        yield running


def pywinrm(endpoint: Endpoint, scheme: str = "http", transport: Any = "ntlm", **settings: Any) -> Protocol:
    url = endpoint.http_url if scheme == "http" else endpoint.https_url
    return Protocol(
        url, transport=transport, username=settings.pop("username", "Administrator"),
        password=settings.pop("password", PASSWORD), server_cert_validation="ignore", proxy=None, **settings,
    )


def run(protocol: Protocol, shell: str, line: str, stdin: bytes | None = None) -> tuple[bytes, bytes, int]:
    command = protocol.run_command(shell, line)
    if stdin is not None:
        protocol.send_command_input(shell, command, stdin, end=True)
    answer = protocol.get_command_output(shell, command)
    protocol.cleanup_command(shell, command)
    return answer


# Real clients.


@pytest.mark.parametrize(("scheme", "transport"), WAYS)
def test_pywinrm_runs_commands_in_a_kept_shell(shared: Endpoint, scheme: str, transport: str) -> None:
    protocol = pywinrm(shared, scheme, transport)
    shell = protocol.open_shell(codepage=65001)
    assert run(protocol, shell, "echo grüße") == ("grüße\r\n".encode(), b"", 0)
    assert run(protocol, shell, "fail 3") == (b"to stdout\r\n", b"to stderr\r\n", 3)
    assert run(protocol, shell, "cat", b"\x00\x01 bytes \xff") == (b"\x00\x01 bytes \xff", b"", 0)
    protocol.close_shell(shell)


@pytest.mark.parametrize(
    ("tls", "auth"), [(True, "negotiate"), (True, "ntlm"), (True, "basic"), (False, "negotiate"), (False, "ntlm")]
)
def test_pypsrp_client_executes_commands(shared: Endpoint, tls: bool, auth: str) -> None:
    port = shared.https_port if tls else shared.http_port
    with Client(
        "127.0.0.1", username="Administrator", password=PASSWORD, ssl=tls, port=port, auth=auth,
        cert_validation=False, no_proxy=True,
    ) as client:
        assert client.execute_cmd("echo hello") == ("hello\r\n", "", 0)
        assert client.execute_cmd("fail 7")[2] == 7


def test_pypsrp_negotiate_over_https_may_also_encrypt_messages(shared: Endpoint) -> None:
    with WSMan(
        "127.0.0.1", port=shared.https_port, username="Administrator", password=PASSWORD, ssl=True,
        auth="negotiate", cert_validation=False, encryption="always", no_proxy=True,
    ) as wsman, WinRS(wsman) as shell:
        process = Process(shell, "echo sealed")
        process.invoke()
        assert process.stdout == b"sealed\r\n"


def test_pypsrp_learns_the_envelope_size(shared: Endpoint) -> None:
    with WSMan(
        "127.0.0.1", port=shared.http_port, username="Administrator", password=PASSWORD, ssl=False, no_proxy=True
    ) as wsman:
        wsman.update_max_payload_size()
        assert wsman.max_envelope_size == 500 * 1024


@pytest.mark.skipif(shutil.which("ansible", path=str(Path(sys.executable).parent)) is None, reason="no ansible here")
@pytest.mark.parametrize(("scheme", "transport"), [("http", "ntlm"), ("https", "basic")])
def test_ansible_raw_runs_over_its_winrm_connection(
    shared: Endpoint, tmp_path: Path, scheme: str, transport: str
) -> None:
    port = shared.http_port if scheme == "http" else shared.https_port
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(
        json.dumps(
            {
                "all": {
                    "hosts": {"master": {"ansible_host": "127.0.0.1", "ansible_port": port}},
                    "vars": {
                        "ansible_connection": "winrm", "ansible_user": "Administrator",
                        "ansible_password": PASSWORD, "ansible_winrm_scheme": scheme,
                        "ansible_winrm_transport": transport, "ansible_winrm_server_cert_validation": "ignore",
                    },
                }
            }
        )
    )
    before = shared.counters["commands"]
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ansible"), "-i", str(inventory), "-m", "raw", "-a", "echo hello", "master"],
        capture_output=True, text=True, timeout=120, check=False,
        env={"HOME": str(tmp_path), "PATH": str(Path(sys.executable).parent), "LC_ALL": "C.UTF-8",
             "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp")},
    )
    # `raw` starts `PowerShell -EncodedCommand …`, which the stage's command processor does not know: what is proved
    # is that Ansible logged in, opened a shell, ran its command line and got stderr and the exit code back.
    assert "rc=1" in done.stdout, done.stdout + done.stderr
    assert "is not recognized as an internal or external command" in done.stdout
    assert shared.counters["commands"] == before + 1


# Logins.


@pytest.mark.parametrize(("scheme", "transport"), WAYS)
def test_a_wrong_password_is_refused(shared: Endpoint, scheme: str, transport: str) -> None:
    with pytest.raises(InvalidCredentialsError):
        pywinrm(shared, scheme, transport, password="wrong").open_shell()


def test_an_unknown_user_is_refused_by_pypsrp_too(shared: Endpoint) -> None:
    with pytest.raises(AuthenticationError), WSMan(
        "127.0.0.1", port=shared.http_port, username="nobody", password=PASSWORD, ssl=False, no_proxy=True
    ) as wsman:
        WinRS(wsman).open()


@pytest.mark.parametrize("user", ["administrator", r".\Administrator", r"ANY-DOMAIN\Administrator"])
def test_users_compare_without_case_and_domains_do_not_matter(shared: Endpoint, user: str) -> None:
    protocol = pywinrm(shared, username=user)
    shell = protocol.open_shell()
    assert run(protocol, shell, "set USERNAME")[0] == b"Administrator\r\n"
    protocol.close_shell(shell)


def test_basic_over_http_is_not_offered_and_not_taken(shared: Endpoint) -> None:
    with pytest.raises(InvalidCredentialsError):
        pywinrm(shared, "http", "basic").open_shell()
    offered = requests.post(shared.http_url, data=b"", timeout=5).headers["WWW-Authenticate"]
    assert offered == "Negotiate"
    offered = requests.post(shared.https_url, data=b"", timeout=5, verify=False).headers["WWW-Authenticate"]
    assert offered == 'Negotiate, Basic realm="WSMAN"'


def test_plain_messages_over_http_are_refused_unless_allowed(endpoint: Endpoint) -> None:
    with pytest.raises(WinRMTransportError) as refused:
        pywinrm(endpoint, message_encryption="never").open_shell()
    assert refused.value.code == 500
    endpoint.settings.allow_unencrypted = True
    protocol = pywinrm(endpoint, message_encryption="never")
    protocol.close_shell(protocol.open_shell())
    protocol = pywinrm(endpoint, "http", "basic")
    protocol.close_shell(protocol.open_shell())


def test_a_changed_password_holds_at_once(endpoint: Endpoint) -> None:
    endpoint.host.accounts.set_password("Administrator", "An0ther-Pass!")
    with pytest.raises(InvalidCredentialsError):
        pywinrm(endpoint).open_shell()
    protocol = pywinrm(endpoint, password="An0ther-Pass!")
    protocol.close_shell(protocol.open_shell())


def test_users_who_are_no_administrators_are_denied_shells(endpoint: Endpoint) -> None:
    endpoint.host.accounts.add_user("student", "Learn-2-day!")
    protocol = pywinrm(endpoint, username="student", password="Learn-2-day!")
    with pytest.raises(PywinrmFault) as denied:
        protocol.open_shell()
    assert denied.value.wsman_fault_code == 5
    endpoint.host.accounts.add_member("Remote Management Users", "student")
    protocol.close_shell(protocol.open_shell())


def test_a_local_administrator_needs_the_token_filter_policy(endpoint: Endpoint) -> None:
    endpoint.host.accounts.add_user("baker", "Bake-2-day!")
    endpoint.host.accounts.add_member("Administrators", "baker")
    protocol = pywinrm(endpoint, username="baker", password="Bake-2-day!")
    with pytest.raises(PywinrmFault):
        protocol.open_shell()
    key = endpoint.host.registry.create(
        r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
    )
    key.set("LocalAccountTokenFilterPolicy", 4, 1)
    protocol.close_shell(protocol.open_shell())


def test_a_message_sealed_with_another_connections_key_is_a_bad_request(shared: Endpoint) -> None:
    protocol = pywinrm(shared)
    shell = protocol.open_shell()
    assert protocol.transport.session is not None
    for adapter in protocol.transport.session.adapters.values():
        adapter.close()  # the next request goes over a new connection; pywinrm seals it with the old key
    with pytest.raises(WinRMTransportError) as refused:
        protocol.run_command(shell, "echo")
    assert refused.value.code == 400


# Commands and streams.


def test_five_megabytes_come_back_whole_in_envelopes_of_the_asked_size(shared: Endpoint) -> None:
    protocol = pywinrm(shared)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "big 5000000")
    pieces: list[bytes] = []
    done = False
    while not done:
        out, _, code, done = protocol.get_command_output_raw(shell, command)
        assert len(out) * 4 / 3 < Protocol.DEFAULT_MAX_ENV_SIZE
        pieces.append(out)
    assert (len(b"".join(pieces)), code) == (5_000_000, 0)
    assert len(pieces) < 60  # full envelopes, not crumbs
    protocol.close_shell(shell)


def test_two_megabytes_go_in_by_pieces(shared: Endpoint) -> None:
    protocol = pywinrm(shared)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "count")
    for at in range(0, 2_000_000, 250_000):
        protocol.send_command_input(shell, command, bytes(250_000), end=at == 1_750_000)
    assert protocol.get_command_output(shell, command) == (b"2000000\r\n", b"", 0)
    protocol.close_shell(shell)


def test_output_streams_while_the_command_runs(shared: Endpoint) -> None:
    protocol = pywinrm(shared)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "ticks 3 0.4")
    out, _, _, done = protocol.get_command_output_raw(shell, command)
    assert (out, done) == (b"tick 0\r\n", False)
    assert protocol.get_command_output(shell, command)[0] == b"tick 1\r\ntick 2\r\n"
    protocol.close_shell(shell)


def test_a_receive_without_output_ends_at_the_operation_timeout(shared: Endpoint) -> None:
    protocol = pywinrm(shared, operation_timeout_sec=1, read_timeout_sec=10)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "sleep 30")
    start = time.monotonic()
    with pytest.raises(WinRMOperationTimeoutError):
        protocol.get_command_output_raw(shell, command)
    assert 0.9 < time.monotonic() - start < 3
    protocol.close_shell(shell)
    assert winrm_stage.running(shared) == 0


def test_exit_codes_are_unsigned(shared: Endpoint) -> None:
    protocol = pywinrm(shared)
    shell = protocol.open_shell()
    assert run(protocol, shell, "fail -1")[2] == 0xFFFFFFFF
    protocol.close_shell(shell)


def test_commands_run_at_the_same_time_in_many_shells(shared: Endpoint) -> None:
    answers: dict[int, bytes] = {}

    def one(number: int) -> None:
        protocol = pywinrm(shared, "https" if number % 2 else "http")
        shell = protocol.open_shell()
        answers[number] = run(protocol, shell, "cat", f"shell {number}".encode())[0]
        protocol.close_shell(shell)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == {number: f"shell {number}".encode() for number in range(8)}
    assert time.monotonic() - start < 20


def test_two_commands_of_one_shell_do_not_mix(shared: Endpoint) -> None:
    protocol = pywinrm(shared)
    shell = protocol.open_shell()
    first = protocol.run_command(shell, "cat")
    second = protocol.run_command(shell, "cat")
    protocol.send_command_input(shell, second, b"two", end=True)
    protocol.send_command_input(shell, first, b"one", end=True)
    assert protocol.get_command_output(shell, first)[0] == b"one"
    assert protocol.get_command_output(shell, second)[0] == b"two"
    protocol.close_shell(shell)


def test_ctrl_c_ends_the_command_and_its_exit_code_says_so(shared: Endpoint) -> None:
    with WSMan(
        "127.0.0.1", port=shared.http_port, username="Administrator", password=PASSWORD, ssl=False, no_proxy=True
    ) as wsman, WinRS(wsman) as shell:
        process = Process(shell, "sleep 60")
        process.begin_invoke()
        process.signal(SignalCode.CTRL_C)
        process.end_invoke()
        assert process.rc == 0xC000013A


def test_terminate_takes_the_command_away(shared: Endpoint) -> None:
    protocol = pywinrm(shared)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "sleep 60")
    protocol.cleanup_command(shell, command)
    assert winrm_stage.running(shared) == 0
    with pytest.raises(PywinrmFault) as gone:
        protocol.get_command_output_raw(shell, command)
    assert gone.value.wsman_fault_code == 87
    protocol.close_shell(shell)


def test_input_for_a_command_that_has_ended_meets_a_closed_pipe(shared: Endpoint) -> None:
    protocol = pywinrm(shared)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "stubborn")
    assert protocol.get_command_output(shell, command)[2] == 9
    with pytest.raises(PywinrmFault) as closed:
        protocol.send_command_input(shell, command, b"too late", end=True)
    assert closed.value.wsman_fault_code == 232
    protocol.close_shell(shell)


def test_a_program_started_without_cmd_that_does_not_exist_is_error_2(shared: Endpoint) -> None:
    protocol = pywinrm(shared)
    shell = protocol.open_shell()
    with pytest.raises(PywinrmFault) as missing:
        protocol.run_command(shell, r"C:\no\such.exe", skip_cmd_shell=True)
    assert missing.value.wsman_fault_code == 2
    protocol.close_shell(shell)


# Shells.


def test_a_shell_has_the_environment_of_its_creation(endpoint: Endpoint) -> None:
    protocol = pywinrm(endpoint)
    old = protocol.open_shell()
    endpoint.host.environment.set_machine("BAKED", "yes")
    new = protocol.open_shell(env_vars={"EXTRA": "%BAKED%!"}, working_directory=r"C:\Windows")
    assert run(protocol, old, "set BAKED")[0] == b"(none)\r\n"
    assert run(protocol, old, "cd")[0] == b"C:\\Users\\Administrator\r\n"
    assert run(protocol, new, "set BAKED")[0] == b"yes\r\n"
    assert run(protocol, new, "set EXTRA")[0] == b"yes!\r\n"
    assert run(protocol, new, "cd")[0] == b"C:\\Windows\r\n"
    protocol.close_shell(old, close_session=False)
    protocol.close_shell(new)


def test_deleting_a_shell_ends_what_it_started_and_their_children(endpoint: Endpoint) -> None:
    protocol = pywinrm(endpoint)
    shell = protocol.open_shell()
    run(protocol, shell, "child")
    protocol.run_command(shell, "sleep 60")
    assert winrm_stage.running(endpoint) == 2
    protocol.close_shell(shell)
    assert winrm_stage.running(endpoint) == 0


def test_a_deleted_or_unknown_shell_is_not_found(shared: Endpoint) -> None:
    protocol = pywinrm(shared)
    shell = protocol.open_shell()
    protocol.close_shell(shell, close_session=False)
    for ask in (lambda: protocol.run_command(shell, "echo"), lambda: protocol.close_shell(shell)):
        with pytest.raises(PywinrmFault) as gone:
            ask()
        assert gone.value.wsman_fault_code == 2150858843
        assert "was not found on the server" in gone.value.reason


def test_an_idle_shell_ends_by_itself_but_a_waiting_receive_keeps_it(endpoint: Endpoint) -> None:
    protocol = pywinrm(endpoint)
    shell = protocol.open_shell(idle_timeout="PT1S")
    assert run(protocol, shell, "sleep 1.6")[2] == 0
    time.sleep(0.5)
    assert run(protocol, shell, "echo still here")[2] == 0
    time.sleep(1.4)
    assert endpoint.shells == 0
    with pytest.raises(PywinrmFault) as gone:
        protocol.run_command(shell, "echo")
    assert gone.value.wsman_fault_code == 2150858843


def test_the_quota_of_shells_is_kept(endpoint: Endpoint) -> None:
    endpoint.settings.max_shells_per_user = 2
    protocol = pywinrm(endpoint)
    first = protocol.open_shell()
    protocol.open_shell()
    with pytest.raises(PywinrmFault) as full:
        protocol.open_shell()
    assert full.value.wsman_fault_code == 2150859173
    assert "maximum number of 2 concurrent shells" in full.value.reason
    protocol.close_shell(first, close_session=False)
    protocol.open_shell()


def test_the_quota_of_operations_counts_until_the_shell_goes(endpoint: Endpoint) -> None:
    endpoint.settings.max_operations_per_user = 2
    protocol = pywinrm(endpoint)
    shell = protocol.open_shell()
    run(protocol, shell, "echo 1")
    run(protocol, shell, "echo 2")
    with pytest.raises(PywinrmFault) as full:
        protocol.run_command(shell, "echo 3")
    assert full.value.wmierror_code == 2150859174
    protocol.close_shell(shell, close_session=False)
    assert run(protocol, protocol.open_shell(), "echo 3")[2] == 0


def test_a_users_shells_can_be_listed_and_read(shared: Endpoint) -> None:
    with WSMan(
        "127.0.0.1", port=shared.http_port, username="Administrator", password=PASSWORD, ssl=False, no_proxy=True
    ) as wsman, WinRS(wsman, name="listed", idle_time_out=99) as shell:
        assert shell.owner == f"{shared.host.computer_name}\\Administrator"
        assert shell._get_shell()["Name"] == "listed"
        body = wsman.enumerate("http://schemas.microsoft.com/wbem/wsman/1/windows/shell")
        context = body.findtext(".//{*}EnumerationContext")
        assert context
        pull = ET.Element("{http://schemas.xmlsoap.org/ws/2004/09/enumeration}Pull")
        ET.SubElement(pull, "{http://schemas.xmlsoap.org/ws/2004/09/enumeration}EnumerationContext").text = context
        items = wsman.pull("http://schemas.microsoft.com/wbem/wsman/1/windows/shell", pull)
        assert shell.id in [node.text for node in items.iter() if node.tag.endswith("}ShellId")]


def test_powershell_remoting_is_refused_by_name(shared: Endpoint) -> None:
    with Client(
        "127.0.0.1", username="Administrator", password=PASSWORD, ssl=False, port=shared.http_port, no_proxy=True
    ) as client, pytest.raises(WSManFaultError, match="does not model PowerShell remoting"):
        client.execute_ps("1")


# Messages that are not right.


def plain(endpoint: Endpoint, body: bytes) -> requests.Response:
    return requests.post(
        endpoint.https_url, data=body, auth=("Administrator", PASSWORD), verify=False, timeout=10,
        headers={"Content-Type": "application/soap+xml;charset=UTF-8"},
    )


def fault_code(response: requests.Response) -> int:
    assert response.status_code == 500
    found = ET.fromstring(response.content).find(".//{http://schemas.microsoft.com/wbem/wsman/1/wsmanfault}WSManFault")
    assert found is not None
    return int(found.attrib["Code"])


def envelope(action: str, resource: str = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd") -> bytes:
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header>'
        f"<a:Action>{action}</a:Action><w:ResourceURI>{resource}</w:ResourceURI>"
        "<a:MessageID>uuid:11111111-1111-1111-1111-111111111111</a:MessageID></s:Header><s:Body/></s:Envelope>"
    ).encode()


def test_wrong_messages_are_answered_with_their_faults(shared: Endpoint) -> None:
    assert fault_code(plain(shared, b"<not xml")) == 2150858819
    assert fault_code(plain(shared, b"<!DOCTYPE x><x/>")) == 2150858819
    assert fault_code(plain(shared, envelope("urn:nothing"))) == 2150858771
    assert fault_code(plain(shared, envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/Get", "urn:x"))) == (
        2150858811
    )
    assert fault_code(plain(shared, envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/Create"))) == 2150858817
    assert fault_code(plain(shared, envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete"))) == 2150858842


def test_answers_relate_to_their_requests(shared: Endpoint) -> None:
    answer = ET.fromstring(plain(shared, envelope("urn:nothing")).content)
    related = answer.findtext(".//{http://schemas.xmlsoap.org/ws/2004/08/addressing}RelatesTo")
    assert related == "uuid:11111111-1111-1111-1111-111111111111"


def test_a_message_over_the_envelope_limit_is_refused(shared: Endpoint) -> None:
    body = envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/Create").replace(
        b"<s:Body/>", b"<s:Body><x>" + b"x" * 512_000 + b"</x></s:Body>"
    )
    assert fault_code(plain(shared, body)) == 2150858824


def test_identify_names_the_service_and_hides_the_version_from_strangers(shared: Endpoint) -> None:
    body = (
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        b'xmlns:i="http://schemas.dmtf.org/wbem/wsman/identify/1/wsmanidentity.xsd">'
        b"<s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>"
    )
    assert "OS: 10.0.20348 SP: 0.0 Stack: 3.0" in plain(shared, body).text
    stranger = requests.post(
        shared.http_url, data=body, timeout=5, headers={"WSMANIDENTIFY": "unauthenticated"}
    )
    assert "OS: 0.0.0 SP: 0.0 Stack: 3.0" in stranger.text
    assert requests.post(shared.http_url, data=body, timeout=5).status_code == 401


def test_other_methods_and_paths(shared: Endpoint) -> None:
    assert requests.get(shared.http_url, timeout=5).status_code == 405
    assert requests.get(shared.http_url.replace("/wsman", "/other"), timeout=5).status_code == 404


# The wire.


def test_a_request_may_come_in_chunks_and_crumbs(shared: Endpoint) -> None:
    login = base64.b64encode(f"Administrator:{PASSWORD}".encode()).decode()
    body = envelope("urn:nothing")
    head = (
        f"POST /wsman HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\nTransfer-Encoding: chunked\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:50], body[50:])) + b"0\r\n\r\n"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(socket.create_connection(("127.0.0.1", shared.https_port or 0), timeout=10)) as wire:
        for at in range(0, len(head + chunks), 37):
            wire.sendall((head + chunks)[at : at + 37])
        answer = b""
        while part := wire.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 500")
    assert b"2150858771" in answer


@pytest.mark.parametrize("sent", [b"nonsense\r\n\r\n", b"POST /wsman HTTP/1.1\r\n: x\r\n\r\n"])
def test_what_is_not_http_is_a_bad_request(shared: Endpoint, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", shared.http_port or 0), timeout=10) as wire:
        wire.sendall(sent)
        assert wire.recv(65536).startswith(b"HTTP/1.1 400")


def test_counters_tell_the_price_without_a_login(endpoint: Endpoint) -> None:
    protocol = pywinrm(endpoint)
    shell = protocol.open_shell()
    run(protocol, shell, "echo hello")
    protocol.close_shell(shell)
    address = endpoint.http_url.replace("/wsman", "/rehearsal/counters")
    with urllib.request.urlopen(address, timeout=5) as answer:
        counters = json.load(answer)
    assert counters["requests"] == 8  # three of the login, then Create, Command, Receive, Signal, Delete
    assert counters["logins"] == 1
    assert counters["shells"] == 1
    assert counters["commands"] == 1
    assert counters["actions"] == {"Create": 1, "Command": 1, "Receive": 1, "Signal": 1, "Delete": 1}
    assert counters["process_starts"] == {"winrm-stage.exe": 1}
    assert counters["wire_bytes_in"] > counters["body_bytes_in"] > 5 * 1000
    assert counters["wire_bytes_out"] > counters["body_bytes_out"] > 5 * 500
    endpoint.reset_counters()
    assert endpoint.counters_json()["requests"] == 0


# The machine behind it.


def test_a_reboot_cuts_connections_and_refuses_new_ones_until_it_is_up() -> None:
    with winrm_stage.endpoint("rebooted") as endpoint:
        endpoint.host.clock.speed = 20
        protocol = pywinrm(endpoint)
        shell = protocol.open_shell()
        command = protocol.run_command(shell, "sleep 2000")
        endpoint.host.reboot()
        with pytest.raises((requests.ConnectionError, PywinrmFault)):
            protocol.get_command_output(shell, command)
        deadline = time.monotonic() + 10
        while endpoint.host.is_up and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", endpoint.http_port or 0), timeout=5).close()
        assert endpoint.host.wait_up(600)
        again = pywinrm(endpoint)
        with pytest.raises(PywinrmFault) as gone:
            again.run_command(shell, "echo")
        assert gone.value.wsman_fault_code == 2150858843
        new = again.open_shell()
        assert run(again, new, "echo up") == (b"up\r\n", b"", 0)


def test_stopping_the_winrm_service_ends_shells_and_listeners_until_it_runs_again(endpoint: Endpoint) -> None:
    protocol = pywinrm(endpoint)
    shell = protocol.open_shell()
    protocol.run_command(shell, "sleep 60")
    endpoint.host.services.stop("WinRM")
    assert endpoint.host.services.wait_for("WinRM", 1, 30)
    deadline = time.monotonic() + 5
    while winrm_stage.running(endpoint) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert winrm_stage.running(endpoint) == 0
    with pytest.raises(requests.ConnectionError):
        pywinrm(endpoint).open_shell()
    assert endpoint.host.services.start_and_wait("WinRM")
    deadline = time.monotonic() + 5
    while not endpoint._sockets and time.monotonic() < deadline:
        time.sleep(0.01)
    again = pywinrm(endpoint)
    again.close_shell(again.open_shell())


def test_the_certificate_is_the_hosts_and_stays_the_same() -> None:
    host = WindowsHost("kept")
    with Endpoint(host) as endpoint:
        first = endpoint.certificate.fingerprint
        shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", endpoint.https_port or 0)))
        assert shown == endpoint.certificate.der
    with Endpoint(host) as endpoint:
        assert endpoint.certificate.fingerprint == first
        assert endpoint.change_certificate().fingerprint != first
        shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", endpoint.https_port or 0)))
        assert shown == endpoint.certificate.der
    host.power.stop_now()


# Faults on request.


def test_faults_are_injected_as_often_as_asked(endpoint: Endpoint) -> None:
    protocol = pywinrm(endpoint)
    endpoint.faults.shell_quota = 1
    with pytest.raises(PywinrmFault) as full:
        protocol.open_shell()
    assert full.value.wsman_fault_code == 2150859173
    endpoint.faults.profile_unloading = 1
    with pytest.raises(PywinrmFault) as unloading:
        protocol.open_shell()
    assert unloading.value.wsman_fault_code == 0x800703FA
    shell = protocol.open_shell()
    endpoint.faults.busy = 1
    with pytest.raises(PywinrmFault) as busy:
        protocol.run_command(shell, "echo")
    assert busy.value.wsman_fault_code == 170
    assert run(protocol, shell, "echo ok")[0] == b"ok\r\n"
    endpoint.faults.lost_shells = 1
    with pytest.raises(PywinrmFault) as gone:
        protocol.run_command(shell, "echo")
    assert gone.value.wsman_fault_code == 2150858843


def test_the_connection_can_be_cut_within_a_receive(endpoint: Endpoint) -> None:
    protocol = pywinrm(endpoint)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "big 100000")
    endpoint.faults.cut_receive_after_bytes = 5_000
    with pytest.raises(requests.RequestException):
        protocol.get_command_output(shell, command)
    assert endpoint.shells == 1  # the shell outlives the connection


def test_logins_can_be_refused_whatever_the_password(endpoint: Endpoint) -> None:
    endpoint.faults.refuse_logins = True
    for scheme, transport in WAYS:
        with pytest.raises(InvalidCredentialsError):
            pywinrm(endpoint, scheme, transport).open_shell()
    assert endpoint.counters["logins_refused"] == 3
