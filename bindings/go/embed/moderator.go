package embed

/*
#include <stddef.h>
#include <stdint.h>
*/
import "C"

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime/cgo"
	"unsafe"
)

// Draft is a text that a user sends, or edits a message to, before it is stored. All but the text are ids.
type Draft struct {
	Workspace string `json:"workspace"`
	Channel   string `json:"channel"`
	User      string `json:"user"`
	Edited    string `json:"edited"` // the message whose new text it is, if it is one
	Text      string `json:"text"`
}

// Verdict is what is to be done with a Draft.
type Verdict struct {
	Verdict string `json:"verdict"`          // "allow", "change", "flag" or "refuse"
	Text    string `json:"text,omitempty"`   // of "change": this is stored instead
	Reason  string `json:"reason,omitempty"` // of "flag" and "refuse", for whoever looks at what was recorded
}

// Moderator judges a draft, in a goroutine of its own; several at once. ctx ends when the engine is closed. A draft for which it
// returns an error, which is logged, or does not return within the option "moderator_deadline_ms", is delivered or refused as
// "moderator_late" says.
type Moderator func(ctx context.Context, draft Draft) (Verdict, error)

// Parts are what the program itself does for the engine.
type Parts struct {
	Log       *slog.Logger // gets the lines of the option "log"; nil: slog.Default()
	Moderator Moderator    // nil: none
}

// judge is called on the thread that polls or closes.
func (e *Engine) judge(ticket uint64, text []byte) {
	go func() {
		var draft Draft
		verdict, err := Verdict{}, json.Unmarshal(text, &draft)
		if err == nil {
			verdict, err = e.moderator(e.working, draft)
		}
		if err == nil {
			var answer []byte
			if answer, err = json.Marshal(verdict); err == nil {
				err = e.answer(ticket, string(answer))
			}
		}
		// Too late, or closed: nobody waits for it any more.
		var failure *Error
		if err != nil && e.working.Err() == nil && !(errors.As(err, &failure) && failure.Code == "NOT_FOUND") {
			e.log().Error("the moderator failed", "error", err)
		}
	}()
}

//export cariosanGoJudge
func cariosanGoJudge(moderator C.uintptr_t, ticket C.uint64_t, draft *C.char, length C.size_t) {
	judge := cgo.Handle(moderator).Value().(func(uint64, []byte))
	judge(uint64(ticket), C.GoBytes(unsafe.Pointer(draft), C.int(length)))
}
