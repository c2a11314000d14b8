// A member of a consumer group over franz-go.
package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

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
	uncommitted := work{topic: topic, next: map[int32]kgo.EpochOffset{}}
	says := func(word string) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			uncommitted.giveUp(partitions[topic])
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
	if _, wanted := options["refresh"]; wanted {
		refresh := options.Milliseconds("refresh")
		settings = append(settings, kgo.MetadataMinAge(refresh), kgo.MetadataMaxAge(refresh))
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
		uncommitted.read(fetches)
		fetches.EachError(func(_ string, _ int32, err error) {
			if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
				group.Say("error", err)
			}
		})
		uncommitted.commit(client)
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
	group.Say("left")
}

// work is what was read and is not committed yet. A rebalance that takes a partition away waits for a
// commit that goes on: what that said later would be of another member.
type work struct {
	sync.Mutex
	topic string
	next  map[int32]kgo.EpochOffset
}

func (w *work) giveUp(partitions []int32) {
	w.Lock()
	defer w.Unlock()
	for _, partition := range partitions {
		delete(w.next, partition)
	}
}

func (w *work) read(fetches kgo.Fetches) {
	w.Lock()
	defer w.Unlock()
	fetches.EachRecord(func(record *kgo.Record) {
		group.Say("record", record.Partition, record.Offset, string(record.Value))
		w.next[record.Partition] = kgo.EpochOffset{Epoch: record.LeaderEpoch, Offset: record.Offset + 1}
	})
}

func (w *work) commit(client *kgo.Client) {
	w.Lock()
	defer w.Unlock()
	if len(w.next) == 0 {
		return
	}
	patience, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	wanted := map[string]map[int32]kgo.EpochOffset{w.topic: w.next}
	client.CommitOffsetsSync(patience, wanted, w.committed)
}

// committed says what the broker has answered about each partition.
func (w *work) committed(
	_ *kgo.Client, _ *kmsg.OffsetCommitRequest, answer *kmsg.OffsetCommitResponse, err error,
) {
	if err != nil {
		group.Say("uncommitted", err)
		return
	}
	for _, topic := range answer.Topics {
		for _, at := range topic.Partitions {
			if err := kerr.ErrorForCode(at.ErrorCode); err != nil {
				group.Say("uncommitted", at.Partition, err)
				continue
			}
			group.Say("committed", at.Partition, w.next[at.Partition].Offset)
			delete(w.next, at.Partition)
		}
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
