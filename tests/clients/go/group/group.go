// Package group holds what the members of a consumer group have in common, whatever library they
// use. src/group/member.rs describes their arguments, what they print and what they obey.
package group

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options are the words KEY=VALUE of the command line.
type Options map[string]string

// Arguments reads the command line.
func Arguments() Options {
	options := Options{}
	for _, word := range os.Args[1:] {
		key, value, _ := strings.Cut(word, "=")
		options[key] = value
	}
	return options
}

// Number is the value of an option that is one.
func (options Options) Number(key string) int64 {
	number, err := strconv.ParseInt(options[key], 10, 64)
	if err != nil {
		Fail(err)
	}
	return number
}

// Milliseconds is the value of an option that is a time.
func (options Options) Milliseconds(key string) time.Duration {
	return time.Duration(options.Number(key)) * time.Millisecond
}

// UntilLeave is done when the member is told to leave. The program ends when nobody can tell it any
// more.
func UntilLeave() context.Context {
	leave, cancel := context.WithCancel(context.Background())
	go func() {
		commands := bufio.NewScanner(os.Stdin)
		for commands.Scan() {
			if commands.Text() == "leave" {
				cancel()
			}
		}
		if leave.Err() == nil {
			os.Exit(1)
		}
	}()
	return leave
}

var printing sync.Mutex

// Say prints a line of words.
func Say(words ...any) {
	printing.Lock()
	defer printing.Unlock()
	fmt.Println(words...)
}

// SayPartitions prints a line with the partitions of a topic.
func SayPartitions(word string, partitions []int32) {
	words := []any{word}
	for _, partition := range partitions {
		words = append(words, partition)
	}
	Say(words...)
}

// Fail ends the program with an error.
func Fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
