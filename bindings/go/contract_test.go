package cariosan

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cariosan/cariosan-go/internal/testserver"
)

// operation is a call of the server that a backend may make: the method here that makes it, and the bodies.
type operation struct {
	method  string       // of Client
	request reflect.Type // nil: no body
	answer  string       // the schema; empty: none, or the method does not return it
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// operations has every operation of /openapi.json that an API key may use.
var operations = map[string]operation{
	"workspaceGet":    {"GetWorkspace", nil, "Workspace"},
	"workspaceUpdate": {"UpdateWorkspace", typeOf[WorkspacePatch](), "Workspace"},
	"userUpsert":      {"UpsertUser", typeOf[UpsertUserRequest](), "User"},
	"userList":        {"Users", nil, "UserList"},
	"userUpdate":      {"UpdateUser", typeOf[UserPatch](), "User"},
	"userGet":         {"GetUser", nil, "User"},
	"userDelete":      {"DeleteUser", nil, ""},
	"userExport":      {"ExportUser", nil, "UserRecord"},
	// The same answer as authToken's, for internal ids too; one way to a token is enough.
	"userToken": {"", typeOf[struct {
		TTL int64 `json:"ttl_seconds,omitempty"`
	}](), "Token"},
	"authToken":      {"IssueUserToken", typeOf[tokenRequest](), "Token"},
	"muteSet":        {"MuteUser", typeOf[muteBody](), "Mute"},
	"muteLift":       {"UnmuteUser", nil, ""},
	"muteList":       {"Mutes", nil, "MuteList"},
	"moderationList": {"ModerationActions", nil, "ModerationActionList"},
	"webhookCreate":  {"CreateWebhook", typeOf[CreateWebhookRequest](), "WebhookCredentials"},
	"webhookList":    {"Webhooks", nil, "WebhookList"},
	"webhookGet":     {"GetWebhook", nil, "Webhook"},
	"webhookUpdate":  {"UpdateWebhook", typeOf[WebhookPatch](), "Webhook"},
	"webhookDelete":  {"DeleteWebhook", nil, ""},
	"deliveryList":   {"WebhookDeliveries", nil, "DeliveryList"},
	"deliveryRetry":  {"RetryDelivery", nil, "Delivery"},
	"webhookPing":    {"PingWebhook", nil, "Delivery"},
	"channelCreate":  {"CreateChannel", typeOf[CreateChannelRequest](), "Channel"},
	"channelList":    {"Channels", nil, "ChannelList"},
	"channelGet":     {"GetChannel", nil, "Channel"},
	"channelUpdate":  {"UpdateChannel", typeOf[ChannelPatch](), "Channel"},
	"channelDelete":  {"DeleteChannel", nil, ""},
	"memberList":     {"ChannelMembers", nil, "MemberList"},
	"memberAdd":      {"AddChannelMembers", typeOf[addMembersRequest](), "MembersChanged"},
	"memberUpdate":   {"UpdateChannelMember", typeOf[updateMemberRequest](), "MembersChanged"},
	"memberRemove":   {"RemoveChannelMember", nil, "MembersChanged"},
	"messageSend":    {"SendMessage", typeOf[SendMessageRequest](), "Message"},
	"messageList":    {"Messages", nil, "MessageList"},
	"messageGet":     {"GetMessage", nil, "Message"},
	"messageDelete":  {"DeleteMessage", nil, "Message"},
	"reactionList":   {"Reactions", nil, "ReactionList"},
}

// parameters are those of the queries, by the option or argument that sets them.
var parameters = map[string][]string{
	"userDelete": {"messages"}, "userExport": {"cursor"}, "muteLift": {"channel"},
	"moderationList": {"cursor", "limit", "channel", "user"}, "messageList": {"cursor", "limit", "after", "around", "before"},
}

// schemas are the types of this package by the names of /openapi.json.
var schemas = map[string]reflect.Type{
	"Workspace": typeOf[Workspace](), "Moderation": typeOf[Moderation](), "ModerationPatch": typeOf[ModerationPatch](),
	"RulePatch": typeOf[RulePatch](), "User": typeOf[User](), "UserSummary": typeOf[UserSummary](), "UserRecord": typeOf[UserRecord](),
	"Receipt": typeOf[Receipt](), "Token": typeOf[Token](), "Mute": typeOf[Mute](), "ModerationRecord": typeOf[ModerationAction](),
	"Webhook": typeOf[Webhook](), "WebhookCredentials": typeOf[WebhookWithSecret](), "Delivery": typeOf[Delivery](),
	"Channel": typeOf[Channel](), "Member": typeOf[Member](), "MembersChanged": typeOf[MembersChanged](),
	"Message": typeOf[Message](), "Quote": typeOf[Quote](), "Mention": typeOf[Mention](), "Reaction": typeOf[Reaction](),
	"MessageReaction": typeOf[MessageReaction](),
}

// lists are the types of a page's items.
var lists = map[string]reflect.Type{
	"UserList": typeOf[User](), "MuteList": typeOf[Mute](), "ModerationActionList": typeOf[ModerationAction](),
	"WebhookList": typeOf[Webhook](), "DeliveryList": typeOf[Delivery](), "ChannelList": typeOf[Channel](),
	"MemberList": typeOf[Member](), "MessageList": typeOf[Message](), "ReactionList": typeOf[MessageReaction](),
}

// contract compares the types of this package with what the server says of itself.
type contract struct {
	t         *testing.T
	document  map[string]any
	schemas   map[string]any
	constants map[string][]string // by type
	checked   map[string]bool
}

func TestContract(t *testing.T) {
	server := testserver.Start(t)
	c := &contract{t: t, document: server.OpenAPI(), constants: constants(t), checked: map[string]bool{}}
	c.schemas = member(member(c.document, "components"), "schemas")
	left := maps.Clone(operations)
	for path, methods := range member(c.document, "paths") {
		for method, described := range methods.(map[string]any) {
			o := described.(map[string]any)
			if isForBackends(o) {
				id := o["operationId"].(string)
				c.operation(strings.ToUpper(method)+" "+path, id, o)
				delete(left, id)
			}
		}
	}
	for id := range left {
		t.Errorf("the server has no operation %s", id)
	}
	for name := range schemas {
		if !c.checked[name] {
			t.Errorf("no operation for backends has the schema %s", name)
		}
	}
	c.errorCodes()
	t.Logf("%d operations, %d schemas", len(operations)-len(left), len(c.checked))
}

func isForBackends(operation map[string]any) bool {
	security, _ := operation["security"].([]any)
	return slices.ContainsFunc(security, func(one any) bool { return one.(map[string]any)["apiKey"] != nil })
}

func (c *contract) operation(where, id string, described map[string]any) {
	o, known := operations[id]
	if !known {
		c.t.Errorf("%s (%s) has no method", where, id)
		return
	}
	if o.method != "" {
		if _, there := typeOf[*Client]().MethodByName(o.method); !there {
			c.t.Errorf("%s: Client has no method %s", where, o.method)
		}
	}
	if body := bodySchema(described["requestBody"]); body != nil || o.request != nil {
		c.request(where, body, o.request)
	}
	want := slices.Clone(parameters[id])
	if strings.HasSuffix(o.answer, "List") && want == nil {
		want = []string{"cursor", "limit"}
	}
	var got []string
	list, _ := described["parameters"].([]any)
	for _, one := range list {
		if p := one.(map[string]any); p["in"] == "query" {
			got = append(got, p["name"].(string))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		c.t.Errorf("%s: the query has %v, not %v", where, got, want)
	}
	c.answers(where, o, member(described, "responses"))
}

func (c *contract) answers(where string, o operation, responses map[string]any) {
	for _, status := range []int{http.StatusOK, http.StatusCreated, http.StatusNoContent} {
		response, there := responses[fmt.Sprint(status)].(map[string]any)
		if !there {
			continue
		}
		got := strings.TrimPrefix(fmt.Sprint(bodySchema(response)["$ref"]), "#/components/schemas/")
		if status == http.StatusNoContent {
			got = ""
		}
		switch item := lists[o.answer]; {
		case got != o.answer:
			c.t.Errorf("%s answers %s, not %s", where, got, o.answer)
		case item != nil:
			c.list(got, item)
		case got != "":
			c.named(where, got, schemas[got])
		}
	}
}

// list compares a page: its items, and what stands beside them.
func (c *contract) list(name string, item reflect.Type) {
	for property, schema := range member(c.schemas[name].(map[string]any), "properties") {
		switch property {
		case "has_more", "next_cursor", "rev", "receipt_rev", "epoch": // members of Page
		default:
			c.value(name+"."+property, schema.(map[string]any), reflect.SliceOf(item))
		}
	}
}

func (c *contract) named(where, name string, goType reflect.Type) {
	if goType == nil {
		c.t.Errorf("%s: there is no type for the schema %s", where, name)
		return
	}
	if want := schemas[name]; want != nil && want != goType {
		c.t.Errorf("%s is a %s, not a %s", where, goType, want)
	}
	if !c.checked[name] {
		c.checked[name] = true
		c.value(name, c.schemas[name].(map[string]any), goType)
	}
}

// errorCodes compares the envelope of errors, and with it the codes.
func (c *contract) errorCodes() {
	envelope := member(member(c.schemas, "Error"), "properties")
	c.structure("Error", member(envelope, "error"), typeOf[Error](), false)
}

var timeType = typeOf[time.Time]()
