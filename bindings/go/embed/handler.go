package embed

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	bodyTimeout = 30 * time.Second // for the whole body of a request
	bodyPart    = 64 * 1024
)

// Handler serves the REST and WebSocket protocol: /v1/…, /healthz, /readyz, /metrics, /openapi.json. Mount it anywhere:
//
//	mux.Handle("/chat/", http.StripPrefix("/chat", engine.Handler()))
//
// A request is judged by its head, before its body is read. The address that counts is r.RemoteAddr's, or, from a proxy
// in the option "trusted_proxies", that of X-Forwarded-For.
func (e *Engine) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isUpgrade(r) {
			e.serveSocket(w, r)
		} else {
			e.serveRequest(w, r)
		}
	})
}

func isUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") && r.Method == http.MethodGet
}

func headOf(r *http.Request) head {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	return head{method: r.Method, target: r.URL.RequestURI(), address: address, header: r.Header, host: r.Host, secure: r.TLS != nil}
}

func (e *Engine) serveRequest(w http.ResponseWriter, r *http.Request) {
	items := make(chan item, 2)
	ticket := e.expect(func(answered item) bool { items <- answered; return answered.kind != itemBody })
	if err := e.beginRequest(headOf(r), ticket); err != nil {
		e.forget(ticket)
		refuse(w, err)
		return
	}
	// The library answers every head, so nothing is waited for here but the engine.
	answered := <-items
	if answered.kind == itemBody {
		answered = e.answerWithBody(w, r, answered.handle, items)
	}
	writeResponse(w, r, answered)
}

// answerWithBody passes the body on while it waits for the answer, which may come first.
func (e *Engine) answerWithBody(w http.ResponseWriter, r *http.Request, request uint64, items <-chan item) item {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	var complete atomic.Bool
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		if err := e.passAll(ctx, r.Body, request, &complete); err != nil {
			_ = e.giveUp(request) // it is answered 408, unless it was answered before
		}
	}()
	tooLate := time.AfterFunc(bodyTimeout, func() {
		if !complete.Load() {
			_ = e.giveUp(request)
		}
	})
	defer tooLate.Stop()
	stop := context.AfterFunc(r.Context(), func() { _ = e.giveUp(request) }) // nobody is there any more
	defer stop()
	answered := <-items
	cancel()
	if !complete.Load() {
		// Whoever is still sending gets the answer now; the connection ends with it.
		w.Header().Set("Connection", "close")
		_ = http.NewResponseController(w).SetReadDeadline(time.Now())
	}
	<-passed
	return answered
}

// passAll sets `complete` once nothing more is read.
func (e *Engine) passAll(ctx context.Context, body io.Reader, request uint64, complete *atomic.Bool) error {
	part := make([]byte, bodyPart)
	for {
		size, err := body.Read(part)
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return err
		}
		if size == 0 && !last {
			continue
		}
		complete.Store(last)
		if err := whileFull(ctx, func() error { return e.passBody(request, part[:size], last) }); err != nil {
			return nil // it needs no more
		}
		if last {
			return nil
		}
	}
}

func writeResponse(w http.ResponseWriter, r *http.Request, answered item) {
	if answered.err != nil {
		refuse(w, answered.err)
		return
	}
	for name, values := range answered.header {
		w.Header()[name] = values
	}
	hasBody := answered.status != http.StatusNoContent && answered.status != http.StatusNotModified
	if hasBody {
		w.Header().Set("Content-Length", strconv.Itoa(len(answered.data)))
	}
	w.WriteHeader(answered.status)
	if hasBody && r.Method != http.MethodHead {
		_, _ = w.Write(answered.data) // a client that is gone needs no answer
	}
}

// refuse answers what never reached the engine: too much waits there, or it is closed.
func refuse(w http.ResponseWriter, err error) {
	failure := &Error{Code: "INTERNAL", Message: err.Error(), Details: json.RawMessage("{}")}
	errors.As(err, &failure)
	text, _ := json.Marshal(map[string]any{"error": failure})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write(text)
}
