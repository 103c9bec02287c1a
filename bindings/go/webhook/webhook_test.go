package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	cariosan "github.com/cariosan/cariosan-go"
)

const (
	secretA = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	secretB = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
	body    = `{"event_id":"evt_1","event":"message.created","workspace_id":"w","created_at":"2026-01-31T08:15:00.123Z",` +
		`"data":{"message":{"id":"m","content":"Halo","user":{"external_id":"alice"}}}}`
)

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// signed are the headers of Standard Webhooks.
func signed(secret, id string, at time.Time, body string) http.Header {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	return http.Header{
		"Webhook-Id": {id}, "Webhook-Timestamp": {stamp},
		"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}
}

// plainlySigned are the headers of X-Cariosan-Signature.
func plainlySigned(secret, body string) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return http.Header{"X-Cariosan-Signature": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}}
}

func with(header http.Header, name, value string) http.Header {
	copied := header.Clone()
	copied.Set(name, value)
	return copied
}

func TestVerify(t *testing.T) {
	good := signed(secretA, "evt_1", noon, body)
	plain := plainlySigned(secretA, body)
	two := with(good, "webhook-signature", signed(secretB, "evt_1", noon, body).Get("webhook-signature")+" v9,abc "+good.Get("webhook-signature"))
	for name, c := range map[string]struct {
		header  http.Header
		body    string
		secrets []string
		want    error
	}{
		"right":                       {good, body, []string{secretA}, nil},
		"one of two secrets":          {good, body, []string{secretB, secretA}, nil},
		"one of two signatures":       {two, body, []string{secretA}, nil},
		"another secret":              {good, body, []string{secretB}, ErrSignature},
		"another body":                {good, body + " ", []string{secretA}, ErrSignature},
		"another id":                  {with(good, "webhook-id", "evt_2"), body, []string{secretA}, ErrSignature},
		"another time":                {with(good, "webhook-timestamp", "1769860801"), body, []string{secretA}, ErrSignature},
		"no signature":                {http.Header{}, body, []string{secretA}, ErrSignature},
		"empty signature":             {with(good, "webhook-signature", "v1,"), body, []string{secretA}, ErrSignature},
		"of another version":          {with(good, "webhook-signature", "v2"+good.Get("webhook-signature")[2:]), body, []string{secretA}, ErrSignature},
		"stale":                       {signed(secretA, "evt_1", noon.Add(-5*time.Minute-time.Second), body), body, []string{secretA}, ErrStale},
		"just in time":                {signed(secretA, "evt_1", noon.Add(-5*time.Minute), body), body, []string{secretA}, nil},
		"from the future":             {signed(secretA, "evt_1", noon.Add(5*time.Minute+time.Second), body), body, []string{secretA}, ErrStale},
		"of the year 292277026596":    {signed(secretA, "evt_1", time.Unix(9223372036854775807, 0), body), body, []string{secretA}, ErrStale},
		"id of another event":         {signed(secretA, "evt_9", noon, body), body, []string{secretA}, ErrBody},
		"no JSON":                     {signed(secretA, "evt_1", noon, "x"), "x", []string{secretA}, ErrBody},
		"no event":                    {signed(secretA, "", noon, "{}"), "{}", []string{secretA}, ErrBody},
		"plain":                       {plain, body, []string{secretB, secretA}, nil},
		"plain, the first of two":     {plain, body, []string{secretA, secretB}, nil},
		"the first of two secrets":    {good, body, []string{secretA, secretB}, nil},
		"plain, another body":         {plain, body + " ", []string{secretA}, ErrSignature},
		"plain, another secret":       {plain, body, []string{secretB}, ErrSignature},
		"plain, without tag":          {with(plain, "X-Cariosan-Signature", plain.Get("X-Cariosan-Signature")[7:]), body, []string{secretA}, ErrSignature},
		"plain, stale":                {with(plain, "X-Cariosan-Timestamp", "1769860000"), body, []string{secretA}, ErrStale},
		"plain beside a wrong one":    {with(plain, "webhook-signature", "v1,AAAA"), body, []string{secretA}, ErrSignature},
		"no secret":                   {good, body, nil, ErrSecret},
		"an empty secret":             {plainlySigned("", body), body, []string{""}, ErrSecret},
		"an empty key":                {signed("whsec_", "evt_1", noon, body), body, []string{"whsec_"}, ErrSecret},
		"a secret that is not base64": {good, body, []string{secretA, "whsec_%"}, ErrSecret},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := newVerifier(c.secrets)
			var event Event
			if err == nil {
				v.now = clock
				event, err = v.verify(c.header, []byte(c.body))
			}
			if !errors.Is(err, c.want) || (c.want == nil) != (event.ID == "evt_1") {
				t.Errorf("got %+v, %v", event, err)
			}
		})
	}
}

