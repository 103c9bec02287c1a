package cariosan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestABadConfigurationIsTheErrorOfEveryCall(t *testing.T) {
	for name, client := range map[string]*Client{
		"no scheme":    New("pk", "sk", "chat.example"),
		"other scheme": New("pk", "sk", "ftp://chat.example"),
		"no host":      New("pk", "sk", "http://"),
		"not a URL":    New("pk", "sk", "http://user:pass word@%zz"),
		"a password":   New("pk", "sk", "http://user:password@chat.example"),
		"a query":      New("pk", "sk", "http://chat.example/?a=b"),
		"no key":       New("", "sk", "http://chat.example"),
		"no secret":    New("pk", "", "http://chat.example"),
		"a line break": New("pk", "sk\n", "http://chat.example"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := client.GetUser(context.Background(), "alice"); !errors.Is(err, ErrConfig) {
				t.Errorf("GetUser: %v", err)
			}
			for _, err := range client.ExportUser(context.Background(), "alice") {
				if !errors.Is(err, ErrConfig) || strings.Contains(err.Error(), "password") {
					t.Errorf("ExportUser: %v", err)
				}
			}
		})
	}
}

// echo answers with what was asked, as the name of a user.
func echo(t *testing.T, options ...Option) *Client {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		json.NewEncoder(w).Encode(User{Name: fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, body), ID: r.Header.Get("User-Agent")})
	}))
	t.Cleanup(server.Close)
	return New("pk", "sk", server.URL+"/chat/", options...)
}

func TestIdsAreOneSegmentOfThePath(t *testing.T) {
	client := echo(t)
	for id, want := range map[string]string{
		"alice":       "GET /chat/v1/users/alice ",
		"a/b?c#d":     "GET /chat/v1/users/a%2Fb%3Fc%23d ",
		"Jürgen %2e":  "GET /chat/v1/users/J%C3%BCrgen%20%252e ",
		"../webhooks": "GET /chat/v1/users/..%2Fwebhooks ",
	} {
		user, err := client.GetUser(context.Background(), id)
		if err != nil || user.Name != want {
			t.Errorf("%q: %v, %v", id, user, err)
		}
	}
	for _, id := range []string{"", ".", ".."} {
		if user, err := client.GetUser(context.Background(), id); !errors.Is(err, ErrValidation) {
			t.Errorf("%q: %v, %v", id, user, err)
		}
		if err := client.DeleteMessage(context.Background(), id, "m"); !errors.Is(err, ErrValidation) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestPatchesTellNullFromAbsent(t *testing.T) {
	client := echo(t)
	for want, patch := range map[string]UserPatch{
		`{}`:                                {},
		`{"name":""}`:                       {Name: Set("")},
		`{"avatar_url":null}`:               {AvatarURL: Null[string]()},
		`{"name":"A","metadata":{"a":1}}`:   {Name: Set("A"), Metadata: Set(map[string]any{"a": 1})},
		`{"avatar_url":"","metadata":null}`: {AvatarURL: Set(""), Metadata: Null[map[string]any]()},
	} {
		user, err := client.UpdateUser(context.Background(), "a", patch)
		if err != nil || user.Name != "PATCH /chat/v1/users/a "+want {
			t.Errorf("%s: %v, %v", want, user, err)
		}
	}
	nested := WorkspacePatch{Moderation: Set(ModerationPatch{Rules: Set(RulesPatch{Link: Set(RulePatch{Action: Null[ActionTaken]()})})})}
	if text, err := json.Marshal(nested); err != nil || string(text) != `{"moderation":{"rules":{"link":{"action":null}}}}` {
		t.Errorf("%s, %v", text, err)
	}
}

func TestOptional(t *testing.T) {
	var value struct {
		Absent, Null, Present Optional[int]
	}
	if err := json.Unmarshal([]byte(`{"Null":null,"Present":0}`), &value); err != nil {
		t.Fatal(err)
	}
	if _, ok := value.Absent.Get(); ok || !value.Absent.IsAbsent() || value.Absent.Or(7) != 7 {
		t.Error("absent is something else")
	}
	if _, ok := value.Null.Get(); ok || !value.Null.IsNull() || value.Null.IsAbsent() || value.Null.Or(7) != 7 {
		t.Error("null is something else")
	}
	if got, ok := value.Present.Get(); !ok || got != 0 || value.Present.IsNull() || value.Present.Or(7) != 0 {
		t.Error("0 is something else")
	}
	if json.Unmarshal([]byte(`{"Present":"x"}`), &value) == nil {
		t.Error("a text is taken for a number")
	}
}

func TestUnknownMembersAndValuesAreAccepted(t *testing.T) {
	var message Message
	text := `{"id":"1","type":"hologram","hue":{"a":[1]},"edited_at":null,"user":{"id":"2","external_id":null,"mood":1}}`
	if err := json.Unmarshal([]byte(text), &message); err != nil || message.Type != "hologram" || !message.EditedAt.IsZero() {
		t.Errorf("%+v, %v", message, err)
	}
}

func TestUserAgentAndHTTPClient(t *testing.T) {
	user, err := echo(t, WithUserAgent("shop/2"), WithHTTPClient(nil)).GetUser(context.Background(), "a")
	if err != nil || user.ID != "shop/2" {
		t.Errorf("%v, %v", user, err)
	}
	used := false
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		used = true
		return http.DefaultTransport.RoundTrip(r)
	})
	user, err = echo(t, WithHTTPClient(&http.Client{Transport: transport})).GetUser(context.Background(), "a")
	if err != nil || !used || user.ID != "cariosan-go/"+Version {
		t.Errorf("%v, %v, used: %t", user, err, used)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestIdempotencyKeysAreUUIDsInOrder(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	var stamps []string
	for range 10_000 {
		key := NewIdempotencyKey()
		if !form.MatchString(key) || seen[key] {
			t.Fatalf("%s is malformed or not new", key)
		}
		seen[key] = true
		stamps = append(stamps, key[:13])
	}
	if !slices.IsSorted(stamps) {
		t.Error("later keys sort before earlier ones")
	}
}

func TestIteratorsReadPagesWhenNeeded(t *testing.T) {
	pages := map[string]string{
		"":   `{"users":[{"id":"1"},{"id":"2"}],"has_more":true,"next_cursor":"c1"}`,
		"c1": `{"users":[],"has_more":true,"next_cursor":"c2"}`,
		"c2": `{"users":[{"id":"3"}],"has_more":false,"next_cursor":null}`,
	}
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		io.WriteString(w, pages[r.URL.Query().Get("cursor")])
	}))
	defer server.Close()
	client := New("pk", "sk", server.URL)
	var ids []string
	for user, err := range client.Users(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, user.ID)
	}
	if !slices.Equal(ids, []string{"1", "2", "3"}) || requests != 3 {
		t.Errorf("%v in %d requests", ids, requests)
	}
	requests = 0
	for range client.Users(context.Background()) {
		break
	}
	if requests != 1 {
		t.Errorf("%d requests for one user", requests)
	}
	for name, bad := range map[string]string{
		"no list": `{}`, "no cursor": `{"users":[],"has_more":true,"next_cursor":null}`, "no object": `[]`,
		"other items": `{"users":[1],"has_more":false}`, "the same cursor": `{"users":[],"has_more":true,"next_cursor":"same"}`,
	} {
		pages[""], pages["same"] = bad, bad
		var last error
		errs := 0
		for _, err := range client.Users(context.Background()) {
			last = err
			errs++
		}
		if errs != 1 || !errors.Is(last, ErrProtocol) {
			t.Errorf("%s: %d items, %v", name, errs, last)
		}
	}
}

