package cariosan

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// steps is a server that answers each request with the next step, and the last one again and again.
type steps struct {
	handlers []http.HandlerFunc
	requests atomic.Int64
}

func (s *steps) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number := int(s.requests.Add(1)) - 1
	s.handlers[min(number, len(s.handlers)-1)](w, r)
}

func reply(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		connection.Close()
	}
}

// cutInside answers half of what it announces.
func cutInside(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"id\":")
		connection.Close()
	}
}

const (
	userAlice   = `{"id":"1","external_id":"alice","name":"Alice"}`
	unavailable = `{"error":{"code":"UNAVAILABLE","message":"later","retryable":true,"details":{},"request_id":"r"}}`
)

// retrying is a client of these steps that notes for how long it would have waited, and takes the longest random time.
func retrying(t *testing.T, handlers []http.HandlerFunc, options ...Option) (*Client, *steps, *[]time.Duration) {
	t.Helper()
	server := &steps{handlers: handlers}
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	client := New("pk_test_1", "sk_1", listener.URL, options...)
	waits := &[]time.Duration{}
	client.random = func(limit int64) int64 { return limit - 1 }
	client.wait = func(_ context.Context, duration time.Duration) error {
		*waits = append(*waits, duration)
		return nil
	}
	return client, server, waits
}

func TestRepeatsWhatIsSafeToRepeat(t *testing.T) {
	good := reply(200, userAlice)
	for name, first := range map[string]http.HandlerFunc{
		"429": reply(429, ""), "500": reply(500, ""), "502": reply(502, "<html>"), "503": reply(503, unavailable),
		"503 of a proxy": reply(503, "<html>"), "504": reply(504, ""), "no answer": cut, "half an answer": cutInside,
	} {
		t.Run(name, func(t *testing.T) {
			client, server, waits := retrying(t, []http.HandlerFunc{first, good})
			user, err := client.GetUser(context.Background(), "alice")
			if err != nil || user.Name != "Alice" {
				t.Fatalf("got %v, %v", user, err)
			}
			if server.requests.Load() != 2 || len(*waits) != 1 {
				t.Errorf("%d requests, waited %v", server.requests.Load(), *waits)
			}
		})
	}
}

func TestDoesNotRepeatWhatCannotSucceed(t *testing.T) {
	off := strings.Replace(unavailable, `"retryable":true`, `"retryable":false`, 1)
	for name, step := range map[string]http.HandlerFunc{
		"400": reply(400, ""), "401": reply(401, ""), "403": reply(403, ""), "404": reply(404, ""), "409": reply(409, ""),
		"413": reply(413, ""), "422": reply(422, ""), "501": reply(501, ""), "301": reply(301, "", "Location", "/elsewhere"),
		"a feature that is off": reply(503, off), "no JSON": reply(200, "<html>"),
		"a wait of an hour": reply(503, unavailable, "Retry-After", "3600"),
	} {
		t.Run(name, func(t *testing.T) {
			client, server, waits := retrying(t, []http.HandlerFunc{step})
			if _, err := client.GetUser(context.Background(), "alice"); err == nil {
				t.Error("no error")
			}
			if server.requests.Load() != 1 || len(*waits) != 0 {
				t.Errorf("%d requests, waited %v", server.requests.Load(), *waits)
			}
		})
	}
}

