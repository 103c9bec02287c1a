package cariosan

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// goroutines are the stacks of all goroutines but those of servers, which end when they see that the other side is gone.
func goroutines() []string {
	text := make([]byte, 1<<20)
	text = text[:runtime.Stack(text, true)]
	var out []string
	for _, stack := range strings.Split(string(text), "\n\n") {
		if !strings.Contains(stack, "net/http.(*conn).") && !strings.Contains(stack, "net/http.(*connReader)") {
			out = append(out, stack)
		}
	}
	return out
}

// settles waits until as few goroutines are left as there were, and returns those that are.
func settles(before int) []string {
	left := goroutines()
	// A closed connection's goroutines end by themselves, but not at once.
	for tries := 0; len(left) > before && tries < 5000; tries++ {
		time.Sleep(time.Millisecond)
		left = goroutines()
	}
	if len(left) > before {
		return left
	}
	return nil
}

func TestNothingIsLeftRunning(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // before that a server does not see that the other side is gone
		<-r.Context().Done()
	}
	tooLarge := reply(200, "{", "Content-Length", fmt.Sprint(largestAnswer+1))
	export := func(w http.ResponseWriter, r *http.Request) {
		reply(200, strings.Repeat(`{"kind":"user"}`+"\n", 1000))(w, r)
	}
	page := reply(200, `{"users":[{"id":"1"},{"id":"2"}],"has_more":true,"next_cursor":"c"}`)
	var handler atomic.Pointer[http.HandlerFunc]
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load())(w, r) }))
	defer listener.Close()
	before := len(goroutines())
	for i := range 20 {
		transport := &http.Transport{}
		client := New("pk", "sk", listener.URL, WithHTTPClient(&http.Client{Transport: transport}), WithTimeout(20*time.Millisecond))
		handlers := []http.HandlerFunc{reply(200, userAlice), reply(503, unavailable), reply(404, ""), cut, cutInside, tooLarge, export, page}
		if i%2 == 0 {
			handlers = append(handlers, hang)
		} else {
			client.timeout = 0 // neither a limit nor the context tidies up what was left open
		}
		client.wait = func(context.Context, time.Duration) error { return nil }
		ctx, cancel := context.WithCancel(context.Background())
		for _, next := range handlers {
			handler.Store(&next)
			client.GetUser(ctx, "alice")
			client.CreateWebhook(ctx, CreateWebhookRequest{})
			for range client.ExportUser(ctx, "alice") {
				break
			}
			for range client.Users(ctx) {
				break
			}
		}
		if client.timeout > 0 {
			cancel()
			client.GetUser(ctx, "alice")
		} else {
			defer cancel() // after the goroutines are counted
		}
		transport.CloseIdleConnections()
	}
	if left := settles(before); left != nil {
		t.Errorf("there were %d goroutines, and now these:\n%s", before, strings.Join(left, "\n\n"))
	}
}
