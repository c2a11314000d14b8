// A client over franz-go. driver.go says what it obeys.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"klamm.dev/client-tests/driver"
)

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

var acknowledgements = map[string]kgo.Acks{
	"0": kgo.NoAck(), "1": kgo.LeaderAck(), "all": kgo.AllISRAcks(),
}

func main() {
	bootstrap := kgo.SeedBrokers(os.Args[1])
	// It asks again for what it knows already, since others change it.
	general, err := kgo.NewClient(bootstrap, kgo.MetadataMinAge(10*time.Millisecond))
	if err != nil {
		panic(err)
	}
	driver.Obey(&client{bootstrap, kadm.NewClient(general), general}, nameOf)
}

// nameOf is Kafka's name of the broker's error.
func nameOf(err error) string {
	var known *kerr.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return "CLIENT"
}

type client struct {
	bootstrap kgo.Opt
	admin     *kadm.Client
	general   *kgo.Client
}

func patience() context.Context {
	patience, cancel := context.WithTimeout(context.Background(), driver.Patience)
	time.AfterFunc(driver.Patience, cancel)
	return patience
}

func (c *client) Create(topic string, partitions int32) error {
	_, err := c.admin.CreateTopic(patience(), partitions, 1, nil, topic)
	return err
}

func (c *client) Grow(topic string, partitions int32) error {
	grown, err := c.admin.UpdatePartitions(patience(), int(partitions), topic)
	return errors.Join(err, grown.Error())
}

func (c *client) Delete(topic string) error {
	_, err := c.admin.DeleteTopic(patience(), topic)
	return err
}

func (c *client) Partitions(topic string) (int, error) {
	topics, err := c.admin.ListTopics(patience())
	return len(topics[topic].Partitions), err
}

func (c *client) Truncate(topic string, partition int32, offset int64) (int64, error) {
	wanted := kadm.Offsets{}
	wanted.AddOffset(topic, partition, offset, -1)
	deleted, err := c.admin.DeleteRecords(patience(), wanted)
	return deleted[topic][partition].LowWatermark, errors.Join(err, deleted.Error())
}

func (c *client) Config(topic, key string) (string, error) {
	found, err := c.admin.DescribeTopicConfigs(patience(), topic)
	if err != nil {
		return "", err
	}
	described, err := found.On(topic, nil)
	for _, config := range described.Configs {
		if config.Key == key {
			return config.MaybeValue(), described.Err
		}
	}
	return "", errors.Join(err, described.Err)
}

func (c *client) SetConfig(topic, key, value string) error {
	wanted := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: key, Value: &value}}
	altered, err := c.admin.AlterTopicConfigs(patience(), wanted, topic)
	if err != nil {
		return err
	}
	_, err = altered.On(topic, func(response *kadm.AlterConfigsResponse) error { return response.Err })
	return err
}

func (c *client) Cluster() (int, int32, error) {
	found, err := c.admin.BrokerMetadata(patience())
	return len(found.Brokers), found.Controller, err
}

func (c *client) Groups() ([]string, error) {
	found, err := c.admin.ListGroups(patience())
	return found.Groups(), err
}

func (c *client) Group(name string) (string, error) {
	found, err := c.admin.DescribeGroups(patience(), name)
	return found[name].State, errors.Join(err, found.Error())
}

func (c *client) DeleteGroup(name string) error {
	_, err := c.admin.DeleteGroup(patience(), name)
	return err
}

func (c *client) Forget(group, topic string) error {
	wanted := kadm.TopicsSet{}
	wanted.Add(topic, 0)
	deleted, err := c.admin.DeleteOffsets(patience(), group, wanted)
	return errors.Join(err, deleted.Error())
}

func (c *client) AlterOffset(group, topic string, partition int32, offset int64) error {
	return c.commit(group, topic, partition, offset, "")
}

func (c *client) commit(group, topic string, partition int32, offset int64, metadata string) error {
	wanted := kadm.Offsets{}
	wanted.Add(kadm.Offset{
		Topic: topic, Partition: partition, At: offset, LeaderEpoch: -1, Metadata: metadata,
	})
	return c.admin.CommitAllOffsets(patience(), group, wanted)
}

func (c *client) Committed(group, topic string, partition int32) (int64, string, error) {
	found, err := c.admin.FetchOffsets(patience(), group)
	if err != nil {
		return 0, "", err
	}
	at, known := found.Lookup(topic, partition)
	if !known {
		return -1, "", nil
	}
	return at.At, at.Metadata, at.Err
}

func (c *client) Lag(group, topic string) (map[int32]int64, error) {
	found, err := c.admin.Lag(patience(), group)
	if err != nil {
		return nil, err
	}
	lags := map[int32]int64{}
	for partition, member := range found[group].Lag[topic] {
		lags[partition] = member.Lag
	}
	return lags, found.Error()
}

