package cariosan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// step is a REST exchange of tests/golden.
type step struct {
	As      string          `json:"as"`
	Request string          `json:"request"`
	Body    json.RawMessage `json:"body"`
	Status  int             `json:"status"`
	Answer  json.RawMessage `json:"answer"`
	Lines   json.RawMessage `json:"lines"`
}

var (
	placeholder = regexp.MustCompile(`<([a-z]+)( (\d+))?>`)
	goldenTime  = "2026-01-31T08:15:00.123Z"
)

// concrete puts values in the place of names for what differs from run to run.
func concrete(text []byte) []byte {
	return placeholder.ReplaceAllFunc(text, func(found []byte) []byte {
		parts := placeholder.FindSubmatch(found)
		switch name := string(parts[1]); name {
		case "time":
			return []byte(goldenTime)
		case "id":
			return []byte(fmt.Sprintf("01980d2a-7c11-7d9e-a7a0-%012s", parts[3]))
		default:
			return []byte(name + string(parts[3]))
		}
	})
}

// played is what of the golden files went through the client.
type played struct {
	exchanges     int
	inexpressible []string
}

// TestGolden plays each exchange of a backend: the call that stands for it must send exactly its request, and must read
// exactly its answer.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("../../tests/golden/*.json")
	if len(files) == 0 {
		t.Skip("skipped: the golden files are not here")
	}
	var all played
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var scenario struct {
				Steps []step `json:"steps"`
			}
			if err := json.Unmarshal(concrete(text), &scenario); err != nil {
				t.Fatal(err)
			}
			for i, s := range scenario.Steps {
				if s.Request != "" {
					play(t, fmt.Sprintf("step %d, %s", i+1, s.Request), s, &all)
				}
			}
		})
	}
	t.Logf("%d exchanges; no call makes these requests: %s", all.exchanges, strings.Join(all.inexpressible, "; "))
	// Most refusals are of requests that a program could make too, else little would be seen here.
	if all.exchanges < 100 || len(all.inexpressible) > all.exchanges/10 {
		t.Errorf("%d exchanges went through the client, and %d refused requests did not", all.exchanges, len(all.inexpressible))
	}
	if t.Failed() {
		t.Log("A recorded exchange has what a call or type here has not. Where it belongs is in bindings/go/CONTRIBUTING.md.")
	}
}

func play(t *testing.T, where string, s step, all *played) {
	method, target, _ := strings.Cut(s.Request, " ")
	address, err := url.Parse(target)
	if err != nil {
		all.inexpressible = append(all.inexpressible, where) // a path that nothing of ours would make
		return
	}
	call, arguments := callFor(method, address.EscapedPath())
	if call == nil {
		// IssueUserToken uses the other route to a token.
		if s.As == "backend" && s.Status < 300 && !strings.HasSuffix(address.Path, "/tokens") {
			t.Errorf("%s: no call stands for it; write one in golden_calls_test.go", where)
		}
		return
	}
	if s.As != "backend" && s.As != "nobody" {
		if s.Status < 300 && call.answer != nil && s.Answer != nil {
			checkStrictly(t, where, call, s.Answer)
		}
		return
	}
	got := exchangeOf(t, call, arguments, address.Query(), s)
	if got.request == nil || !got.request.matches(method, address, s.Body) {
		all.inexpressible = append(all.inexpressible, where)
		if s.Status < 300 {
			t.Errorf("%s: sent %+v instead", where, got.request)
		}
		return
	}
	all.exchanges++
	if s.Status >= 300 {
		checkError(t, where, s, got.err)
		return
	}
	if got.err != nil {
		t.Errorf("%s: %v", where, got.err)
		return
	}
	if call.answer != nil && s.Answer != nil {
		checkStrictly(t, where, call, s.Answer)
		checkResult(t, where, call, got.result, s.Answer)
	}
}

// sent is a request as it came out of the client.
type sent struct {
	method, path, query, body string
}

