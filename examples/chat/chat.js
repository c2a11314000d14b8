// A chat: a hundred people write ten messages a second each, five servers share the reading.
//
//   node chat.js [SECONDS]
//
// What a chat needs of a broker: every message arrives once, those of one person in order, and each
// server has its share of the work. The program looks for that itself and says what it saw.

const { Kafka, Partitioners, logLevel } = require('kafkajs')

const PEOPLE = 100
const SERVERS = 5
const MESSAGES_A_SECOND = 10
const TOPIC = 'messages'
const seconds = Number(process.argv[2] ?? 10)

const kafka = new Kafka({
  clientId: 'chat',
  brokers: [process.env.BOOTSTRAP ?? '127.0.0.1:9092'],
  logLevel: logLevel.ERROR,
  connectionTimeout: 10_000, // A hundred connections at once.
})

// Somebody who writes. Idempotent: a message that is sent again, because its answer was lost, is
// still stored once.
async function writer(name) {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  const write = async (number) => {
    const value = JSON.stringify({ number, text: `message ${number}`, written: Date.now() })
    // The key keeps the messages of one person in one partition, and so in order.
    await producer.send({ topic: TOPIC, acks: -1, messages: [{ key: name, value }] })
  }
  return { write, leave: () => producer.disconnect() }
}

// A server that hands messages to whoever is connected to it; here it counts them.
async function server(seen) {
  const consumer = kafka.consumer({ groupId: 'chat-servers', maxWaitTimeInMs: 500 })
  const own = { partitions: [], close: () => consumer.disconnect() }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    own.partitions = payload.memberAssignment[TOPIC] ?? []
  })
  await consumer.connect()
  await consumer.subscribe({ topic: TOPIC })
  await consumer.run({
    eachMessage: async ({ message }) => {
      const { number, written } = JSON.parse(message.value)
      const name = message.key.toString()
      seen.outOfOrder += number === (seen.last.get(name) ?? 0) + 1 ? 0 : 1
      seen.last.set(name, number)
      seen.delays.push(Date.now() - written)
    },
  })
  return own
}

async function main() {
  const seen = { last: new Map(), delays: [], outOfOrder: 0 }
  const servers = await Promise.all(Array.from({ length: SERVERS }, () => server(seen)))
  const shares = () => servers.map(({ partitions }) => partitions.length)
  await until(() => shares().every((share) => share > 0 && share === shares()[0]))
  console.log(`partitions of each server: ${shares().join(' ')}`)

  const names = Array.from({ length: PEOPLE }, (_, index) => `person ${index + 1}`)
  const people = await Promise.all(names.map(writer))
  const count = seconds * MESSAGES_A_SECOND
  await Promise.all(people.map((person, index) => chat(person, index, count)))
  console.log(`written: ${PEOPLE * count}`)

  await until(() => seen.delays.length >= PEOPLE * count)
  await sleep(500) // One that came twice would be seen by now.
  await Promise.all([...servers.map(({ close }) => close()), ...people.map(({ leave }) => leave())])
  console.log(`read: ${seen.delays.length}, out of order: ${seen.outOfOrder}`)
  const sorted = seen.delays.sort((a, b) => a - b)
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))]
  console.log(`milliseconds from one to the other: half ${at(0.5)}, 99 % ${at(0.99)}`)
}

// Writes at a steady pace; everybody begins at another moment.
async function chat(person, index, count) {
  const start = Date.now() + index
  for (let number = 1; number <= count; number++) {
    await sleep(start + (number * 1000) / MESSAGES_A_SECOND - Date.now())
    await person.write(number)
  }
}

async function until(condition) {
  while (!condition()) await sleep(50)
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)))

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
