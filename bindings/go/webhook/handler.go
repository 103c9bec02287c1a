// Package webhook receives what a Cariosan server delivers: it verifies the signature, and calls one function per
// event.
//
//	hooks := webhook.NewHandler([]string{secret})
//	hooks.OnMessageCreated(func(ctx context.Context, event webhook.Event, data webhook.MessageCreated) error {
//		return archive(ctx, event.ID, data.Message)
//	})
//	http.Handle("POST /hooks/chat", hooks)
package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	cariosan "github.com/cariosan/cariosan-go"
)

// largestBody bounds what is read of a delivery; the server's own limit is the same.
const largestBody = 1 << 20

// A Handler is an [http.Handler] for deliveries. Events are delivered at least once, so a function may see one again;
// see [WithSeen]. It answers
//
//   - 204 if the function returned nil, if there is none for this event, and if the event was seen before;
//   - 401 if the signature is missing or wrong, or the delivery too old: the server does not retry;
//   - 400 if the body is no event, 405 if the method is not POST, 413 beyond 1 MiB;
//   - 500 if the function failed or panicked: the server retries, from half a minute to six hours later.
//
// Register the functions before the first request; after that it is safe for use by many goroutines.
type Handler struct {
	verifier  *verifier
	failure   error // of the secrets
	functions map[cariosan.WebhookEvent]func(context.Context, Event) error
	seen      func(ctx context.Context, eventID string) (bool, error)
	tolerance time.Duration
	now       func() time.Time
	logger    *slog.Logger
}

// An Option changes how a [Handler] works.
type Option func(*Handler)

// WithSeen asks the application whether it has handled this event before. It should only look: the function that does
// the work records the id, in the same transaction, so that an event whose work failed is not taken for done.
func WithSeen(seen func(ctx context.Context, eventID string) (bool, error)) Option {
	return func(h *Handler) { h.seen = seen }
}

// WithTolerance replaces [DefaultTolerance].
func WithTolerance(tolerance time.Duration) Option {
	return func(h *Handler) { h.tolerance = tolerance }
}

// WithLogger logs what is answered with 500, and secrets that are malformed. Bodies are never logged.
func WithLogger(logger *slog.Logger) Option {
	return func(h *Handler) { h.logger = logger }
}

// WithClock replaces [time.Now], for tests.
func WithClock(now func() time.Time) Option {
	return func(h *Handler) { h.now = now }
}

// NewHandler makes a handler for webhooks with these signing secrets: one for each webhook that is delivered to this
// address, and while a secret is being replaced the old and the new one. With a malformed secret, or none, every
// delivery is answered with 500 and [Handler.Err] says why.
func NewHandler(secrets []string, options ...Option) *Handler {
	h := &Handler{
		functions: map[cariosan.WebhookEvent]func(context.Context, Event) error{},
		tolerance: DefaultTolerance,
		now:       time.Now,
	}
	for _, option := range options {
		option(h)
	}
	h.verifier, h.failure = newVerifier(secrets)
	if h.failure == nil {
		h.verifier.tolerance, h.verifier.now = h.tolerance, h.now
	}
	return h
}

// Err is what is wrong with the secrets, an [ErrSecret], or nil.
func (h *Handler) Err() error { return h.failure }

// ServeHTTP takes one delivery.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, err := h.handle(w, r)
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	if status == http.StatusInternalServerError && h.logger != nil {
		h.logger.LogAttrs(r.Context(), slog.LevelError, "cariosan webhook failed",
			slog.String("event", r.Header.Get("X-Cariosan-Event")), slog.String("error", err.Error()))
	}
	http.Error(w, http.StatusText(status), status)
}

func (h *Handler) handle(w http.ResponseWriter, r *http.Request) (int, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed, nil
	}
	if h.failure != nil {
		return http.StatusInternalServerError, h.failure
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge, nil
	}
	if err != nil {
		return http.StatusBadRequest, nil
	}
	event, err := h.verifier.verify(r.Header, body)
	if errors.Is(err, ErrBody) {
		return http.StatusBadRequest, nil
	}
	if err != nil {
		return http.StatusUnauthorized, nil
	}
	if err := h.dispatch(r.Context(), event); err != nil {
		return http.StatusInternalServerError, err
	}
	return http.StatusNoContent, nil
}

// dispatch calls the event's function; its panic is an error.
func (h *Handler) dispatch(ctx context.Context, event Event) (err error) {
	function := h.functions[event.Name]
	if function == nil {
		return nil
	}
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	if h.seen != nil {
		seen, err := h.seen(ctx, event.ID)
		if seen || err != nil {
			return err
		}
	}
	return function(ctx, event)
}
