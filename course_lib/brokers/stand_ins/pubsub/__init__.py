"""A stand-in for Google Cloud Pub/Sub: topics, subscriptions and leases, for the real client.

    python -m course_lib.brokers.stand_ins.pubsub PORT

| file | what it is |
|---|---|
| `subscription` | messages that wait, and deliveries whose ack deadline runs |
| `topics` | topics and subscriptions by name, and what they refuse |
| `journal` | a file of what was accepted, read again at the next start |
| `services` | the gRPC methods, on the classes that the client itself brings |

Pulling, streaming pull, ack, nack, longer deadlines, ordering keys and dead-letter topics are
there. Exactly-once delivery, filters, retry pauses, push, snapshots, schemas and updates are not:
whoever asks for them is told so. Nobody has to log in, as with Google's own emulator.

Google's own fake (the Go package pstest) passes the same contract. Where the two differ, the
manual is with this one; tests/labs/test_pubsub_fake.py holds both ends of each row.

| | here, and in the manual | in Google's fake |
|---|---|---|
| ack deadline of a subscription | 10 to 600 s | from 0 s on |
| attempts before a dead letter | 5 to 100 | any number |
| a message of nothing at all | refused | accepted |
| two ordering keys in one request | refused | accepted |
| a request of 5 MB | accepted, as all up to 10 MB | refused |
| attempts | counted for each subscription | counted for all of them together |
| a dead letter | says after how many attempts, and where it comes from | says nothing |
| accepted, and the server dies | kept (here: if the computer lives on) | lost |

Where the manual leaves it open: here several messages of one ordering key go out together, and if
one comes again, so do the later ones, acknowledged or not (the manual says so, too); the fake waits
for the ack of each. A pull without messages waits here as long as its client, there half a second.
Messages without a key come here in the order in which they were published, there in any.
Reference: https://docs.cloud.google.com/pubsub/docs/reference/rpc (google.pubsub.v1),
https://docs.cloud.google.com/pubsub/docs/ordering, checked 2026-11-29.
"""
