package cariosan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cariosan/cariosan-go/internal/testserver"
)

// impatient is a client of a new workspace that does not wait between attempts, and uses each connection once.
func impatient(w testserver.Workspace, url string, options ...Option) *Client {
	transport := &http.Transport{DisableKeepAlives: true}
	client := New(w.Key, w.Secret, url, append([]Option{WithHTTPClient(&http.Client{Transport: transport})}, options...)...)
	client.wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return client
}

// must returns what a call returned, which may not have failed.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// all collects what an iterator yields.
func all[T any](t *testing.T, items func(func(T, error) bool)) []T {
	t.Helper()
	var out []T
	for item, err := range items {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, item)
	}
	return out
}

// shop has the users alice and bob and the group order_1 of both.
func shop(t *testing.T, c *Client) *Channel {
	t.Helper()
	ctx := context.Background()
	for _, name := range []string{"alice", "bob"} {
		must(c.UpsertUser(ctx, UpsertUserRequest{ExternalID: name, Name: strings.ToUpper(name)}))
	}
	return must(c.CreateChannel(ctx, CreateChannelRequest{
		Type: ChannelGroup, ExternalID: "order_1", Name: "Order 1", MemberExternalIDs: []string{"alice", "bob"},
	}))
}

func TestUsersOfTheServer(t *testing.T) {
	server, ctx := testserver.Start(t), context.Background()
	c := impatient(server.Workspace(), server.URL)
	for i := range 230 {
		user := must(c.UpsertUser(ctx, UpsertUserRequest{ExternalID: fmt.Sprint("user ", i), Name: "N"}))
		if !user.Created {
			t.Fatal("a new user was there before")
		}
	}
	if users := all(t, c.Users(ctx)); len(users) != 230 {
		t.Errorf("%d users", len(users))
	}
	page := must(c.ListUsers(ctx, PageOptions{Limit: 7}))
	if next := must(c.ListUsers(ctx, PageOptions{Limit: 7, Cursor: page.NextCursor})); len(page.Items) != 7 || next.Items[0].ID == page.Items[6].ID {
		t.Errorf("pages of %d and %d", len(page.Items), len(next.Items))
	}
	odd := "a/b ü?#%2F"
	user := must(c.UpsertUser(ctx, UpsertUserRequest{
		ExternalID: odd, Name: "Odd", AvatarURL: Set("https://a.example/a.png"), Metadata: Set(map[string]any{"vip": true}),
	}))
	again := must(c.UpsertUser(ctx, UpsertUserRequest{ExternalID: odd, AvatarURL: Null[string]()}))
	if again.Created || again.ID != user.ID || again.AvatarURL != "" || again.Metadata["vip"] != true || again.CreatedAt.IsZero() {
		t.Errorf("%+v", again)
	}
	if got := must(c.UpdateUser(ctx, odd, UserPatch{Name: Set("Odder")})); got.Name != "Odder" {
		t.Errorf("%+v", got)
	}
	if got := must(c.GetUser(ctx, odd)); got.ID != user.ID {
		t.Errorf("%+v", got)
	}
	token := must(c.IssueUserToken(ctx, odd, time.Hour))
	if left := time.Until(token.ExpiresAt); left < 59*time.Minute || left > 61*time.Minute || !signsIn(t, server.URL, token.Token) {
		t.Errorf("%+v", token)
	}
	if err := c.DeleteUser(ctx, odd, EraseMessages()); err != nil {
		t.Error(err)
	}
	if _, err := c.GetUser(ctx, odd); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func signsIn(t *testing.T, url, token string) bool {
	request, _ := http.NewRequest(http.MethodGet, url+"/v1/me", nil)
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

func TestChannelsAndMessagesOfTheServer(t *testing.T) {
	server, ctx := testserver.Start(t), context.Background()
	c := impatient(server.Workspace(), server.URL)
	channel := shop(t, c)
	if same := must(c.CreateChannel(ctx, CreateChannelRequest{Type: ChannelGroup, ExternalID: "order_1"})); same.Created || !channel.Created {
		t.Error("the group was made twice")
	}
	if direct := must(c.DirectChannel(ctx, "alice", "bob")); direct.Type != ChannelDirect || !direct.Created {
		t.Errorf("%+v", direct)
	}
	if got := must(c.UpdateChannel(ctx, "order_1", ChannelPatch{Name: Set("Sold")})); got.Name != "Sold" || got.SettingsRev <= channel.SettingsRev {
		t.Errorf("%+v", got)
	}
	if got := all(t, c.Channels(ctx)); len(got) != 2 || must(c.GetChannel(ctx, channel.ID)).ExternalID != "order_1" {
		t.Errorf("%d channels", len(got))
	}
	var many []string
	for i := range 150 {
		many = append(many, fmt.Sprint("guest", i))
		must(c.UpsertUser(ctx, UpsertUserRequest{ExternalID: many[i], Name: "Guest"}))
	}
	if added := must(c.AddChannelMembers(ctx, "order_1", many, AsAdmin())); len(added.Members) != 150 || added.Members[149].Role != RoleAdmin {
		t.Errorf("%d added", len(added.Members))
	}
	must(c.UpdateChannelMember(ctx, "order_1", "guest1", RoleMember))
	if gone := must(c.RemoveChannelMember(ctx, "order_1", "guest2")); !gone.Members[0].Left {
		t.Errorf("%+v", gone.Members[0])
	}
	if members := all(t, c.ChannelMembers(ctx, "order_1")); len(members) != 151 {
		t.Errorf("%d members", len(members))
	}
	first := must(c.SendMessage(ctx, "order_1", SendMessageRequest{User: "alice", Content: "Halo 👋"}))
	key := NewIdempotencyKey()
	reply := SendMessageRequest{User: "bob", Content: "@ALICE yes", ParentID: first.ID, Mentions: []NamedMention{{User: "alice", Spans: []Span{{0, 6}}}}, IdempotencyKey: key}
	sent := must(c.SendMessage(ctx, "order_1", reply))
	twice := must(c.SendMessage(ctx, "order_1", reply))
	quote, quoted := sent.QuotedMessage.Get()
	if sent.Duplicate || !twice.Duplicate || twice.ID != sent.ID || !quoted || quote.Content != "Halo 👋" || sent.Mentions[0].ExternalID != "alice" || !slices.Equal(sent.Mentions[0].Spans, reply.Mentions[0].Spans) {
		t.Errorf("%+v, then %+v", sent, twice)
	}
	must(c.SendMessage(ctx, "order_1", SendMessageRequest{User: "alice", Content: "paid", Type: MessageSystem}))
	if err := c.DeleteMessage(ctx, "order_1", first.ID); err != nil || must(c.GetMessage(ctx, "order_1", first.ID)).DeletedAt.IsZero() {
		t.Errorf("the message is not unsent: %v", err)
	}
	if got := all(t, c.Reactions(ctx, "order_1", sent.ID)); len(got) != 0 {
		t.Errorf("%d reactions", len(got))
	}
	checkOrder(t, c, first, sent)
	if err := c.DeleteChannel(ctx, "order_1"); err != nil {
		t.Error(err)
	}
}

func checkOrder(t *testing.T, c *Client, first, sent *Message) {
	ctx := context.Background()
	seqs := func(options ...MessagesOption) (out []int64) {
		for _, message := range all(t, c.Messages(ctx, "order_1", options...)) {
			out = append(out, message.Seq)
		}
		return out
	}
	for name, c := range map[string]struct{ got, want []int64 }{
		"all": {seqs(), []int64{3, 2, 1}}, "before": {seqs(Before(sent.ID)), []int64{1}},
		"after": {seqs(After(first.ID)), []int64{3, 2}}, "around": {seqs(Around("seq:2")), []int64{3, 2, 1}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v, not %v", name, c.got, c.want)
		}
	}
}

func TestModerationOfTheServer(t *testing.T) {
	server, ctx := testserver.Start(t), context.Background()
	c := impatient(server.Workspace(), server.URL)
	shop(t, c)
	workspace := must(c.UpdateWorkspace(ctx, WorkspacePatch{
		EditWindowSeconds: Set[int64](60),
		Moderation:        Set(ModerationPatch{Enabled: Set(true), Blocklist: Set([]string{"kodok"})}),
	}))
	if window, limited := workspace.EditWindowSeconds.Get(); !limited || window != 60 || !workspace.Moderation.Rules.Profanity.Enabled {
		t.Errorf("%+v", workspace)
	}
	must(c.UpdateWorkspace(ctx, WorkspacePatch{EditWindowSeconds: Null[int64]()}))
	if window := must(c.GetWorkspace(ctx)).EditWindowSeconds; !window.IsNull() {
		t.Errorf("the window is %v", window)
	}
	sendAs(t, server.URL, "order_1", must(c.IssueUserToken(ctx, "alice", 0)).Token, `{"content":"you kodok"}`, http.StatusCreated)
	found := all(t, c.ModerationActions(ctx, ByUser("alice"), InChannel("order_1")))
	if len(found) != 1 || found[0].Rule != RuleBlocklist || found[0].Action != ActionMask || len(all(t, c.ModerationActions(ctx, ByUser("bob")))) != 0 {
		t.Errorf("%+v", found)
	}
	mute := must(c.MuteUser(ctx, "bob", MuteRequest{For: time.Minute, Channel: "order_1", Reason: "noise"}))
	if mute.Until.IsZero() || mute.Reason != "noise" || mute.ChannelExternalID != "order_1" || len(all(t, c.Mutes(ctx))) != 1 {
		t.Errorf("%+v", mute)
	}
	if err := c.UnmuteUser(ctx, "bob", "order_1"); err != nil || len(all(t, c.Mutes(ctx))) != 0 {
		t.Errorf("the mute holds: %v", err)
	}
	kinds := map[RecordKind]int{}
	for _, record := range all(t, c.ExportUser(ctx, "alice")) {
		kinds[record.Kind]++
		var user User
		if record.Kind == RecordUser && (record.Decode(&user) != nil || user.ExternalID != "alice") {
			t.Errorf("%s", record.Raw)
		}
	}
	if kinds[RecordUser] != 1 || kinds[RecordMembership] != 1 || kinds[RecordMessage] != 1 || kinds[RecordModeration] != 1 {
		t.Errorf("exported %v", kinds)
	}
}

// sendAs sends a message as a user's own client does.
func sendAs(t *testing.T, url, channel, token, body string, want int) {
	t.Helper()
	request, _ := http.NewRequest(http.MethodPost, url+"/v1/channels/"+channel+"/messages", strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != want {
		t.Errorf("answered %d", answer.StatusCode)
	}
}

func TestErrorsOfTheServer(t *testing.T) {
	server, ctx := testserver.Start(t), context.Background()
	w := server.Workspace()
	c := impatient(w, server.URL)
	shop(t, c)
	direct := must(c.DirectChannel(ctx, "alice", "bob"))
	key := NewIdempotencyKey()
	must(c.SendMessage(ctx, "order_1", SendMessageRequest{User: "alice", Content: "one", IdempotencyKey: key}))
	failing := func(_ any, err error) error { return err }
	for name, got := range map[string]struct{ err, kind error }{
		CodeNotFound:     {failing(c.GetUser(ctx, "nobody")), ErrNotFound},
		CodeUnauthorized: {failing(New(w.Key, "sk_wrong", server.URL).GetWorkspace(ctx)), ErrUnauthorized},
		CodeForbidden:    {failing(c.RemoveChannelMember(ctx, direct.ID, "bob")), ErrForbidden},
		CodeValidation:   {failing(c.UpsertUser(ctx, UpsertUserRequest{ExternalID: "new"})), ErrValidation},
		CodeConflict:     {failing(c.SendMessage(ctx, "order_1", SendMessageRequest{User: "alice", Content: "two", IdempotencyKey: key})), ErrConflict},
		CodePayloadTooLarge: {failing(c.SendMessage(ctx, "order_1",
			SendMessageRequest{User: "alice", Content: strings.Repeat("x", 9000)})), ErrTooLarge},
	} {
		var e *Error
		if !errors.As(got.err, &e) || e.Code != name || !errors.Is(got.err, got.kind) || e.RequestID == "" || e.Message == "" {
			t.Errorf("%s: %v", name, got.err)
		}
		if name == CodeValidation && e != nil && e.Details["field"] != "name" {
			t.Errorf("the details are %v", e.Details)
		}
	}
}

func TestRateLimitsOfTheServer(t *testing.T) {
	server := testserver.Start(t, "CARIOS_RATE_LIMITS=on")
	w := server.Workspace()
	var limited atomic.Pointer[Error]
	var group sync.WaitGroup
	c := New(w.Key, w.Secret, server.URL, WithMaxRetries(0))
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; i < 5000 && limited.Load() == nil; i++ {
				var e *Error
				if _, err := c.GetWorkspace(context.Background()); errors.As(err, &e) && errors.Is(err, ErrRateLimit) {
					limited.Store(e)
				}
			}
		}()
	}
	group.Wait()
	if e := limited.Load(); e == nil || e.RetryAfter <= 0 || !e.Retryable || e.Code != CodeRateLimited {
		t.Errorf("%+v", e)
	}
}

// Whatever is cut, each message is there once and in order.
func TestSendsThroughAProxyThatCuts(t *testing.T) {
	server, ctx := testserver.Start(t), context.Background()
	w := server.Workspace()
	shop(t, impatient(w, server.URL))
	var plan []cutting
	for i := range 60 {
		plan = append(plan, []cutting{atOnce, beforeAnswer, insideAnswer, nowhere, beforeAnswer, nowhere}[i%6])
	}
	c := impatient(w, startProxy(t, server.URL, plan...).url(), WithMaxRetries(3))
	duplicates := 0
	var want []string
	for i := range 40 {
		sent, err := c.SendMessage(ctx, "order_1", SendMessageRequest{User: "alice", Content: fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		if sent.Duplicate {
			duplicates++
		}
		want = append([]string{fmt.Sprint(i)}, want...)
	}
	var got []string
	for _, message := range all(t, impatient(w, server.URL).Messages(ctx, "order_1")) {
		got = append(got, message.Content)
	}
	if !slices.Equal(got, want) || duplicates == 0 {
		t.Errorf("%d duplicates; the channel has %v", duplicates, got)
	}
	webhook, err := impatient(w, startProxy(t, server.URL, beforeAnswer).url()).CreateWebhook(ctx, CreateWebhookRequest{
		URL: "https://shop.example/", Events: []WebhookEvent{EventAll},
	})
	if err != nil || webhook.SigningSecret == "" || len(all(t, impatient(w, server.URL).Webhooks(ctx))) != 1 {
		t.Fatalf("a webhook whose answer is lost was made again, or not at all: %v", err)
	}
	rotated, err := impatient(w, startProxy(t, server.URL, beforeAnswer).url()).RotateWebhookSecret(ctx, webhook.ID, "rotation")
	if err != nil || rotated.SigningSecret == webhook.SigningSecret {
		t.Fatalf("a secret whose answer is lost: %v", err)
	}
	again, err := impatient(w, server.URL).RotateWebhookSecret(ctx, webhook.ID, "rotation")
	if err != nil || again.SigningSecret != rotated.SigningSecret {
		t.Errorf("the same rotation answers another secret: %v", err)
	}
	if err := impatient(w, startProxy(t, server.URL, beforeAnswer).url()).DeleteChannel(ctx, "order_1"); err != nil {
		t.Errorf("a deletion whose answer is lost: %v", err)
	}
}

// The server dies in the middle of sends of several goroutines and comes back.
func TestSendsAcrossACrash(t *testing.T) {
	server, ctx := testserver.Start(t), context.Background()
	w := server.Workspace()
	shop(t, impatient(w, server.URL))
	c := impatient(w, server.URL, WithMaxRetries(1_000_000))
	restarted := make(chan struct{})
	c.wait = func(context.Context, time.Duration) error { <-restarted; return nil }
	var sent atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, 8)
	reached := make(chan struct{})
	for who := range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := range 50 {
				if _, err := c.SendMessage(ctx, "order_1", SendMessageRequest{User: "bob", Content: fmt.Sprint(who, "/", i)}); err != nil {
					failures <- err
					return
				}
				if sent.Add(1) == 60 {
					close(reached)
				}
			}
		}()
	}
	<-reached
	server.Kill()
	server.Restart()
	close(restarted)
	group.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	next := map[string]int{}
	messages := all(t, c.Messages(ctx, "order_1"))
	slices.Reverse(messages)
	for _, message := range messages {
		who, number, _ := strings.Cut(message.Content, "/")
		if number != fmt.Sprint(next[who]) {
			t.Errorf("%s comes where %d is due", message.Content, next[who])
		}
		next[who]++
	}
	if text, _ := json.Marshal(next); len(messages) != 200 {
		t.Errorf("%d messages: %s", len(messages), text)
	}
}
