// Calls times calls through Go, on a database that engine_bench has made: calls DATABASE CALLS sends|reads. It prints a line of JSON,
// {"name","rate","p50","p99"} in microseconds, for each kind of call. tests/bench/mounts_bench.mjs shows it beside the same calls in C++.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cariosan/cariosan-go/embed"
)

const sentence = "Halo kak, pesanannya sudah saya kirim lewat kurir pagi ini ya. Mohon ditunggu!"

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: calls DATABASE CALLS sends|reads")
	}
	count, err := strconv.Atoi(os.Args[2])
	if err == nil {
		err = measure(os.Args[1], count, os.Args[3])
	}
	if err != nil {
		log.Fatal(err)
	}
}

func measure(database string, count int, part string) error {
	ctx := context.Background()
	engine, err := embed.Open(embed.Options{"storage": "sqlite:" + database, "rates": false})
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close(ctx) }()
	var list struct{ Workspaces []struct{ ID string } }
	if err := engine.Call(ctx, embed.Caller{}, "workspace.list", nil, &list); err != nil {
		return err
	}
	call := func(number int, name string, fields map[string]any) error {
		return engine.Call(ctx, embed.User(list.Workspaces[0].ID, fmt.Sprint("user_", number)), name, fields, nil)
	}
	channel := func(number int) string { return fmt.Sprint("channel_", number) }
	if part == "sends" {
		for _, senders := range []int{1, 64, 256} {
			err := timed(fmt.Sprintf("durable sends, %d at once", senders), count*min(senders, 8), senders, func(sender int) error {
				number := sender * 7 % 1000
				return call(number, "message.send", map[string]any{"channel": channel(number), "content": sentence})
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	err = timed("history page (50 newest)", count, 1, func(int) error {
		number := rand.IntN(1000)
		return call(number, "message.list", map[string]any{"channel": channel(number)})
	})
	if err != nil {
		return err
	}
	return timed("my channels (50)", count, 1, func(int) error { return call(rand.IntN(1000), "me.channel.list", map[string]any{}) })
}

// timed makes count calls, some at once; each gets the number of its caller.
func timed(name string, count, atOnce int, call func(caller int) error) error {
	var left atomic.Int64
	left.Store(int64(count))
	taken, failures := make(chan float64, count), make(chan error, atOnce)
	begun := time.Now()
	var wait sync.WaitGroup
	for caller := range atOnce {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for left.Add(-1) >= 0 {
				before := time.Now()
				if err := call(caller); err != nil {
					failures <- err
					return
				}
				taken <- float64(time.Since(before).Nanoseconds()) / 1e3
			}
		}()
	}
	wait.Wait()
	rate := float64(count) / time.Since(begun).Seconds()
	close(taken)
	select {
	case err := <-failures:
		return err
	default:
	}
	var sorted []float64
	for each := range taken {
		sorted = append(sorted, each)
	}
	slices.Sort(sorted)
	at := func(share float64) float64 { return sorted[int(share*float64(count-1))] }
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"name": name, "rate": rate, "p50": at(0.5), "p99": at(0.99)})
}
