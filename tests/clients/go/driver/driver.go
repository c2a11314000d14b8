// Package driver holds what the client programs have in common, whatever library they use: each does
// what it is told, a command a line. src/client/program.rs describes commands and answers.
package driver

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	// Patience is how long anything may take.
	Patience = 60 * time.Second
	// Largest is more than anything that is sent, so that it is the broker who refuses.
	Largest = 4_000_000
	// Haste is how long the producer of a trickle waits for an answer.
	Haste = 2 * time.Second
	// Rest is the time between two records of a trickle.
	Rest = 20 * time.Millisecond
)

// Client is what each library can be told. Places are partitions with an offset.
type Client interface {
	Create(topic string, partitions int32) error
	Grow(topic string, partitions int32) error
	Delete(topic string) error
	Partitions(topic string) (int, error)
	Truncate(topic string, partition int32, offset int64) (int64, error)
	Config(topic, key string) (string, error)
	SetConfig(topic, key, value string) error
	Cluster() (brokers int, controller int32, err error)
	Groups() ([]string, error)
	Group(name string) (string, error)
	DeleteGroup(name string) error
	Forget(group, topic string) error
	AlterOffset(group, topic string, partition int32, offset int64) error
	Committed(group, topic string, partition int32) (int64, string, error)
	Lag(group, topic string) (map[int32]int64, error)
	LogSize(topic string) (int64, error)
	Producers(topic string) (int, error)
	Quorum() (int, error)

	Produce(topic, codec, acks, way string, records []Record) ([]Place, error)
	Transact(id, topic string) error
	Bounds(topic string, timestamp int64) (map[int32]Bounds, error)

	Open(group, topic string, partitions []int32) (Consumer, error)
}

// Consumer reads the partitions that it was opened for.
type Consumer interface {
	// Read waits for records, for a while.
	Read(patience time.Duration) ([]Read, error)
	Seek(partition int32, offset int64) error
	Pause(partition int32)
	Resume(partition int32)
	Commit(partition int32, offset int64, metadata string) error
	Close() error
}

// Place is where a record went; the offset is -1 where the broker was not asked.
type Place struct {
	Partition int32
	Offset    int64
}

// Bounds are the offsets of a partition, and the first at or after a timestamp, -1 where none is.
type Bounds struct{ Start, End, At int64 }

// Unsupported is what the library has no call for.
type Unsupported string

func (reason Unsupported) Error() string { return string(reason) }

// Obey does what the lines of the standard input say; name is Kafka's name of a library's error.
func Obey(client Client, name func(error) string) {
	obeys := obedient{client: client, out: bufio.NewWriter(os.Stdout)}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		command, rest, _ := strings.Cut(lines.Text(), " ")
		err := obeys.do(command, &words{strings.Fields(rest), nil})
		var unsupported Unsupported
		switch {
		case err == nil:
			obeys.say("done")
		case errors.As(err, &unsupported):
			obeys.say("unsupported", unsupported)
		default:
			obeys.say("failed", name(err), strings.ReplaceAll(err.Error(), "\n", " "))
		}
		obeys.out.Flush()
	}
}

type obedient struct {
	client   Client
	out      *bufio.Writer
	topic    string
	consumer Consumer
}

func (o *obedient) say(words ...any) { fmt.Fprintln(o.out, words...) }

// tell says what a call answered, where it did.
func (o *obedient) tell(err error, words ...any) error {
	if err == nil {
		o.say(words...)
	}
	return err
}

