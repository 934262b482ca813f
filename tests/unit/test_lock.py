"""`lock`: what is fetched, what is checked, and what stands in the lock afterwards."""

from __future__ import annotations

import errno
import hashlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_web import Answer, Page, Web, keep_to_itself

from winbake.cli import main
from winbake.config.lock import load_lock
from winbake.engine import download

ZIP = b"PK\x03\x04" + bytes(200_000)
OTHER = b"PK\x03\x04" + b"\x01" * 200_000
PAGE = b"<!doctype html>\n<html><body>Your download will start shortly.</body></html>\n"
TOOL = """\
  {id}:
    name: Thing
    version: "1.0"
    source: {{{source}}}
    install: {{type: zip}}
    dir: 'C:\\{id}'
    detect: {{file: 'C:\\{id}\\x.exe', version: '*'}}
"""


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    keep_to_itself(monkeypatch, tmp_path)
    monkeypatch.setattr(download, "PAUSES", (0.0, 0.0, 0.0))
    return tmp_path


def write(project: Path, *sources: str) -> None:
    """A manifest with a zip tool for every source: thing, thing2, …"""
    tools = "".join(TOOL.format(id=f"thing{i + 1 if i else ''}", source=source) for i, source in enumerate(sources))
    (project / "manifest.yaml").write_text("image: {name: test}\ntools:\n" + tools, encoding="utf-8")


def locked(project: Path, url: str) -> str | None:
    source = load_lock(project / "manifest.lock.yaml").source(url)
    return source.sha256 if source else None


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


Said = pytest.CaptureFixture[str]


# ---- what is recorded -----------------------------------------------------------------------------------


def test_first_use_is_recorded_and_said(project: Path, web: Web, capsys: Said) -> None:
    url = web.put("/thing.zip", ZIP)
    write(project, f"url: '{url}'")
    assert main(["lock"]) == 0
    seen = load_lock(project / "manifest.lock.yaml").source(url)
    assert seen is not None
    assert (seen.sha256, seen.size) == (sha(ZIP), len(ZIP))
    assert "first seen now" in capsys.readouterr().out


def test_a_source_that_is_known_is_not_fetched_again_unless_asked(project: Path, web: Web) -> None:
    write(project, f"url: '{web.put('/thing.zip', ZIP, etag='one')}'")
    assert main(["lock"]) == 0
    assert main(["lock"]) == 0
    assert len(web.requests) == 1
    assert main(["lock", "--again"]) == 0
    assert [request.status for request in web.requests] == [200, 304]


def test_several_sources_are_fetched_at_once(project: Path, web: Web) -> None:
    together = threading.Barrier(3, timeout=10)
    urls = [web.put(f"/thing{i}.zip", ZIP) for i in range(3)]
    for page in web.pages.values():
        page.during = lambda start: together.wait() if start == 0 else None  # type: ignore[func-returns-value]
    write(project, *[f"url: '{url}'" for url in urls])
    assert main(["lock"]) == 0
    assert [locked(project, url) for url in urls] == [sha(ZIP)] * 3


def test_an_entry_of_a_tool_that_left_the_manifest_leaves_the_lock(project: Path, web: Web) -> None:
    old, new = web.put("/old.zip", ZIP), web.put("/new.zip", OTHER)
    write(project, f"url: '{old}'")
    assert main(["lock"]) == 0
    write(project, f"url: '{new}'")
    assert main(["lock"]) == 0
    assert list(load_lock(project / "manifest.lock.yaml").sources) == [new]


# ---- trust ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "pin", "words"),
    [
        (PAGE, "", "is a page of HTML"),
        (b"MZ" + bytes(100), "", "a file that begins with 4d 5a"),
        (ZIP, ", sha256: '" + "0" * 64 + "'", "the manifest pins 0000"),
    ],
)
def test_a_wrong_file_is_not_locked(project: Path, web: Web, capsys: Said, data: bytes, pin: str, words: str) -> None:
    write(project, f"url: '{web.put('/thing.zip', data)}'{pin}")
    assert main(["lock"]) == 1
    assert words in capsys.readouterr().err
    assert not (project / "manifest.lock.yaml").exists()


def test_a_source_without_a_pin_that_changed_is_an_error(project: Path, web: Web, capsys: Said) -> None:
    url = web.put("/thing.zip", ZIP, etag="one")
    write(project, f"url: '{url}'")
    assert main(["lock"]) == 0
    web.put("/thing.zip", OTHER, etag="two")
    assert main(["lock", "--again"]) == 1
    said = capsys.readouterr().err
    assert f"has changed: sha256 {sha(OTHER)}, the lock saw {sha(ZIP)}" in said
    assert "delete its entry from the lock" in said
    assert locked(project, url) == sha(ZIP)