func (c *client) LogSize(topic string) (int64, error) {
	wanted := kadm.TopicsSet{}
	wanted.Add(topic, 0)
	found, err := c.admin.DescribeAllLogDirs(patience(), wanted)
	size := int64(0)
	found.Each(func(folder kadm.DescribedLogDir) { size += folder.Size() })
	return size, err
}

func (c *client) Producers(topic string) (int, error) {
	wanted := kadm.TopicsSet{}
	wanted.Add(topic, 0)
	found, err := c.admin.DescribeProducers(patience(), wanted)
	return len(found.SortedProducers()), err
}

func (c *client) Quorum() (int, error) {
	request := kmsg.NewPtrDescribeQuorumRequest()
	topic := kmsg.NewDescribeQuorumRequestTopic()
	topic.Topic = "__cluster_metadata"
	topic.Partitions = append(topic.Partitions, kmsg.NewDescribeQuorumRequestTopicPartition())
	request.Topics = append(request.Topics, topic)
	found, err := request.RequestWith(patience(), c.general)
	if err != nil {
		return 0, err
	}
	return len(found.Topics[0].Partitions[0].CurrentVoters), kerr.ErrorForCode(found.ErrorCode)
}

func (c *client) Produce(
	topic, codec, acks, way string, records []driver.Record,
) ([]driver.Place, error) {
	settings := []kgo.Opt{
		c.bootstrap,
		kgo.ProducerBatchCompression(codecs[codec]),
		kgo.RequiredAcks(acknowledgements[acks]),
		kgo.ProducerBatchMaxBytes(driver.Largest),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.AllowAutoTopicCreation(),
	}
	if acks != "all" {
		settings = append(settings, kgo.DisableIdempotentWrite())
	}
	if way == "trickle" {
		settings = append(settings,
			kgo.ProduceRequestTimeout(driver.Haste), kgo.RequestTimeoutOverhead(driver.Haste))
	}
	producer, err := kgo.NewClient(settings...)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	sent := make([]*kgo.Record, len(records))
	for i, record := range records {
		sent[i] = toSend(topic, record)
	}
	if err := send(producer, way, sent); err != nil {
		return nil, err
	}
	places := make([]driver.Place, len(sent))
	for i, record := range sent {
		places[i] = driver.Place{Partition: record.Partition, Offset: record.Offset}
		if acks == "0" {
			places[i].Offset = -1
		}
	}
	return places, nil
}

func send(producer *kgo.Client, way string, records []*kgo.Record) error {
	if way == "many" {
		return producer.ProduceSync(patience(), records...).FirstErr()
	}
	if way == "one" {
		for _, record := range records {
			if err := producer.ProduceSync(patience(), record).FirstErr(); err != nil {
				return err
			}
		}
		return nil
	}
	var first kgo.FirstErrPromise
	for _, record := range records {
		producer.Produce(patience(), record, first.Promise())
		time.Sleep(driver.Rest)
	}
	return first.Err()
}

func toSend(topic string, record driver.Record) *kgo.Record {
	sent := &kgo.Record{
		Topic: topic, Partition: record.Partition, Timestamp: record.Timestamp,
		Key: record.Key, Value: record.Value,
	}
	for _, header := range record.Headers {
		sent.Headers = append(sent.Headers, kgo.RecordHeader{Key: header.Name, Value: header.Value})
	}
	return sent
}

func (c *client) Transact(id, topic string) error {
	producer, err := kgo.NewClient(c.bootstrap, kgo.TransactionalID(id))
	if err != nil {
		return err
	}
	defer producer.Close()
	if err := producer.BeginTransaction(); err != nil {
		return err
	}
	record := &kgo.Record{Topic: topic, Value: []byte("in a transaction")}
	if err := producer.ProduceSync(patience(), record).FirstErr(); err != nil {
		return err
	}
	return producer.EndTransaction(patience(), kgo.TryCommit)
}

func (c *client) Bounds(topic string, timestamp int64) (map[int32]driver.Bounds, error) {
	starts, err := c.admin.ListStartOffsets(patience(), topic)
	if err := errors.Join(err, starts.Error()); err != nil {
		return nil, err
	}
	ends, err := c.admin.ListEndOffsets(patience(), topic)
	if err := errors.Join(err, ends.Error()); err != nil {
		return nil, err
	}
	// It answers with the end where Kafka says that there is no such record, but for the timestamp.
	found, err := c.admin.ListOffsetsAfterMilli(patience(), timestamp, topic)
	bounds := map[int32]driver.Bounds{}
	for partition, end := range ends[topic] {
		at := found[topic][partition]
		if at.Timestamp == -1 {
			at.Offset = -1
		}
		start := starts[topic][partition].Offset
		bounds[partition] = driver.Bounds{Start: start, End: end.Offset, At: at.Offset}
	}
	return bounds, errors.Join(err, found.Error())
}
