package embed

import (
	"encoding/json"
	"errors"
)

// Error is why a call failed: the envelope of section 3 of the protocol.
type Error struct {
	Code      string          `json:"code"`    // such as "NOT_FOUND", or "MISUSE" for a call that breaks the rules of the library
	Message   string          `json:"message"` // one sentence for a developer; never holds secrets or the text of a message
	Retryable bool            `json:"retryable"`
	Details   json.RawMessage `json:"details"` // a JSON object of facts, such as {"field":"name","limit":255}
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

var errClosed = &Error{Code: "UNAVAILABLE", Message: "the engine is closed", Details: json.RawMessage("{}")}

// isFull says whether the library takes no more at the moment.
func isFull(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.Code == "UNAVAILABLE" && failure.Retryable
}
