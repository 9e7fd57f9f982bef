"""The exported policy as a service: sessions, store, API and page."""

from agents.serving.http.server import serve

__all__ = ["serve"]
