package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

const secret = "0123456789abcdef0123456789abcdef"

// world is a workspace with alice and bob in the group "room".
type world struct {
	*testing.T
	engine    *Engine
	workspace string
	key       string
}

func newWorld(t *testing.T, more Options) world {
	t.Helper()
	return newWorldWith(t, more, Parts{})
}

func newWorldWith(t *testing.T, more Options, parts Parts) world {
	t.Helper()
	options := Options{"storage": "sqlite::memory:", "jwt_secret": secret, "rates": false}
	for name, value := range more {
		options[name] = value
	}
	engine, err := OpenWith(options, parts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close(context.Background()) })
	w := world{T: t, engine: engine}
	var made struct {
		ID     string `json:"id"`
		Key    string `json:"api_key"`
		Secret string `json:"api_secret"`
	}
	w.call(Caller{}, "workspace.create", map[string]any{"name": "Shop"}, &made)
	w.workspace, w.key = made.ID, made.Key+":"+made.Secret
	for _, user := range []string{"alice", "bob"} {
		w.call(Backend(w.workspace), "user.upsert", map[string]any{"external_id": user, "name": user}, nil)
	}
	w.call(Backend(w.workspace), "channel.create", map[string]any{
		"type": "group", "external_id": "room", "member_external_ids": []string{"alice", "bob"}}, nil)
	return w
}

func (w world) call(caller Caller, name string, fields, answer any) {
	w.Helper()
	if err := w.engine.Call(context.Background(), caller, name, fields, answer); err != nil {
		w.Fatalf("%s: %v", name, err)
	}
}

func (w world) send(content string) {
	w.Helper()
	w.want(w.trySend(content))
}

func (w world) trySend(content string) error {
	fields := map[string]any{"channel": "room", "content": content}
	return w.engine.Call(context.Background(), User(w.workspace, "alice"), "message.send", fields, nil)
}

func (w world) token(user string) string {
	w.Helper()
	var made struct{ Token string }
	w.call(Backend(w.workspace), "auth.token", map[string]any{"user_id": user}, &made)
	return made.Token
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestCalls(t *testing.T) {
	w := newWorld(t, nil)
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			w.send(fmt.Sprint(i))
		}()
	}
	wait.Wait()
	var page struct{ Messages []struct{ Seq int } }
	w.call(User(w.workspace, "bob"), "message.list", map[string]any{"channel": "room", "limit": 100}, &page)
	if len(page.Messages) != 50 || page.Messages[0].Seq != 50 {
		t.Fatalf("%d messages", len(page.Messages))
	}

	err := w.engine.Call(within(t), User(w.workspace, "alice"), "message.send", map[string]any{"channel": "none", "content": "x"}, nil)
	var failure *Error
	if !errors.As(err, &failure) || failure.Code != "NOT_FOUND" || failure.Retryable || !strings.Contains(string(failure.Details), "channel") {
		t.Fatalf("%v", err)
	}
	if err := w.engine.Call(within(t), Caller{}, "no.such", nil, nil); !errors.As(err, &failure) || failure.Code != "NOT_FOUND" {
		t.Fatalf("%v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.engine.Call(ended, Caller{}, "workspace.list", nil, nil); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for _, options := range []Options{{}, {"storage": "sqlite::memory:", "nonsense": 1}, {"storage": "sqlite:/no/such/folder/x.db"}} {
		engine, err := Open(options)
		var failure *Error
		if engine != nil || !errors.As(err, &failure) || failure.Message == "" {
			t.Fatalf("%v: %v", options, err)
		}
	}
	if _, err := Open(Options{"storage": make(chan int)}); err == nil {
		t.Fatal("what is no JSON was accepted")
	}
}

func TestEvents(t *testing.T) {
	w := newWorld(t, nil)
	events, err := w.engine.Subscribe(w.workspace)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		w.send(fmt.Sprint(i))
	}
	for i := range 20 {
		event, err := events.Next(within(t))
		if err != nil || event.Type != "message.created" || !strings.Contains(string(event.Data), fmt.Sprintf(`"content":"%d"`, i)) {
			t.Fatalf("%v %v", event, err)
		}
	}
	short, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := events.Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if err := events.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := events.Next(within(t)); err != io.EOF {
		t.Fatal(err)
	}
	if _, err := w.engine.Subscribe("nonsense"); err == nil {
		t.Fatal("a workspace that cannot be was accepted")
	}
}

