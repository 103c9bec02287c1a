package cariosan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// largestAnswer bounds what is read of an answer. The server ends a page at about 128 KiB; a message, its metadata and
// a moderation blocklist of 5,000 terms fit many times.
const largestAnswer = 16 << 20

// request is one call, however often it is attempted.
type request struct {
	method string
	path   string // encoded, below the base URL
	query  string // encoded
	body   any    // nil: none
	key    string // the header Idempotency-Key; empty: none
}

// answer is a whole answer of a status below 300.
type answer struct {
	status int
	body   []byte
}

// route puts the parts behind /v1, each of which is encoded as one segment of the path.
func route(parts ...string) string {
	var path strings.Builder
	path.Grow(64)
	path.WriteString("/v1")
	for _, part := range parts {
		path.WriteByte('/')
		path.WriteString(url.PathEscape(part))
	}
	return path.String()
}

// call makes the request until it is answered, and reads the answer into out, unless that is nil. It returns the
// status.
func (c *Client) call(ctx context.Context, r request, out any) (int, error) {
	got, err := c.exchange(ctx, r)
	if err != nil {
		return 0, err
	}
	if out != nil && got.status != http.StatusNoContent {
		if err := json.Unmarshal(got.body, out); err != nil {
			return 0, protocolError(r.method, r.path, err.Error())
		}
	}
	return got.status, nil
}

// exchange retries until an attempt succeeds or retrying is pointless.
func (c *Client) exchange(ctx context.Context, r request) (answer, error) {
	body, err := c.encode(&r)
	if err != nil {
		return answer{}, err
	}
	unknown := false // whether an earlier attempt may have been carried out
	for number := 0; ; number++ {
		got, failure := c.attempt(ctx, &r, body, number)
		if failure == nil {
			return got, nil
		}
		// A deletion that was carried out, but whose answer was lost, finds nothing the next time.
		if unknown && r.method == http.MethodDelete && errors.Is(failure.err, ErrNotFound) {
			return answer{status: http.StatusNoContent}, nil
		}
		unknown = unknown || failure.unknown
		if number == c.maxRetries || !failure.transient || ctx.Err() != nil {
			return answer{}, failure.err
		}
		if err := c.pause(ctx, &r, number, failure.err); err != nil {
			return answer{}, err
		}
	}
}

// encode checks the configuration and the path, and turns the body into JSON.
func (c *Client) encode(r *request) ([]byte, error) {
	if c.configuration != nil {
		return nil, c.configuration
	}
	// An empty name would make the path that of another call.
	if strings.Contains(r.path, "//") || strings.HasSuffix(r.path, "/") {
		return nil, fmt.Errorf("%w: an id in %s %s is empty", ErrValidation, r.method, r.path)
	}
	// What every client takes out of a path, so that it would name another call.
	if strings.Contains(r.path+"/", "/./") || strings.Contains(r.path+"/", "/../") {
		return nil, fmt.Errorf("%w: neither . nor .. can be an id, in %s %s", ErrValidation, r.method, r.path)
	}
	if r.body == nil {
		return nil, nil
	}
	body, err := json.Marshal(r.body)
	if err != nil {
		return nil, fmt.Errorf("%w: %s %s: %w", ErrValidation, r.method, r.path, err)
	}
	return body, nil
}

// attempt makes the request once and reads the whole answer.
func (c *Client) attempt(ctx context.Context, r *request, body []byte, number int) (answer, *failure) {
	attempt := ctx
	if c.timeout > 0 {
		var cancel context.CancelFunc
		attempt, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	response, err := c.send(attempt, r, body)
	if err != nil {
		c.log(ctx, r, number, 0, "", err)
		return answer{}, lost(r, err)
	}
	defer response.Body.Close()
	text, err := readAnswer(response)
	c.log(ctx, r, number, response.StatusCode, response.Header.Get("X-Request-Id"), err)
	if errors.Is(err, ErrProtocol) {
		return answer{}, &failure{err: err}
	}
	if err != nil {
		return answer{}, lost(r, err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return answer{}, refused(errorOf(response, text, c.now()))
	}
	return answer{status: response.StatusCode, body: text}, nil
}

// send returns when the head of the answer is there.
func (c *Client) send(ctx context.Context, r *request, body []byte) (*http.Response, error) {
	address := c.base + r.path
	if r.query != "" {
		address += "?" + r.query
	}
	var content io.Reader
	if r.body != nil {
		content = bytes.NewReader(body)
	}
	sent, err := http.NewRequestWithContext(ctx, r.method, address, content)
	if err != nil {
		return nil, err
	}
	sent.Header["Authorization"] = c.authorization
	sent.Header["User-Agent"] = c.agent
	if r.body != nil {
		sent.Header["Content-Type"] = contentType
	}
	if r.key != "" {
		sent.Header.Set("Idempotency-Key", r.key)
	}
	return c.http.Do(sent)
}

var contentType = []string{"application/json"}

// readAnswer reads the body into one piece of memory of the size that was announced.
func readAnswer(response *http.Response) ([]byte, error) {
	if response.ContentLength > largestAnswer {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrProtocol, response.ContentLength)
	}
	if response.ContentLength >= 0 {
		text := make([]byte, response.ContentLength)
		_, err := io.ReadFull(response.Body, text)
		return text, err
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer+1))
	if err == nil && len(text) > largestAnswer {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrProtocol, largestAnswer)
	}
	return text, err
}

func (c *Client) log(ctx context.Context, r *request, number, status int, requestID string, err error) {
	if c.logger == nil {
		return
	}
	attributes := []slog.Attr{
		slog.String("method", r.method), slog.String("path", r.path), slog.Int("attempt", number+1), slog.Int("status", status),
		slog.String("request_id", requestID),
	}
	if err != nil {
		attributes = append(attributes, slog.String("error", withoutURL(err).Error()))
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "cariosan request", attributes...)
}

// withoutURL takes the address out of an error of net/http: queries are nobody's business.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// pause waits before the next attempt, unless that would be too late.
func (c *Client) pause(ctx context.Context, r *request, number int, cause error) error {
	delay := c.delay(number, cause)
	if delay > longestPause {
		return cause
	}
	if deadline, ok := ctx.Deadline(); ok && c.now().Add(delay).After(deadline) {
		return fmt.Errorf("%w (%w before the next attempt)", cause, context.DeadlineExceeded)
	}
	if c.logger != nil {
		c.logger.LogAttrs(ctx, slog.LevelWarn, "cariosan request is retried", slog.String("method", r.method),
			slog.String("path", r.path), slog.Int("attempt", number+1), slog.Duration("after", delay))
	}
	if err := c.wait(ctx, delay); err != nil {
		return fmt.Errorf("%w (%w before the next attempt)", cause, err)
	}
	return nil
}

const (
	firstPause   = time.Second
	largestPause = 30 * time.Second
	longestPause = time.Minute // that a server may ask for
)

// delay is what the server asks for, or else a random time below a bound that doubles.
func (c *Client) delay(number int, cause error) time.Duration {
	var refusal *Error
	if errors.As(cause, &refusal) && refusal.RetryAfter > 0 {
		return refusal.RetryAfter
	}
	bound := largestPause
	if number < 5 {
		bound = min(firstPause<<number, largestPause)
	}
	return time.Duration(c.random(int64(bound) + 1))
}
