// A client over sarama. driver.go says what it obeys.
package main

import (
	"errors"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kerr"

	"klamm.dev/client-tests/driver"
)

func main() {
	config := settings()
	general, err := sarama.NewClient([]string{os.Args[1]}, config)
	if err != nil {
		panic(err)
	}
	admin, err := sarama.NewClusterAdminFromClient(general)
	if err != nil {
		panic(err)
	}
	driver.Obey(&client{ClusterAdmin: admin, general: general, bootstrap: os.Args[1:2]}, nameOf)
}

func settings() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Consumer.MaxWaitTime = 100 * time.Millisecond
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Return.Errors = false
	return config
}

// nameOf is Kafka's name of the broker's error. The library has sentences only, so the other one is
// asked for the name.
func nameOf(err error) string {
	var known sarama.KError
	if errors.As(err, &known) {
		var named *kerr.Error
		if errors.As(kerr.ErrorForCode(int16(known)), &named) {
			return named.Message
		}
	}
	return "CLIENT"
}

type client struct {
	sarama.ClusterAdmin
	general   sarama.Client
	bootstrap []string
}

func (c *client) Create(topic string, partitions int32) error {
	return c.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}, false)
}

func (c *client) Grow(topic string, partitions int32) error {
	return c.CreatePartitions(topic, partitions, nil, false)
}

func (c *client) Delete(topic string) error { return c.DeleteTopic(topic) }

func (c *client) Partitions(topic string) (int, error) {
	topics, err := c.ListTopics()
	return int(topics[topic].NumPartitions), err
}

func (c *client) Truncate(topic string, partition int32, offset int64) (int64, error) {
	// It does not tell how far that went.
	if err := c.DeleteRecords(topic, map[int32]int64{partition: offset}); err != nil {
		return 0, err
	}
	return c.general.GetOffset(topic, partition, sarama.OffsetOldest)
}

func (c *client) Config(topic, key string) (string, error) {
	resource := sarama.ConfigResource{
		Type: sarama.TopicResource, Name: topic, ConfigNames: []string{key},
	}
	entries, err := c.DescribeConfig(resource)
	if err != nil {
		return "", err
	}
	return entries[0].Value, nil
}

func (c *client) SetConfig(topic, key, value string) error {
	entry := sarama.IncrementalAlterConfigsEntry{
		Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value,
	}
	entries := map[string]sarama.IncrementalAlterConfigsEntry{key: entry}
	return c.IncrementalAlterConfig(sarama.TopicResource, topic, entries, false)
}

func (c *client) Cluster() (int, int32, error) {
	brokers, controller, err := c.DescribeCluster()
	return len(brokers), controller, err
}

func (c *client) Groups() ([]string, error) {
	found, err := c.ListConsumerGroups()
	var names []string
	for name := range found {
		names = append(names, name)
	}
	return names, err
}

func (c *client) Group(name string) (string, error) {
	found, err := c.DescribeConsumerGroups([]string{name})
	if err != nil {
		return "", err
	}
	if found[0].Err != sarama.ErrNoError {
		return "", found[0].Err
	}
	return found[0].State, nil
}

func (c *client) DeleteGroup(name string) error { return c.DeleteConsumerGroup(name) }

func (c *client) Forget(group, topic string) error {
	return c.DeleteConsumerGroupOffset(group, topic, 0)
}

func (c *client) AlterOffset(group, topic string, partition int32, offset int64) error {
	return c.commit(group, topic, partition, offset, "")
}

func (c *client) commit(group, topic string, partition int32, offset int64, metadata string) error {
	place := sarama.OffsetAndMetadata{Offset: offset, LeaderEpoch: -1, Metadata: metadata}
	wanted := map[string]map[int32]sarama.OffsetAndMetadata{topic: {partition: place}}
	answer, err := c.AlterConsumerGroupOffsets(group, wanted, nil)
	if err != nil {
		return err
	}
	if found := answer.Errors[topic][partition]; found != sarama.ErrNoError {
		return found
	}
	return nil
}

func (c *client) Committed(group, topic string, partition int32) (int64, string, error) {
	found, err := c.ListConsumerGroupOffsets(group, map[string][]int32{topic: {partition}})
	if err != nil {
		return 0, "", err
	}
	at := found.GetBlock(topic, partition)
	return at.Offset, at.Metadata, nil
}

func (c *client) Lag(group, topic string) (map[int32]int64, error) {
	bounds, err := c.Bounds(topic, 0)
	lags := map[int32]int64{}
	for partition, at := range bounds {
		committed, _, err := c.Committed(group, topic, partition)
		if err != nil {
			return nil, err
		}
		lags[partition] = at.End - committed
	}
	return lags, err
}

func (c *client) LogSize(topic string) (int64, error) {
	_, broker, err := c.Cluster()
	if err != nil {
		return 0, err
	}
	found, err := c.DescribeLogDirs([]int32{broker})
	size := int64(0)
	for _, folder := range found[broker] {
		for _, held := range folder.Topics {
			for _, partition := range held.Partitions {
				if held.Topic == topic {
					size += partition.Size
				}
			}
		}
	}
	return size, err
}

func (c *client) Producers(string) (int, error) {
	return 0, driver.Unsupported("it cannot describe producers")
}

func (c *client) Quorum() (int, error) {
	return 0, driver.Unsupported("it cannot describe the quorum")
}

func (c *client) Bounds(topic string, timestamp int64) (map[int32]driver.Bounds, error) {
	if err := c.general.RefreshMetadata(topic); err != nil {
		return nil, err
	}
	partitions, err := c.general.Partitions(topic)
	if err != nil {
		return nil, err
	}
	bounds := map[int32]driver.Bounds{}
	for _, partition := range partitions {
		var offsets [3]int64
		for i, wanted := range []int64{sarama.OffsetOldest, sarama.OffsetNewest, timestamp} {
			if offsets[i], err = c.general.GetOffset(topic, partition, wanted); err != nil {
				return nil, err
			}
		}
		bounds[partition] = driver.Bounds{Start: offsets[0], End: offsets[1], At: offsets[2]}
	}
	return bounds, nil
}