def test_an_evergreen_source_that_moved_on_is_said_and_recorded(project: Path, web: Web, capsys: Said) -> None:
    url = web.put("/latest.zip", ZIP, etag="one")
    write(project, f"url: '{url}', signer: CN=Example")
    assert main(["lock"]) == 0
    assert main(["lock"]) == 0
    assert [request.status for request in web.requests] == [200, 304]
    capsys.readouterr()
    web.put("/latest.zip", OTHER, etag="two")
    assert main(["lock"]) == 0
    said = capsys.readouterr().out
    assert f"another file than before: version not known → version not known, sha256 {sha(ZIP)[:16]}…" in said
    assert locked(project, url) == sha(OTHER)


# ---- on the way -----------------------------------------------------------------------------------------


def test_a_download_that_was_cut_goes_on_by_itself(project: Path, web: Web) -> None:
    url = web.put("/thing.zip", ZIP, etag="one")
    web.fail("/thing.zip", Answer(200, ZIP, {"ETag": '"one"'}, cut=80_000))
    write(project, f"url: '{url}'")
    assert main(["lock"]) == 0
    assert locked(project, url) == sha(ZIP)
    assert web.requests[-1].status == 206
    assert web.requests[-1].fields["If-Range"] == '"one"'


def test_a_part_of_another_file_is_never_glued(project: Path, web: Web) -> None:
    url = web.put("/thing.zip", OTHER, etag="two")
    web.fail("/thing.zip", Answer(200, ZIP, {"ETag": '"one"'}, cut=80_000))
    write(project, f"url: '{url}'")
    assert main(["lock"]) == 0
    assert web.requests[-1].status == 200
    assert locked(project, url) == sha(OTHER)


def test_without_a_version_from_the_server_a_part_is_fetched_anew(project: Path, web: Web) -> None:
    url = web.put("/thing.zip", OTHER)
    web.fail("/thing.zip", Answer(200, ZIP, cut=80_000))
    write(project, f"url: '{url}'")
    assert main(["lock"]) == 0
    assert "Range" not in web.requests[-1].fields
    assert locked(project, url) == sha(OTHER)


def test_a_short_file_is_named_and_what_came_is_kept(project: Path, web: Web, capsys: Said) -> None:
    url = web.put("/thing.zip", ZIP, etag="one")
    web.fail("/thing.zip", *[Answer(200, ZIP, {"ETag": '"one"'}, cut=80_000)] * 4)
    write(project, f"url: '{url}'")
    assert main(["lock"]) == 1
    said = capsys.readouterr().err
    assert "the connection was cut" in said or "ended after" in said
    (part,) = (project / "cache").glob("*.part")
    assert 0 < part.stat().st_size <= 80_000
    assert main(["lock"]) == 0
    assert web.requests[-1].status == 206


def test_a_busy_server_is_asked_again(project: Path, web: Web) -> None:
    url = web.put("/thing.zip", ZIP)
    web.fail("/thing.zip", Answer(503), Answer(429, b"", {"Retry-After": "0"}))
    write(project, f"url: '{url}'")
    assert main(["lock"]) == 0
    assert [request.status for request in web.requests] == [503, 429, 200]


def test_a_server_that_stays_busy(project: Path, web: Web, capsys: Said) -> None:
    write(project, f"url: '{web.put('/thing.zip', ZIP)}'")
    web.fail("/thing.zip", *[Answer(503)] * 4)
    assert main(["lock"]) == 1
    assert "could not be fetched: HTTP 503 Service Unavailable" in capsys.readouterr().err
    assert len(web.requests) == 4


def test_a_missing_file_is_not_asked_for_twice(project: Path, web: Web, capsys: Said) -> None:
    write(project, f"url: '{web.url}/none.zip'")
    assert main(["lock"]) == 1
    said = capsys.readouterr().err
    assert "HTTP 404" in said
    assert "Next: look at the address in a browser" in said
    assert len(web.requests) == 1


def test_no_network(project: Path, capsys: Said) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    write(project, f"url: 'http://127.0.0.1:{port}/thing.zip'")
    assert main(["lock"]) == 1
    assert "no connection (name, network or proxy)" in capsys.readouterr().err


def test_one_that_fails_does_not_keep_the_others_from_the_lock(project: Path, web: Web) -> None:
    url = web.put("/thing.zip", ZIP)
    write(project, f"url: '{url}'", f"url: '{web.url}/none.zip'")
    assert main(["lock"]) == 1
    assert locked(project, url) == sha(ZIP)


