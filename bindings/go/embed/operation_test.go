package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func isCode(err error, code string) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.Code == code
}

func (w world) wantCode(code string, err error) {
	w.Helper()
	if !isCode(err, code) {
		w.Fatalf("%v and not %s", err, code)
	}
}

func (w world) want(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w world) contents() string {
	w.Helper()
	var page struct{ Messages []struct{ Content string } }
	w.call(User(w.workspace, "bob"), "message.list", map[string]any{"channel": "room", "limit": 100}, &page)
	return fmt.Sprint(page.Messages)
}

func (w world) epoch() string {
	w.Helper()
	var list struct{ Epoch string }
	w.call(User(w.workspace, "bob"), "me.channel.list", nil, &list)
	return list.Epoch
}

func oldLines(count int) string {
	var lines strings.Builder
	for i := range count {
		fmt.Fprintf(&lines, `{"channel":"past","ts":"2024-05-01T10:00:00Z","user":"alice","text":"%d é","id":%d}`+"\n", i, i)
	}
	return lines.String()
}

func TestABackupTakesThePlaceOfTheDatabase(t *testing.T) {
	folder := t.TempDir()
	storage, copied := "sqlite:"+folder+"/chat.db", folder+"/copy.db"
	w := newWorld(t, Options{"storage": storage})
	w.send("before")
	w.want(w.engine.Backup(within(t), copied))
	w.wantCode("CONFLICT", w.engine.Backup(within(t), copied))
	w.wantCode("UNAVAILABLE", w.engine.Backup(within(t), folder+"/nowhere/copy.db"))
	w.send("after")
	epoch := w.epoch()
	w.wantCode("CONFLICT", Restore(copied, storage))
	w.want(w.engine.Close(within(t)))
	w.wantCode("NOT_FOUND", Restore(folder+"/none.db", storage))
	w.wantCode("VALIDATION_ERROR", Restore(copied, "chat.db"))
	w.want(os.WriteFile(folder+"/garbage.db", []byte("This is no database, and it is long enough to be looked at closely."), 0o600))
	if Restore(folder+"/garbage.db", storage) == nil {
		t.Fatal("garbage was restored")
	}
	w.want(Restore(copied, storage))
	engine, err := Open(Options{"storage": storage})
	w.want(err)
	defer func() { _ = engine.Close(context.Background()) }()
	w.engine = engine
	if got := w.contents(); got != "[{before}]" || w.epoch() == epoch {
		t.Fatal(got)
	}
}

func TestEpochMetricsAndDescription(t *testing.T) {
	w := newWorld(t, nil)
	before := w.epoch()
	epoch, err := w.engine.RotateEpoch(within(t))
	if err != nil || epoch == before || epoch != w.epoch() {
		t.Fatal(epoch, err)
	}
	metrics, err := w.engine.Metrics(within(t))
	if err != nil || !bytes.Contains(metrics, []byte("# TYPE cariosan_commands_total counter\n")) {
		t.Fatal(string(metrics), err)
	}
	described, err := Describe()
	if err != nil || len(described.Events) == 0 || len(described.Errors) == 0 || !json.Valid(described.Components) {
		t.Fatal(err)
	}
	for _, command := range described.Commands {
		if command.Name == "message.send" && command.Changes && json.Valid(command.Fields) {
			return
		}
	}
	t.Fatal("message.send is not described")
}