func TestVerifyUsesThePresent(t *testing.T) {
	event, err := Verify(signed(secretA, "evt_1", time.Now(), body), []byte(body), secretA)
	var data MessageCreated
	if err != nil || event.Decode(&data) != nil || data.Message.Content != "Halo" || event.Name != cariosan.EventMessageCreated {
		t.Errorf("%+v, %v", event, err)
	}
	if _, err := Verify(signed(secretA, "evt_1", noon, body), []byte(body), secretA); !errors.Is(err, ErrStale) && time.Since(noon).Abs() > time.Hour {
		t.Error(err)
	}
}

// serverSigned has the server's own code make secrets and sign the body with all of them.
func serverSigned(t *testing.T, body string, at time.Time, count int) (secrets []string, header http.Header) {
	t.Helper()
	signer := os.Getenv("CARIOSAN_SIGN_WEBHOOK")
	if signer == "" {
		t.Skip("skipped: CARIOSAN_SIGN_WEBHOOK does not name the program that signs")
	}
	command := exec.Command(signer, "message.created", "evt_1", strconv.FormatInt(at.UnixMilli(), 10), strconv.Itoa(count))
	command.Stdin = strings.NewReader(body)
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	header = http.Header{}
	for _, line := range lines[count:] {
		name, value, _ := strings.Cut(line, ": ")
		header.Add(name, value)
	}
	return lines[:count], header
}

// Signed by the server's own code, which tests/integration/sign_webhook.cpp calls.
func TestTheServersSignature(t *testing.T) {
	for _, body := range []string{body, strings.Replace(body, "Halo", "“Apa kabar?” 👋🏽", 1)} {
		secrets, header := serverSigned(t, body, noon, 1)
		plain := header.Clone()
		plain.Del("webhook-signature")
		for form, header := range map[string]http.Header{"standard": header, "plain": plain} {
			v, err := newVerifier(secrets)
			if err != nil {
				t.Fatal(err)
			}
			v.now = clock
			if event, err := v.verify(header, []byte(body)); err != nil || event.ID != "evt_1" {
				t.Errorf("%s: %+v, %v", form, event, err)
			}
			if _, err := v.verify(header, []byte(body+"\n")); !errors.Is(err, ErrSignature) {
				t.Errorf("%s, changed: %v", form, err)
			}
		}
	}
}

// While a secret is replaced the server signs with both, the new one first: whoever has either verifies it. The other
// header is of the new one alone.
func TestTheServersSignaturesOfTwoSecrets(t *testing.T) {
	secrets, header := serverSigned(t, body, time.Now(), 2)
	plain := header.Clone()
	plain.Del("webhook-signature")
	newer, older := secrets[0], secrets[1]
	for _, c := range []struct {
		header http.Header
		secret string
		want   error
	}{{header, newer, nil}, {header, older, nil}, {header, secretA, ErrSignature}, {plain, newer, nil}, {plain, older, ErrSignature}} {
		if _, err := Verify(c.header, []byte(body), c.secret); !errors.Is(err, c.want) {
			t.Errorf("%v: %v", c.header, err)
		}
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		request.Header = c.header
		recorder := httptest.NewRecorder()
		heard := false
		hooks := NewHandler([]string{c.secret})
		hooks.OnMessageCreated(func(context.Context, Event, MessageCreated) error { heard = true; return nil })
		hooks.ServeHTTP(recorder, request)
		if heard != (c.want == nil) {
			t.Errorf("the handler answered %d, and the function was called: %v", recorder.Code, heard)
		}
	}
}