func TestLostEvents(t *testing.T) {
	s := &Subscription{filled: make(chan struct{}, 1)}
	for i := range mostEvents + 5 {
		s.put([]byte(fmt.Sprintf(`{"type":"x","data":%d}`, i)))
	}
	for i := range mostEvents {
		if event, err := s.Next(within(t)); err != nil || string(event.Data) != fmt.Sprint(i) {
			t.Fatal(event, err)
		}
	}
	if event, err := s.Next(within(t)); err != nil || event.Type != "events.lost" {
		t.Fatal(event, err)
	}
	s.put([]byte(`{"type":"x","data":1}`))
	if event, err := s.Next(within(t)); err != nil || event.Type != "x" {
		t.Fatal(event, err)
	}
}

func TestClose(t *testing.T) {
	w := newWorld(t, nil)
	events, err := w.engine.Subscribe(w.workspace)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 20 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			err := w.engine.Call(context.Background(), User(w.workspace, "alice"), "message.send", map[string]any{"channel": "room", "content": "x"}, nil)
			var failure *Error
			if err != nil && (!errors.As(err, &failure) || failure.Code != "UNAVAILABLE") {
				t.Error(err)
			}
		}()
	}
	if err := w.engine.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	wait.Wait()
	for err == nil {
		_, err = events.Next(within(t))
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	if err := w.engine.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Call(within(t), Caller{}, "workspace.list", nil, nil); err == nil {
		t.Fatal("a closed engine answered")
	}
	response := httptest.NewRecorder()
	w.engine.Handler().ServeHTTP(response, httptest.NewRequest("GET", "/v1/me", nil))
	if response.Code != http.StatusServiceUnavailable || !strings.Contains(response.Body.String(), `"UNAVAILABLE"`) {
		t.Fatal(response.Code, response.Body)
	}
}

// mounted is the engine behind /chat/ of a server.
func (w world) mounted() *httptest.Server {
	mux := http.NewServeMux()
	mux.Handle("/chat/", http.StripPrefix("/chat", w.engine.Handler()))
	server := httptest.NewServer(mux)
	w.Cleanup(server.Close)
	return server
}

func TestRequests(t *testing.T) {
	w := newWorld(t, nil)
	server := w.mounted()
	ask := func(method, path, body string) (*http.Response, string) {
		t.Helper()
		request, _ := http.NewRequestWithContext(within(t), method, server.URL+"/chat"+path, strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+w.key)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response, string(text)
	}
	for _, each := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/v1/channels/room/messages", `{"user":"alice","content":"Halo!"}`, 201},
		{"GET", "/v1/channels/room/messages?limit=1", "", 200},
		{"GET", "/v1/users/a%2Fb", "", 404},
		{"HEAD", "/healthz", "", 200},
		{"DELETE", "/v1/users/bob", "", 204},
		{"GET", "/nothing", "", 404},
		{"POST", "/v1/channels", strings.Repeat(" ", 2<<20), 413},
	} {
		response, text := ask(each.method, each.path, each.body)
		if response.StatusCode != each.status {
			t.Errorf("%s %s: %d %s", each.method, each.path, response.StatusCode, text)
		}
		if response.Header.Get("X-Request-Id") == "" && strings.HasPrefix(each.path, "/v1") {
			t.Errorf("%s %s has no request id", each.method, each.path)
		}
	}
}

func TestManyRequestsOverOneConnection(t *testing.T) {
	w := newWorld(t, nil)
	server := w.mounted()
	token := w.token("alice")
	for range 300 {
		request, _ := http.NewRequestWithContext(within(t), "PUT", server.URL+"/chat/v1/me/blocks/bob", nil)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK || response.Header.Get("Connection") != "" {
			t.Fatal(response.StatusCode, string(text))
		}
	}
}

// raw sends bytes, and returns what came until the connection ended.
func raw(t *testing.T, server *httptest.Server, text string) string {
	t.Helper()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(connection, text); err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(connection)
	return string(answer)
}

func TestAHeadIsJudgedBeforeItsBody(t *testing.T) {
	w := newWorld(t, nil)
	server := w.mounted()
	// The body never comes, and is not waited for.
	answer := raw(t, server, "POST /chat/v1/channels HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 401 ") {
		t.Fatal(answer)
	}
}

