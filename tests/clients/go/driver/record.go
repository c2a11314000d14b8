package driver

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Record is one to send, or as it came back; nil is absent, which is not empty.
type Record struct {
	Partition  int32
	Timestamp  time.Time
	Key, Value []byte
	Headers    []Header
}

// Header is a name and a value; names repeat.
type Header struct {
	Name  string
	Value []byte
}

// Read is a record with its offset.
type Read struct {
	Offset int64
	Record
}

// records reads a file, a record a line.
func records(file string) ([]Record, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var records []Record
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		w := &words{strings.Split(line, " "), nil}
		record := Record{Partition: w.partition(), Timestamp: time.UnixMilli(w.number())}
		record.Key, record.Value = w.bytes(), w.bytes()
		for len(w.rest) > 0 {
			record.Headers = append(record.Headers, Header{string(w.bytes()), w.bytes()})
		}
		if w.err != nil {
			return nil, w.err
		}
		records = append(records, record)
	}
	return records, nil
}

func (record Record) line() string {
	line := fmt.Sprintf("%d %d", record.Partition, record.Timestamp.UnixMilli())
	line += " " + toWord(record.Key, record.Key != nil)
	line += " " + toWord(record.Value, record.Value != nil)
	for _, header := range record.Headers {
		line += " " + toWord([]byte(header.Name), true)
		line += " " + toWord(header.Value, header.Value != nil)
	}
	return line
}

func toWord(data []byte, present bool) string {
	if !present {
		return "-"
	}
	return "." + base64.StdEncoding.EncodeToString(data)
}

func fromWord(word string) ([]byte, error) {
	if word == "-" {
		return nil, nil
	}
	data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(word, "."))
	if data == nil {
		data = []byte{}
	}
	return data, err
}

// words are those of a line that are left; the first error is kept.
type words struct {
	rest []string
	err  error
}

func (w *words) next() string {
	if len(w.rest) == 0 {
		return ""
	}
	word := w.rest[0]
	w.rest = w.rest[1:]
	return word
}

func (w *words) number() int64 {
	number, err := strconv.ParseInt(w.next(), 10, 64)
	if err != nil {
		w.err = err
	}
	return number
}

func (w *words) partition() int32 { return int32(w.number()) }

func (w *words) partitions() []int32 {
	var partitions []int32
	for len(w.rest) > 0 {
		partitions = append(partitions, w.partition())
	}
	return partitions
}

func (w *words) bytes() []byte {
	data, err := fromWord(w.next())
	if err != nil {
		w.err = err
	}
	return data
}
