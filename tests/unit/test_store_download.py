"""Downloads from registries that break off, refuse, redirect, lie and stall."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from fctui.model.contents import Contents, Entry
from fctui.model.errors import FctuiError, TaskError
from fctui.model.package import Artifact
from fctui.store import download as download_module
from fctui.store import fetch as fetch_module
from fctui.store.store import Download, Store
from fctui.tasks.task import Tasks
from tests.support.recorder import Recorder
from tests.support.server import Handler, Server, running

DATA = bytes(range(256)) * 8000
DIGEST = "sha256:" + hashlib.sha256(DATA).hexdigest()

Answer = Callable[["Answering"], None]


class Answering(Handler):
    """Answers with the function of its server, and writes down what was asked."""

    server: Registry

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.answer(self)

    def do_CONNECT(self) -> None:
        self.server.asked.append((f"CONNECT {self.path}", dict(self.headers)))
        self.send_error(502)

    def break_off(self, after: int, start: int = 0) -> None:
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(DATA) - start))
        self.send_header("Content-Range", f"bytes {start}-{len(DATA) - 1}/{len(DATA)}")
        self.end_headers()
        self.wfile.write(DATA[start : start + after])
        self.close_connection = True


class Registry(Server):
    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answer = answer
        self.asked: list[tuple[str, dict[str, str]]] = []


def registry(answer: Answer) -> AbstractContextManager[Registry]:
    return running(Registry(answer))


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr(download_module, "PAUSES", (0.0, 0.01, 0.02))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


class Socks:
    """What a SOCKS 5 proxy was asked for: RFC 1928."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[str] = []


@contextmanager
def socks_proxy(leads_to: int) -> Iterator[Socks]:
    """A proxy for one connection, whatever host is asked for."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        socks = Socks(listening.getsockname()[1])

        def serve() -> None:
            client, _ = listening.accept()
            with client, socket.create_connection(("127.0.0.1", leads_to)) as server:
                client.recv(64)
                client.sendall(b"\x05\x00")
                asked = client.recv(256)
                socks.asked.append(asked[5 : 5 + asked[4]].decode())
                client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
                server.sendall(client.recv(1 << 16))
                while data := server.recv(1 << 16):
                    client.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield socks
        thread.join()


def unpack_whole(archive: Path, into: Path, digest: str) -> Contents:
    data = archive.read_bytes()
    (into / "file").write_bytes(data)
    return Contents(digest, (Entry("file", len(data), sha256=hashlib.sha256(data).hexdigest()),))


def artifact(url: str, *, size: int | None = len(DATA), digest: str = DIGEST) -> Artifact:
    return Artifact("thing-1.0.whl", url, size, digest)


def fetch(store: Store, wanted: Artifact, recorder: Recorder | None = None) -> Contents:
    async def run() -> Contents:
        async with Tasks(recorder or Recorder()).open("pip", "fetch") as task:
            found = await store.fetch([Download(wanted, unpack_whole)], task)
            return found[wanted.digest or wanted.url]

    return asyncio.run(run())


def assert_nothing_is_left(store: Store) -> None:
    files = [path for path in store.root.rglob("*") if path.is_file()]
    assert files == []


def test_a_download_is_told_in_bytes_and_verified(store: Store) -> None:
    recorder = Recorder()
    with registry(lambda h: h.reply(200, DATA)) as server:
        made = fetch(store, artifact(f"{server.url}/a/b%20c.whl?x=1"), recorder)
    assert made.digest == DIGEST
    assert store.archive(DIGEST).read_bytes() == DATA
    assert recorder.progress[-1].done == recorder.progress[-1].total == len(DATA)
    path, headers = server.asked[0]
    assert path == "/a/b%20c.whl?x=1"
    assert headers["Accept-Encoding"] == "identity"


def test_a_broken_connection_is_resumed(store: Store) -> None:
    def answer(handler: Answering) -> None:
        wanted = handler.headers.get("Range")
        if wanted is None:
            handler.break_off(700_000)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        span = f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"
        handler.reply(206, DATA[start:], Content_Range=span)

    recorder = Recorder()
    with registry(answer) as server:
        fetch(store, artifact(f"{server.url}/x"), recorder)
    assert [headers.get("Range") for _, headers in server.asked] == [None, "bytes=700000-"]
    assert store.archive(DIGEST).read_bytes() == DATA
    assert recorder.progress[-1].done == len(DATA)


def test_a_line_that_breaks_again_and_again_gets_there(store: Store) -> None:
    """Each try comes further, so that none is the last."""

    def answer(handler: Answering) -> None:
        asked = handler.headers.get("Range", "bytes=0-")
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        handler.break_off(100_000, start)

    with registry(answer) as server:
        fetch(store, artifact(f"{server.url}/x"))
    assert store.archive(DIGEST).read_bytes() == DATA
    assert len(server.asked) > 9


def test_a_server_that_always_breaks_off_is_given_up(store: Store) -> None:
    with (
        registry(lambda h: h.break_off(500_000)) as server,
        pytest.raises(TaskError, match="broke off"),
    ):
        fetch(store, artifact(f"{server.url}/x"))
    assert len(server.asked) < 9
    assert_nothing_is_left(store)


def ranged(handler: Answering) -> None:
    """All that is asked for."""
    start = int(handler.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    if start >= len(DATA):
        handler.reply(416, b"")
    elif start:
        span = f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"
        handler.reply(206, DATA[start:], Content_Range=span)
    else:
        handler.reply(200, DATA)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests download counts as large."""
    monkeypatch.setattr(fetch_module, "KEPT", 1000)


