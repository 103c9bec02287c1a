package cariosan

import (
	"log/slog"
	"net/http"
	"time"
)

// An Option changes how a [Client] works.
type Option func(*Client)

// WithTimeout limits one attempt of a call; 10 seconds if not given, and zero means no limit. The context limits the
// call as a whole. An export is limited by how long it waits for the next part.
func WithTimeout(timeout time.Duration) Option {
	return func(c *Client) { c.timeout = timeout }
}

// WithMaxRetries says how often a call is repeated at most after its first attempt; 3 if not given, 0 for never.
//
// Repeated are attempts that got no whole answer, and answers with status 429, 500, 502, 503 and 504, unless the server
// says of a 503 that repeating is useless. Between attempts lies a random time of at most one second, then two, four and
// so on up to 30 seconds, or exactly what Retry-After says. A call that would have to wait beyond its context's deadline
// returns at once, with its last error and [context.DeadlineExceeded]; one told to wait for more than a minute returns
// the error, whose RetryAfter says how long.
//
// Sending is safe to repeat because each message carries an idempotency key. [Client.CreateWebhook] is the one call that
// would do its work twice: it is repeated only if no connection was made, or after 429 and 503.
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

// WithLogger logs each attempt at level debug and each repeat at level warn: method, path, number of the attempt,
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
