package cariosan_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	cariosan "github.com/cariosan/cariosan-go"
)

// What the examples take as given: a context, and a client of a chat that always answers this.
var (
	ctx  = context.Background()
	chat = cariosan.New("pk_live_1", "sk_1", httptest.NewServer(http.HandlerFunc(exampleAnswer)).URL)
)

func exampleAnswer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/users":
		if r.URL.Query().Get("cursor") == "" {
			io.WriteString(w, `{"users":[{"external_id":"alice","name":"Alice"}],"has_more":true,"next_cursor":"2"}`)
			return
		}
		io.WriteString(w, `{"users":[{"external_id":"budi","name":"Budi"}],"has_more":false,"next_cursor":null}`)
	case "GET /v1/channels/order_42/messages":
		io.WriteString(w, `{"messages":[{"seq":99,"user":{"name":"Budi"},"content":"Ready."}],"has_more":false,"next_cursor":null}`)
	case "PATCH /v1/users/alice":
		io.WriteString(w, strings.Replace(string(body), "{", `{"external_id":"alice",`, 1))
	case "POST /v1/channels/order_42/messages":
		io.WriteString(w, strings.Replace(string(body), `"user":"shop"`, `"seq":100`, 1))
	default:
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"error":{"code":"NOT_FOUND","message":"no such thing","retryable":false,"details":{},"request_id":"r"}}`)
	}
}
