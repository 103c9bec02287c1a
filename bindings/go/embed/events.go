package embed

import (
	"context"
	"encoding/json"
	"io"
	"sync"
)

// Event is a frame of section 5 of the protocol, as others than its author get it.
type Event struct {
	Type string          `json:"type"` // such as "message.created"; "events.lost" if some are missing before the next
	Data json.RawMessage `json:"data"`
}

// mostEvents wait in a Subscription; beyond, they are dropped, and one "events.lost" reports it.
const mostEvents = 10_000

var eventsLost = Event{Type: "events.lost", Data: json.RawMessage(`{"channels":[],"all":true}`)}

// Subscription delivers every event of a workspace that is committed after Subscribe, per channel in the order of its revisions.
type Subscription struct {
	engine *Engine
	number uint64

	mutex  sync.Mutex
	events []Event
	lost   bool
	ended  bool
	filled chan struct{} // has a place: something to take, or the end
}

// Subscribe begins to collect the events of a workspace.
func (e *Engine) Subscribe(workspace string) (*Subscription, error) {
	// Its first event must not be handed out before its number is known.
	e.mutex.Lock()
	defer e.mutex.Unlock()
	number, err := e.subscribe(workspace)
	if err != nil {
		return nil, err
	}
	s := &Subscription{engine: e, number: number, filled: make(chan struct{}, 1)}
	e.events[number] = s
	return s, nil
}

// Next waits for the next event. io.EOF after Close, or when the engine is closed. One goroutine at a time.
func (s *Subscription) Next(ctx context.Context) (Event, error) {
	for {
		if event, err := s.get(); err != errNone {
			return event, err
		}
		select {
		case <-s.filled:
		case <-ctx.Done():
			return Event{}, ctx.Err()
		}
	}
}

// Close ends it; what was not taken yet is dropped.
func (s *Subscription) Close() error {
	s.engine.mutex.Lock()
	delete(s.engine.events, s.number)
	s.engine.mutex.Unlock()
	s.mutex.Lock()
	s.events = nil
	s.mutex.Unlock()
	s.end()
	return s.engine.unsubscribe(s.number)
}

var errNone = io.ErrNoProgress

func (s *Subscription) get() (Event, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case len(s.events) > 0:
		event := s.events[0]
		s.events = s.events[1:]
		return event, nil
	case s.lost:
		s.lost = false
		return eventsLost, nil
	case s.ended:
		return Event{}, io.EOF
	}
	return Event{}, errNone
}

func (s *Subscription) put(frame []byte) {
	var event Event
	if err := json.Unmarshal(frame, &event); err != nil {
		event = eventsLost
	}
	s.mutex.Lock()
	// What came after a loss is dropped until the loss was told, so that the order holds.
	if s.lost || len(s.events) == mostEvents {
		s.lost = true
	} else {
		s.events = append(s.events, event)
	}
	s.mutex.Unlock()
	s.wake()
}

func (s *Subscription) end() {
	s.mutex.Lock()
	s.ended = true
	s.mutex.Unlock()
	s.wake()
}

func (s *Subscription) wake() {
	select {
	case s.filled <- struct{}{}:
	default:
	}
}