// Signed by the npm package standardwebhooks 1.1.1: new Webhook(secretA).sign('evt_1', noon, body).
func TestASignatureOfStandardWebhooks(t *testing.T) {
	header := http.Header{
		"Webhook-Id": {"evt_1"}, "Webhook-Timestamp": {"1769860800"},
		"Webhook-Signature": {"v1,S/cN6To1I9kPWRY9Lk9rGl8pR7+vnAFPktZBn04qIes="},
	}
	v, err := newVerifier([]string{secretA})
	if err != nil {
		t.Fatal(err)
	}
	v.now = clock
	if event, err := v.verify(header, []byte(body)); err != nil || event.ID != "evt_1" {
		t.Errorf("%+v, %v", event, err)
	}
}

// deliver sends this body, rightly signed.
func deliver(h http.Handler, event, data string) *httptest.ResponseRecorder {
	text := fmt.Sprintf(`{"event_id":"evt_1","event":%q,"workspace_id":"w","created_at":"2026-01-31T08:15:00Z","data":%s}`, event, data)
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(text))
	for name, values := range signed(secretA, "evt_1", noon, text) {
		request.Header[name] = values
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, request)
	return answer
}

func TestHandlerAnswers(t *testing.T) {
	var log bytes.Buffer
	h := NewHandler([]string{secretA}, WithClock(clock), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	h.OnMessageCreated(func(_ context.Context, _ Event, data MessageCreated) error {
		switch data.Message.Content {
		case "fail":
			return errors.New("the disk is full")
		case "panic":
			panic("nobody expected this")
		}
		return nil
	})
	message := func(content string) string { return `{"message":{"content":"` + content + `"}}` }
	for _, c := range []struct {
		event, data string
		want        int
	}{
		{"message.created", message("fine"), 204}, {"message.created", message("fail"), 500},
		{"message.created", message("panic"), 500}, {"message.created", "[]", 500}, {"user.created", "{}", 204},
		{"hologram.opened", "{}", 204},
	} {
		if answer := deliver(h, c.event, c.data); answer.Code != c.want || strings.Contains(answer.Body.String(), "disk") {
			t.Errorf("%s %s: %d %s", c.event, c.data, answer.Code, answer.Body)
		}
	}
	if text := log.String(); !strings.Contains(text, "the disk is full") || !strings.Contains(text, "nobody expected this") {
		t.Errorf("the log is %s", text)
	}
}

func TestHandlerRefuses(t *testing.T) {
	h := NewHandler([]string{secretA}, WithClock(clock))
	h.On("message.created", func(context.Context, Event) error { t.Error("called"); return nil })
	ask := func(h http.Handler, method, text string, header http.Header) int {
		request := httptest.NewRequest(method, "/", strings.NewReader(text))
		request.Header = header
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, request)
		return answer.Code
	}
	large := `"` + strings.Repeat("x", largestBody) + `"`
	for name, c := range map[string]struct {
		method, text string
		header       http.Header
		want         int
	}{
		"GET":       {"GET", body, signed(secretA, "evt_1", noon, body), 405},
		"unsigned":  {"POST", body, http.Header{}, 401},
		"stale":     {"POST", body, signed(secretA, "evt_1", noon.Add(-time.Hour), body), 401},
		"no event":  {"POST", "[]", signed(secretA, "evt_1", noon, "[]"), 400},
		"too large": {"POST", large, signed(secretA, "evt_1", noon, large), 413},
	} {
		if got := ask(h, c.method, c.text, c.header); got != c.want {
			t.Errorf("%s: %d, not %d", name, got, c.want)
		}
	}
	if got := ask(NewHandler([]string{secretA}, WithClock(clock), WithTolerance(2*time.Hour)), "POST", body,
		signed(secretA, "evt_1", noon.Add(-time.Hour), body)); got != 204 {
		t.Errorf("within a longer tolerance: %d", got)
	}
	broken := NewHandler([]string{"whsec_"})
	if got := ask(broken, "POST", body, plainlySigned("whsec_", body)); got != 500 || !errors.Is(broken.Err(), ErrSecret) || h.Err() != nil {
		t.Errorf("with a malformed secret: %d, %v", got, broken.Err())
	}
}

