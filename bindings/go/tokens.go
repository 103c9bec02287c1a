package cariosan

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// A Token lets a user's own client sign in.
type Token struct {
	Token     string    `json:"token"`
	ExpiresAt time.Time `json:"expires_at"`
}

type tokenRequest struct {
	UserID     string `json:"user_id"`
	TTLSeconds int64  `json:"ttl_seconds,omitempty"`
}

// IssueUserToken makes a token for the user with this external id. It is valid for ttl, rounded up to a second, or as
// long as the server's default if ttl is 0.
func (c *Client) IssueUserToken(ctx context.Context, externalID string, ttl time.Duration) (*Token, error) {
	body := tokenRequest{UserID: externalID, TTLSeconds: wholeSeconds(ttl)}
	return fetch[Token](ctx, c, request{method: http.MethodPost, path: "/v1/auth/token", body: body})
}

func wholeSeconds(duration time.Duration) int64 {
	seconds := int64(duration / time.Second)
	if duration%time.Second > 0 {
		seconds++
	}
	return seconds
}

// TokenHandler answers POST with a token for the user whom identify recognises; the token function of a client SDK
// fetches it from here. identify looks at the request as your other handlers do, for example at its session, and
// returns the user's external id. An error or an empty id is answered with 401, without the error's text, and a user
// whom the chat does not know with 404. The answers are never cached.
func (c *Client) TokenHandler(identify func(*http.Request) (externalID string, err error), ttl time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			writeError(w, http.StatusMethodNotAllowed, CodeMethodNotAllowed, "use POST")
			return
		}
		externalID, err := identify(r)
		if err != nil || externalID == "" {
			writeError(w, http.StatusUnauthorized, CodeUnauthorized, "nobody is signed in")
			return
		}
		token, err := c.IssueUserToken(r.Context(), externalID, ttl)
		switch {
		case errors.Is(err, ErrNotFound):
			writeError(w, http.StatusNotFound, CodeNotFound, "the chat does not know this user")
		case err != nil:
			writeError(w, http.StatusServiceUnavailable, CodeUnavailable, "no token could be made")
		default:
			writeJSON(w, http.StatusOK, token)
		}
	})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value) // fails only if the client is gone
}

// writeError answers as the server does, so that a client reads one kind of error.
func writeError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]any{
		"code": code, "message": message, "retryable": status == http.StatusServiceUnavailable, "details": map[string]any{},
		"request_id": "",
	}})
}