def begun(store: Store) -> list[int]:
    return [path.stat().st_size for path in store.root.glob("begun/*/*")]


@pytest.mark.usefixtures("large")
def test_the_next_run_goes_on_where_the_last_one_broke_off(store: Store) -> None:
    with registry(lambda h: h.break_off(500_000)) as server, pytest.raises(TaskError):
        fetch(store, artifact(f"{server.url}/x"))
    assert begun(store) == [500_000]
    recorder = Recorder()
    with registry(ranged) as server:
        fetch(store, artifact(f"{server.url}/x"), recorder)
    assert [headers.get("Range") for _, headers in server.asked] == ["bytes=500000-"]
    assert store.archive(DIGEST).read_bytes() == DATA
    assert begun(store) == []
    assert recorder.progress[-1].done == len(DATA)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    ("there", "asked"),
    [(b"x" * 500_000, 2), (b"x" * len(DATA), 1), (DATA, 0), (DATA + b"more", 2)],
    ids=["wrong", "wrong-whole", "whole", "longer"],
)
def test_what_is_no_beginning_is_downloaded_again(store: Store, there: bytes, asked: int) -> None:
    place = store.root / "begun" / DIGEST[7:9] / DIGEST.replace(":", "-")
    place.parent.mkdir(parents=True)
    place.write_bytes(there)
    recorder = Recorder()
    with registry(ranged) as server:
        fetch(store, artifact(f"{server.url}/x"), recorder)
    assert len(server.asked) == asked
    assert store.archive(DIGEST).read_bytes() == DATA
    assert begun(store) == []
    assert recorder.progress[-1].done == len(DATA)


@pytest.mark.usefixtures("large")
def test_nothing_of_another_file_is_kept(store: Store) -> None:
    other = bytes(len(DATA))
    with registry(lambda h: h.reply(200, other)) as server, pytest.raises(TaskError, match="wrong"):
        fetch(store, artifact(f"{server.url}/x"))
    assert_nothing_is_left(store)


@pytest.mark.usefixtures("large")
def test_beginnings_that_nobody_wants_are_forgotten(store: Store) -> None:
    old, new = store.root / "begun" / "ab" / "sha256-ab", store.root / "begun" / "ab" / "sha256-ac"
    old.parent.mkdir(parents=True)
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    with registry(ranged) as server:
        fetch(store, artifact(f"{server.url}/x"))
    assert not old.exists()
    assert new.exists()


def test_a_server_that_cannot_resume_sends_it_all_again(store: Store) -> None:
    def answer(handler: Answering) -> None:
        if len(server.asked) == 1:
            handler.break_off(500_000)
        else:
            handler.reply(200, DATA)

    recorder = Recorder()
    with registry(answer) as server:
        fetch(store, artifact(f"{server.url}/x"), recorder)
    assert store.archive(DIGEST).read_bytes() == DATA
    assert recorder.progress[-1].done == len(DATA)


def test_a_wrong_range_is_not_stitched_together(store: Store) -> None:
    def answer(handler: Answering) -> None:
        if "Range" not in handler.headers:
            handler.break_off(500_000)
        else:
            handler.reply(206, DATA[:100], Content_Range=f"bytes 0-99/{len(DATA)}")

    with registry(answer) as server, pytest.raises(TaskError):
        fetch(store, artifact(f"{server.url}/x"))
    assert_nothing_is_left(store)