// Both calls that make a secret are repeated under one key, a given one or a new one.
func TestSecretsAreAskedForUnderOneKey(t *testing.T) {
	made := `{"id":"1","signing_secret":"whsec_1"}`
	for name, call := range map[string]func(c *Client, key string) (*WebhookWithSecret, error){
		"CreateWebhook": func(c *Client, key string) (*WebhookWithSecret, error) {
			return c.CreateWebhook(context.Background(), CreateWebhookRequest{URL: "https://a.example/", IdempotencyKey: key})
		},
		"RotateWebhookSecret": func(c *Client, key string) (*WebhookWithSecret, error) {
			return c.RotateWebhookSecret(context.Background(), "1", key)
		},
	} {
		for _, given := range []string{"", "mine"} {
			t.Run(name+" "+given, func(t *testing.T) {
				var keys []string
				heard := func(then http.HandlerFunc) http.HandlerFunc {
					return func(w http.ResponseWriter, r *http.Request) {
						keys = append(keys, r.Header.Get("Idempotency-Key"))
						then(w, r)
					}
				}
				client, _, _ := retrying(t, []http.HandlerFunc{heard(cut), heard(reply(500, "")), heard(reply(201, made))})
				webhook, err := call(client, given)
				if err != nil || webhook.SigningSecret != "whsec_1" {
					t.Fatalf("%+v, %v", webhook, err)
				}
				if len(keys) != 3 || keys[0] == "" || keys[1] != keys[0] || keys[2] != keys[0] || (given != "" && keys[0] != given) {
					t.Errorf("the keys were %q", keys)
				}
				keys = nil
				if _, err := call(client, ""); err != nil || len(keys) != 1 || keys[0] == given {
					t.Errorf("the next call has the key %q, %v", keys, err)
				}
			})
		}
	}
}

func TestRepeatsAreCountedAndBackOff(t *testing.T) {
	for _, retries := range []int{0, 1, 3, 7} {
		client, server, waits := retrying(t, []http.HandlerFunc{reply(503, unavailable)}, WithMaxRetries(retries))
		_, err := client.GetUser(context.Background(), "alice")
		if !errors.Is(err, ErrUnavailable) || !errors.Is(err, ErrServer) || server.requests.Load() != int64(retries)+1 {
			t.Errorf("%d requests for %d retries: %v", server.requests.Load(), retries, err)
		}
		bounds := []time.Duration{1, 2, 4, 8, 16, 30, 30}
		for i, wait := range *waits {
			if wait != bounds[i]*time.Second {
				t.Errorf("wait %d is %v", i, wait)
			}
		}
	}
}

func TestTheWholeIntervalIsRandom(t *testing.T) {
	client, _, waits := retrying(t, []http.HandlerFunc{reply(503, unavailable)})
	client.random = func(int64) int64 { return 0 }
	client.GetUser(context.Background(), "alice")
	if !slices.Equal(*waits, make([]time.Duration, 3)) {
		t.Errorf("waited %v", *waits)
	}
}

func TestRetryAfterWins(t *testing.T) {
	details := strings.Replace(unavailable, `"details":{}`, `"details":{"retry_after_ms":1250}`, 1)
	now := time.Date(2026, 1, 31, 8, 15, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		step http.HandlerFunc
		want time.Duration
	}{
		"seconds":      {reply(429, "", "Retry-After", "7"), 7 * time.Second},
		"a date":       {reply(503, unavailable, "Retry-After", "Sat, 31 Jan 2026 08:15:20 GMT"), 20 * time.Second},
		"details":      {reply(503, details), 1250 * time.Millisecond},
		"header first": {reply(503, details, "Retry-After", "2"), 2 * time.Second},
		"nonsense":     {reply(503, unavailable, "Retry-After", "-5"), time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			client, _, waits := retrying(t, []http.HandlerFunc{c.step, reply(200, userAlice)})
			client.now = func() time.Time { return now }
			if _, err := client.GetUser(context.Background(), "alice"); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(*waits, []time.Duration{c.want}) {
				t.Errorf("waited %v, not %v", *waits, c.want)
			}
		})
	}
}

func TestNeverWaitsPastTheDeadline(t *testing.T) {
	client, server, waits := retrying(t, []http.HandlerFunc{reply(503, unavailable, "Retry-After", "50")})
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err := client.GetUser(ctx, "alice")
	var refused *Error
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrUnavailable) || !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	if refused != nil && refused.RetryAfter != 50*time.Second {
		t.Errorf("RetryAfter is %v", refused.RetryAfter)
	}
	if server.requests.Load() != 1 || len(*waits) != 0 {
		t.Errorf("%d requests, waited %v", server.requests.Load(), *waits)
	}
}

