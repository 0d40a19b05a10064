"""The coverage study: what the engine's intervals, tests and verdicts do at municipal sizes. `make study`."""