func (o *obedient) do(command string, w *words) error {
	c := o.client
	switch command {
	case "create":
		return c.Create(w.next(), w.partition())
	case "grow":
		return c.Grow(w.next(), w.partition())
	case "delete":
		return c.Delete(w.next())
	case "partitions":
		count, err := c.Partitions(w.next())
		return o.tell(err, count)
	case "truncate":
		low, err := c.Truncate(w.next(), w.partition(), w.number())
		return o.tell(err, low)
	case "config":
		value, err := c.Config(w.next(), w.next())
		return o.tell(err, value)
	case "set-config":
		return c.SetConfig(w.next(), w.next(), w.next())
	case "cluster":
		brokers, controller, err := c.Cluster()
		return o.tell(err, brokers, controller)
	case "groups":
		names, err := c.Groups()
		for _, name := range names {
			o.say(name)
		}
		return err
	case "group":
		state, err := c.Group(w.next())
		return o.tell(err, state)
	case "delete-group":
		return c.DeleteGroup(w.next())
	case "forget":
		return c.Forget(w.next(), w.next())
	case "alter-offset":
		return c.AlterOffset(w.next(), w.next(), w.partition(), w.number())
	case "committed":
		offset, metadata, err := c.Committed(w.next(), w.next(), w.partition())
		return o.tell(err, offset, toWord([]byte(metadata), true))
	case "lag":
		lags, err := c.Lag(w.next(), w.next())
		for _, partition := range sorted(lags) {
			o.say(partition, lags[partition])
		}
		return err
	case "log-size":
		size, err := c.LogSize(w.next())
		return o.tell(err, size)
	case "producers":
		count, err := c.Producers(w.next())
		return o.tell(err, count)
	case "quorum":
		voters, err := c.Quorum()
		return o.tell(err, voters)
	case "transact":
		return c.Transact(w.next(), w.next())
	case "produce":
		return o.produce(w)
	case "offsets":
		bounds, err := c.Bounds(w.next(), w.number())
		for _, partition := range sorted(bounds) {
			at := bounds[partition]
			o.say(partition, at.Start, at.End, at.At)
		}
		return err
	case "consume":
		return o.consume(w.next())
	default:
		return o.read(command, w)
	}
}

func (o *obedient) produce(w *words) error {
	topic, codec, acks, way := w.next(), w.next(), w.next(), w.next()
	records, err := records(w.next())
	if err != nil {
		return err
	}
	places, err := o.client.Produce(topic, codec, acks, way, records)
	for _, place := range places {
		o.say(place.Partition, place.Offset)
	}
	return err
}

func (o *obedient) consume(topic string) error {
	bounds, err := o.client.Bounds(topic, 0)
	if err != nil {
		return err
	}
	left := 0
	for _, at := range bounds {
		left += int(at.End - at.Start)
	}
	consumer, err := o.client.Open("-", topic, sorted(bounds))
	if err != nil {
		return err
	}
	defer consumer.Close()
	return o.readFrom(consumer, left, Patience)
}

// read does what is to be done with the consumer that is open.
func (o *obedient) read(command string, w *words) (err error) {
	switch command {
	case "open":
		group := w.next()
		o.topic = w.next()
		o.consumer, err = o.client.Open(group, o.topic, w.partitions())
	case "read":
		err = o.readFrom(o.consumer, int(w.number()), time.Duration(w.number())*time.Millisecond)
	case "seek":
		var offset int64
		partition := w.partition()
		if offset, err = o.offset(partition, w.next()); err == nil {
			err = o.consumer.Seek(partition, offset)
		}
	case "pause":
		o.consumer.Pause(w.partition())
	case "resume":
		o.consumer.Resume(w.partition())
	case "commit":
		partition, offset := w.partition(), w.number()
		metadata, _ := fromWord(w.next())
		err = o.consumer.Commit(partition, offset, string(metadata))
	case "close":
		err = o.consumer.Close()
	default:
		err = fmt.Errorf("unknown command %s", command)
	}
	return err
}

// offset is a number, or one of the two ends of a partition.
func (o *obedient) offset(partition int32, word string) (int64, error) {
	if word != "beginning" && word != "end" {
		return strconv.ParseInt(word, 10, 64)
	}
	bounds, err := o.client.Bounds(o.topic, 0)
	if word == "beginning" {
		return bounds[partition].Start, err
	}
	return bounds[partition].End, err
}

func (o *obedient) readFrom(consumer Consumer, left int, patience time.Duration) error {
	for deadline := time.Now().Add(patience); left > 0 && time.Now().Before(deadline); {
		found, err := consumer.Read(time.Until(deadline))
		if err != nil {
			return err
		}
		for _, read := range found {
			o.say(read.Offset, read.line())
		}
		left -= len(found)
	}
	return nil
}

func sorted[V any](of map[int32]V) []int32 {
	var partitions []int32
	for partition := range of {
		partitions = append(partitions, partition)
	}
	sort.Slice(partitions, func(i, j int) bool { return partitions[i] < partitions[j] })
	return partitions
}
