"""A Kafka client that does what it is told, a command a line, for tests.

Commands and answers are described in src/client/program.rs; the Java client speaks the same.
"""

import base64
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

BOOTSTRAP = sys.argv[1]
ADMIN = AdminClient({"bootstrap.servers": BOOTSTRAP})
PATIENCE = 60

# librdkafka's name, where it is not Kafka's.
KAFKA_NAMES = {"UNKNOWN_TOPIC_OR_PART": "UNKNOWN_TOPIC_OR_PARTITION"}


def create(topic, partitions):
    wanted = NewTopic(topic, num_partitions=int(partitions))
    print_outcome(ADMIN.create_topics([wanted])[topic])


def grow(topic, partitions):
    print_outcome(ADMIN.create_partitions([NewPartitions(topic, int(partitions))])[topic])


def delete(topic):
    print_outcome(ADMIN.delete_topics([topic])[topic])


def partitions(topic):
    topics = ADMIN.list_topics(timeout=PATIENCE).topics
    print(len(topics[topic].partitions) if topic in topics else 0)


def produce(topic, codec, acks, file):
    producer = Producer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "compression.type": codec,
            "acks": acks,
            "enable.idempotence": acks == "all",
        }
    )
    lines = open(file, encoding="ascii").read().splitlines()
    outcomes = [None] * len(lines)
    for index, line in enumerate(lines):
        send(producer, topic, line.split(" "), outcomes, index)
    if producer.flush(PATIENCE):
        raise TimeoutError("records were left in the queue")
    for error, partition, offset in outcomes:
        if error:
            raise KafkaException(error)
        print(partition, offset)


def send(producer, topic, words, outcomes, index):
    def delivered(error, message):
        offset = message.offset()
        outcomes[index] = (error, message.partition(), -1 if offset is None else offset)

    names = [from_word(word).decode() for word in words[4::2]]
    values = [from_word(word) for word in words[5::2]]
    producer.produce(
        topic,
        key=from_word(words[2]),
        value=from_word(words[3]),
        partition=int(words[0]),
        timestamp=int(words[1]),
        headers=list(zip(names, values)),
        on_delivery=delivered,
    )
    producer.poll(0)


def consume(topic):
    consumer = new_consumer()
    partitions = partitions_of(consumer, topic)
    left = sum(consumer.get_watermark_offsets(partition)[1] for partition in partitions)
    consumer.assign(partitions)
    while left:
        messages = consumer.consume(num_messages=left, timeout=PATIENCE)
        if not messages:
            raise TimeoutError(f"{left} records are missing")
        for message in messages:
            if message.error():
                raise KafkaException(message.error())
            print_message(message)
        left -= len(messages)
    consumer.close()


def offsets(topic, timestamp):
    consumer = new_consumer()
    for partition in partitions_of(consumer, topic):
        start, end = consumer.get_watermark_offsets(partition)
        wanted = TopicPartition(topic, partition.partition, int(timestamp))
        [found] = consumer.offsets_for_times([wanted], timeout=PATIENCE)
        # librdkafka answers with its own "end" where Kafka says that there is no such record.
        print(partition.partition, start, end, found.offset if found.offset >= 0 else -1)
    consumer.close()


def new_consumer():
    return Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": "assigned-only",
            "enable.auto.commit": False,
            "check.crcs": True,
        }
    )


def partitions_of(consumer, topic):
    known = consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions
    return [TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in sorted(known)]


def print_outcome(future):
    try:
        future.result(PATIENCE)
        print("NONE")
    except KafkaException as error:
        name = error.args[0].name()
        print(KAFKA_NAMES.get(name, name))


def print_message(message):
    words = [message.offset(), message.partition(), message.timestamp()[1]]
    words += [to_word(message.key()), to_word(message.value())]
    for name, value in message.headers() or []:
        words += [to_word(name.encode()), to_word(value)]
    print(*words)


def from_word(word):
    return None if word == "-" else base64.b64decode(word[1:])


def to_word(data):
    return "-" if data is None else "." + base64.b64encode(data).decode()


COMMANDS = {
    command.__name__: command
    for command in (create, grow, delete, partitions, produce, consume, offsets)
}


def main():
    for line in sys.stdin:
        name, *arguments = line.split()
        try:
            COMMANDS[name](*arguments)
            print("done", flush=True)
        except Exception as error:  # whatever it is, the test shall read it
            print("failed", repr(error).replace("\n", " "), flush=True)


main()
