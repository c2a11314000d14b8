"""A client over confluent-kafka, which is librdkafka. driver.py says what it obeys."""

import time

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
)

from driver import BOOTSTRAP, HASTE_MS, LARGEST, PATIENCE, REST
from driver import Record, Unsupported, from_word, obey, print_lags, print_record, records_of, to_word

ADMIN = AdminClient({"bootstrap.servers": BOOTSTRAP})
# A wait that no answer ends: the last of what was asked for is there.
SILENCE = 0.1

OPENED = {}
MOST = 1000


def create(topic, partitions):
    wanted = NewTopic(topic, num_partitions=int(partitions))
    ADMIN.create_topics([wanted])[topic].result(PATIENCE)


def grow(topic, partitions):
    ADMIN.create_partitions([NewPartitions(topic, int(partitions))])[topic].result(PATIENCE)


def delete(topic):
    ADMIN.delete_topics([topic])[topic].result(PATIENCE)


def partitions(topic):
    topics = ADMIN.list_topics(timeout=PATIENCE).topics
    print(len(topics[topic].partitions) if topic in topics else 0)


def truncate(topic, partition, offset):
    wanted = TopicPartition(topic, int(partition), int(offset))
    [deleted] = ADMIN.delete_records([wanted]).values()
    print(deleted.result(PATIENCE).low_watermark)


def config(topic, key):
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    [described] = ADMIN.describe_configs([resource]).values()
    print(described.result(PATIENCE)[key].value)


def set_config(topic, key, value):
    entry = ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    [altered] = ADMIN.incremental_alter_configs([resource]).values()
    altered.result(PATIENCE)


def cluster():
    described = ADMIN.describe_cluster(request_timeout=PATIENCE).result(PATIENCE)
    print(len(described.nodes), described.controller.id)


def groups():
    found = ADMIN.list_consumer_groups(request_timeout=PATIENCE).result(PATIENCE)
    for group in found.valid:
        print(group.group_id)


def group(name):
    [described] = ADMIN.describe_consumer_groups([name]).values()
    print(described.result(PATIENCE).state.name.title())


def delete_group(name):
    [deleted] = ADMIN.delete_consumer_groups([name]).values()
    deleted.result(PATIENCE)


def forget(name, topic):
    raise Unsupported("it cannot delete offsets")


def alter_offset(name, topic, partition, offset):
    wanted = ConsumerGroupTopicPartitions(name, [TopicPartition(topic, int(partition), int(offset))])
    [altered] = ADMIN.alter_consumer_group_offsets([wanted]).values()
    raise_first_error(altered.result(PATIENCE).topic_partitions)


def log_size(topic):
    raise Unsupported("it cannot describe log folders")


def producers(topic):
    raise Unsupported("it cannot describe producers")


def quorum():
    raise Unsupported("it cannot describe the quorum")


def produce(topic, codec, acks, way, file):
    settings = {
        "bootstrap.servers": BOOTSTRAP,
        "compression.type": codec,
        "acks": acks,
        "enable.idempotence": acks == "all",
        "message.max.bytes": LARGEST,
    }
    if way == "trickle":
        settings.update({"request.timeout.ms": HASTE_MS, "socket.timeout.ms": HASTE_MS})
    producer = Producer(settings)
    records = records_of(file)
    outcomes = [None] * len(records)
    for index, record in enumerate(records):
        send(producer, topic, record, outcomes, index)
        if way == "one":
            producer.flush(PATIENCE)
        elif way == "trickle":
            time.sleep(REST)
    if producer.flush(PATIENCE):
        raise TimeoutError("records were left in the queue")
    for error, partition, offset in outcomes:
        if error:
            raise KafkaException(error)
        print(partition, offset)


def send(producer, topic, record, outcomes, index):
    def delivered(error, message):
        offset = message.offset()
        outcomes[index] = (error, message.partition(), -1 if offset is None else offset)

    producer.produce(
        topic,
        key=record.key,
        value=record.value,
        partition=record.partition,
        timestamp=record.timestamp,
        headers=record.headers,
        on_delivery=delivered,
    )
    producer.poll(0)


