package main

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"klamm.dev/client-tests/driver"
)

type consumer struct {
	*kgo.Client
	admin        *client
	group, topic string
}

func (c *client) Open(group, topic string, partitions []int32) (driver.Consumer, error) {
	places := map[int32]kgo.Offset{}
	for _, partition := range partitions {
		places[partition] = kgo.NewOffset().AtStart()
		if group == "-" {
			continue
		}
		// Who assigns partitions by hand looks up where the group was.
		offset, _, err := c.Committed(group, topic, partition)
		if err != nil {
			return nil, err
		}
		if offset >= 0 {
			places[partition] = kgo.NewOffset().At(offset)
		}
	}
	opened, err := kgo.NewClient(
		c.bootstrap,
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: places}),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxWait(500*time.Millisecond),
	)
	return &consumer{opened, c, group, topic}, err
}

func (c *consumer) Read(patience time.Duration) ([]driver.Read, error) {
	briefly, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	fetches := c.PollFetches(briefly)
	if err := fetches.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	var found []driver.Read
	fetches.EachRecord(func(record *kgo.Record) {
		headers := make([]driver.Header, len(record.Headers))
		for i, header := range record.Headers {
			headers[i] = driver.Header{Name: header.Key, Value: header.Value}
		}
		found = append(found, driver.Read{Offset: record.Offset, Record: driver.Record{
			Partition: record.Partition, Timestamp: record.Timestamp,
			Key: record.Key, Value: record.Value, Headers: headers,
		}})
	})
	return found, nil
}

func (c *consumer) Seek(partition int32, offset int64) error {
	place := kgo.EpochOffset{Epoch: -1, Offset: offset}
	c.SetOffsets(map[string]map[int32]kgo.EpochOffset{c.topic: {partition: place}})
	return nil
}

func (c *consumer) Pause(partition int32) {
	c.PauseFetchPartitions(map[string][]int32{c.topic: {partition}})
}

func (c *consumer) Resume(partition int32) {
	c.ResumeFetchPartitions(map[string][]int32{c.topic: {partition}})
}

func (c *consumer) Commit(partition int32, offset int64, metadata string) error {
	return c.admin.commit(c.group, c.topic, partition, offset, metadata)
}

func (c *consumer) Close() error {
	c.Client.Close()
	return nil
}