func TestSeenEventsAreNotHandledAgain(t *testing.T) {
	handled, failing := map[string]int{}, false
	seen := func(_ context.Context, id string) (bool, error) {
		if failing {
			return false, errors.New("the store is away")
		}
		return handled[id] > 0, nil
	}
	h := NewHandler([]string{secretA}, WithClock(clock), WithSeen(seen))
	works := false
	h.OnPing(func(_ context.Context, event Event) error {
		if !works {
			return errors.New("not yet")
		}
		handled[event.ID]++
		return nil
	})
	for i, want := range []int{500, 204, 204} {
		works = i > 0
		if got := deliver(h, "ping", "{}").Code; got != want {
			t.Errorf("delivery %d: %d, not %d", i, got, want)
		}
	}
	if handled["evt_1"] != 1 {
		t.Errorf("handled %d times", handled["evt_1"])
	}
	failing = true
	if got := deliver(h, "ping", "{}").Code; got != 500 {
		t.Errorf("without a store: %d", got)
	}
}

func TestEveryEventReachesItsFunction(t *testing.T) {
	h := NewHandler([]string{secretA}, WithClock(clock))
	called := ""
	note := func(event Event, id string) error { called = string(event.Name) + " " + id; return nil }
	h.OnMessageCreated(func(_ context.Context, e Event, d MessageCreated) error { return note(e, d.Message.ID) })
	h.OnMessageUpdated(func(_ context.Context, e Event, d MessageUpdated) error { return note(e, d.Message.ID) })
	h.OnMessageDeleted(func(_ context.Context, e Event, d MessageDeleted) error { return note(e, d.Message.ID) })
	h.OnReactionAdded(func(_ context.Context, e Event, d ReactionChanged) error { return note(e, d.Reaction.Emoji) })
	h.OnReactionRemoved(func(_ context.Context, e Event, d ReactionChanged) error { return note(e, d.Reaction.Emoji) })
	h.OnMessageMentioned(func(_ context.Context, e Event, d MessageMentioned) error { return note(e, d.Mentions[0].Name) })
	h.OnMessageModerated(func(_ context.Context, e Event, d MessageModerated) error { return note(e, string(d.Rule)) })
	h.OnChannelCreated(func(_ context.Context, e Event, d ChannelChanged) error { return note(e, d.Channel.ID) })
	h.OnChannelUpdated(func(_ context.Context, e Event, d ChannelChanged) error { return note(e, d.Channel.ID) })
	h.OnChannelDeleted(func(_ context.Context, e Event, d ChannelChanged) error {
		return note(e, d.Channel.ID+strconv.FormatBool(d.Channel.Deleted))
	})
	h.OnMemberJoined(func(_ context.Context, e Event, d MemberChanged) error { return note(e, d.UserID) })
	h.OnMemberLeft(func(_ context.Context, e Event, d MemberChanged) error { return note(e, d.UserID) })
	h.OnMemberUpdated(func(_ context.Context, e Event, d MemberChanged) error { return note(e, string(d.Role)) })
	h.OnUserCreated(func(_ context.Context, e Event, d UserChanged) error { return note(e, d.User.Name) })
	h.OnUserUpdated(func(_ context.Context, e Event, d UserChanged) error { return note(e, d.User.Name) })
	h.OnUserDeleted(func(_ context.Context, e Event, d UserChanged) error {
		return note(e, d.User.Name+strconv.FormatBool(d.User.Deleted))
	})
	h.OnUserSuspended(func(_ context.Context, e Event, d UserChanged) error { return note(e, d.User.Name) })
	h.OnUserRestored(func(_ context.Context, e Event, d UserChanged) error { return note(e, d.User.Name) })
	h.OnReportCreated(func(_ context.Context, e Event, d ReportCreated) error { return note(e, d.Report.Reason) })
	h.OnPing(func(_ context.Context, e Event) error { return note(e, "pong") })
	events := map[string][2]string{
		"message.created": {`{"message":{"id":"1"}}`, "1"}, "message.updated": {`{"message":{"id":"2"}}`, "2"},
		"message.deleted": {`{"message":{"id":"3"}}`, "3"}, "message.reaction.added": {`{"reaction":{"emoji":"4"}}`, "4"},
		"message.reaction.removed": {`{"reaction":{"emoji":"5"}}`, "5"}, "message.mentioned": {`{"mentions":[{"name":"6"}]}`, "6"},
		"message.moderated": {`{"rule":"7"}`, "7"}, "channel.created": {`{"channel":{"id":"8"}}`, "8"},
		"channel.updated": {`{"channel":{"id":"9"}}`, "9"}, "channel.deleted": {`{"channel":{"id":"10","deleted":true}}`, "10true"},
		"member.joined": {`{"user_id":"11"}`, "11"}, "member.left": {`{"user_id":"12"}`, "12"}, "member.updated": {`{"role":"13"}`, "13"},
		"user.created": {`{"user":{"name":"14"}}`, "14"}, "user.updated": {`{"user":{"name":"15"}}`, "15"},
		"user.deleted": {`{"user":{"name":"16","deleted":true}}`, "16true"}, "user.suspended": {`{"user":{"name":"17"}}`, "17"},
		"user.restored": {`{"user":{"name":"18"}}`, "18"}, "report.created": {`{"report":{"reason":"19"}}`, "19"}, "ping": {`{}`, "pong"},
	}
	for event, c := range events {
		called = ""
		if answer := deliver(h, event, c[0]); answer.Code != 204 || called != event+" "+c[1] {
			t.Errorf("%s: %d, called %q", event, answer.Code, called)
		}
	}
	// The contract test keeps these constants complete.
	constants, err := os.ReadFile("../webhooks.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`WebhookEvent = "([a-z.]+)"`).FindAllSubmatch(constants, -1) {
		if _, there := events[string(found[1])]; !there {
			t.Errorf("%[1]s has no function: write the type of its data in data.go, On… in events.go, and add %[1]s here", found[1])
		}
	}
}

func FuzzVerify(f *testing.F) {
	good := signed(secretA, "evt_1", noon, body)
	f.Add("evt_1", good.Get("webhook-timestamp"), good.Get("webhook-signature"), "", "", body)
	f.Add("", "", "", plainlySigned(secretA, body).Get("X-Cariosan-Signature"), "1769860800", body)
	f.Add("evt_1", "-9223372036854775808", "v1, v1,= ,, v1", "sha256=zz", "99999999999999999999", "null")
	f.Fuzz(func(t *testing.T, id, stamp, signature, plain, plainStamp, text string) {
		header := http.Header{
			"Webhook-Id": {id}, "Webhook-Timestamp": {stamp}, "Webhook-Signature": {signature},
			"X-Cariosan-Signature": {plain}, "X-Cariosan-Timestamp": {plainStamp},
		}
		v, err := newVerifier([]string{secretA, secretB})
		if err != nil {
			t.Fatal(err)
		}
		v.now = clock
		// Nobody but us knows the secrets, so what is taken for signed is a copy of what we signed.
		if _, err := v.verify(header, []byte(text)); err == nil && text != body {
			t.Errorf("%q is taken for signed", text)
		}
	})
}
