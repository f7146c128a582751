"""A stand-in for Azure Service Bus: queues on this computer, which the maker's own client takes
for the real ones.

    python -m course_lib.brokers.stand_ins.service_bus PORT

It speaks AMQP 1.0 and the administration's HTTP, as far as the client azure-servicebus needs them
for queues: send, peek-lock or delete, complete, abandon, defer, dead-letter, renew, sessions with
their state, schedule, peek. It has no topics, rules, transactions, expiry, duplicate detection,
forwarding, partitions or TLS, and it is neither fast nor safe: it is for this computer alone.
"""
