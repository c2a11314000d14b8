"""What the members of a consumer group have in common, whatever library they use.

src/group/member.rs describes their arguments, what they print and what they obey.
"""

import os
import sys
import threading

OPTIONS = dict(word.split("=", 1) for word in sys.argv[1:])

LEAVE = threading.Event()

# What was read and is not committed yet, by partition; a rebalance may be in the way.
UNCOMMITTED = {}


def settings(assignors):
    """Those of kafka-python, which aiokafka has as well."""
    chosen = {
        "bootstrap_servers": OPTIONS["bootstrap"],
        "group_id": OPTIONS["group"],
        "client_id": OPTIONS["name"],
        "session_timeout_ms": int(OPTIONS["session"]),
        "heartbeat_interval_ms": 300,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
    }
    if "assignor" in OPTIONS:
        chosen["partition_assignment_strategy"] = [assignors[OPTIONS["assignor"]]]
    if "refresh" in OPTIONS:
        chosen["metadata_max_age_ms"] = int(OPTIONS["refresh"])
    if "instance" in OPTIONS:
        chosen["group_instance_id"] = OPTIONS["instance"]
    return chosen


def says_assigned(partitions):
    say("assigned", *(at.partition for at in partitions))


def gives_up(word, partitions):
    for at in partitions:
        UNCOMMITTED.pop(at, None)
    say(word, *(at.partition for at in partitions))


def has_read(found):
    """Says what a poll has found, to be committed next."""
    for at, records in found.items():
        for record in records:
            say("record", record.partition, record.offset, record.value.decode())
        UNCOMMITTED[at] = records[-1].offset + 1


def has_committed():
    for at, next in UNCOMMITTED.items():
        say("committed", at.partition, next)
    UNCOMMITTED.clear()


def listen():
    """Waits for commands beside the consumer; ends the program when nobody can give any more."""
    threading.Thread(target=_listen, daemon=True).start()


def _listen():
    for line in sys.stdin:
        if line.strip() == "leave":
            LEAVE.set()
    if not LEAVE.is_set():
        os._exit(1)


def say(*words):
    print(*words, flush=True)
