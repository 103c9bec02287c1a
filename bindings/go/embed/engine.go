package embed

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/cgo"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Options are those of cariosan_open, which cariosan.h lists. "storage" is required: "sqlite:" and a path, or
// "sqlite::memory:". With "log", lines go to slog.Default(), or Parts.Log.
type Options map[string]any

// Caller is on whose behalf a command runs. The zero value is the program itself, which makes workspaces.
type Caller struct {
	Workspace string `json:"workspace,omitempty"` // alone: the backend of this workspace, which is trusted
	User      string `json:"user,omitempty"`      // an id or external_id, for whom all rules hold
}

// Backend is the backend of a workspace.
func Backend(workspace string) Caller { return Caller{Workspace: workspace} }

// User is a user of a workspace, by id or external_id.
func User(workspace, user string) Caller { return Caller{Workspace: workspace, User: user} }

// Engine is an open database with the chat over it. Close it.
type Engine struct {
	alive  sync.RWMutex   // held for reading by whoever is inside the library
	handle unsafe.Pointer // nil once it is freed

	last    atomic.Uint64 // ticket
	mutex   sync.Mutex
	waiting map[uint64]func(item) bool // by ticket; true: it is answered
	sockets map[uint64]*socket
	events  map[uint64]*Subscription
	polling chan struct{} // closed when nothing comes any more
	closing sync.Once

	logger    *slog.Logger // nil: slog.Default()
	moderator Moderator
	judging   cgo.Handle      // what the library knows the moderator by; 0: there is none
	working   context.Context // ends when the engine is closed
	stop      context.CancelFunc
}

// Open opens the database, making it if need be, and starts the engine.
func Open(options Options) (*Engine, error) { return OpenWith(options, Parts{}) }

// OpenWith is Open with parts of the program's own.
func OpenWith(options Options, parts Parts) (*Engine, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		waiting: map[uint64]func(item) bool{}, sockets: map[uint64]*socket{}, events: map[uint64]*Subscription{},
		polling: make(chan struct{}), logger: parts.Log, moderator: parts.Moderator,
	}
	e.working, e.stop = context.WithCancel(context.Background())
	if parts.Moderator != nil {
		e.judging = cgo.NewHandle(e.judge)
	}
	if e.handle, err = open(string(text), e.judging); err != nil {
		e.release()
		return nil, err
	}
	go e.pollAll()
	return e, nil
}

// Call runs a command by its name, such as "message.send", with its fields, and stores the answer's JSON in the value that
// `answer` points to, if it is not nil. An error of the chat is an *Error. If ctx ends first, the command may still take effect.
func (e *Engine) Call(ctx context.Context, caller Caller, name string, fields, answer any) error {
	by, err := json.Marshal(caller)
	if err != nil {
		return err
	}
	if fields == nil {
		fields = struct{}{}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	result := make(chan item, 1)
	ticket := e.expect(func(answered item) bool { result <- answered; return true })
	if err := e.call(string(by), name, string(text), ticket); err != nil {
		e.forget(ticket)
		return err
	}
	select {
	case answered := <-result:
		if answered.err != nil || answer == nil || len(answered.data) == 0 {
			return answered.err
		}
		return json.Unmarshal(answered.data, answer)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Drain asks every client of the Handler to come back after this time, and refuses new ones. Before Close, so that they do not
// all come at once.
func (e *Engine) Drain(after time.Duration) error { return e.drain(uint32(after.Milliseconds())) }

// Close ends the work: what was accepted is committed and answered, connections are closed. What is not done when ctx ends, or
// after ten seconds, is given up. A second call waits for the first.
func (e *Engine) Close(ctx context.Context) error {
	var err error
	e.closing.Do(func() {
		deadline := 10 * time.Second
		if until, ok := ctx.Deadline(); ok {
			deadline = max(0, time.Until(until))
		}
		err = e.close(uint32(deadline.Milliseconds()))
		<-e.polling
		e.stop()
		e.free()
		e.release()
	})
	return err
}

// release lets go of what the library no longer knows.
func (e *Engine) release() {
	e.stop()
	if e.judging != 0 {
		e.judging.Delete()
	}
}

func (e *Engine) log() *slog.Logger {
	if e.logger != nil {
		return e.logger
	}
	return slog.Default()
}

// expect returns a ticket, whose items go to `take` on the polling goroutine, which must not wait there.
func (e *Engine) expect(take func(item) bool) uint64 {
	ticket := e.last.Add(1)
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.waiting[ticket] = take
	return ticket
}

func (e *Engine) forget(ticket uint64) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	delete(e.waiting, ticket)
}

// pollAll hands out what the library returns, until the engine is closed.
func (e *Engine) pollAll() {
	defer e.end()
	for {
		next, ok := e.poll()
		if !ok {
			return
		}
		e.take(next)
	}
}

func (e *Engine) take(next item) {
	e.mutex.Lock()
	subscription, socket, take := e.events[next.handle], e.sockets[next.handle], e.waiting[next.ticket]
	if next.kind == itemClose {
		delete(e.sockets, next.handle)
	}
	e.mutex.Unlock()
	switch next.kind {
	case itemLog:
		e.writeLog(next.data)
	case itemEvent:
		if subscription != nil {
			subscription.put(next.data)
		}
	case itemText, itemClose, itemPing:
		if socket != nil {
			socket.take(next)
		}
	default:
		if take != nil && take(next) {
			e.forget(next.ticket)
		}
	}
}

// end tells everyone who still waits that nothing comes any more.
func (e *Engine) end() {
	e.mutex.Lock()
	waiting, events := e.waiting, e.events
	e.waiting, e.events = map[uint64]func(item) bool{}, map[uint64]*Subscription{}
	e.mutex.Unlock()
	for ticket, take := range waiting {
		take(item{kind: itemResult, ticket: ticket, err: errClosed})
	}
	for _, subscription := range events {
		subscription.end()
	}
	close(e.polling)
}

// whileFull calls until the library has room for what is handed in, or ctx ends. So whoever hands it in reads no more meanwhile.
func whileFull(ctx context.Context, call func() error) error {
	for {
		err := call()
		if !isFull(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (e *Engine) writeLog(line []byte) {
	var record struct {
		Level, Event string
		Fields       map[string]any
		Dropped      int
	}
	if err := json.Unmarshal(line, &record); err != nil {
		e.log().Error("a line of the chat's log cannot be read", "line", fmt.Sprintf("%q", line))
		return
	}
	level := map[string]slog.Level{"debug": slog.LevelDebug, "warning": slog.LevelWarn, "error": slog.LevelError}[record.Level]
	attributes := make([]any, 0, len(record.Fields)+1)
	for name, value := range record.Fields {
		attributes = append(attributes, slog.Any(name, value))
	}
	if record.Dropped > 0 {
		attributes = append(attributes, slog.Int("dropped", record.Dropped))
	}
	e.log().Log(context.Background(), level, record.Event, attributes...)
}
