package cariosan

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// What a failed call can be compared with by [errors.Is]. An error may match two: a 503 is both [ErrUnavailable] and
// [ErrServer].
var (
	ErrNotFound     = errors.New("cariosan: not found")                        // 404
	ErrUnauthorized = errors.New("cariosan: unauthorized")                     // 401: the key pair is wrong or was rotated
	ErrForbidden    = errors.New("cariosan: forbidden")                        // 403, for any reason
	ErrValidation   = errors.New("cariosan: invalid request")                  // 400; Details["field"] names the field
	ErrConflict     = errors.New("cariosan: conflict")                         // 409
	ErrTooLarge     = errors.New("cariosan: too large")                        // 413 and 431
	ErrRejected     = errors.New("cariosan: rejected")                         // 422: moderation, or too late to edit
	ErrRateLimit    = errors.New("cariosan: rate limited")                     // 429; see RetryAfter
	ErrServer       = errors.New("cariosan: the server failed")                // 5xx
	ErrUnavailable  = errors.New("cariosan: unavailable")                      // 502, 503 and 504
	ErrProtocol     = errors.New("cariosan: unexpected answer")                // what answered does not speak the protocol
	ErrConfig       = errors.New("cariosan: the client is configured wrongly") // nothing was sent
)

// The codes of [Error.Code] that servers know today.
const (
	CodeValidation           = "VALIDATION_ERROR"
	CodeUnauthorized         = "UNAUTHORIZED"
	CodeForbidden            = "FORBIDDEN"
	CodeNotAMember           = "NOT_A_MEMBER"
	CodeNotAuthor            = "NOT_AUTHOR"
	CodeNotAdmin             = "NOT_ADMIN"
	CodeMuted                = "MUTED"
	CodeSuspended            = "SUSPENDED"
	CodeFrozen               = "FROZEN"
	CodeSlowMode             = "SLOW_MODE"
	CodeNotFound             = "NOT_FOUND"
	CodeMethodNotAllowed     = "METHOD_NOT_ALLOWED"
	CodeConflict             = "CONFLICT"
	CodePayloadTooLarge      = "PAYLOAD_TOO_LARGE"
	CodeUnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
	CodeHeadersTooLarge      = "HEADERS_TOO_LARGE"
	CodeMessageRejected      = "MESSAGE_REJECTED"
	CodeEditWindowExpired    = "EDIT_WINDOW_EXPIRED"
	CodeRateLimited          = "RATE_LIMITED"
	CodeInternal             = "INTERNAL"
	CodeUnavailable          = "UNAVAILABLE"
)

// An Error is an answer of the server that is no success; [errors.As] finds it.
type Error struct {
	Status     int            `json:"-"`          // of HTTP
	Code       string         `json:"code"`       // one of the Code constants, or a newer one; empty if a proxy answered
	Message    string         `json:"message"`    // for developers
	RequestID  string         `json:"request_id"` // what the server's log calls the request
	Retryable  bool           `json:"retryable"`  // the same request may succeed later, unchanged
	Details    map[string]any `json:"details"`    // by code: field, limit, reason, rule, until …
	RetryAfter time.Duration  `json:"-"`          // how long to wait; zero if the server does not say
}

// Error says what was answered and under which request id.
func (e *Error) Error() string {
	text := "cariosan: "
	if e.Code != "" {
		text += e.Code + ": "
	}
	text += e.Message + " (status " + strconv.Itoa(e.Status)
	if e.RequestID != "" {
		text += ", request " + e.RequestID
	}
	return text + ")"
}

// Is reports whether target is the kind of this error: [ErrNotFound] for a 404, and so on.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrValidation:
		return e.Status == http.StatusBadRequest
	case ErrConflict:
		return e.Status == http.StatusConflict
	case ErrTooLarge:
		return e.Status == http.StatusRequestEntityTooLarge || e.Status == http.StatusRequestHeaderFieldsTooLarge
	case ErrRejected:
		return e.Status == http.StatusUnprocessableEntity
	case ErrRateLimit:
		return e.Status == http.StatusTooManyRequests
	case ErrServer:
		return e.Status >= 500
	case ErrUnavailable:
		return e.Status >= http.StatusBadGateway && e.Status <= http.StatusGatewayTimeout
	case ErrProtocol:
		return e.Code == "" && e.Status < 500
	}
	return false
}

// errorOf reads an answer that is no success. One that has no envelope came from something in between.
func errorOf(response *http.Response, body []byte, now time.Time) *Error {
	var envelope struct {
		Error Error `json:"error"`
	}
	if json.Unmarshal(body, &envelope) != nil || envelope.Error.Code == "" {
		envelope.Error = Error{Message: "the answer is not one of a Cariosan server", Retryable: isTransient(response.StatusCode)}
	}
	e := &envelope.Error
	e.Status = response.StatusCode
	if e.RequestID == "" {
		e.RequestID = response.Header.Get("X-Request-Id")
	}
	e.RetryAfter = retryAfter(response.Header.Get("Retry-After"), e.Details, now)
	return e
}

// retryAfter reads the header, in seconds or as a date, and in its absence what the details say.
func retryAfter(header string, details map[string]any, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	if milliseconds, ok := details["retry_after_ms"].(float64); ok && milliseconds > 0 && milliseconds < 1e12 {
		return time.Duration(milliseconds) * time.Millisecond
	}
	return 0
}

// protocolError says what is wrong with an answer that claims success.
func protocolError(method, path, text string) error {
	return fmt.Errorf("%w to %s %s: %s", ErrProtocol, method, path, text)
}
