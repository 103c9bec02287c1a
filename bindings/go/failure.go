package cariosan

import (
	"fmt"
	"net/http"
)

// failure is how an attempt ended without success.
type failure struct {
	err error
	// Whether the request may succeed when made again, and whether it may have been carried out already.
	transient bool
	unknown   bool
}

// lost is an attempt without a whole answer.
func lost(r *request, err error) *failure {
	return &failure{
		err:       fmt.Errorf("cariosan: %s %s: %w", r.method, r.path, withoutURL(err)),
		transient: true,
		unknown:   true,
	}
}

// refused is an attempt that was answered with an error.
func refused(e *Error) *failure {
	f := &failure{err: e, transient: isTransient(e.Status)}
	switch e.Status {
	case http.StatusTooManyRequests:
	case http.StatusServiceUnavailable:
		// A feature that is not configured will not be there a second later either.
		f.transient = e.Retryable
	default:
		f.unknown = e.Status >= 500
	}
	return f
}

func isTransient(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable,
		http.StatusGatewayTimeout:
		return true
	}
	return false
}
