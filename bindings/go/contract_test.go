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
	"workspaceGet":     {"GetWorkspace", nil, "Workspace"},
	"workspaceFigures": {"GetWorkspaceFigures", nil, "WorkspaceFigures"},
	"workspaceUpdate":  {"UpdateWorkspace", typeOf[WorkspacePatch](), "Workspace"},
	"userUpsert":       {"UpsertUser", typeOf[UpsertUserRequest](), "User"},
	"userList":         {"Users", nil, "UserList"},
	"userUpdate":       {"UpdateUser", typeOf[UserPatch](), "User"},
	"userGet":          {"GetUser", nil, "User"},
	"userDelete":       {"DeleteUser", nil, ""},
	"userExport":       {"ExportUser", nil, "UserRecord"},
	// The same answer as authToken's, for internal ids too; one way to a token is enough.
	"userToken": {"", typeOf[struct {
		TTL int64 `json:"ttl_seconds,omitempty"`
	}](), "Token"},
	"authToken":           {"IssueUserToken", typeOf[tokenRequest](), "Token"},
	"muteSet":             {"MuteUser", typeOf[muteBody](), "Mute"},
	"muteLift":            {"UnmuteUser", nil, ""},
	"muteList":            {"Mutes", nil, "MuteList"},
	"userSuspend":         {"SuspendUser", typeOf[suspensionBody](), "User"},
	"userRestore":         {"RestoreUser", nil, "User"},
	"reportList":          {"Reports", nil, "ReportList"},
	"reportUpdate":        {"UpdateReport", typeOf[ReportPatch](), "Report"},
	"pinList":             {"Pins", nil, "MessageList"},
	"moderationList":      {"ModerationActions", nil, "ModerationActionList"},
	"moderationCheck":     {"CheckText", typeOf[checkTextRequest](), "TextVerdict"},
	"webhookCreate":       {"CreateWebhook", typeOf[CreateWebhookRequest](), "WebhookCredentials"},
	"webhookRotateSecret": {"RotateWebhookSecret", nil, "WebhookCredentials"},
	"webhookList":         {"Webhooks", nil, "WebhookList"},
	"webhookGet":          {"GetWebhook", nil, "Webhook"},
	"webhookUpdate":       {"UpdateWebhook", typeOf[WebhookPatch](), "Webhook"},
	"webhookDelete":       {"DeleteWebhook", nil, ""},
	"deliveryList":        {"WebhookDeliveries", nil, "DeliveryList"},
	"deliveryRetry":       {"RetryDelivery", nil, "Delivery"},
	"webhookPing":         {"PingWebhook", nil, "Delivery"},
	"channelCreate":       {"CreateChannel", typeOf[CreateChannelRequest](), "ChannelAnswer"},
	"channelList":         {"Channels", nil, "ChannelList"},
	"channelGet":          {"GetChannel", nil, "ChannelAnswer"},
	"channelUpdate":       {"UpdateChannel", typeOf[ChannelPatch](), "ChannelAnswer"},
	"channelDelete":       {"DeleteChannel", nil, ""},
	"memberList":          {"ChannelMembers", nil, "MemberList"},
	"memberAdd":           {"AddChannelMembers", typeOf[addMembersRequest](), "MembersChanged"},
	"memberUpdate":        {"UpdateChannelMember", typeOf[updateMemberRequest](), "MembersChanged"},
	"memberRemove":        {"RemoveChannelMember", nil, "MembersChanged"},
	"messageSend":         {"SendMessage", typeOf[SendMessageRequest](), "Message"},
	"messageList":         {"Messages", nil, "MessageList"},
	"messageGet":          {"GetMessage", nil, "Message"},
	"messageDelete":       {"DeleteMessage", nil, "Message"},
	"reactionList":        {"Reactions", nil, "ReactionList"},
}

// parameters are those of the queries, by the option or argument that sets them.
var parameters = map[string][]string{
	"userDelete": {"messages"}, "userExport": {"cursor"}, "muteLift": {"channel"},
	"moderationList": {"cursor", "limit", "channel", "user"}, "messageList": {"cursor", "limit", "after", "around", "before"},
	"channelList": {"cursor", "limit", "member", "type"}, "userList": {"cursor", "limit", "q"}, "memberList": {"cursor", "limit", "q"}, "reportList": {"cursor", "limit", "status"},
	"pinList": {},
}

// headers are the parameters in headers, beyond those that every call has.
var headers = map[string][]string{"webhookCreate": {"Idempotency-Key"}, "webhookRotateSecret": {"Idempotency-Key"}}

