"""A member of a consumer group over kafka-python."""

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import KafkaError

from group import LEAVE, OPTIONS, listen, say

ASSIGNORS = {"range": RangePartitionAssignor, "cooperative": CooperativeStickyAssignor}

# What was read and is not committed yet, by partition; a rebalance may be in the way.
UNCOMMITTED = {}


class Listener(ConsumerRebalanceListener):
    def on_partitions_assigned(self, assigned):
        say("assigned", *(at.partition for at in assigned))

    def on_partitions_revoked(self, revoked):
        gives_up("revoked", revoked)

    def on_partitions_lost(self, lost):
        gives_up("lost", lost)


def gives_up(word, partitions):
    for at in partitions:
        UNCOMMITTED.pop(at, None)
    say(word, *(at.partition for at in partitions))


def settings():
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
        chosen["partition_assignment_strategy"] = [ASSIGNORS[OPTIONS["assignor"]]]
    if "instance" in OPTIONS:
        chosen["group_instance_id"] = OPTIONS["instance"]
    return chosen


def consume(consumer):
    consumer.subscribe([OPTIONS["topic"]], listener=Listener())
    while not LEAVE.is_set():
        # A join that ends between two polls is forgotten by version 3.0.12, so few and long ones.
        for at, records in consumer.poll(timeout_ms=500).items():
            for record in records:
                say("record", record.partition, record.offset, record.value.decode())
            UNCOMMITTED[at] = records[-1].offset + 1
        commit(consumer)
    consumer.close()
    say("left")


def commit(consumer):
    if not UNCOMMITTED:
        return
    try:
        consumer.commit({at: OffsetAndMetadata(next, "", -1) for at, next in UNCOMMITTED.items()})
    except KafkaError as error:
        say("uncommitted", repr(error))
        return
    for at, next in UNCOMMITTED.items():
        say("committed", at.partition, next)
    UNCOMMITTED.clear()


def reset(consumer, timestamp):
    """Sets the offsets of a group without members to the first records from this time on."""
    numbers = range(int(OPTIONS["partitions"]))
    partitions = [TopicPartition(OPTIONS["topic"], number) for number in numbers]
    consumer.assign(partitions)
    found = consumer.offsets_for_times({at: timestamp for at in partitions})
    UNCOMMITTED.update({at: found[at].offset for at in partitions})
    commit(consumer)
    consumer.close()


def main():
    consumer = KafkaConsumer(**settings())
    if "reset" in OPTIONS:
        reset(consumer, int(OPTIONS["reset"]))
    else:
        listen()
        consume(consumer)


main()
