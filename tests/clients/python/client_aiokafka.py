"""A client over aiokafka. driver.py says what it obeys."""

import asyncio
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import BrokerResponseError, UnknownError, for_code
from aiokafka.structs import OffsetAndMetadata

from driver import BOOTSTRAP, HASTE_MS, LARGEST, PATIENCE, REST
from driver import Record, Unsupported, expressible, from_word
from driver import obey, print_lags, print_record, records_of, send, to_word

POLL_MS = 100

OPENED = {}


async def create(topic, partitions):
    async with Admin() as admin:
        answer = await admin.create_topics([NewTopic(topic, int(partitions), 1)])
        raise_first([error for _, error, *_ in answer.topic_errors])


async def grow(topic, partitions):
    async with Admin() as admin:
        await admin.create_partitions({topic: NewPartitions(int(partitions))})


async def delete(topic):
    async with Admin() as admin:
        answer = await admin.delete_topics([topic])
        raise_first([error for _, error, *_ in answer.topic_error_codes])


async def partitions(topic):
    async with Admin() as admin:
        known = topic in await admin.list_topics()
        [found] = await admin.describe_topics([topic]) if known else [{"partitions": []}]
        print(len(found["partitions"]))


async def truncate(topic, partition, offset):
    at = TopicPartition(topic, int(partition))
    async with Admin() as admin:
        print((await admin.delete_records({at: RecordsToDelete(int(offset))}))[at])


async def config(topic, key):
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, {key: None})
    async with Admin() as admin:
        [answer] = await admin.describe_configs([resource])
    [(error, sentence, _, _, [(_, value, *_)])] = answer.resources
    raise_first([error])
    print(value)


async def set_config(topic, key, value):
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, {key: value})
    async with Admin() as admin:
        [answer] = await admin.alter_configs([resource])
    raise_first([error for error, *_ in answer.resources])


async def cluster():
    async with Admin() as admin:
        described = await admin.describe_cluster()
        print(len(described["brokers"]), described["controller_id"])


async def groups():
    async with Admin() as admin:
        for name, _ in await admin.list_consumer_groups():
            print(name)


async def group(name):
    async with Admin() as admin:
        [answer] = await admin.describe_consumer_groups([name])
    [(error, _, state, *_)] = answer.groups
    raise_first([error])
    print(state)


async def delete_group(name):
    raise Unsupported("it cannot delete groups")


async def forget(name, topic):
    raise Unsupported("it cannot delete offsets")


async def alter_offset(name, topic, partition, offset):
    consumer = await new_consumer(name)
    at = TopicPartition(topic, int(partition))
    consumer.assign([at])
    await consumer.commit({at: int(offset)})
    await consumer.stop()


async def log_size(topic):
    raise Unsupported("it cannot describe log folders")


async def producers(topic):
    raise Unsupported("it cannot describe producers")


async def quorum():
    raise Unsupported("it cannot describe the quorum")


async def produce(topic, codec, acks, way, file):
    records, sent = expressible(records_of(file)), []
    producer = AIOKafkaProducer(
        bootstrap_servers=BOOTSTRAP,
        compression_type=None if codec == "none" else codec,
        acks=acks if acks == "all" else int(acks),
        enable_idempotence=acks == "all",
        max_request_size=LARGEST,
        request_timeout_ms=HASTE_MS if way == "trickle" else PATIENCE * 1000,
    )
    await producer.start()
    for record in records:
        sent.append(await send(producer, topic, record))
        if way == "one":
            await sent[-1]
        elif way == "trickle":
            await asyncio.sleep(REST)
    try:
        places = await asyncio.gather(*sent)
    except UnknownError as error:
        raise Unsupported("it does not know all errors of records") from error
    finally:
        await producer.stop()
    for record, place in zip(records, places):
        print(*(place.partition, place.offset) if place else (record.partition, -1))


async def transact(id, topic):
    producer = AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, transactional_id=id)
    try:
        await producer.start()
        async with producer.transaction():
            await producer.send(topic, b"in a transaction")
    finally:
        await producer.stop()


