package embed

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	backlogStep  = 16 * 1024 // the engine is told of a backlog in steps of so many bytes, and when there is none any more
	closeTimeout = 10 * time.Second
	largestText  = 1 << 20 // the engine has its own limit, which is lower unless it is changed
)

// socket is one WebSocket: texts in both directions.
type socket struct {
	engine  *Engine
	session uint64

	mutex    sync.Mutex
	texts    [][]byte
	unsent   int
	reported int
	pings    int
	closes   *item
	filled   chan struct{} // has a place: something to send
	ends     context.CancelFunc
}

func (e *Engine) serveSocket(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	s := &socket{engine: e, filled: make(chan struct{}, 1), ends: cancel}
	judged := make(chan item, 1)
	ticket := e.expect(func(answered item) bool {
		if answered.kind == itemAdmitted {
			// Before its first text is polled, which this goroutine does next.
			s.session = answered.handle
			e.mutex.Lock()
			e.sockets[s.session] = s
			e.mutex.Unlock()
		}
		judged <- answered
		return true
	})
	if err := e.openSession(headOf(r), ticket); err != nil {
		e.forget(ticket)
		refuse(w, err)
		return
	}
	answered := <-judged
	if answered.kind != itemAdmitted {
		writeResponse(w, r, answered)
		return
	}
	defer s.end()
	connection, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:       []string{string(answered.data)},
		InsecureSkipVerify: true, // the engine has judged the origin
		OnPingReceived: func(context.Context, []byte) bool {
			_ = e.sessionAlive(s.session)
			return true
		},
	})
	if err != nil {
		return // it has answered
	}
	connection.SetReadLimit(largestText)
	go s.write(ctx, connection)
	s.read(ctx, connection)
}

func (s *socket) end() {
	s.engine.mutex.Lock()
	delete(s.engine.sockets, s.session)
	s.engine.mutex.Unlock()
	_ = s.engine.sessionClosed(s.session) // it may have ended itself
}

// take is called on the polling goroutine.
func (s *socket) take(next item) {
	s.mutex.Lock()
	switch next.kind {
	case itemText:
		s.texts = append(s.texts, next.data)
		s.unsent += len(next.data)
	case itemPing:
		s.pings++
	case itemClose:
		s.closes = &next
		if websocket.StatusCode(next.status) == 4008 { // too slow: what waits would only take longer
			s.texts, s.unsent = nil, 0
			time.AfterFunc(closeTimeout/10, s.ends)
		}
		time.AfterFunc(closeTimeout, s.ends)
	}
	s.mutex.Unlock()
	s.report()
	select {
	case s.filled <- struct{}{}:
	default:
	}
}

// report tells the engine how much the client has not taken, which decides whether it is too slow.
func (s *socket) report() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	difference := s.unsent - s.reported
	if difference >= backlogStep || -difference >= backlogStep || (s.reported > 0 && s.unsent == 0) {
		s.reported = s.unsent
		_ = s.engine.sessionBacklog(s.session, s.unsent)
	}
}

func (s *socket) write(ctx context.Context, connection *websocket.Conn) {
	defer s.ends()
	for {
		s.mutex.Lock()
		texts, pings, closes := s.texts, s.pings, s.closes
		s.texts, s.pings = nil, 0
		s.mutex.Unlock()
		for _, text := range texts {
			if err := connection.Write(ctx, websocket.MessageText, text); err != nil {
				return
			}
			s.mutex.Lock()
			s.unsent = max(0, s.unsent-len(text))
			s.mutex.Unlock()
			s.report()
		}
		if closes != nil {
			_ = connection.Close(websocket.StatusCode(closes.status), string(closes.data))
			return
		}
		for ; pings > 0; pings-- {
			go func() {
				if connection.Ping(ctx) == nil {
					_ = s.engine.sessionAlive(s.session)
				}
			}()
		}
		select {
		case <-s.filled:
		case <-ctx.Done():
			_ = connection.CloseNow()
			return
		}
	}
}

func (s *socket) read(ctx context.Context, connection *websocket.Conn) {
	defer s.ends()
	for {
		kind, text, err := connection.Read(ctx)
		if err != nil {
			return
		}
		if kind != websocket.MessageText {
			_ = connection.Close(websocket.StatusUnsupportedData, "binary messages are not accepted")
			return
		}
		err = whileFull(ctx, func() error { return s.engine.receiveText(s.session, text) })
		var failure *Error
		if err != nil && !errors.As(err, &failure) {
			return
		}
	}
}
