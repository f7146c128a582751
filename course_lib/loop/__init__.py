"""One event loop on two clocks, and the log of what ran on it."""