def test_a_full_disk(project: Path, web: Web, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, f"url: '{web.put('/thing.zip', ZIP)}'")
    opened = Path.open

    class Full:
        def __init__(self, file: object) -> None:
            self.file = file

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()  # type: ignore[attr-defined]

        def write(self, _: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def full(path: Path, mode: str = "r", *rest: object, **named: object) -> object:
        file = opened(path, mode, *rest, **named)  # type: ignore[call-overload]
        return Full(file) if path.suffix == ".part" and "b" in mode and "r" not in mode else file

    monkeypatch.setattr(Path, "open", full)
    assert main(["lock"]) == 1
    said = capsys.readouterr().err
    assert "cannot be written: No space left on device" in said
    assert "make room there, or set WINBAKE_CACHE" in said


def test_ctrl_c_keeps_the_parts_and_what_was_seen(project: Path, web: Web) -> None:
    done, slow = web.put("/done.zip", ZIP), web.put("/slow.zip", bytes(ZIP) * 20, etag="one")
    web.pages["/slow.zip"].during = lambda start: time.sleep(0.05)
    write(project, f"url: '{done}'", f"url: '{slow}'")
    # A run that was started in the background ignores SIGINT, and so would its child.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{heed}; import sys; from winbake.cli import main; sys.exit(main(['lock']))"
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not any(p.stat().st_size for p in (project / "cache").glob("*.part")):
        time.sleep(0.05)
    time.sleep(0.5)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=20)
    assert run.returncode == 130, err
    assert "lock goes on with them" in out
    assert "Interrupted." in err
    assert any(p.stat().st_size for p in (project / "cache").glob("*.part"))
    assert locked(project, done) == sha(ZIP)
    web.pages["/slow.zip"].during = None
    assert main(["lock"]) == 0
    assert web.requests[-1].status == 206
    assert locked(project, slow) == sha(ZIP * 20)


# ---- proxies and certificates ---------------------------------------------------------------------------


