"""Who may be served, and a real server that is killed in the middle of its work."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from agents.export import Export
from agents.serving import serve
from agents.serving.http.server import TOKEN, checked_access, is_local, listening
from agents.serving.http.signals import put_off
from agents.serving.sessions import Sessions
from agents.serving.store import Store
from chatrec_env.errors import ArtifactError, ConfigError, MissingExtraError

GOOD = "0123456789abcdef"
KEY = {"authorization": f"Bearer {GOOD}"}


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.4", False),
        ("films.example", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, local: bool) -> None:
    assert is_local(host) is local


@pytest.mark.parametrize(
    ("host", "token", "allow", "message"),
    [
        pytest.param("0.0.0.0", GOOD, False, "can be reached from other machines", id="not-allowed"),
        pytest.param("0.0.0.0", None, True, "needs a token", id="no-token"),
        pytest.param("0.0.0.0", "short", True, "at least 16 printable", id="short-token"),
        pytest.param("127.0.0.1", "short", False, "at least 16 printable", id="short-token-at-home"),
        pytest.param("127.0.0.1", "ü" * 20, False, "at least 16 printable", id="not-ascii"),
    ],
)
def test_access_that_is_refused(host: str, token: str | None, allow: bool, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        checked_access(host, 8000, token, allow_remote=allow)


def test_access_that_is_granted() -> None:
    assert checked_access("127.0.0.1", 8000, None, allow_remote=False) is None
    assert checked_access("127.0.0.1", 8000, GOOD, allow_remote=False) == GOOD
    assert checked_access("0.0.0.0", 8000, GOOD, allow_remote=True) == GOOD
    for port in (0, 65_536, True, "8000"):
        with pytest.raises(ConfigError, match="port must be an integer"):
            checked_access("127.0.0.1", port, None, allow_remote=False)  # type: ignore[arg-type]


def test_a_missing_package_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.serving.http.server.NEEDED", ("no_such_package",))
    with pytest.raises(MissingExtraError, match=r'pip install "chatrec\[serve\]"'):
        serve("anywhere")


def test_a_missing_export_is_named_before_a_store_is_made(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="No checkpoint in"):
        serve(tmp_path / "nowhere", db=tmp_path / "s.sqlite")
    assert not (tmp_path / "s.sqlite").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Running:
    """The service as a process of its own."""

    def __init__(self, folder: Path, db: Path, repo: Path) -> None:
        self.port = free_port()
        code = "import sys; import agents.serving as s; f, p, d = sys.argv[1:]; s.serve(f, port=int(p), db=d)"
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, str(folder), str(self.port), str(db)],
            cwd=repo,
            env={**os.environ, "OMP_NUM_THREADS": "1", TOKEN: GOOD},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.url = f"http://127.0.0.1:{self.port}"
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{self.url}/healthz").raise_for_status()
                return
            except httpx.TransportError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.process.kill()
                    raise AssertionError(f"It did not start: {self.process.communicate()}") from None
                time.sleep(0.05)

    def kill(self) -> str:
        """As the machine would: no goodbye. Returns what it had printed."""
        self.process.send_signal(signal.SIGKILL)
        return self.process.communicate()[0]


@pytest.fixture
def running(export_folder: Path, tmp_path: Path, repo: Path) -> Iterator[Running]:
    service = Running(export_folder, tmp_path / "sessions.sqlite", repo)
    yield service
    service.kill()


class Person(threading.Thread):
    """Talks to the service without pause, and remembers what was acknowledged.

    Attributes:
        acknowledged: Kind and body of what the service answered with success, in order.
        asked: Requests sent, the last of which may have gone unanswered.
    """

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.name_ = url, ""
        self.acknowledged: list[tuple[str, Any]] = []
        self.asked = 0

    def post(self, client: httpx.Client, what: str, body: dict[str, Any]) -> Any:
        self.asked += 1
        answer = client.post(f"/sessions/{self.name_}/{what}", json=body)
        assert answer.is_success, answer.text
        self.acknowledged.append((what, body | {"answer": answer.json()}))
        return answer.json()

    def run(self) -> None:
        try:
            with httpx.Client(base_url=self.url, headers=KEY) as client:
                self.name_ = client.post("/sessions").json()["id"]
                for turn in range(10_000):
                    reply = self.post(client, "messages", {"text": f"Something else, take {turn}."})
                    if reply["cards"]:
                        item = reply["cards"][turn % len(reply["cards"])]["item"]
                        self.post(client, "clicks", {"item": item})
                        self.post(client, "ratings", {"item": item, "stars": 1 + turn % 5})
        except httpx.TransportError:
            return


def test_nothing_that_was_acknowledged_is_lost_when_it_is_killed(
    running: Running, export: Export, tmp_path: Path
) -> None:
    assert httpx.get(f"{running.url}/metrics").status_code == 401, "the token comes from the environment"
    people = [Person(running.url) for _ in range(4)]
    for person in people:
        person.start()
    deadline = time.monotonic() + 20
    while min(len(person.acknowledged) for person in people) < 20 and time.monotonic() < deadline:
        time.sleep(0.02)
    printed = running.kill()
    assert "Serving PPO (ppo) on http://127.0.0.1:" in printed
    for person in people:
        person.join(10)
        assert len(person.acknowledged) >= 20
    sessions = Sessions(export, Store(tmp_path / "sessions.sqlite"))
    for person in people:
        _, events = sessions.transcript(person.name_)
        kept = [(event.kind, event.body) for event in events]
        at = 0
        for what, body in person.acknowledged:
            answer = body["answer"]
            if what == "messages":
                assert kept[at] == ("message", kept[at][1])
                assert kept[at][1]["text"] == body["text"]
                assert kept[at + 1][0] == "reply"
                assert [card["item"] for card in kept[at + 1][1]["cards"]] == [
                    c["item"] for c in answer["cards"]
                ]
                at += 2
            elif what == "clicks":
                assert kept[at] == ("click", {"item": body["item"]})
                at += 1
            else:
                assert kept[at] == ("rating", {"item": body["item"], "stars": body["stars"]})
                at += 1
        rest = [kind for kind, _ in kept[at:]]
        unanswered = person.asked - len(person.acknowledged)
        assert rest in ([], ["message", "reply"], ["click"], ["rating"]), "half a turn was kept"
        assert len(rest) <= 2 * unanswered
        replies = sum(kind == "reply" for kind, _ in kept)
        assert sessions.message(person.name_, text="Where were we?").turn == replies + 1
    sessions.store.close()


def test_a_port_that_is_taken_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port}: Address already in use. Stop what uses it"):
            serve(tmp_path / "nothing", port=port, db=tmp_path / "s.sqlite")
    assert not (tmp_path / "s.sqlite").exists()


def test_a_host_of_another_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, GOOD)
    with pytest.raises(ConfigError, match=r"an address of this machine, got '192\.0\.2\.1'"):
        serve(tmp_path / "nothing", host="192.0.2.1", port=8799, allow_remote=True)


def test_it_says_what_it_does_until_it_serves(
    export_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("agents.serving.http.connections.run", lambda *_: None)
    serve(export_folder, port=free_port(), db=tmp_path / "s.sqlite")
    told = capsys.readouterr()
    assert told.err.splitlines() == [
        "Loading the policy and its catalogue ...",
        "Holding a first conversation ...",  # the encoder of this export is no language model
    ]
    assert told.out.startswith("Serving ")


def test_told_to_stop_while_it_loads_it_ends_at_once(tmp_path: Path, repo: Path) -> None:
    """Takes seconds: the shipped policy, whose language model loads in another process."""
    folder = tmp_path / "policy"
    code = (
        "import sys; from experiments.cli.main import main; "
        "sys.exit(main(['serve', '--port', sys.argv[1], '--db', sys.argv[2]]))"
    )
    service = subprocess.Popen(
        [sys.executable, "-c", code, str(free_port()), str(folder)],
        cwd=repo,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert service.stderr is not None
    told = ""
    while "which loads the language model ..." not in told:
        line = service.stderr.readline()
        assert line, told
        told += line
    at = time.monotonic()
    service.send_signal(signal.SIGTERM)
    rest = service.communicate(timeout=20)[1]
    assert service.returncode == 0
    assert time.monotonic() - at < 5  # on an idle machine in less than one
    assert "Traceback" not in rest


def test_being_told_to_stop_is_put_off() -> None:
    done = False
    try:
        with put_off():
            signal.raise_signal(signal.SIGTERM)
            done = True
    except KeyboardInterrupt:
        assert done
    else:
        pytest.fail("nobody was told")


def test_every_address_of_a_name_is_listened_on() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with listening("localhost", port) as places:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        assert all(place.getsockname()[1] == port for place in places)


def test_a_name_of_both_families_is_served_where_one_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    stream, tcp = socket.SOCK_STREAM, socket.IPPROTO_TCP
    # An address that no machine has is refused as one of a family that is switched off is.
    off = (socket.AF_INET, stream, tcp, "", ("203.0.113.7", port))
    on = (socket.AF_INET, stream, tcp, "", ("127.0.0.1", port))
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [off, on])
    with listening("localhost", port) as places:
        assert [place.getsockname() for place in places] == [("127.0.0.1", port)]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [off, off])
    with pytest.raises(ConfigError, match="Expected a free port"), listening("localhost", port):
        pass


def test_a_name_from_a_file_is_printed_without_control_characters(
    export_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("agents.registry.label", lambda name: f"\x1b]0;pwned\x07{name}\x1b[2J")
    monkeypatch.setattr("agents.serving.http.connections.run", lambda *_: None)
    serve(export_folder, port=free_port(), db=tmp_path / "s.sqlite")
    printed = capsys.readouterr().out
    assert "Serving ]0;pwned ppo [2J (ppo) on http://127.0.0.1:" in printed
    assert printed.replace("\n", "").isprintable()
