// A consumer that is asked for records. The library pushes them, and gives them to groups only.

class Consumed {
  static async open(kafka, groupId, topic) {
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, heartbeatInterval: 300 })
    const consumed = new Consumed(consumer, topic)
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => consumed.take(partition, message),
    })
    await joined
    return consumed
  }

  constructor(consumer, topic) {
    this.consumer = consumer
    this.topic = topic
    this.taken = []
    this.wake = () => {}
  }

  take(partition, message) {
    this.taken.push({ partition, message })
    this.wake()
  }

  async read(count, milliseconds, print) {
    const deadline = Date.now() + milliseconds
    for (let left = count; left > 0; left--) {
      if (!(await this.arrived(deadline))) return
      const { partition, message } = this.taken.shift()
      print(partition, message)
    }
  }

  // Whether there is a record before the time is over.
  async arrived(deadline) {
    while (this.taken.length === 0 && Date.now() < deadline) {
      const timer = setTimeout(() => this.wake(), deadline - Date.now())
      await new Promise((resolve) => (this.wake = resolve))
      clearTimeout(timer)
    }
    return this.taken.length > 0
  }

  seek(partition, offset) {
    this.taken = this.taken.filter((one) => one.partition !== partition)
    this.consumer.seek({ topic: this.topic, partition, offset })
  }

  pause(partition) {
    this.consumer.pause([{ topic: this.topic, partitions: [partition] }])
  }

  resume(partition) {
    this.consumer.resume([{ topic: this.topic, partitions: [partition] }])
  }

  commit(partition, offset, metadata) {
    return this.consumer.commitOffsets([{ topic: this.topic, partition, offset, metadata }])
  }

  close() {
    return this.consumer.disconnect()
  }
}

module.exports = { Consumed }
