"""Catalogues from MovieLens folders."""
