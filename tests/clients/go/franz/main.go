// A member of a consumer group over franz-go.
package main

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"klamm.dev/client-tests/group"
)

var assignors = map[string]kgo.GroupBalancer{
	"range":       kgo.RangeBalancer(),
	"sticky":      kgo.StickyBalancer(),
	"cooperative": kgo.CooperativeStickyBalancer(),
}

func main() {
	options := group.Arguments()
	if _, wanted := options["reset"]; wanted {
		reset(options)
	} else {
		consume(options)
	}
}

func consume(options group.Options) {
	leave := group.UntilLeave()
	topic := options["topic"]
	says := func(word string) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			group.SayPartitions(word, partitions[topic])
		}
	}
	settings := []kgo.Opt{
		kgo.SeedBrokers(options["bootstrap"]),
		kgo.ClientID(options["name"]),
		kgo.ConsumerGroup(options["group"]),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.SessionTimeout(options.Milliseconds("session")),
		kgo.HeartbeatInterval(300 * time.Millisecond),
		kgo.FetchMaxWait(500 * time.Millisecond),
		kgo.DisableAutoCommit(),
		// No partition goes to another member between a poll and its commit.
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(says("assigned")),
		kgo.OnPartitionsRevoked(says("revoked")),
		kgo.OnPartitionsLost(says("lost")),
	}
	if assignor, chosen := assignors[options["assignor"]]; chosen {
		settings = append(settings, kgo.Balancers(assignor))
	}
	if instance, static := options["instance"]; static {
		settings = append(settings, kgo.InstanceID(instance))
	}
	client, err := kgo.NewClient(settings...)
	if err != nil {
		group.Fail(err)
	}
	for leave.Err() == nil {
		briefly, cancel := context.WithTimeout(leave, 200*time.Millisecond)
		fetches := client.PollFetches(briefly)
		cancel()
		fetches.EachRecord(func(record *kgo.Record) {
			group.Say("record", record.Partition, record.Offset, string(record.Value))
		})
		fetches.EachError(func(_ string, _ int32, err error) {
			if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
				group.Say("error", err)
			}
		})
		commit(client, topic)
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
	group.Say("left")
}

func commit(client *kgo.Client, topic string) {
	uncommitted := client.UncommittedOffsets()[topic]
	if len(uncommitted) == 0 {
		return
	}
	patience, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := client.CommitUncommittedOffsets(patience); err != nil {
		group.Say("uncommitted", err)
		return
	}
	for partition, next := range uncommitted {
		group.Say("committed", partition, next.Offset)
	}
}

// reset sets the offsets of a group without members to the first records from this time on.
func reset(options group.Options) {
	client, err := kgo.NewClient(kgo.SeedBrokers(options["bootstrap"]))
	if err != nil {
		group.Fail(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	patience := context.Background()
	found, err := admin.ListOffsetsAfterMilli(patience, options.Number("reset"), options["topic"])
	if err != nil {
		group.Fail(err)
	}
	if err := admin.CommitAllOffsets(patience, options["group"], found.Offsets()); err != nil {
		group.Fail(err)
	}
	found.Each(func(at kadm.ListedOffset) { group.Say("committed", at.Partition, at.Offset) })
}
