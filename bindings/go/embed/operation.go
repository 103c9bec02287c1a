package embed

import (
	"context"
	"encoding/json"
	"io"
)

// Description is what an engine can do: every command, event and error, with JSON Schemas.
type Description struct {
	Commands []struct {
		Name    string          `json:"name"`
		Summary string          `json:"summary"`
		Callers []string        `json:"callers"` // "host", "backend", "user"
		Changes bool            `json:"changes"` // it does more than read
		Fields  json.RawMessage `json:"fields"`
		Answer  json.RawMessage `json:"answer"` // null: there is none
		Errors  []string        `json:"errors"`
	} `json:"commands"`
	Events []struct {
		Type    string          `json:"type"`
		Summary string          `json:"summary"`
		Frame   json.RawMessage `json:"frame"`
	} `json:"events"`
	Errors []struct {
		Code    string `json:"code"`
		Meaning string `json:"meaning"`
	} `json:"errors"`
	Components json.RawMessage `json:"components"` // what the schemas refer to
}

// Describe needs no engine.
func Describe() (Description, error) {
	var described Description
	text, err := describe()
	if err != nil {
		return described, err
	}
	return described, json.Unmarshal(text, &described)
}

// Backup copies the database to a new file at path while the engine keeps working. CONFLICT if there is a file, or another backup
// runs. If ctx ends first, the copy is still made.
func (e *Engine) Backup(ctx context.Context, path string) error {
	_, err := aside(ctx, func() (struct{}, error) { return struct{}{}, e.backup(path) })
	return err
}

// Restore replaces the database that storage names, as the option "storage", by the backup at this path, checks it, and gives it a
// new epoch. An error leaves it as it was: CONFLICT if an engine has it open, NOT_FOUND if there is no backup. It waits.
func Restore(backup, storage string) error { return restore(backup, storage) }

// RotateEpoch starts a new epoch, and returns it: every client discards what it holds, and reads again. For a database that was set
// back by other means than Restore. If ctx ends first, it still may begin.
func (e *Engine) RotateEpoch(ctx context.Context) (string, error) { return aside(ctx, e.rotateEpoch) }

// Metrics returns what GET /metrics answers, in the text format of Prometheus, whatever the option "metrics_token" is.
func (e *Engine) Metrics(ctx context.Context) ([]byte, error) { return aside(ctx, e.metrics) }

// aside calls what waits in the library, and no longer waits for it when ctx ends.
func aside[T any](ctx context.Context, call func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	var nothing T
	if err := ctx.Err(); err != nil {
		return nothing, err
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := call()
		done <- outcome{value, err}
	}()
	select {
	case got := <-done:
		return got.value, got.err
	case <-ctx.Done():
		return nothing, ctx.Err()
	}
}

// Export writes a workspace, or, if user is not empty, all that is stored about that user, by id or external_id, as lines of JSON.
// It ends with ctx, or the first error of the writer. For a reader, take an io.Pipe.
func (e *Engine) Export(ctx context.Context, workspace, user string, to io.Writer) error {
	export, err := e.openExport(workspace, user)
	if err != nil {
		return err
	}
	defer func() { _ = e.closeExport(export) }()
	for {
		lines, err := aside(ctx, func() ([]byte, error) { return e.readExport(export) })
		if err != nil || len(lines) == 0 {
			return err
		}
		if _, err := to.Write(lines); err != nil {
			return err
		}
	}
}

// ImportOptions say where messages of another system come from, and go.
type ImportOptions struct {
	Workspace string `json:"workspace"`
	Source    string `json:"source"`             // the other system: a second import with the same one adds nothing that the first one stored
	File      string `json:"file,omitempty"`     // the path of a file with the lines; empty: they are read from a reader
	Folder    string `json:"folder,omitempty"`   // where what is read is kept until the import ends; empty: the system's for temporary files
	Problems  *int   `json:"problems,omitempty"` // how many bad lines the result names; nil: 20

	// Progress, if it is not nil, is told how far the import is. It must not wait: the engine's other answers do meanwhile.
	Progress func(ImportProgress) `json:"-"`
}

// ImportProgress is how far an import is.
type ImportProgress struct {
	Stage        string `json:"stage"` // "reading", "places", "replies" or "messages"
	Imported     int64  `json:"imported"`
	Replies      int64  `json:"replies"`
	AlreadyThere int64  `json:"already_there"`
	BadLines     int64  `json:"bad_lines"`
	Position     int64  `json:"position"` // bytes of the lines, of Size
	Size         int64  `json:"size"`
}

// ImportResult is what came of an import.
type ImportResult struct {
	Complete     bool  `json:"complete"` // everything is in the database
	Imported     int64 `json:"imported"`
	Replies      int64 `json:"replies"`
	AlreadyThere int64 `json:"already_there"`
	BadLines     int64 `json:"bad_lines"`
	Problems     []struct {
		Line   int64  `json:"line"`
		Reason string `json:"reason"`
	} `json:"problems"`
	Troubles []string `json:"troubles"` // what else did not work
}

// Import imports messages of another system, in the lines of section 13 of the protocol: of a file, or of a reader, which is nil
// then. It stops when ctx ends; what was imported stays. An *Error of an import that had to stop has "imported" in its details.
func (e *Engine) Import(ctx context.Context, options ImportOptions, from io.Reader) (ImportResult, error) {
	var result ImportResult
	text, err := json.Marshal(options)
	if err != nil {
		return result, err
	}
	importer, err := e.openImport(string(text))
	if err != nil {
		return result, err
	}
	defer func() { _ = e.closeImport(importer) }()
	if from != nil {
		if _, err := io.Copy(importWriter{ctx, e, importer}, from); err != nil {
			return result, err
		}
	}
	ended := make(chan item, 1)
	ticket := e.expect(func(next item) bool {
		if next.kind != itemProgress {
			ended <- next
			return true
		}
		var progress ImportProgress
		if options.Progress != nil && json.Unmarshal(next.data, &progress) == nil {
			options.Progress(progress)
		}
		return false
	})
	if err := e.runImport(importer, ticket); err != nil {
		e.forget(ticket)
		return result, err
	}
	select {
	case next := <-ended:
		if next.err != nil {
			return result, next.err
		}
		return result, json.Unmarshal(next.data, &result)
	case <-ctx.Done():
		_ = e.closeImport(importer)
		<-ended // soon; so Progress is not called after this has returned
		return result, ctx.Err()
	}
}

// importWriter hands in the lines of an import.
type importWriter struct {
	ctx      context.Context
	engine   *Engine
	importer uint64
}

func (w importWriter) Write(part []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	if err := w.engine.pushImport(w.importer, part); err != nil {
		return 0, err
	}
	return len(part), nil
}
