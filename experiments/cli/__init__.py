"""The ``chatrec`` command."""
