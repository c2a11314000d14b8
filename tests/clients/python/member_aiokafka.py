"""A member of a consumer group over aiokafka."""

import asyncio

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError

from group import LEAVE, OPTIONS, UNCOMMITTED
from group import gives_up, has_committed, has_read, listen, say, says_assigned, settings

ASSIGNORS = {"range": RangePartitionAssignor}

# The library rebalances beside us. What was read is committed before, or not at all: a commit that
# waited for the coordinator until after the rebalance would be one of the new member.
WORK = asyncio.Lock()


class Listener(ConsumerRebalanceListener):
    """Counts the rebalances, beside what it says."""

    count = 0

    def on_partitions_assigned(self, assigned):
        says_assigned(assigned)

    async def on_partitions_revoked(self, revoked):
        async with WORK:
            self.count += 1
            gives_up("revoked", revoked)


async def consume(consumer):
    rebalances = Listener()
    consumer.subscribe([OPTIONS["topic"]], listener=rebalances)
    while not LEAVE.is_set():
        found = await consumer.getmany(timeout_ms=100)
        # The join that this waited for may lie before what it found.
        before = rebalances.count
        async with WORK:
            # What was found before a rebalance is another member's by now, or comes again.
            if before == rebalances.count:
                has_read(found)
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
    has_committed()


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
    consumer = AIOKafkaConsumer(**settings(ASSIGNORS))
    await consumer.start()
    if "reset" in OPTIONS:
        await reset(consumer, int(OPTIONS["reset"]))
    else:
        listen()
        await consume(consumer)


asyncio.run(main())