// schemas are the types of this package by the names of /openapi.json.
var schemas = map[string]reflect.Type{
	"Workspace": typeOf[Workspace](), "Moderation": typeOf[Moderation](), "ModerationPatch": typeOf[ModerationPatch](),
	"RulePatch": typeOf[RulePatch](), "User": typeOf[User](), "UserSummary": typeOf[UserSummary](), "UserRecord": typeOf[UserRecord](),
	"Receipt": typeOf[Receipt](), "Token": typeOf[Token](), "Mute": typeOf[Mute](), "ModerationRecord": typeOf[ModerationAction](),
	"Webhook": typeOf[Webhook](), "WebhookCredentials": typeOf[WebhookWithSecret](), "Delivery": typeOf[Delivery](),
	"Channel": typeOf[Channel](), "ChannelAnswer": typeOf[Channel](), "Member": typeOf[Member](), "MembersChanged": typeOf[MembersChanged](),
	"Message": typeOf[Message](), "Quote": typeOf[Quote](), "Mention": typeOf[Mention](), "Reaction": typeOf[Reaction](),
	"MessageReaction": typeOf[MessageReaction](), "Report": typeOf[Report](),
	"WorkspaceFigures": typeOf[WorkspaceFigures](), "TextVerdict": typeOf[TextVerdict](),
}

// lists are the types of a page's items.
var lists = map[string]reflect.Type{
	"UserList": typeOf[User](), "MuteList": typeOf[Mute](), "ModerationActionList": typeOf[ModerationAction](),
	"WebhookList": typeOf[Webhook](), "DeliveryList": typeOf[Delivery](), "ChannelList": typeOf[Channel](),
	"MemberList": typeOf[Member](), "MessageList": typeOf[Message](), "ReactionList": typeOf[MessageReaction](), "ReportList": typeOf[Report](),
}

// alone are the members of a type that only come with a thing that is answered alone: a list has them beside its items.
var alone = map[reflect.Type][]string{typeOf[Channel](): {"epoch"}}

// contract compares the types of this package with what the server says of itself.
type contract struct {
	schemas map[string]any
	source  source
	checked map[string]bool
	sending bool // what is compared is a request
	wrong   func(problem, remedy string)
}

func TestContract(t *testing.T) {
	document := testserver.Start(t).OpenAPI()
	operations, schemas := checkContract(document, readSource(t), func(problem, remedy string) {
		t.Errorf("%s\n        %s", problem, strings.ReplaceAll(remedy, "\n", "\n        "))
	})
	t.Logf("%d operations, %d schemas", operations, schemas)
	if t.Failed() {
		t.Log("The server and this module differ. Where each thing belongs is in bindings/go/CONTRIBUTING.md.")
	}
}

// checkContract tells wrong of each difference and what to do about it. It returns how much it compared.
func checkContract(document map[string]any, source source, wrong func(problem, remedy string)) (int, int) {
	c := &contract{source: source, checked: map[string]bool{}, wrong: wrong}
	c.schemas = member(member(document, "components"), "schemas")
	left := maps.Clone(operations)
	for path, methods := range member(document, "paths") {
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
		c.wrong("the server has no operation "+id, "Take it out of operations in contract_test.go, and its method out of Client.")
	}
	for name := range schemas {
		if !c.checked[name] {
			c.wrong("no operation for backends has the schema "+name, "Take it out of schemas in contract_test.go, and its type out of the package.")
		}
	}
	c.errorCodes()
	return len(operations) - len(left), len(c.checked)
}

func isForBackends(operation map[string]any) bool {
	security, _ := operation["security"].([]any)
	return slices.ContainsFunc(security, func(one any) bool { return one.(map[string]any)["apiKey"] != nil })
}

func (c *contract) operation(where, id string, described map[string]any) {
	o, known := operations[id]
	if !known {
		c.wrong(fmt.Sprintf("%s (%s) has no method", where, id), c.newOperation(where, id, described))
		return
	}
	if o.method != "" {
		if _, there := typeOf[*Client]().MethodByName(o.method); !there {
			c.wrong(fmt.Sprintf("%s: Client has no method %s", where, o.method), "Write it, or correct its name in operations in contract_test.go.")
		}
	}
	if body := bodySchema(described["requestBody"]); body != nil || o.request != nil {
		c.request(where, body, o.request)
	}
	query := slices.Clone(parameters[id])
	if strings.HasSuffix(o.answer, "List") && query == nil {
		query = []string{"cursor", "limit"}
	}
	c.parameters(where, id, "query", described, query)
	c.parameters(where, id, "header", described, headers[id])
	c.answers(where, o, member(described, "responses"))
}

// parameters compares the names of those that are in this place.
func (c *contract) parameters(where, id, place string, described map[string]any, want []string) {
	got := namesOfParameters(described, place)
	if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		table := map[string]string{"query": "parameters", "header": "headers"}[place]
		c.wrong(fmt.Sprintf("%s: the %s has %v, not %v", where, place, got, want), fmt.Sprintf(
			"Give the method an option or a field of its request that sets it, and write in contract_test.go, in %s:\n%q: %#v,",
			table, id, got))
	}
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
			c.wrong(fmt.Sprintf("%s answers %s, not %s", where, got, o.answer), fmt.Sprintf(
				"If the method's type can hold it, write %[1]q for its answer in operations in contract_test.go, and %[1]q: typeOf[its type]() in schemas.", got))
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
		c.wrong(fmt.Sprintf("%s: there is no type for the schema %s", where, name), c.newType(name))
		return
	}
	if want := schemas[name]; want != nil && want != goType {
		c.wrong(fmt.Sprintf("%s is a %s, not a %s", where, goType, want), "Give the field the type that schemas in contract_test.go has for it.")
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
