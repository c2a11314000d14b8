// A member of a consumer group over kafkajs. src/group/member.rs describes its arguments, what it
// prints and what it obeys.

const readline = require('node:readline')
const { Kafka, logLevel } = require('kafkajs')

const options = Object.fromEntries(process.argv.slice(2).map((word) => word.split(/=(.*)/s, 2)))

const kafka = new Kafka({
  clientId: options.name,
  brokers: [options.bootstrap],
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 100 },
})

async function consume() {
  const consumer = kafka.consumer({
    groupId: options.group,
    sessionTimeout: Number(options.session),
    heartbeatInterval: 300,
    maxWaitTimeInMs: 100,
    metadataMaxAge: Number(options.refresh ?? 300_000),
  })
  // kafkajs does not tell what it gave up: it gives up everything when a rebalance begins.
  let owned = []
  consumer.on(consumer.events.REBALANCING, () => {
    say('revoked', ...owned)
    owned = []
  })
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    owned = payload.memberAssignment[options.topic] ?? []
    say('assigned', ...owned)
  })
  listen(async () => {
    await consumer.disconnect()
    say('left')
    process.exit()
  })
  await consumer.connect()
  await consumer.subscribe({ topic: options.topic, fromBeginning: true })
  consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload }) => {
    for (const { partitions } of payload.topics) {
      for (const { partition, offset } of partitions) say('committed', partition, offset)
    }
  })
  // It commits by itself what is resolved, after every batch.
  await consumer.run({
    eachBatch: async ({ batch, resolveOffset, isRunning, isStale }) => {
      if (!isRunning() || isStale()) return
      for (const { offset, value } of batch.messages) {
        say('record', batch.partition, offset, value)
        resolveOffset(offset)
      }
    },
  })
}

// Sets the offsets of a group without members to the first records from this time on.
async function reset(timestamp) {
  const { topic, group: groupId } = options
  const admin = kafka.admin()
  await admin.connect()
  const partitions = await admin.fetchTopicOffsetsByTimestamp(topic, timestamp)
  await admin.setOffsets({ groupId, topic, partitions })
  for (const { partition, offset } of partitions) say('committed', partition, offset)
  await admin.disconnect()
}

function listen(leave) {
  let leaving = false
  const commands = readline.createInterface({ input: process.stdin })
  commands.on('line', (line) => {
    if (line !== 'leave') return
    leaving = true
    leave()
  })
  commands.on('close', () => leaving || process.exit(1))
}

function say(...words) {
  console.log(words.join(' '))
}

options.reset ? reset(Number(options.reset)) : consume()
