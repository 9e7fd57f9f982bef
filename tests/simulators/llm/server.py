"""A small OpenAI-compatible server in this process, as well or ill behaved as a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What the server does with one request: status, body (JSON data, or raw text), headers, or hanging up."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    wait: threading.Event | None = None


def completion(text: Any, **more: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 20, "completion_tokens": 5}
    return {"choices": [{"message": {"role": "assistant", "content": text}}], "usage": usage, **more}


Behave = Callable[[int, dict[str, Any]], Answer]


class Server:
    """``behave(number, body)`` answers the request of that number, from 0 on."""

    def __init__(self, behave: Behave) -> None:
        self.behave, self.asked, self.headers = behave, list[dict[str, Any]](), list[dict[str, str]]()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer._lock:
                    number = len(outer.asked)
                    outer.asked.append(body)
                    outer.headers.append(dict(self.headers))
                answer = outer.behave(number, body)
                if answer.wait is not None:
                    answer.wait.wait(10)
                if answer.hang_up:
                    self.close_connection = True
                    self.connection.close()
                    return
                data = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data.encode())))
                self.end_headers()
                self.wfile.write(data.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a client that gave up, or a connection closed on purpose

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
