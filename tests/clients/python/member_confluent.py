"""A member of a consumer group over confluent-kafka, which is librdkafka."""

from confluent_kafka import Consumer, KafkaException, TopicPartition

from group import LEAVE, OPTIONS, listen, say

ASSIGNORS = {"range": "range", "cooperative": "cooperative-sticky"}
PATIENCE = 60


def settings():
    chosen = {
        "bootstrap.servers": OPTIONS["bootstrap"],
        "group.id": OPTIONS["group"],
        "client.id": OPTIONS["name"],
        "session.timeout.ms": int(OPTIONS["session"]),
        "heartbeat.interval.ms": 300,
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "log_level": 2,
    }
    if "assignor" in OPTIONS:
        chosen["partition.assignment.strategy"] = ASSIGNORS[OPTIONS["assignor"]]
    if "refresh" in OPTIONS:
        chosen["topic.metadata.refresh.interval.ms"] = int(OPTIONS["refresh"])
    if "instance" in OPTIONS:
        chosen["group.instance.id"] = OPTIONS["instance"]
    return chosen


# What was read and is not committed yet, by partition; a rebalance may be in the way.
UNCOMMITTED = {}


def consume(consumer):
    def gives_up(word):
        def listener(_, partitions):
            for at in partitions:
                UNCOMMITTED.pop(at.partition, None)
            say(word, *(at.partition for at in partitions))

        return listener

    consumer.subscribe(
        [OPTIONS["topic"]],
        on_assign=lambda _, partitions: say("assigned", *(at.partition for at in partitions)),
        on_revoke=gives_up("revoked"),
        on_lost=gives_up("lost"),
    )
    while not LEAVE.is_set():
        for message in consumer.consume(num_messages=500, timeout=0.1):
            if message.error():
                say("error", message.error())
                continue
            say("record", message.partition(), message.offset(), message.value().decode())
            UNCOMMITTED[message.partition()] = message.offset() + 1
        commit(consumer)
    consumer.close()
    say("left")


def commit(consumer):
    if not UNCOMMITTED:
        return
    wanted = [TopicPartition(OPTIONS["topic"], *at) for at in UNCOMMITTED.items()]
    try:
        answers = consumer.commit(offsets=wanted, asynchronous=False)
    except KafkaException as error:
        say("uncommitted", error)
        return
    for at in answers:
        if at.error:
            say("uncommitted", at.error)
        else:
            del UNCOMMITTED[at.partition]
            say("committed", at.partition, at.offset)


def reset(consumer, timestamp):
    """Sets the offsets of a group without members to the first records from this time on."""
    numbers = range(int(OPTIONS["partitions"]))
    wanted = [TopicPartition(OPTIONS["topic"], number, timestamp) for number in numbers]
    found = consumer.offsets_for_times(wanted, timeout=PATIENCE)
    UNCOMMITTED.update({at.partition: at.offset for at in found})
    commit(consumer)
    consumer.close()


def main():
    consumer = Consumer(settings())
    if "reset" in OPTIONS:
        reset(consumer, int(OPTIONS["reset"]))
    else:
        listen()
        consume(consumer)


main()
