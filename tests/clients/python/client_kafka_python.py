"""A client over kafka-python. driver.py says what it obeys."""

import re
import time

from kafka import errors
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions

from driver import BOOTSTRAP, HASTE_MS, LARGEST, PATIENCE, REST
from driver import Record, Unsupported, expressible, from_word
from driver import obey, print_lags, print_record, records_of, send, to_word

ADMIN = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
POLL_MS = 100

OPENED = {}


def create(topic, partitions):
    ADMIN.create_topics({topic: {"num_partitions": int(partitions), "replication_factor": 1}})


def grow(topic, partitions):
    ADMIN.create_partitions({topic: NewPartitions(int(partitions))})


def delete(topic):
    ADMIN.delete_topics([topic])


def partitions(topic):
    found = [found for found in ADMIN.describe_topics() if found["name"] == topic]
    print(len(found[0]["partitions"]) if found else 0)


def truncate(topic, partition, offset):
    at = TopicPartition(topic, int(partition))
    print(ADMIN.delete_records({at: int(offset)})[at]["low_watermark"])


def config(topic, key):
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, [key])
    print(ADMIN.describe_configs([resource], config_filter="all")["topic"][topic][key]["value"])


def set_config(topic, key, value):
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, {key: value})
    altered = ADMIN.alter_configs([resource], raise_on_unknown=False)
    [outcome] = altered["topic"].values()
    raise_outcome(outcome)


def cluster():
    described = ADMIN.describe_cluster()
    print(len(described["brokers"]), described["controller_id"])


def groups():
    for group in ADMIN.list_groups():
        print(group["group_id"])


def group(name):
    print(ADMIN.describe_groups([name])[name]["group_state"])


def delete_group(name):
    [outcome] = ADMIN.delete_groups([name]).values()
    raise_outcome(outcome)


def forget(name, topic):
    outcomes = ADMIN.delete_group_offsets(name, [TopicPartition(topic, 0)])
    for outcome in outcomes.values():
        raise_outcome(outcome)


def alter_offset(name, topic, partition, offset):
    at = TopicPartition(topic, int(partition))
    for outcome in ADMIN.alter_group_offsets(name, {at: OffsetAndMetadata(int(offset), "", -1)}).values():
        raise_outcome(outcome)


def log_size(topic):
    print(sum(
        partition["partition_size"]
        for folders in ADMIN.describe_log_dirs({topic: [0]})
        for folder in folders["log_dirs"]
        for found in folder["topics"]
        for partition in found["partitions"]
    ))


def producers(topic):
    [described] = ADMIN.describe_producers([TopicPartition(topic, 0)]).values()
    print(len(described))


def quorum():
    [topic] = ADMIN.describe_metadata_quorum()["topics"]
    print(len(topic["partitions"][0]["current_voters"]))


def produce(topic, codec, acks, way, file):
    settings = {
        "bootstrap_servers": BOOTSTRAP,
        "compression_type": None if codec == "none" else codec,
        "acks": acks if acks == "all" else int(acks),
        "enable_idempotence": acks == "all",
        "max_request_size": LARGEST,
    }
    if way == "trickle":
        settings["request_timeout_ms"] = HASTE_MS
    producer = KafkaProducer(**settings)
    sent = []
    for record in without_null_headers(expressible(records_of(file))):
        sent.append(send(producer, topic, record))
        if way == "one":
            sent[-1].get(PATIENCE)
        elif way == "trickle":
            time.sleep(REST)
    producer.flush(PATIENCE)
    for future in sent:
        place = future.get(PATIENCE)
        print(place.partition, place.offset)
    producer.close()


def without_null_headers(records):
    if any(value is None for record in records for _, value in record.headers):
        raise Unsupported("it sends no header without a value")
    return records


def transact(id, topic):
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, transactional_id=id)
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(topic, b"in a transaction")
    producer.commit_transaction()
    producer.close()


def consume(topic):
    consumer = new_consumer(None)
    partitions = partitions_of(consumer, topic)
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    starts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
    read_from(consumer, sum(ends.values()) - sum(starts.values()), PATIENCE)
    consumer.close()


def offsets(topic, timestamp):
    consumer = new_consumer(None)
    partitions = partitions_of(consumer, topic)
    starts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
    found = consumer.offsets_for_times({at: int(timestamp) for at in partitions})
    for at in partitions:
        offset = found[at].offset if found[at] else -1
        print(at.partition, starts[at], ends[at], offset)
    consumer.close()


def open_(name, topic, *partitions):
    consumer = new_consumer(None if name == "-" else name)
    consumer.assign([TopicPartition(topic, int(partition)) for partition in partitions])
    OPENED.update(consumer=consumer, topic=topic)


def read(count, milliseconds):
    read_from(OPENED["consumer"], int(count), int(milliseconds) / 1000)


def seek(partition, offset):
    consumer, at = OPENED["consumer"], opened_at(partition)
    if offset == "beginning":
        consumer.seek_to_beginning(at)
    elif offset == "end":
        consumer.seek_to_end(at)
        # It looks the end up when it is first asked for it.
        consumer.position(at)
    else:
        consumer.seek(at, int(offset))


def pause(partition):
    OPENED["consumer"].pause(opened_at(partition))


def resume(partition):
    OPENED["consumer"].resume(opened_at(partition))


def commit(partition, offset, metadata):
    wanted = OffsetAndMetadata(int(offset), from_word(metadata).decode(), -1)
    OPENED["consumer"].commit({opened_at(partition): wanted})


def close():
    OPENED.pop("consumer").close()


def committed(name, topic, partition):
    consumer = new_consumer(name)
    found = consumer.committed(TopicPartition(topic, int(partition)), metadata=True)
    consumer.close()
    print(*(found.offset, to_word(found.metadata.encode())) if found else (-1, to_word(b"")))


def lag(name, topic):
    consumer = new_consumer(name)
    partitions = partitions_of(consumer, topic)
    ends = {at.partition: end for at, end in consumer.end_offsets(partitions).items()}
    print_lags(ends, {at.partition: consumer.committed(at) or 0 for at in partitions})
    consumer.close()


def read_from(consumer, left, seconds):
    deadline = time.monotonic() + seconds
    while left > 0 and time.monotonic() < deadline:
        for messages in consumer.poll(timeout_ms=POLL_MS).values():
            for message in messages:
                print_message(message)
            left -= len(messages)


def new_consumer(group):
    return KafkaConsumer(
        bootstrap_servers=BOOTSTRAP,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )


def partitions_of(consumer, topic):
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]


def opened_at(partition):
    return TopicPartition(OPENED["topic"], int(partition))


def raise_outcome(outcome):
    """Some calls answer with an error instead of raising it: its class, its name, or its text."""
    if isinstance(outcome, str) and outcome != "OK":
        numbered = re.match(r"\[Error (\d+)]", outcome)
        outcome = errors.for_code(int(numbered[1])) if numbered else getattr(errors, outcome)
    if outcome not in ("OK", errors.NoError):
        raise outcome()


def print_message(message):
    headers = list(message.headers)
    record = Record(message.partition, message.timestamp, message.key, message.value, headers)
    print_record(message.offset, record)


def name_of(error):
    return error.message if isinstance(error, errors.BrokerResponseError) else None


def call(command, arguments):
    globals()["open_" if command == "open" else command](*arguments)


obey(call, name_of)
