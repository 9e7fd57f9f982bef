"""The service over HTTP: API, page, guard and metrics."""