func TestMembersAreAddedByTheHundred(t *testing.T) {
	var sizes []int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body addMembersRequest
		json.NewDecoder(r.Body).Decode(&body)
		sizes = append(sizes, len(body.ExternalIDs))
		if len(sizes) == 4 {
			reply(400, "")(w, r)
			return
		}
		json.NewEncoder(w).Encode(MembersChanged{Members: make([]*Member, len(body.ExternalIDs)), Rev: int64(len(sizes))})
	}))
	defer server.Close()
	client := New("pk", "sk", server.URL)
	changed, err := client.AddChannelMembers(context.Background(), "c", make([]string, 250), AsAdmin())
	if err != nil || len(changed.Members) != 250 || changed.Rev != 3 || !slices.Equal(sizes, []int{100, 100, 50}) {
		t.Errorf("%v, %v", sizes, err)
	}
	sizes = []int{0, 0}
	changed, err = client.AddChannelMembers(context.Background(), "c", make([]string, 250))
	if !errors.Is(err, ErrValidation) || len(changed.Members) != 100 {
		t.Errorf("%d members, %v", len(changed.Members), err)
	}
}

func TestTokenHandler(t *testing.T) {
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = r.URL.Path + " " + string(body)
		if strings.Contains(asked, "ghost") {
			reply(404, "")(w, r)
			return
		}
		reply(200, `{"token":"jwt","expires_at":"2026-01-31T08:15:00Z"}`)(w, r)
	}))
	defer server.Close()
	identify := func(r *http.Request) (string, error) {
		if user := r.Header.Get("X-User"); user != "thief" {
			return user, nil
		}
		return "", errors.New("the session of thief was stolen")
	}
	handler := New("pk", "sk", server.URL, WithMaxRetries(0)).TokenHandler(identify, 90*time.Second+1)
	for user, want := range map[string]int{"alice": 200, "": 401, "thief": 401, "ghost": 404} {
		answer := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodPost, "/token", nil)
		request.Header.Set("X-User", user)
		handler.ServeHTTP(answer, request)
		if answer.Code != want || answer.Header().Get("Cache-Control") != "no-store" || strings.Contains(answer.Body.String(), "stolen") {
			t.Errorf("%q: %d %s", user, answer.Code, answer.Body)
		}
		if user == "alice" && (asked != `/v1/auth/token {"user_id":"alice","ttl_seconds":91}` || !strings.Contains(answer.Body.String(), `"jwt"`)) {
			t.Errorf("asked %s, answered %s", asked, answer.Body)
		}
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/token", nil))
	if answer.Code != 405 || answer.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d", answer.Code)
	}
	server.Close()
	answer = httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/token", nil)
	request.Header.Set("X-User", "alice")
	handler.ServeHTTP(answer, request)
	if answer.Code != 503 {
		t.Errorf("without a server: %d", answer.Code)
	}
}
