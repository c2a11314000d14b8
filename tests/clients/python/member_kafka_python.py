"""A member of a consumer group over kafka-python."""

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import KafkaError

from group import LEAVE, OPTIONS, UNCOMMITTED
from group import gives_up, has_committed, has_read, listen, say, says_assigned, settings

ASSIGNORS = {"range": RangePartitionAssignor, "cooperative": CooperativeStickyAssignor}


class Listener(ConsumerRebalanceListener):
    def on_partitions_assigned(self, assigned):
        says_assigned(assigned)

    def on_partitions_revoked(self, revoked):
        gives_up("revoked", revoked)

    def on_partitions_lost(self, lost):
        gives_up("lost", lost)


def consume(consumer):
    consumer.subscribe([OPTIONS["topic"]], listener=Listener())
    while not LEAVE.is_set():
        # A join that ends between two polls is forgotten by version 3.0.12, so few and long ones.
        has_read(consumer.poll(timeout_ms=500))
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
    has_committed()


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
    consumer = KafkaConsumer(**settings(ASSIGNORS))
    if "reset" in OPTIONS:
        reset(consumer, int(OPTIONS["reset"]))
    else:
        listen()
        consume(consumer)


main()
