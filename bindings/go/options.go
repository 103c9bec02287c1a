package cariosan

import (
	"log/slog"
	"net/http"
	"time"
)

// An Option changes how a [Client] works.
type Option func(*Client)

// WithTimeout limits one attempt of a call: 10 seconds by default, 0 for no limit. The context limits the
// call as a whole. An export is limited by how long it waits for the next part.
func WithTimeout(timeout time.Duration) Option {
	return func(c *Client) { c.timeout = timeout }
}

// WithMaxRetries limits how often a call is retried after its first attempt: 3 times by default, 0 for never.
//
// Attempts without a complete answer are retried, and so are answers with status 429, 500, 502, 503 and 504, unless the
// server says of a 503 that retrying is pointless. Between attempts it waits for a random time of up to one second,
// then two, four and so on up to 30 seconds, or for exactly as long as Retry-After says. A call that would have to wait
// beyond its context's deadline returns at once, with its last error and [context.DeadlineExceeded]. A call that is
// told to wait for more than a minute returns the error, whose RetryAfter says how long.
//
// Sending, [Client.CreateWebhook] and [Client.RotateWebhookSecret] are safe to retry because each carries an idempotency
// key.
func WithMaxRetries(retries int) Option {
	return func(c *Client) { c.maxRetries = max(retries, 0) }
}

// WithHTTPClient makes the calls with this client, for example one with a transport of its own. Its Timeout, if set,
// limits each attempt too. Redirects are never followed. A nil client is ignored.
func WithHTTPClient(client *http.Client) Option {
	return func(c *Client) {
		if client != nil {
			c.http = withoutRedirects(client)
		}
	}
}

// WithLogger logs each attempt at level debug and each retry at level warn: method, path, number of the attempt,
// status and request id. Bodies, queries and credentials are never logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *Client) { c.logger = logger }
}

// WithUserAgent replaces the User-Agent, "cariosan-go/" and the version.
func WithUserAgent(agent string) Option {
	return func(c *Client) { c.userAgent = agent }
}

// withoutRedirects copies the client: an API has none, and credentials must not follow one.
func withoutRedirects(client *http.Client) *http.Client {
	copied := *client
	copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &copied
}