async def consume(topic):
    consumer = await new_consumer(None)
    partitions = await partitions_of(topic)
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    starts = await consumer.beginning_offsets(partitions)
    ends = await consumer.end_offsets(partitions)
    await read_from(consumer, sum(ends.values()) - sum(starts.values()), PATIENCE)
    await consumer.stop()


async def offsets(topic, timestamp):
    consumer = await new_consumer(None)
    partitions = await partitions_of(topic)
    starts = await consumer.beginning_offsets(partitions)
    ends = await consumer.end_offsets(partitions)
    found = await consumer.offsets_for_times({at: int(timestamp) for at in partitions})
    await consumer.stop()
    for at in partitions:
        offset = found[at].offset if found[at] else -1
        print(at.partition, starts[at], ends[at], offset)


async def open(name, topic, *partitions):
    consumer = await new_consumer(None if name == "-" else name)
    consumer.assign([TopicPartition(topic, int(partition)) for partition in partitions])
    OPENED.update(consumer=consumer, topic=topic)


async def read(count, milliseconds):
    await read_from(OPENED["consumer"], int(count), int(milliseconds) / 1000)


async def seek(partition, offset):
    consumer, at = OPENED["consumer"], opened_at(partition)
    if offset == "beginning":
        await consumer.seek_to_beginning(at)
    elif offset == "end":
        await consumer.seek_to_end(at)
    else:
        consumer.seek(at, int(offset))


async def pause(partition):
    OPENED["consumer"].pause(opened_at(partition))


async def resume(partition):
    OPENED["consumer"].resume(opened_at(partition))


async def commit(partition, offset, metadata):
    wanted = OffsetAndMetadata(int(offset), from_word(metadata).decode())
    await OPENED["consumer"].commit({opened_at(partition): wanted})


async def close():
    await OPENED.pop("consumer").stop()


async def committed(name, topic, partition):
    async with Admin() as admin:
        at = TopicPartition(topic, int(partition))
        found = (await admin.list_consumer_group_offsets(name, partitions=[at]))[at]
        print(found.offset, to_word(found.metadata.encode()))


async def lag(name, topic):
    consumer = await new_consumer(None)
    partitions = await partitions_of(topic)
    ends = {at.partition: end for at, end in (await consumer.end_offsets(partitions)).items()}
    await consumer.stop()
    async with Admin() as admin:
        found = await admin.list_consumer_group_offsets(name)
    print_lags(ends, {at.partition: found[at].offset for at in partitions})


async def read_from(consumer, left, seconds):
    deadline = time.monotonic() + seconds
    while left > 0 and time.monotonic() < deadline:
        for messages in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            for message in messages:
                print_message(message)
            left -= len(messages)


class Admin(AIOKafkaAdminClient):
    """An admin client for one block; the library's own has no such thing."""

    def __init__(self):
        super().__init__(bootstrap_servers=BOOTSTRAP)

    async def __aenter__(self):
        await self.start()
        return self

    async def __aexit__(self, *_):
        await self.close()


async def new_consumer(group):
    consumer = AIOKafkaConsumer(
        bootstrap_servers=BOOTSTRAP,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    return consumer


async def partitions_of(topic):
    async with Admin() as admin:
        [found] = await admin.describe_topics([topic])
    return [TopicPartition(topic, number) for number in sorted(at["partition"] for at in found["partitions"])]


def opened_at(partition):
    return TopicPartition(OPENED["topic"], int(partition))


def raise_first(codes):
    for code in filter(None, codes):
        raise for_code(code)()


def print_message(message):
    headers = list(message.headers)
    record = Record(message.partition, message.timestamp, message.key, message.value, headers)
    print_record(message.offset, record)


def name_of(error):
    return error.message if isinstance(error, BrokerResponseError) else None


LOOP = asyncio.new_event_loop()
obey(lambda command, words: LOOP.run_until_complete(globals()[command](*words)), name_of)