func (r *sent) matches(method string, address *url.URL, body json.RawMessage) bool {
	want, _ := url.ParseQuery(address.RawQuery)
	got, _ := url.ParseQuery(r.query)
	return r.method == method && r.path == address.EscapedPath() && reflect.DeepEqual(got, want) &&
		reflect.DeepEqual(bodyOf([]byte(r.body)), bodyOf(body))
}

// bodyOf is a body without the key that the client mints. An empty one is none.
func bodyOf(text []byte) map[string]any {
	object := map[string]any{}
	json.Unmarshal(text, &object)
	if key, _ := object["idempotency_key"].(string); len(key) == 36 {
		delete(object, "idempotency_key")
	}
	return object
}

type outcome struct {
	request *sent
	result  any
	err     error
}

// exchangeOf makes the call with a server that gives the golden answer.
func exchangeOf(t *testing.T, call *goldenCall, arguments []string, query url.Values, s step) outcome {
	var out outcome
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		out.request = &sent{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, string(body)}
		w.WriteHeader(s.Status)
		w.Write(s.Answer)
	}))
	defer server.Close()
	client := New("pk", "sk", server.URL, WithMaxRetries(0))
	out.result, out.err = call.do(context.Background(), client, arguments, query, s.Body)
	return out
}

func checkError(t *testing.T, where string, s step, err error) {
	var envelope struct {
		Error map[string]any `json:"error"`
	}
	if json.Unmarshal(s.Answer, &envelope) != nil {
		t.Fatalf("%s: no envelope", where)
	}
	var got *Error
	if !errors.As(err, &got) {
		t.Errorf("%s: %v is no *Error", where, err)
		return
	}
	text, _ := json.Marshal(got)
	if missing := differences("error", envelope.Error, decoded(text)); got.Status != s.Status || missing != nil {
		t.Errorf("%s: %+v: %v", where, got, missing)
	}
}

// checkStrictly reads the answer into the type of its call, which must know every member.
func checkStrictly(t *testing.T, where string, call *goldenCall, answer json.RawMessage) {
	item := reflect.New(call.answer)
	if call.list != "" {
		var members map[string]json.RawMessage
		json.Unmarshal(answer, &members)
		item, answer = reflect.New(reflect.SliceOf(call.answer)), members[call.list]
	}
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(item.Interface()); err != nil {
		t.Errorf("%s: %s in %s", where, err, call.answer)
	}
}

// checkResult looks for everything the answer has in what the call returned.
func checkResult(t *testing.T, where string, call *goldenCall, result any, answer json.RawMessage) {
	want := decoded(answer)
	if call.list != "" {
		want = want.(map[string]any)[call.list]
		result = reflect.ValueOf(result).Elem().FieldByName("Items").Interface()
	}
	text, err := json.Marshal(result)
	if err != nil {
		t.Errorf("%s: %v", where, err)
	}
	if missing := differences("answer", want, decoded(text)); missing != nil {
		t.Errorf("%s: %v", where, missing)
	}
}

func decoded(text []byte) any {
	var value any
	json.Unmarshal(text, &value)
	return value
}

// differences are the places where got lacks what want has. What is null may be a zero value.
func differences(where string, want, got any) []string {
	switch want := want.(type) {
	case nil:
		return nil
	case map[string]any:
		var out []string
		object, _ := got.(map[string]any)
		for name, value := range want {
			out = append(out, differences(where+"."+name, value, object[name])...)
		}
		return out
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			return []string{fmt.Sprintf("%s has %d items, not %d", where, len(list), len(want))}
		}
		var out []string
		for i := range want {
			out = append(out, differences(fmt.Sprintf("%s[%d]", where, i), want[i], list[i])...)
		}
		return out
	}
	if zero := reflect.ValueOf(want).IsZero() && got == nil; !zero && !reflect.DeepEqual(want, got) {
		return []string{fmt.Sprintf("%s is %v, not %v", where, got, want)}
	}
	return nil
}

// pageOf are the options of a list's query.
func pageOf(query url.Values) PageOptions {
	page := PageOptions{Cursor: query.Get("cursor")}
	fmt.Sscan(query.Get("limit"), &page.Limit)
	return page
}

func requestOf[T any](body json.RawMessage) T {
	var request T
	json.Unmarshal(body, &request)
	return request
}
