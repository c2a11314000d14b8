package main

import (
	"github.com/IBM/sarama"

	"klamm.dev/client-tests/driver"
)

var codecs = map[string]sarama.CompressionCodec{
	"none":   sarama.CompressionNone,
	"gzip":   sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy,
	"lz4":    sarama.CompressionLZ4,
	"zstd":   sarama.CompressionZSTD,
}

var acknowledgements = map[string]sarama.RequiredAcks{
	"0": sarama.NoResponse, "1": sarama.WaitForLocal, "all": sarama.WaitForAll,
}

func (c *client) Produce(
	topic, codec, acks, way string, records []driver.Record,
) ([]driver.Place, error) {
	if way == "trickle" {
		// Seen with version 1.50.1, over Apache Kafka and over Klamm.
		return nil, driver.Unsupported("its retries may not end once a broker was silent")
	}
	config := producing()
	config.Producer.Compression = codecs[codec]
	config.Producer.RequiredAcks = acknowledgements[acks]
	if acks == "all" {
		config.Producer.Idempotent = true
		config.Net.MaxOpenRequests = 1
	}
	producer, err := sarama.NewAsyncProducer(c.bootstrap, config)
	if err != nil {
		return nil, err
	}
	defer producer.AsyncClose()
	places := make([]driver.Place, len(records))
	answered := make(chan error, len(records))
	go told(producer, acks, places, answered, len(records))
	for i, record := range records {
		producer.Input() <- toSend(topic, i, record)
		if way != "one" {
			continue
		}
		if err := <-answered; err != nil {
			return nil, err
		}
	}
	for range records {
		if way == "one" {
			break
		}
		if err := <-answered; err != nil {
			return nil, err
		}
	}
	return places, nil
}

func producing() *sarama.Config {
	config := settings()
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.Return.Successes = true
	config.Producer.MaxMessageBytes = driver.Largest
	return config
}

// told waits for what became of each record.
func told(
	producer sarama.AsyncProducer, acks string, places []driver.Place, answered chan error, count int,
) {
	for range count {
		select {
		case message := <-producer.Successes():
			place := driver.Place{Partition: message.Partition, Offset: message.Offset}
			if acks == "0" {
				place.Offset = -1
			}
			places[message.Metadata.(int)] = place
			answered <- nil
		case failed := <-producer.Errors():
			answered <- failed.Err
		}
	}
}

func toSend(topic string, index int, record driver.Record) *sarama.ProducerMessage {
	message := &sarama.ProducerMessage{
		Topic: topic, Partition: record.Partition, Timestamp: record.Timestamp, Metadata: index,
	}
	if record.Key != nil {
		message.Key = sarama.ByteEncoder(record.Key)
	}
	if record.Value != nil {
		message.Value = sarama.ByteEncoder(record.Value)
	}
	for _, header := range record.Headers {
		sent := sarama.RecordHeader{Key: []byte(header.Name), Value: header.Value}
		message.Headers = append(message.Headers, sent)
	}
	return message
}

func (c *client) Transact(id, topic string) error {
	config := producing()
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Idempotent = true
	config.Producer.Transaction.ID = id
	config.Net.MaxOpenRequests = 1
	producer, err := sarama.NewSyncProducer(c.bootstrap, config)
	if err != nil {
		return err
	}
	defer producer.Close()
	if err := producer.BeginTxn(); err != nil {
		return err
	}
	message := &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder("in a transaction")}
	if _, _, err := producer.SendMessage(message); err != nil {
		return err
	}
	return producer.CommitTxn()
}