func TestExport(t *testing.T) {
	w := newWorld(t, nil)
	for i := range 120 {
		w.send(fmt.Sprint(i, "é"))
	}
	kinds := func(user string) map[string]int {
		var lines bytes.Buffer
		w.want(w.engine.Export(within(t), w.workspace, user, &lines))
		found := map[string]int{}
		for decoder := json.NewDecoder(&lines); ; {
			var line struct{ Kind string }
			if err := decoder.Decode(&line); err == io.EOF {
				return found
			} else if err != nil {
				t.Fatal(err)
			}
			found[line.Kind]++
		}
	}
	if all := kinds(""); fmt.Sprint(all) != "map[channel:1 member:2 message:120 user:2 workspace:1]" {
		t.Fatal(all)
	}
	if hers := kinds("alice"); hers["message"] != 120 {
		t.Fatal(hers)
	}
	// One that is broken off ends: there may be 64 at a time.
	full := errors.New("full")
	for range 100 {
		if err := w.engine.Export(within(t), w.workspace, "", failing{full}); err != full {
			t.Fatal(err)
		}
	}
	w.wantCode("VALIDATION_ERROR", w.engine.Export(within(t), "nowhere", "", io.Discard))
	w.wantCode("NOT_FOUND", w.engine.Export(within(t), w.workspace, "nobody", io.Discard))
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.engine.Export(ended, w.workspace, "", io.Discard); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestImport(t *testing.T) {
	w := newWorld(t, nil)
	told, one := 0, 1
	options := ImportOptions{Workspace: w.workspace, Source: "old", Problems: &one, Progress: func(progress ImportProgress) {
		if progress.Stage == "" || progress.Position > progress.Size {
			t.Error(progress)
		}
		told++
	}}
	lines := oldLines(300)
	result, err := w.engine.Import(within(t), options, strings.NewReader(lines+"{}\nnonsense\n"))
	if err != nil || result.Complete || result.Imported != 300 || result.BadLines != 2 || len(result.Problems) != 1 || result.Problems[0].Line != 301 || told == 0 {
		t.Fatal(result, err, told)
	}
	file := filepath.Join(t.TempDir(), "old.jsonl")
	w.want(os.WriteFile(file, []byte(lines), 0o600))
	options = ImportOptions{Workspace: w.workspace, Source: "old", File: file}
	if result, err = w.engine.Import(within(t), options, nil); err != nil || !result.Complete || result.AlreadyThere != 300 {
		t.Fatal(result, err)
	}
	_, err = w.engine.Import(within(t), options, strings.NewReader("{}"))
	w.wantCode("MISUSE", err)
	_, err = w.engine.Import(within(t), ImportOptions{Workspace: w.workspace}, nil)
	w.wantCode("VALIDATION_ERROR", err)
	options.File = "/nowhere/old.jsonl"
	_, err = w.engine.Import(within(t), options, nil)
	w.wantCode("UNAVAILABLE", err)
	for range 10 { // more than may be open at a time
		options.File = ""
		torn := errors.New("torn")
		if _, err := w.engine.Import(within(t), options, io.MultiReader(strings.NewReader(lines), iotest.ErrReader(torn))); err != torn {
			t.Fatal(err)
		}
	}
}

func TestAnImportThatIsCancelled(t *testing.T) {
	w := newWorld(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	options := ImportOptions{Workspace: w.workspace, Source: "old", Progress: func(ImportProgress) { cancel() }}
	if _, err := w.engine.Import(ctx, options, strings.NewReader(oldLines(300))); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if _, err := w.engine.Import(ctx, options, strings.NewReader(oldLines(1))); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	var once sync.Once
	options.Progress = func(ImportProgress) {
		once.Do(func() { go func() { closed <- w.engine.Close(context.Background()) }() })
	}
	_, err := w.engine.Import(within(t), options, strings.NewReader(oldLines(300)))
	w.wantCode("UNAVAILABLE", err)
	w.want(<-closed)
}

func TestAClosedEngineDoesNoneOfIt(t *testing.T) {
	w := newWorld(t, nil)
	w.want(w.engine.Close(within(t)))
	w.wantCode("UNAVAILABLE", w.engine.Backup(within(t), "/tmp/none/copy.db"))
	_, err := w.engine.RotateEpoch(within(t))
	w.wantCode("UNAVAILABLE", err)
	_, err = w.engine.Metrics(within(t))
	w.wantCode("UNAVAILABLE", err)
	w.wantCode("UNAVAILABLE", w.engine.Export(within(t), w.workspace, "", io.Discard))
	_, err = w.engine.Import(within(t), ImportOptions{Workspace: w.workspace, Source: "old"}, nil)
	w.wantCode("UNAVAILABLE", err)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.engine.Backup(ended, "/tmp/none/copy.db"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}
