package main

import (
	"errors"
	"time"

	"github.com/IBM/sarama"

	"klamm.dev/client-tests/driver"
)

type consumer struct {
	sarama.Consumer
	admin        *client
	group, topic string
	partitions   map[int32]sarama.PartitionConsumer
	arrived      chan *sarama.ConsumerMessage
}

func (c *client) Open(group, topic string, partitions []int32) (driver.Consumer, error) {
	reader, err := sarama.NewConsumerFromClient(c.general)
	if err != nil {
		return nil, err
	}
	opened := &consumer{
		reader, c, group, topic, map[int32]sarama.PartitionConsumer{},
		make(chan *sarama.ConsumerMessage),
	}
	for _, partition := range partitions {
		start := sarama.OffsetOldest
		if group != "-" {
			// Who assigns partitions by hand looks up where the group was.
			offset, _, err := c.Committed(group, topic, partition)
			if err != nil {
				return nil, err
			}
			if offset >= 0 {
				start = offset
			}
		}
		if err := opened.begin(partition, start); err != nil {
			return nil, err
		}
	}
	return opened, nil
}

func (c *consumer) begin(partition int32, offset int64) error {
	reader, err := c.ConsumePartition(c.topic, partition, offset)
	if errors.Is(err, sarama.ErrOffsetOutOfRange) {
		return driver.Unsupported("it goes nowhere else when an offset is gone")
	}
	if err != nil {
		return err
	}
	c.partitions[partition] = reader
	go func() {
		for message := range reader.Messages() {
			c.arrived <- message
		}
	}()
	return nil
}

func (c *consumer) Read(patience time.Duration) ([]driver.Read, error) {
	select {
	case message := <-c.arrived:
		headers := make([]driver.Header, len(message.Headers))
		for i, header := range message.Headers {
			headers[i] = driver.Header{Name: string(header.Key), Value: header.Value}
		}
		return []driver.Read{{Offset: message.Offset, Record: driver.Record{
			Partition: message.Partition, Timestamp: message.Timestamp,
			Key: message.Key, Value: message.Value, Headers: headers,
		}}}, nil
	case <-time.After(patience):
		return nil, nil
	}
}

func (c *consumer) Seek(partition int32, offset int64) error {
	// A partition's reader has no such call: another one begins there.
	if err := c.partitions[partition].Close(); err != nil {
		return err
	}
	return c.begin(partition, offset)
}

func (c *consumer) Pause(partition int32) {
	c.partitions[partition].Pause()
	// A request that is on its way brings records all the same.
	time.Sleep(3 * c.admin.general.Config().Consumer.MaxWaitTime)
}

func (c *consumer) Resume(partition int32) { c.partitions[partition].Resume() }

func (c *consumer) Commit(partition int32, offset int64, metadata string) error {
	return c.admin.commit(c.group, c.topic, partition, offset, metadata)
}

func (c *consumer) Close() error {
	for _, reader := range c.partitions {
		reader.AsyncClose()
	}
	return nil
}