def transact(id, topic):
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "transactional.id": id})
    producer.init_transactions(PATIENCE)
    producer.begin_transaction()
    producer.produce(topic, b"in a transaction")
    producer.commit_transaction(PATIENCE)


def consume(topic):
    consumer = new_consumer("assigned-only")
    partitions = partitions_of(consumer, topic)
    bounds = [consumer.get_watermark_offsets(partition) for partition in partitions]
    consumer.assign(partitions)
    read_from(consumer, sum(end - start for start, end in bounds), PATIENCE)
    consumer.close()


def offsets(topic, timestamp):
    consumer = new_consumer("assigned-only")
    for partition in partitions_of(consumer, topic):
        start, end = consumer.get_watermark_offsets(partition)
        wanted = TopicPartition(topic, partition.partition, int(timestamp))
        [found] = consumer.offsets_for_times([wanted], timeout=PATIENCE)
        raise_first_error([found])
        # librdkafka answers with its own "end" where Kafka says that there is no such record.
        print(partition.partition, start, end, found.offset if found.offset >= 0 else -1)
    consumer.close()


def open_(name, topic, *partitions):
    consumer = new_consumer("none" if name == "-" else name)
    wanted = [TopicPartition(topic, int(partition)) for partition in partitions]
    if name == "-":
        for at in wanted:
            at.offset = OFFSET_BEGINNING
    consumer.assign(wanted)
    OPENED.update(consumer=consumer, topic=topic)


def read(count, milliseconds):
    read_from(OPENED["consumer"], int(count), int(milliseconds) / 1000)


def seek(partition, offset):
    at = opened_at(partition)
    if offset == "beginning":
        at.offset = OFFSET_BEGINNING
    elif offset == "end":
        # It would look the end up later, beside us.
        at.offset = OPENED["consumer"].get_watermark_offsets(at)[1]
    else:
        at.offset = int(offset)
    OPENED["consumer"].seek(at)


def pause(partition):
    OPENED["consumer"].pause([opened_at(partition)])


def resume(partition):
    OPENED["consumer"].resume([opened_at(partition)])


def commit(partition, offset, metadata):
    at = opened_at(partition, int(offset))
    wanted = TopicPartition(at.topic, at.partition, at.offset, from_word(metadata).decode())
    raise_first_error(OPENED["consumer"].commit(offsets=[wanted], asynchronous=False))


def close():
    OPENED.pop("consumer").close()


def committed(name, topic, partition):
    consumer = new_consumer(name)
    [found] = consumer.committed([TopicPartition(topic, int(partition))], timeout=PATIENCE)
    consumer.close()
    print(found.offset if found.offset >= 0 else -1, to_word((found.metadata or "").encode()))


def lag(name, topic):
    consumer = new_consumer(name)
    found = consumer.committed(partitions_of(consumer, topic, offset=0), timeout=PATIENCE)
    ends = {at.partition: consumer.get_watermark_offsets(at)[1] for at in found}
    consumer.close()
    print_lags(ends, {at.partition: at.offset for at in found})


def read_from(consumer, left, seconds):
    deadline = time.monotonic() + seconds
    while left > 0 and time.monotonic() < deadline:
        for message in consumer.consume(num_messages=min(left, MOST), timeout=SILENCE):
            if message.error():
                raise KafkaException(message.error())
            print_message(message)
            left -= 1


def new_consumer(group):
    return Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "check.crcs": True,
        }
    )


def partitions_of(consumer, topic, offset=OFFSET_BEGINNING):
    known = consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions
    return [TopicPartition(topic, partition, offset) for partition in sorted(known)]


def opened_at(partition, offset=0):
    return TopicPartition(OPENED["topic"], int(partition), offset)


def raise_first_error(places):
    for at in places:
        if at.error:
            raise KafkaException(at.error)


def print_message(message):
    partition, timestamp = message.partition(), message.timestamp()[1]
    headers = message.headers() or []
    record = Record(partition, timestamp, message.key(), message.value(), headers)
    print_record(message.offset(), record)


def name_of(error):
    return error.args[0].name() if isinstance(error, KafkaException) else None


def call(command, arguments):
    globals()["open_" if command == "open" else command](*arguments)


obey(call, name_of)
