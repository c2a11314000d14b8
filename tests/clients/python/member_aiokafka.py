"""A member of a consumer group over aiokafka."""

import asyncio

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError

from group import LEAVE, OPTIONS, listen, say

ASSIGNORS = {"range": RangePartitionAssignor}

# What was read and is not committed yet, by partition; a rebalance may be in the way.
UNCOMMITTED = {}

# The library rebalances beside us. What was read is committed before, or not at all: a commit that
# waited for the coordinator until after the rebalance would be one of the new member.
WORK = asyncio.Lock()


class Listener(ConsumerRebalanceListener):
    def on_partitions_assigned(self, assigned):
        say("assigned", *(at.partition for at in assigned))

    async def on_partitions_revoked(self, revoked):
        async with WORK:
            gives_up("revoked", revoked)


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


async def consume(consumer):
    consumer.subscribe([OPTIONS["topic"]], listener=Listener())
    while not LEAVE.is_set():
        found = await consumer.getmany(timeout_ms=100)
        async with WORK:
            for at, records in found.items():
                for record in records:
                    say("record", record.partition, record.offset, record.value.decode())
                UNCOMMITTED[at] = records[-1].offset + 1
            await commit(consumer)
    await consumer.stop()
    say("left")


async def commit(consumer):
    if not UNCOMMITTED:
        return
    try:
        await consumer.commit(UNCOMMITTED)
    except KafkaError as error:
        say("uncommitted", repr(error))
        return
    for at, next in UNCOMMITTED.items():
        say("committed", at.partition, next)
    UNCOMMITTED.clear()


async def reset(consumer, timestamp):
    """Sets the offsets of a group without members to the first records from this time on."""
    numbers = range(int(OPTIONS["partitions"]))
    partitions = [TopicPartition(OPTIONS["topic"], number) for number in numbers]
    consumer.assign(partitions)
    found = await consumer.offsets_for_times({at: timestamp for at in partitions})
    UNCOMMITTED.update({at: found[at].offset for at in partitions})
    await commit(consumer)
    await consumer.stop()


async def main():
    consumer = AIOKafkaConsumer(**settings())
    await consumer.start()
    if "reset" in OPTIONS:
        await reset(consumer, int(OPTIONS["reset"]))
    else:
        listen()
        await consume(consumer)


asyncio.run(main())