def test_a_busy_server_is_asked_again(store: Store) -> None:
    answers = iter([503, 429, 200])
    with registry(lambda h: h.reply(s := next(answers), DATA if s == 200 else b"")) as server:
        fetch(store, artifact(f"{server.url}/x"))
    assert len(server.asked) == 3


@pytest.mark.parametrize(("status", "hint"), [(404, "refresh"), (401, "credentials")])
def test_a_refusal_is_told_at_once(store: Store, status: int, hint: str) -> None:
    with registry(lambda h: h.reply(status)) as server, pytest.raises(TaskError) as caught:
        fetch(store, artifact(f"{server.url}/x"))
    assert str(status) in caught.value.message
    assert hint in caught.value.hint
    assert len(server.asked) == 1
    assert_nothing_is_left(store)


def test_another_file_than_promised_is_refused(store: Store) -> None:
    with (
        registry(lambda h: h.reply(200, DATA[::-1])) as server,
        pytest.raises(TaskError, match=f"(?s)thing-1.0.whl.*{DIGEST[7:]}"),
    ):
        fetch(store, artifact(f"{server.url}/x"))
    assert_nothing_is_left(store)


@pytest.mark.parametrize("body", [DATA + b"more", DATA[:-1]], ids=["longer", "shorter"])
def test_another_size_than_promised_is_refused(store: Store, body: bytes) -> None:
    with (
        registry(lambda h: h.reply(200, body)) as server,
        pytest.raises(TaskError, match=str(len(DATA))),
    ):
        fetch(store, artifact(f"{server.url}/x", digest=""))
    assert_nothing_is_left(store)


def test_an_endless_file_ends_at_its_promised_size(store: Store) -> None:
    def answer(handler: Answering) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        try:
            while True:
                handler.wfile.write(DATA)
        except OSError:
            return

    with registry(answer) as server, pytest.raises(TaskError, match="more than"):
        fetch(store, artifact(f"{server.url}/x"))


def test_an_artifact_without_digest_gets_one(store: Store) -> None:
    with registry(lambda h: h.reply(200, DATA)) as server:
        made = fetch(store, artifact(f"{server.url}/x", size=None, digest=""))
    assert made.digest == DIGEST
    assert store.unpacked(DIGEST)


def test_credentials_of_the_url_are_sent_and_never_shown(store: Store) -> None:
    with registry(lambda h: h.reply(403)) as server:
        url = server.url.replace("//", "//me:s%20cret@")
        with pytest.raises(TaskError) as caught:
            fetch(store, artifact(f"{url}/x"))
    wanted = "Basic " + base64.b64encode(b"me:s cret").decode()
    assert server.asked[0][1]["Authorization"] == wanted
    assert "cret" not in caught.value.message + caught.value.hint


def test_credentials_are_not_sent_on_to_another_host(store: Store) -> None:
    with (
        registry(lambda h: h.reply(200, DATA)) as files,
        registry(lambda h: h.reply(302, Location=f"{files.url}/y")) as server,
    ):
        url = server.url.replace("//", "//me:secret@")
        fetch(store, artifact(f"{url}/x"))
    assert "Authorization" in server.asked[0][1]
    assert "Authorization" not in files.asked[0][1]


