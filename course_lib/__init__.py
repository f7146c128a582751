"""Synchronous and asynchronous systems, as programs that you run and look at."""