func TestAClientThatIsGoneEndsItsRequest(t *testing.T) {
	w := newWorld(t, Options{"max_waiting_requests": 1})
	server := w.mounted()
	ask := func(ctx context.Context) (int, error) {
		request, _ := http.NewRequestWithContext(ctx, "POST", server.URL+"/chat/v1/me/sync", strings.NewReader(`{"channels":[],"wait_seconds":25}`))
		request.Header.Set("Authorization", "Bearer "+w.token("alice"))
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		return response.StatusCode, nil
	}
	for range 3 { // each would be refused if the one before were still waiting
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		status, err := ask(ctx)
		for ; status == http.StatusServiceUnavailable && ctx.Err() == nil; status, err = ask(ctx) {
		}
		cancel()
		if status == http.StatusServiceUnavailable {
			t.Fatal(status, err)
		}
	}
}

type client struct {
	*testing.T
	*websocket.Conn
}

func (w world) connect(server *httptest.Server, token string) client {
	w.Helper()
	connection, _, err := websocket.Dial(within(w.T), server.URL+"/chat/v1/ws", &websocket.DialOptions{
		Subprotocols: []string{"cariosan.v1", "cariosan.jwt." + token}})
	if err != nil {
		w.Fatal(err)
	}
	connection.SetReadLimit(-1)
	return client{w.T, connection}
}

// until returns the next frame of this type.
func (c client) until(kind string) Event {
	c.Helper()
	for {
		_, text, err := c.Read(within(c.T))
		if err != nil {
			c.Fatalf("%s: %v", kind, err)
		}
		var frame Event
		if err := json.Unmarshal(text, &frame); err != nil {
			c.Fatal(err)
		}
		if frame.Type == kind {
			return frame
		}
	}
}

func TestConversation(t *testing.T) {
	w := newWorld(t, nil)
	server := w.mounted()
	alice, bob := w.connect(server, w.token("alice")), w.connect(server, w.token("bob"))
	alice.until("connection.ready")
	bob.until("connection.ready")
	text := `{"type":"message.send","id":"1","data":{"channel":"room","content":"Halo!","idempotency_key":"k"}}`
	if err := alice.Write(within(t), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
	alice.until("ack")
	if frame := bob.until("message.created"); !bytes.Contains(frame.Data, []byte("Halo!")) {
		t.Fatal(frame)
	}

	if err := bob.Write(within(t), websocket.MessageBinary, []byte{1}); err != nil {
		t.Fatal(err)
	}
	_, _, err := bob.Read(within(t))
	for err == nil { // what was on its way, such as his unread counts
		_, _, err = bob.Read(within(t))
	}
	if websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
		t.Fatal(err)
	}
	if err := w.engine.Drain(time.Second); err != nil {
		t.Fatal(err)
	}
	alice.until("server.draining")
	go func() { _ = w.engine.Close(context.Background()) }()
	for {
		if _, _, err := alice.Read(within(t)); err != nil {
			if websocket.CloseStatus(err) != websocket.StatusGoingAway {
				t.Fatal(err)
			}
			return
		}
	}
}

func TestWhoIsNotLetInIsToldWhy(t *testing.T) {
	w := newWorld(t, nil)
	server := w.mounted()
	stranger := w.connect(server, "nonsense")
	stranger.until("error")
	if _, _, err := stranger.Read(within(t)); websocket.CloseStatus(err) != 4401 {
		t.Fatal(err)
	}
	header := http.Header{"Origin": {"https://evil.example"}}
	_, response, err := websocket.Dial(within(t), server.URL+"/chat/v1/ws", &websocket.DialOptions{
		HTTPHeader: header, Subprotocols: []string{"cariosan.v1", "cariosan.jwt." + w.token("alice")}})
	if err == nil || response.StatusCode != http.StatusForbidden {
		t.Fatal(err, response)
	}
}

func TestASlowClientIsClosed(t *testing.T) {
	w := newWorld(t, Options{"max_backlog_bytes": 300_000})
	server := w.mounted()
	bob := w.connect(server, w.token("bob"))
	bob.until("connection.ready")
	// It reads nothing: what the sockets do not take waits, and is more than it may have.
	for i := range 4000 {
		w.send(strings.Repeat("x", 8000))
		if i%100 == 0 {
			var metrics bytes.Buffer
			response := httptest.NewRecorder()
			w.engine.Handler().ServeHTTP(response, httptest.NewRequest("GET", "/metrics", nil))
			_, _ = metrics.ReadFrom(response.Body)
			if strings.Contains(metrics.String(), "cariosan_sessions 0\n") {
				return
			}
		}
	}
	t.Fatal("it is still connected")
}
