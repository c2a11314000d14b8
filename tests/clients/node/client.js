// A client over kafkajs that does what it is told, a command a line. src/client/program.rs
// describes commands and answers.

const fs = require('node:fs')
const readline = require('node:readline')
const { setTimeout: sleep } = require('node:timers/promises')
const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = require('kafkajs')
const { Consumed } = require('./consumed')

CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')

const CODECS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
}
const PATIENCE_MS = 60_000
// How long the producer of a trickle waits for an answer, and rests between two records.
const HASTE_MS = 2000
const REST_MS = 20

// What the library has no call for.
class Unsupported extends Error {}

const kafka = connect(30_000)
let opened
let groups = 0

function connect(requestTimeout) {
  return new Kafka({
    brokers: [process.argv[2]],
    logLevel: logLevel.NOTHING,
    requestTimeout,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 30 },
  })
}

const commands = {
  create: (topic, partitions) =>
    admin((admin) => admin.createTopics({ topics: [{ topic, numPartitions: Number(partitions) }] }))
      .then((created) => {
        // It takes a topic that is there for success.
        if (!created) throw Object.assign(new Error('it is there'), { type: 'TOPIC_ALREADY_EXISTS' })
      }),
  grow: (topic, count) =>
    admin((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: Number(count) }] })),
  delete: (topic) => admin((admin) => admin.deleteTopics({ topics: [topic] })),
  partitions: async (topic) => print((await partitionsOf(topic)).length),
  truncate: async (topic, partition, offset) => {
    const bounds = await admin(async (admin) => {
      // It deletes nothing from a topic that it was not asked about before.
      await admin.fetchTopicOffsets(topic)
      const partitions = [{ partition: Number(partition), offset }]
      await admin.deleteTopicRecords({ topic, partitions })
      return admin.fetchTopicOffsets(topic)
    })
    print(bounds.find((at) => at.partition === Number(partition)).low)
  },
  config: async (name, key) => {
    const resources = [{ type: ConfigResourceTypes.TOPIC, name, configNames: [key] }]
    const described = await admin((admin) => admin.describeConfigs({ resources }))
    print(described.resources[0].configEntries[0].configValue)
  },
  'set-config': (name, key, value) => {
    const configEntries = [{ name: key, value }]
    const resources = [{ type: ConfigResourceTypes.TOPIC, name, configEntries }]
    return admin((admin) => admin.alterConfigs({ resources }))
  },
  cluster: async () => {
    const { brokers, controller } = await admin((admin) => admin.describeCluster())
    print(brokers.length, controller)
  },
  groups: async () => {
    const { groups } = await admin((admin) => admin.listGroups())
    for (const { groupId } of groups) print(groupId)
  },
  group: async (name) => {
    const { groups } = await admin((admin) => admin.describeGroups([name]))
    print(groups[0].state)
  },
  'delete-group': (name) => admin((admin) => admin.deleteGroups([name])),
  forget: () => unsupported('it cannot delete offsets'),
  'alter-offset': (groupId, topic, partition, offset) => {
    const partitions = [{ partition: Number(partition), offset }]
    return admin((admin) => admin.setOffsets({ groupId, topic, partitions }))
  },
  'log-size': () => unsupported('it cannot describe log folders'),
  producers: () => unsupported('it cannot describe producers'),
  quorum: () => unsupported('it cannot describe the quorum'),
  transact: async (transactionalId, topic) => {
    const producer = kafka.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: 'in a transaction' }] })
    await transaction.commit()
    await producer.disconnect()
  },
  produce,
  consume: async (topic) => {
    const bounds = await admin((admin) => admin.fetchTopicOffsets(topic))
    const count = bounds.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0)
    if (count === 0) return
    const consumed = await Consumed.open(kafka, anyGroup(), topic)
    await consumed.read(count, PATIENCE_MS, printRecord)
    await consumed.close()
  },
  offsets: async (topic, timestamp) => {
    const found = await admin((admin) =>
      admin.fetchTopicOffsetsByTimestamp(topic, Number(timestamp)))
    const bounds = await admin((admin) => admin.fetchTopicOffsets(topic))
    for (const { partition, low, high } of sorted(bounds)) {
      const { offset } = found.find((at) => at.partition === partition)
      // It answers with the end where Kafka says that there is no such record.
      print(partition, low, high, offset === high ? -1 : offset)
    }
  },
  open: async (group, topic, ...partitions) => {
    if ((await partitionsOf(topic)).length !== partitions.length) {
      unsupported('it reads the partitions that its group gives it')
    }
    opened = await Consumed.open(kafka, group === '-' ? anyGroup() : group, topic)
  },
  read: (count, milliseconds) => opened.read(Number(count), Number(milliseconds), printRecord),
  seek: async (partition, offset) => {
    const bounds = await admin((admin) => admin.fetchTopicOffsets(opened.topic))
    const { low, high } = bounds.find((at) => at.partition === Number(partition))
    opened.seek(Number(partition), { beginning: low, end: high }[offset] ?? offset)
  },
  pause: (partition) => opened.pause(Number(partition)),
  resume: (partition) => opened.resume(Number(partition)),
  commit: (partition, offset, metadata) =>
    opened.commit(Number(partition), offset, fromWord(metadata).toString()),
  close: () => opened.close(),
  committed: async (groupId, topic, partition) => {
    const [{ partitions }] = await admin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }))
    const { offset, metadata } = partitions.find((at) => at.partition === Number(partition))
    print(offset, toWord(Buffer.from(metadata ?? '')))
  },
  lag: async (groupId, topic) => {
    const [{ partitions }] = await admin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }))
    const bounds = await admin((admin) => admin.fetchTopicOffsets(topic))
    for (const { partition, high } of sorted(bounds)) {
      const { offset } = partitions.find((at) => at.partition === partition)
      print(partition, Number(high) - Number(offset))
    }
  },
}