def test_a_proxy_is_used_and_no_proxy_is_kept(project: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    with Web() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        proxy.pages["http://files.example/thing.zip"] = web.pages["/direct.zip"] = Page(ZIP)
        write(project, "url: 'http://files.example/thing.zip'", f"url: '{web.url}/direct.zip'")
        assert main(["lock"]) == 0
        assert [request.path for request in proxy.requests] == ["http://files.example/thing.zip"]
        assert [request.path for request in web.requests] == ["/direct.zip"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_login(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said, scheme: str
) -> None:
    with Web() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        proxy.fail("http://files.example/thing.zip", Answer(407, b"", {"Proxy-Authenticate": "Basic"}))
        write(project, f"url: '{scheme}://files.example/thing.zip'")
        assert main(["lock"]) == 1
    said = capsys.readouterr().err
    assert "the proxy wants a login (HTTP 407)" in said
    assert "HTTPS_PROXY" in said


def test_a_proxy_that_is_not_there(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free.getsockname()[1]}")
    write(project, "url: 'https://files.example/thing.zip'")
    assert main(["lock"]) == 1
    assert "the proxy cannot be reached" in capsys.readouterr().err


def test_a_certificate_of_the_own_organisation(
    project: Path, web: Web, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    import ssl

    certificate, key = self_signed(project)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    assert web._server is not None
    web._server.socket = context.wrap_socket(web._server.socket, server_side=True)
    web.put("/thing.zip", ZIP)
    write(project, f"url: 'https://127.0.0.1:{web.port}/thing.zip'")
    assert main(["lock"]) == 1
    said = capsys.readouterr().err
    assert "certificate is not trusted here" in said
    assert "set REQUESTS_CA_BUNDLE" in said
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert main(["lock"]) == 0


def self_signed(folder: Path) -> tuple[Path, Path]:
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "c.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "k.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return folder / "c.pem", folder / "k.pem"


# ---- files fetched by hand ------------------------------------------------------------------------------

MEDIA = "media: mango.zip, page: 'https://mango.example/get', licence: free for teaching"


def test_media_that_is_there_is_recorded_and_a_change_is_an_error(project: Path, capsys: Said) -> None:
    write(project, MEDIA)
    (project / "media").mkdir()
    (project / "media" / "mango.zip").write_bytes(ZIP)
    assert main(["lock"]) == 0
    assert locked(project, "media/mango.zip") == sha(ZIP)
    (project / "media" / "mango.zip").write_bytes(OTHER)
    assert main(["lock"]) == 1
    assert "media/mango.zip has changed" in capsys.readouterr().err


def test_media_that_is_not_there_is_listed_with_page_and_licence(project: Path, capsys: Said) -> None:
    write(project, MEDIA)
    assert main(["lock"]) == 0
    said = capsys.readouterr().out
    assert "media/mango.zip is not there, needed: get it from https://mango.example/get (free for teaching)" in said


def test_a_tool_that_a_person_installs_needs_no_file(project: Path, capsys: Said) -> None:
    write(project, MEDIA)
    manifest = project / "manifest.yaml"
    manifest.write_text(manifest.read_text().replace("install: {type: zip", "install: {type: by_hand", 1))
    assert "by_hand" in manifest.read_text()
    assert main(["lock"]) == 0
    assert "mango.zip" not in capsys.readouterr().out


# ---- offline --------------------------------------------------------------------------------------------


def test_offline_says_what_there_is_and_asks_nobody(project: Path, web: Web, capsys: Said) -> None:
    pin = ", sha256: '" + sha(ZIP) + "'"
    urls = [web.put(f"/{name}.zip", ZIP, etag=name) for name in ("known", "part", "pinned", "cached")]
    write(project, f"url: '{urls[0]}'", f"url: '{urls[3]}'")
    assert main(["lock"]) == 0
    cache = download.Cache(project / "cache")
    cache.forget(urls[0])
    cache.path(urls[1]).with_suffix(".part").write_bytes(bytes(2_000_000))
    (project / "manifest.lock.yaml").write_text(
        "schema: 1\nsources:\n" f"  {urls[0]}: {{url: '{urls[0]}', sha256: {sha(ZIP)}, size: 5}}\n"
    )
    write(project, *[f"url: '{url}'{pin if 'pinned' in url else ''}" for url in urls], f"url: '{web.url}/e', signer: CN=E")
    web.requests.clear()
    capsys.readouterr()
    assert main(["lock", "--offline"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "locked, sha256" in lines[0] and "no file in the cache" in lines[0]
    assert "not seen yet: a bake needs its hash, 2.0 MB of it are in the cache" in lines[1]
    assert "pinned in the manifest" in lines[2]
    assert "first seen now" in lines[3]
    assert "evergreen, not seen yet" in lines[4]
    assert locked(project, urls[3]) == sha(ZIP)
    assert web.requests == []


def test_offline_on_a_new_machine_ends_cleanly(project: Path, capsys: Said) -> None:
    write(project, "url: 'https://files.example/thing.zip'")
    assert main(["lock", "--offline"]) == 0
    assert "not seen yet" in capsys.readouterr().out


def test_a_damaged_cache_is_noticed_and_fetched_again(project: Path, web: Web, capsys: Said) -> None:
    url = web.put("/thing.zip", ZIP, etag="one")
    write(project, f"url: '{url}'")
    assert main(["lock"]) == 0
    download.Cache(project / "cache").path(url).write_bytes(ZIP[:-1] + b"x")
    (project / "manifest.lock.yaml").unlink()
    assert main(["lock"]) == 0
    assert "the cache's copy of" in capsys.readouterr().out
    assert locked(project, url) == sha(ZIP)


# ---- the lock file itself -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("schema: 1\nsources:\n  https://h/x: {url: https://h/x, sha256: abc, size: 1}\n", "manifest.lock.yaml:3: "),
        ("schema: 1\nsources:\n  https://h/x: {url: https://h/y, sha256: '" + "0" * 64 + "', size: 1}\n", "must be the same"),
        ("schema: 1\nsources: [a]\n", "manifest.lock.yaml:2: sources: must be a mapping"),
        ("- a\n", "must be a mapping"),
        ("schema: {\n", "not valid YAML"),
    ],
)
def test_a_lock_that_a_hand_edited_badly(project: Path, capsys: Said, text: str, words: str) -> None:
    write(project, "url: 'https://files.example/thing.zip'")
    (project / "manifest.lock.yaml").write_text(text)
    assert main(["lock", "--offline"]) == 1
    assert words in capsys.readouterr().err
    assert (project / "manifest.lock.yaml").read_text() == text


def test_a_lock_that_cannot_be_written(project: Path, web: Web, capsys: Said) -> None:
    write(project, f"url: '{web.put('/thing.zip', ZIP)}'")
    (project / "manifest.lock.yaml").mkdir()
    assert main(["lock"]) == 1
    assert "manifest.lock.yaml" in capsys.readouterr().err


def test_plain_lines_where_there_is_no_terminal(project: Path, web: Web, capsys: Said) -> None:
    write(project, f"url: '{web.put('/thing.zip', ZIP)}'")
    assert main(["lock"]) == 0
    assert "\x1b" not in capsys.readouterr().out
