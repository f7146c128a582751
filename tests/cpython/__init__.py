"""CPython's own tests of asyncio as the judge of the virtual loop: `python -m tests.cpython`."""
