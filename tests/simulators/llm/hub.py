"""A model hub on this machine: one repository, served as the hub's own client asks for it."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Serves the files of a folder as the repository ``name``, and keeps the paths it was asked for."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.asked = name, list[str]()
        files = {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = unquote(urlsplit(self.path).path)
                outer.asked.append(path)
                if path.startswith(f"/api/models/{name}/tree/"):
                    self.tell([listed(file, body) for file, body in files.items()])
                elif path == f"/api/models/{name}" or path.startswith(f"/api/models/{name}/revision/"):
                    self.tell({"id": name, "sha": COMMIT, "siblings": [{"rfilename": f} for f in files]})
                elif path.startswith(f"/{name}/resolve/") and (file := path.split("/")[-1]) in files:
                    self.send(200, files[file], {"X-Repo-Commit": COMMIT, "ETag": f'"{blob(files[file])}"'})
                else:
                    self.send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

            do_HEAD = do_GET  # noqa: N815 - the standard library's name

            def tell(self, data: Any) -> None:
                self.send(200, json.dumps(data).encode(), {"Content-Type": "application/json"})

            def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for key, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(key, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *told: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Be gone."""
        self._server.shutdown()
        self._server.server_close()


def blob(body: bytes) -> str:
    """A file's identity, as git names it."""
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def listed(file: str, body: bytes) -> dict[str, Any]:
    """A file's entry in the listing of a repository."""
    return {"type": "file", "path": file, "size": len(body), "oid": blob(body)}