func TestCancellingEndsTheWait(t *testing.T) {
	client, server, _ := retrying(t, []http.HandlerFunc{reply(503, unavailable)})
	ctx, cancel := context.WithCancel(context.Background())
	client.wait = func(ctx context.Context, duration time.Duration) error {
		cancel()
		return sleep(ctx, time.Hour)
	}
	_, err := client.GetUser(ctx, "alice")
	if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrUnavailable) || server.requests.Load() != 1 {
		t.Errorf("%d requests: %v", server.requests.Load(), err)
	}
}

func TestAnAttemptThatHangsIsRepeated(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	client, server, _ := retrying(t, []http.HandlerFunc{hang, reply(200, userAlice)}, WithTimeout(50*time.Millisecond))
	// The second attempt must not meet the short limit on a slow machine.
	client.wait = func(context.Context, time.Duration) error { client.timeout = 0; return nil }
	if _, err := client.GetUser(context.Background(), "alice"); err != nil || server.requests.Load() != 2 {
		t.Errorf("%d requests: %v", server.requests.Load(), err)
	}
}

func TestADeletionWhoseAnswerWasLostSucceeds(t *testing.T) {
	missing := reply(404, `{"error":{"code":"NOT_FOUND","message":"no","retryable":false,"details":{},"request_id":"r"}}`)
	client, _, _ := retrying(t, []http.HandlerFunc{cut, missing})
	if err := client.DeleteChannel(context.Background(), "c"); err != nil {
		t.Error(err)
	}
	// But one that surely was not carried out before finds nothing.
	client, _, _ = retrying(t, []http.HandlerFunc{reply(429, ""), missing})
	if err := client.DeleteChannel(context.Background(), "c"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestASendKeepsItsKey(t *testing.T) {
	var bodies []string
	note := func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(text))
		if len(bodies) < 3 {
			cut(w, r)
			return
		}
		reply(200, `{"id":"1"}`)(w, r)
	}
	client, _, _ := retrying(t, []http.HandlerFunc{note})
	message, err := client.SendMessage(context.Background(), "c", SendMessageRequest{User: "alice", Content: "Hi"})
	if err != nil || !message.Duplicate {
		t.Fatalf("got %v, %v", message, err)
	}
	if len(bodies) != 3 || bodies[0] != bodies[1] || bodies[1] != bodies[2] || !strings.Contains(bodies[0], `"idempotency_key":"`) {
		t.Errorf("sent %q", bodies)
	}
}

func TestLogsNeitherBodiesNorSecrets(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client, _, _ := retrying(t, []http.HandlerFunc{cut, reply(503, unavailable, "X-Request-Id", "req-7"), reply(200, `{"id":"answered"}`)},
		WithLogger(logger))
	if _, err := client.SendMessage(context.Background(), "c", SendMessageRequest{User: "alice", Content: "whispered"}); err != nil {
		t.Fatal(err)
	}
	client, _, _ = retrying(t, []http.HandlerFunc{cut, reply(204, "")}, WithLogger(logger))
	if err := client.UnmuteUser(context.Background(), "alice", "hushed"); err != nil {
		t.Fatal(err)
	}
	text := log.String()
	for _, want := range []string{"attempt=1", "attempt=2", "attempt=3", "status=503", "status=200", "req-7", "/v1/channels/c/messages"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %s:\n%s", want, text)
		}
	}
	for _, never := range []string{"whispered", "answered", "hushed", "sk_1", "pk_test_1"} {
		if strings.Contains(text, never) {
			t.Errorf("the log shows %s:\n%s", never, text)
		}
	}
}

func TestAnExportThatHangsEndsByItsOwnLimit(t *testing.T) {
	stall := func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"kind":"user"}`+"\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	client, server, _ := retrying(t, []http.HandlerFunc{reply(503, unavailable), stall}, WithTimeout(200*time.Millisecond))
	records := 0
	var last error
	for _, err := range client.ExportUser(context.Background(), "alice") {
		if last = err; err == nil {
			records++
		}
	}
	if records != 1 || !errors.Is(last, context.DeadlineExceeded) || server.requests.Load() != 2 {
		t.Errorf("%d records, %d requests: %v", records, server.requests.Load(), last)
	}
}
