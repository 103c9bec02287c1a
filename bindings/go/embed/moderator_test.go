package embed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// written is a log that several goroutines may write to.
type written struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (w *written) Write(line []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.text.Write(line)
}

func (w *written) String() string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.text.String()
}

func TestModerator(t *testing.T) {
	var w world
	var mutex sync.Mutex
	var drafts []Draft
	w = newWorldWith(t, nil, Parts{Moderator: func(ctx context.Context, draft Draft) (Verdict, error) {
		mutex.Lock()
		drafts = append(drafts, draft)
		mutex.Unlock()
		if err := w.engine.Call(ctx, Backend(draft.Workspace), "channel.get", map[string]any{"channel": draft.Channel}, nil); err != nil {
			return Verdict{}, err
		}
		switch draft.Text {
		case "rude":
			return Verdict{Verdict: "refuse", Reason: "rude"}, nil
		case "loud":
			return Verdict{Verdict: "change", Text: "quiet é"}, nil
		case "odd":
			return Verdict{Verdict: "flag", Reason: "odd"}, nil
		}
		return Verdict{Verdict: "allow"}, nil
	}})
	for _, text := range []string{"fine", "odd", "loud"} {
		w.send(text)
	}
	w.wantCode("MESSAGE_REJECTED", w.trySend("rude"))
	if got := w.contents(); got != "[{quiet é} {odd} {fine}]" {
		t.Fatal(got)
	}
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if err := w.trySend(fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	if len(drafts) != 54 || drafts[0].Text != "fine" || drafts[0].Workspace != w.workspace || drafts[0].User == "" || drafts[0].Edited != "" {
		t.Fatal(len(drafts), drafts[0])
	}
}

func TestAModeratorThatFailsLeavesItToTheDeadline(t *testing.T) {
	for _, moderator := range []Moderator{
		func(context.Context, Draft) (Verdict, error) { return Verdict{Verdict: "perhaps"}, nil },
		func(context.Context, Draft) (Verdict, error) { return Verdict{}, errors.New("no idea") },
	} {
		var log written
		w := newWorldWith(t, Options{"moderator_late": "refuse", "moderator_deadline_ms": 200},
			Parts{Moderator: moderator, Log: slog.New(slog.NewTextHandler(&log, nil))})
		w.wantCode("UNAVAILABLE", w.trySend("what?"))
		w.want(w.engine.Close(within(t)))
		for _, line := range strings.Split(strings.TrimSpace(log.String()), "\n") {
			if line != "" && !strings.Contains(line, "the moderator failed") {
				t.Fatal(line)
			}
		}
	}
}

func TestAModeratorThatIsBusyWhileTheEngineIsClosed(t *testing.T) {
	asked, left := make(chan struct{}), make(chan error, 1)
	w := newWorldWith(t, Options{"moderator_late": "refuse", "moderator_deadline_ms": 60_000}, Parts{
		Moderator: func(ctx context.Context, _ Draft) (Verdict, error) {
			close(asked)
			<-ctx.Done()
			left <- ctx.Err()
			return Verdict{Verdict: "allow"}, nil
		}})
	sent := make(chan error, 1)
	go func() { sent <- w.trySend("late") }()
	<-asked
	ctx, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	w.want(w.engine.Close(ctx))
	w.wantCode("UNAVAILABLE", <-sent)
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestLogOfTheProgram(t *testing.T) {
	var log written
	w := newWorldWith(t, Options{"log": "debug"}, Parts{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	w.send("Halo!")
	w.want(w.engine.Close(within(t)))
	if !strings.Contains(log.String(), "request.done") {
		t.Fatal(log.String())
	}
}

func TestOpeningWithAModeratorThatFails(t *testing.T) {
	engine, err := OpenWith(Options{}, Parts{Moderator: func(context.Context, Draft) (Verdict, error) { return Verdict{}, nil }})
	if engine != nil || !isCode(err, "VALIDATION_ERROR") {
		t.Fatal(err)
	}
}
