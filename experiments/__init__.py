"""Training, evaluation, benchmarks, reports and the ``chatrec`` command."""
