"""What the client programs have in common, whatever library they use.

Each does what it is told, a command a line; src/client/program.rs describes commands and answers.
"""

import base64
import sys
from collections import namedtuple

BOOTSTRAP = sys.argv[1]
PATIENCE = 60
# As large as nothing that is sent, so that it is the broker who refuses.
LARGEST = 4_000_000
# How long the producer of a trickle waits for an answer, and rests between two records.
HASTE_MS = 2000
REST = 0.02

# The libraries' names of Kafka's errors, where they are others.
KAFKA_NAMES = {
    "INVALID_TOPIC": "INVALID_TOPIC_EXCEPTION",
    "MESSAGE_SIZE_TOO_LARGE": "MESSAGE_TOO_LARGE",
    "MSG_SIZE_TOO_LARGE": "MESSAGE_TOO_LARGE",
    "TOPIC_EXCEPTION": "INVALID_TOPIC_EXCEPTION",
    "UNKNOWN_TOPIC_OR_PART": "UNKNOWN_TOPIC_OR_PARTITION",
}

Record = namedtuple("Record", "partition timestamp key value headers")


class Unsupported(Exception):
    """The library has no such call."""


def records_of(file):
    with open(file, encoding="ascii") as lines:
        return [parse(line.rstrip("\n").split(" ")) for line in lines]


def expressible(records):
    """The records of a library that wants a key or a value in each."""
    if any(record.key is None and record.value is None for record in records):
        raise Unsupported("it sends no record that has neither key nor value")
    return records


def parse(words):
    names = [from_word(word).decode() for word in words[4::2]]
    values = [from_word(word) for word in words[5::2]]
    key, value = from_word(words[2]), from_word(words[3])
    return Record(int(words[0]), int(words[1]), key, value, list(zip(names, values)))


def send(producer, topic, record):
    """Over kafka-python, and over aiokafka, where what it gives is awaited."""
    return producer.send(
        topic,
        key=record.key,
        value=record.value,
        headers=record.headers,
        partition=record.partition,
        timestamp_ms=record.timestamp,
    )


def print_record(offset, record):
    words = [offset, record.partition, record.timestamp]
    words += [to_word(record.key), to_word(record.value)]
    for name, value in record.headers:
        words += [to_word(name.encode()), to_word(value)]
    print(*words)


def print_lags(ends, committed):
    for partition in sorted(ends):
        print(partition, ends[partition] - committed[partition])


def from_word(word):
    return None if word == "-" else base64.b64decode(word[1:])


def to_word(data):
    return "-" if data is None else "." + base64.b64encode(data).decode()


def obey(call, name_of):
    """Does what the lines of the standard input say, each by `call(command, arguments)`."""
    for line in sys.stdin:
        command, *arguments = line.split()
        try:
            call(command.replace("-", "_"), arguments)
            answer = "done"
        except Unsupported as reason:
            answer = f"unsupported {reason}"
        except Exception as error:  # whatever it is, the test shall read it
            name = name_of(error) or type(error).__name__
            answer = f"failed {KAFKA_NAMES.get(name, name)} {error}"
        print(answer.replace("\n", " "), flush=True)