def test_credentials_come_from_netrc(store: Store, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    with registry(lambda h: h.reply(200, DATA)) as server:
        fetch(store, artifact(f"{server.url}/x"))
    assert server.asked[0][1]["Authorization"].startswith("Basic ")


def test_redirects_without_end_are_given_up(store: Store) -> None:
    with (
        registry(lambda h: h.reply(302, Location="/again")) as server,
        pytest.raises(TaskError, match="redirects"),
    ):
        fetch(store, artifact(f"{server.url}/x"))


def test_a_redirect_to_a_file_of_this_machine_is_not_followed(store: Store) -> None:
    with (
        registry(lambda h: h.reply(302, Location="file:///etc/passwd")) as server,
        pytest.raises(TaskError, match="no URL"),
    ):
        fetch(store, artifact(f"{server.url}/x"))


def test_the_proxy_of_the_environment_is_used(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registry(lambda h: h.reply(200, DATA)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//u:p@"))
        fetch(store, artifact("http://registry.example.invalid/x?y=1"))
    path, headers = proxy.asked[0]
    assert path == "http://registry.example.invalid/x?y=1"
    assert headers["Proxy-Authorization"].startswith("Basic ")


def test_tls_goes_through_a_tunnel(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with registry(lambda h: h.reply(200, DATA)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(TaskError, match=r"registry\.example\.invalid"):
            fetch(store, artifact("https://registry.example.invalid/x"))
    assert proxy.asked[0][0] == "CONNECT registry.example.invalid:443"


def test_no_proxy_is_honoured(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with registry(lambda h: h.reply(200, DATA)) as server:
        fetch(store, artifact(f"{server.url}/x"))


def test_a_registry_that_is_not_there_is_told(store: Store) -> None:
    with pytest.raises(TaskError, match=r"thing-1\.0\.whl could not be .* 127\.0\.0\.1"):
        fetch(store, artifact("http://127.0.0.1:9/x"))
    assert_nothing_is_left(store)


@pytest.mark.parametrize("url", ["ftp://h/x", "http://h:port/x", "http:///x", "https://[/x"])
def test_a_url_that_is_none_is_told(store: Store, url: str) -> None:
    with pytest.raises(FctuiError):
        fetch(store, artifact(url))


async def seconds_to_cancel(store: Store, url: str, reached: Callable[[], object]) -> float:
    """How long a fetch takes to end that is cancelled once `reached` returns."""
    async with Tasks(Recorder()).open("pip", "fetch") as task:
        work = asyncio.create_task(store.fetch([Download(artifact(url), unpack_whole)], task))
        await asyncio.to_thread(reached)
        begun = time.monotonic()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        return time.monotonic() - begun


@pytest.mark.parametrize("ending", ["length", "close"])
def test_cancelling_breaks_off_a_stalled_download(store: Store, ending: str) -> None:
    released, reached = threading.Event(), threading.Event()

    def stall(handler: Answering) -> None:
        handler.send_response(200)
        if ending == "length":
            handler.send_header("Content-Length", str(len(DATA)))
        else:
            handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(DATA[:1000])
        reached.set()
        released.wait(20)
        handler.close_connection = True

    with registry(stall) as server:
        taken = asyncio.run(seconds_to_cancel(store, f"{server.url}/x", lambda: reached.wait(10)))
        released.set()
    assert taken < 1
    assert_nothing_is_left(store)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cancelling_breaks_off_a_server_that_says_nothing(store: Store, scheme: str) -> None:
    """It takes the connection, then neither answers nor speaks TLS."""
    held: list[socket.socket] = []

    def reached() -> None:
        held.append(silent.accept()[0])
        held[0].recv(1)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(10)
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/x"
        taken = asyncio.run(seconds_to_cancel(store, url, reached))
        held[0].close()
    assert taken < 1
    assert_nothing_is_left(store)


def test_cancelling_breaks_off_a_host_that_does_not_answer(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as held:
        for _ in range(4):  # a queue that is full drops who comes next, as a silent host does
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/x"
        taken = asyncio.run(seconds_to_cancel(store, url, lambda: time.sleep(0.3)))
    assert taken < 1
    assert_nothing_is_left(store)


def test_a_socks_proxy_is_used(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        registry(lambda h: h.reply(200, DATA, Connection="close")) as server,
        socks_proxy(server.server_port) as socks,
    ):
        monkeypatch.setenv("http_proxy", f"socks5h://127.0.0.1:{socks.port}")
        fetch(store, artifact("http://registry.example.invalid/x"))
    assert socks.asked == ["registry.example.invalid"]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "gopher://127.0.0.1:9"])
def test_a_proxy_that_cannot_be_used_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.delitem(sys.modules, "urllib3.contrib.socks", raising=False)
    with pytest.raises(TaskError, match="not supported") as caught:
        fetch(store, artifact("http://registry.example.invalid/x"))
    assert ("PySocks" in caught.value.hint) == proxy.startswith("socks")


def test_one_failure_ends_the_others(store: Store) -> None:
    def answer(handler: Answering) -> None:
        if handler.path == "/bad":
            handler.reply(404)
        else:
            time.sleep(0.2)
            handler.reply(200, DATA)

    async def run(downloads: list[Download]) -> None:
        async with Tasks(Recorder()).open("pip", "fetch") as task:
            await store.fetch(downloads, task)

    with registry(answer) as server:
        good = [Artifact(f"g{n}", f"{server.url}/{n}", None, f"sha256:{n:064}") for n in range(60)]
        bad = Artifact("bad", f"{server.url}/bad", 10**9, "sha256:" + "b" * 64)
        with pytest.raises(TaskError, match="404"):
            asyncio.run(run([Download(each, unpack_whole) for each in [*good, bad]]))
        assert len(server.asked) < 60
    assert_nothing_is_left(store)