async function produce(topic, codec, acks, way, file) {
  if (!(codec in CODECS)) unsupported(`it has no ${codec} without a package that is compiled`)
  const records = fs.readFileSync(file, 'ascii').trimEnd().split('\n').map((line) => parse(line.split(' ')))
  const client = way === 'trickle' ? connect(HASTE_MS) : kafka
  const producer = client.producer({ idempotent: acks === 'all', maxInFlightRequests: 1 })
  await producer.connect()
  const request = { topic, compression: CODECS[codec], acks: acks === 'all' ? -1 : Number(acks) }
  const places = []
  if (way === 'many') {
    places.push(...told(await producer.send({ ...request, messages: records }), records))
  }
  for (const record of way === 'many' ? [] : records) {
    places.push(...told(await producer.send({ ...request, messages: [record] }), [record]))
    if (way === 'trickle') await sleep(REST_MS)
  }
  await producer.disconnect()
  for (const { partition, offset } of places) print(partition, offset)
}

// The place of each record, of which the library tells only the first in each partition.
function told(answers, records) {
  const next = new Map(answers.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]))
  return records.map(({ partition }) => {
    if (!next.has(partition)) return { partition, offset: -1 }
    const offset = next.get(partition)
    next.set(partition, offset + 1)
    return { partition, offset }
  })
}

async function admin(work) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

async function partitionsOf(topic) {
  const topics = await admin((admin) => admin.listTopics())
  if (!topics.includes(topic)) return []
  const metadata = await admin((admin) => admin.fetchTopicMetadata({ topics: [topic] }))
  return metadata.topics[0].partitions
}

// A record's line as the library sends it, which knows headers by their names.
function parse(words) {
  const headers = new Map()
  for (let at = 4; at < words.length; at += 2) {
    const name = fromWord(words[at]).toString()
    if (headers.has(name)) unsupported('it keeps no order of headers that have the same name')
    headers.set(name, fromWord(words[at + 1]))
  }
  return {
    partition: Number(words[0]),
    timestamp: words[1],
    key: fromWord(words[2]),
    value: fromWord(words[3]),
    headers: Object.fromEntries(headers),
  }
}

function printRecord(partition, { offset, timestamp, key, value, headers }) {
  const words = [offset, partition, timestamp, toWord(key), toWord(value)]
  for (const [name, found] of Object.entries(headers)) {
    for (const value of Array.isArray(found) ? found : [found]) {
      words.push(toWord(Buffer.from(name)), toWord(value))
    }
  }
  print(...words)
}

const anyGroup = () => `nobody-${process.pid}-${groups++}`
const sorted = (places) => [...places].sort((one, other) => one.partition - other.partition)
const fromWord = (word) => (word === '-' ? null : Buffer.from(word.slice(1), 'base64'))
const toWord = (data) => (data == null ? '-' : `.${data.toString('base64')}`)
const print = (...words) => console.log(words.join(' '))

function unsupported(reason) {
  throw new Unsupported(reason)
}

// The error of the broker in one of the library's, which wraps some in others.
function cause(error) {
  const inner = error.errors?.[0] ?? error.partitions?.[0]?.error ?? error.groups?.[0]?.error ?? error.cause
  return inner && !error.type ? cause(inner) : error
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [command, ...words] = line.split(' ')
    try {
      await commands[command](...words)
      print('done')
    } catch (error) {
      const { type, name, message } = cause(error)
      const text = message.replaceAll('\n', ' ')
      print(...(error instanceof Unsupported ? ['unsupported', text] : ['failed', type ?? name, text]))
    }
  }
  process.exit()
}

main()
