// A member of a consumer group over sarama.
package main

import (
	"time"

	"github.com/IBM/sarama"

	"klamm.dev/client-tests/group"
)

var assignors = map[string]sarama.BalanceStrategy{
	"range":  sarama.NewBalanceStrategyRange(),
	"sticky": sarama.NewBalanceStrategySticky(),
}

func main() {
	options := group.Arguments()
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.ClientID = options["name"]
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.MaxWaitTime = 100 * time.Millisecond
	if _, wanted := options["reset"]; wanted {
		reset(options, connect(options, config))
		return
	}
	config.Consumer.Group.Session.Timeout = options.Milliseconds("session")
	config.Consumer.Group.Heartbeat.Interval = 300 * time.Millisecond
	config.Consumer.Group.InstanceId = options["instance"]
	if _, wanted := options["refresh"]; wanted {
		config.Metadata.RefreshFrequency = options.Milliseconds("refresh")
	}
	if assignor, chosen := assignors[options["assignor"]]; chosen {
		config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{assignor}
	}
	consume(options, connect(options, config))
}

func connect(options group.Options, config *sarama.Config) sarama.Client {
	client, err := sarama.NewClient([]string{options["bootstrap"]}, config)
	if err != nil {
		group.Fail(err)
	}
	return client
}

func consume(options group.Options, client sarama.Client) {
	leave := group.UntilLeave()
	consumer, err := sarama.NewConsumerGroupFromClient(options["group"], client)
	if err != nil {
		group.Fail(err)
	}
	admin, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		group.Fail(err)
	}
	member := member{options, admin}
	for leave.Err() == nil {
		// It returns at each rebalance, and joins again when it is called again.
		if err := consumer.Consume(leave, []string{options["topic"]}, member); err != nil {
			group.Say("error", err)
			time.Sleep(100 * time.Millisecond)
		}
	}
	if err := consumer.Close(); err != nil {
		group.Fail(err)
	}
	group.Say("left")
}

type member struct {
	options group.Options
	admin   sarama.ClusterAdmin
}

func (m member) Setup(session sarama.ConsumerGroupSession) error {
	group.SayPartitions("assigned", session.Claims()[m.options["topic"]])
	return nil
}

func (m member) Cleanup(session sarama.ConsumerGroupSession) error {
	group.SayPartitions("revoked", session.Claims()[m.options["topic"]])
	return nil
}

func (m member) ConsumeClaim(
	session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim,
) error {
	for message := range claim.Messages() {
		for last := false; !last; {
			group.Say("record", message.Partition, message.Offset, string(message.Value))
			session.MarkMessage(message, "")
			select {
			case next, open := <-claim.Messages():
				if last = !open; open {
					message = next
				}
			default:
				last = true
			}
		}
		session.Commit()
		m.confirm(message.Partition, message.Offset+1)
	}
	return nil
}

// confirm asks the broker what it has: sarama does not tell whether a commit went well.
func (m member) confirm(partition int32, next int64) {
	topic := m.options["topic"]
	wanted := map[string][]int32{topic: {partition}}
	found, err := m.admin.ListConsumerGroupOffsets(m.options["group"], wanted)
	if err != nil {
		group.Say("uncommitted", err)
	} else if at := found.GetBlock(topic, partition); at == nil || at.Offset != next {
		group.Say("uncommitted", partition, next)
	} else {
		group.Say("committed", partition, next)
	}
}

// reset sets the offsets of a group without members to the first records from this time on.
func reset(options group.Options, client sarama.Client) {
	topic := options["topic"]
	offsets, err := sarama.NewOffsetManagerFromClient(options["group"], client)
	if err != nil {
		group.Fail(err)
	}
	for partition := range int32(options.Number("partitions")) {
		found, err := client.GetOffset(topic, partition, options.Number("reset"))
		if err != nil {
			group.Fail(err)
		}
		managed, err := offsets.ManagePartition(topic, partition)
		if err != nil {
			group.Fail(err)
		}
		// One of the two moves it forwards, the other one backwards.
		managed.MarkOffset(found, "")
		managed.ResetOffset(found, "")
		defer managed.AsyncClose()
		offsets.Commit()
		group.Say("committed", partition, found)
	}
}
