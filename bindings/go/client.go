package cariosan

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Version of this module, as the User-Agent gives it.
const Version = "1.0.0"

const (
	defaultTimeout = 10 * time.Second
	defaultRetries = 3
)

// A Client calls the server with one workspace's API key. It is safe for use by many goroutines and has none of its
// own; there is nothing to close.
type Client struct {
	base          string
	configuration error
	authorization []string
	agent         []string
	userAgent     string
	http          *http.Client
	logger        *slog.Logger
	timeout       time.Duration
	maxRetries    int

	// What tests replace.
	now    func() time.Time
	random func(limit int64) int64
	wait   func(context.Context, time.Duration) error
}

// New makes a client for the server at baseURL, such as "https://chat.example.com", and the key pair of a workspace. It
// does not connect. If an argument is malformed, every call fails with [ErrConfig].
func New(apiKey, apiSecret, baseURL string, options ...Option) *Client {
	c := &Client{
		userAgent:  "cariosan-go/" + Version,
		http:       withoutRedirects(http.DefaultClient),
		timeout:    defaultTimeout,
		maxRetries: defaultRetries,
		now:        time.Now,
		random:     rand.Int64N,
		wait:       sleep,
	}
	for _, option := range options {
		option(c)
	}
	c.authorization = []string{"Bearer " + apiKey + ":" + apiSecret}
	c.agent = []string{c.userAgent}
	c.base, c.configuration = checkConfiguration(apiKey, apiSecret, baseURL)
	return c
}

func checkConfiguration(apiKey, apiSecret, baseURL string) (string, error) {
	if apiKey == "" || apiSecret == "" {
		return "", fmt.Errorf("%w: the API key or its secret is empty", ErrConfig)
	}
	if strings.ContainsAny(apiKey+apiSecret, "\r\n\x00") {
		return "", fmt.Errorf("%w: the API key or its secret has a line break in it", ErrConfig)
	}
	parsed, err := url.Parse(baseURL)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: the base URL cannot be parsed", ErrConfig) // the cause would repeat a password in it
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return "", fmt.Errorf("%w: the base URL must begin with http:// or https://", ErrConfig)
	case parsed.Host == "":
		return "", fmt.Errorf("%w: the base URL names no host", ErrConfig)
	case parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "":
		return "", fmt.Errorf("%w: the base URL must have neither user name, query nor fragment", ErrConfig)
	}
	return strings.TrimRight(parsed.String(), "/"), nil
}

func sleep(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
