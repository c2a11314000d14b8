"""What the admin clients of confluent-kafka and kafka-python are told of consumer groups.

Printed in sections, each under "# name"; the tests hold each to what Apache Kafka says. Both do the
same to a group of their own, which has committed offsets and no members.
"""

import sys
import time

from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic
from kafka import KafkaAdminClient, KafkaConsumer, OffsetAndMetadata
from kafka import TopicPartition as Partition
from kafka.errors import KafkaError

BOOTSTRAP = sys.argv[1]
PATIENCE = 60


def tell(what, question):
    try:
        print(f"{what}: {question()}")
    except KafkaException as error:
        print(f"{what}: {error.args[0].name()}")
    except KafkaError as error:
        print(f"{what}: {type(error).__name__}")


def assigned(consumer, poll):
    deadline = time.monotonic() + PATIENCE
    while not consumer.assignment():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no partition was assigned within {PATIENCE} s")
        poll()
    return consumer


class Confluent:
    name = "confluent"

    def __init__(self):
        self.admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
        for future in self.admin.create_topics([NewTopic("orders", 2)]).values():
            future.result(PATIENCE)

    def alter(self, group, partition, offset):
        wanted = [TopicPartition("orders", partition, offset)]
        request = [ConsumerGroupTopicPartitions(group, wanted)]
        [future] = self.admin.alter_consumer_group_offsets(request).values()
        [at] = future.result(PATIENCE).topic_partitions
        return at.error.name() if at.error else at.offset

    def offsets(self, group):
        request = [ConsumerGroupTopicPartitions(group)]
        [future] = self.admin.list_consumer_group_offsets(request).values()
        found = future.result(PATIENCE).topic_partitions
        return sorted((at.topic, at.partition, at.offset) for at in found)

    def list(self, **states):
        found = self.admin.list_consumer_groups(**states).result(PATIENCE)
        return sorted((group.group_id, group.state.name) for group in found.valid)

    def list_stable(self):
        return self.list(states={ConsumerGroupState.STABLE})

    def describe(self, group):
        [future] = self.admin.describe_consumer_groups([group]).values()
        found = future.result(PATIENCE)
        members = [(member.client_id, member.host) for member in found.members]
        return found.state.name, found.partition_assignor, members

    def delete(self, group):
        [future] = self.admin.delete_consumer_groups([group]).values()
        return future.result(PATIENCE)

    def member(self, group):
        consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": group, "client.id": "me"})
        consumer.subscribe(["orders"])
        return assigned(consumer, lambda: consumer.poll(0.1))


class KafkaPython:
    name = "kafka-python"

    def __init__(self):
        self.admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)

    def alter(self, group, partition, offset):
        wanted = {Partition("orders", partition): OffsetAndMetadata(offset, "", -1)}
        return self.admin.alter_group_offsets(group, wanted)

    def offsets(self, group):
        found = self.admin.list_group_offsets({group: None})[group]
        return sorted((at.topic, at.partition, of.offset) for at, of in found.items())

    def list(self, **states):
        return self.admin.list_groups(**states)

    def list_stable(self):
        return self.list(states_filter=["Stable"])

    def describe(self, group):
        return self.admin.describe_groups([group])

    def delete(self, group):
        return self.admin.delete_groups([group])

    def member(self, group):
        consumer = KafkaConsumer(
            "orders", bootstrap_servers=BOOTSTRAP, group_id=group, client_id="me"
        )
        # A join that ends between two polls is forgotten by version 3.0.12, so few and long ones.
        return assigned(consumer, lambda: consumer.poll(1000))


def everything(client):
    print(f"# {client.name}")
    group = client.name
    tell("nobody's offsets", lambda: client.offsets(group))
    tell("alter", lambda: client.alter(group, 0, 3))
    tell("alter what is not there", lambda: client.alter(group, 9, 3))
    tell("offsets", lambda: client.offsets(group))
    tell("list", client.list)
    tell("describe", lambda: client.describe(group))
    member = client.member(group)
    tell("list stable", client.list_stable)
    tell("describe", lambda: client.describe(group))
    tell("alter a group with members", lambda: client.alter(group, 0, 1))
    tell("delete a group with members", lambda: client.delete(group))
    member.close()
    tell("delete", lambda: client.delete(group))
    tell("delete again", lambda: client.delete(group))
    tell("list", client.list)


for library in (Confluent, KafkaPython):
    everything(library())
