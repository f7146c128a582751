"""What keeps a system up when parts of it fail: one small piece a file, to read and to copy.

| name | what it does | what it does not do |
|---|---|---|
| `retry`, `full_jitter` | tries again after random pauses | make an overloaded server faster |
| `RetryBudget` | lets only a share of all calls be retries | help a single caller |
| `CircuitBreaker` | stops calling what keeps failing | tell slow from dead |
| `Bulkhead` | refuses at once what is too much for one part | wait |
| `handle_once` | gives a message that comes twice the effect of once | undo e-mails |
| `place_order`, `relay` | an order and its event, both or neither | send an event only once |
| `transaction` | keeps together what is written together | span two databases |
| `attend`, `DeadLetter` | sets aside what fails again and again | look into the DLQ |
| `in_key_order` | many messages at once, those of one key in order | order two keys |

Time and chance are arguments: clocks, sleeps and generators of random numbers are passed in.
All times are in seconds. For a notebook's reader they are references, not a library to install.
"""

from .breaker import CircuitBreaker, CircuitOpen
from .bulkhead import Bulkhead, BulkheadFull
from .dead_letters import DeadLetter, attend
from .inbox import create_inbox, handle_once
from .key_order import in_key_order
from .outbox import create_outbox, place_order, relay
from .retry import RetryBudget, full_jitter, retry
from .transaction import transaction

__all__ = [
    "Bulkhead",
    "BulkheadFull",
    "CircuitBreaker",
    "CircuitOpen",
    "DeadLetter",
    "RetryBudget",
    "attend",
    "create_inbox",
    "create_outbox",
    "full_jitter",
    "handle_once",
    "in_key_order",
    "place_order",
    "relay",
    "retry",
    "transaction",
]
