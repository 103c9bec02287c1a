package cariosan

import (
	"context"
	"encoding/json"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"time"
)

// goldenCall is the call of Client that stands for a route.
type goldenCall struct {
	route  *regexp.Regexp
	answer reflect.Type // nil: none that is returned
	list   string       // the member of a page that holds items of type answer
	do     func(ctx context.Context, c *Client, path []string, query url.Values, body json.RawMessage) (any, error)
}

// callFor finds the call, and the unescaped parts of the path.
func callFor(method, path string) (*goldenCall, []string) {
	for i, call := range goldenCalls {
		if found := call.route.FindStringSubmatch(method + " " + path); found != nil {
			arguments := slices.Clone(found[1:])
			for j := range arguments {
				arguments[j], _ = url.PathUnescape(arguments[j])
			}
			return &goldenCalls[i], arguments
		}
	}
	return nil, nil
}

var segment = regexp.MustCompile(`\{\}`)

func pattern(route string) *regexp.Regexp {
	return regexp.MustCompile("^" + segment.ReplaceAllString(route, "([^/]+)") + "$")
}

// one is a call that answers one object.
func one[T any](route string, do func(context.Context, *Client, []string, json.RawMessage) (*T, error)) goldenCall {
	return goldenCall{pattern(route), reflect.TypeFor[T](), "",
		func(ctx context.Context, c *Client, path []string, _ url.Values, body json.RawMessage) (any, error) {
			return do(ctx, c, path, body)
		}}
}

// many is a call that answers a page.
func many[T any](route, name string, do func(context.Context, *Client, []string, url.Values) (*Page[T], error)) goldenCall {
	return goldenCall{pattern(route), reflect.TypeFor[T](), name,
		func(ctx context.Context, c *Client, path []string, query url.Values, _ json.RawMessage) (any, error) {
			return do(ctx, c, path, query)
		}}
}

// none is a call that returns nothing but its error.
func none(route string, do func(context.Context, *Client, []string, url.Values) error) goldenCall {
	return goldenCall{pattern(route), nil, "",
		func(ctx context.Context, c *Client, path []string, query url.Values, _ json.RawMessage) (any, error) {
			return nil, do(ctx, c, path, query)
		}}
}

type body = json.RawMessage

var goldenCalls = slices.Concat(goldenUsers, goldenChannels, goldenMessages, goldenWebhooks, []goldenCall{
	one("GET /v1/workspace/figures", func(x context.Context, c *Client, _ []string, _ body) (*WorkspaceFigures, error) {
		return c.GetWorkspaceFigures(x)
	}),
	one("POST /v1/moderation/check", func(x context.Context, c *Client, _ []string, b body) (*TextVerdict, error) {
		return c.CheckText(x, requestOf[checkTextRequest](b).Content)
	}),
	one("GET /v1/workspace", func(x context.Context, c *Client, _ []string, _ body) (*Workspace, error) { return c.GetWorkspace(x) }),
	one("PATCH /v1/workspace", func(x context.Context, c *Client, _ []string, b body) (*Workspace, error) {
		return c.UpdateWorkspace(x, requestOf[WorkspacePatch](b))
	}),
	many("GET /v1/mutes", "mutes", func(x context.Context, c *Client, _ []string, q url.Values) (*Page[Mute], error) {
		return c.ListMutes(x, pageOf(q))
	}),
	many("GET /v1/reports", "reports", func(x context.Context, c *Client, _ []string, q url.Values) (*Page[Report], error) {
		var options []ReportsOption
		if q.Has("status") {
			options = append(options, WithStatus(ReportStatus(q.Get("status"))))
		}
		return c.ListReports(x, pageOf(q), options...)
	}),
	one("PATCH /v1/reports/{}", func(x context.Context, c *Client, p []string, b body) (*Report, error) {
		return c.UpdateReport(x, p[0], requestOf[ReportPatch](b))
	}),
	many("GET /v1/moderation/actions", "actions", func(x context.Context, c *Client, _ []string, q url.Values) (*Page[ModerationAction], error) {
		var options []ActionsOption
		if q.Has("user") {
			options = append(options, ByUser(q.Get("user")))
		}
		if q.Has("channel") {
			options = append(options, InChannel(q.Get("channel")))
		}
		return c.ListModerationActions(x, pageOf(q), options...)
	}),
})

var goldenUsers = []goldenCall{
	one("POST /v1/users", func(x context.Context, c *Client, _ []string, b body) (*User, error) {
		return c.UpsertUser(x, requestOf[UpsertUserRequest](b))
	}),
	many("GET /v1/users", "users", func(x context.Context, c *Client, _ []string, q url.Values) (*Page[User], error) {
		var options []UsersOption
		if q.Has("q") {
			options = append(options, Called(q.Get("q")))
		}
		return c.ListUsers(x, pageOf(q), options...)
	}),
	one("GET /v1/users/{}", func(x context.Context, c *Client, p []string, _ body) (*User, error) { return c.GetUser(x, p[0]) }),
	one("PATCH /v1/users/{}", func(x context.Context, c *Client, p []string, b body) (*User, error) {
		return c.UpdateUser(x, p[0], requestOf[UserPatch](b))
	}),
	none("DELETE /v1/users/{}", func(x context.Context, c *Client, p []string, q url.Values) error {
		if q.Get("messages") == "erase" {
			return c.DeleteUser(x, p[0], EraseMessages())
		}
		return c.DeleteUser(x, p[0])
	}),
	one("POST /v1/auth/token", func(x context.Context, c *Client, _ []string, b body) (*Token, error) {
		r := requestOf[tokenRequest](b)
		return c.IssueUserToken(x, r.UserID, time.Duration(r.TTLSeconds)*time.Second)
	}),
	one("PUT /v1/users/{}/suspension", func(x context.Context, c *Client, p []string, b body) (*User, error) {
		r := requestOf[suspensionBody](b)
		return c.SuspendUser(x, p[0], SuspensionRequest{For: time.Duration(r.Seconds) * time.Second, Reason: r.Reason})
	}),
	one("DELETE /v1/users/{}/suspension", func(x context.Context, c *Client, p []string, _ body) (*User, error) {
		return c.RestoreUser(x, p[0])
	}),
	one("PUT /v1/users/{}/mute", func(x context.Context, c *Client, p []string, b body) (*Mute, error) {
		r := requestOf[muteBody](b)
		return c.MuteUser(x, p[0], MuteRequest{For: time.Duration(r.Seconds) * time.Second, Channel: r.Channel, Reason: r.Reason})
	}),
	none("DELETE /v1/users/{}/mute", func(x context.Context, c *Client, p []string, q url.Values) error {
		return c.UnmuteUser(x, p[0], q.Get("channel"))
	}),
	{pattern("GET /v1/users/{}/export"), nil, "",
		func(x context.Context, c *Client, p []string, _ url.Values, _ body) (any, error) {
			for _, err := range c.ExportUser(x, p[0]) {
				if err != nil {
					return nil, err
				}
			}
			return nil, nil
		}},
}

var goldenChannels = []goldenCall{
	one("POST /v1/channels", func(x context.Context, c *Client, _ []string, b body) (*Channel, error) {
		return c.CreateChannel(x, requestOf[CreateChannelRequest](b))
	}),
	many("GET /v1/channels", "channels", func(x context.Context, c *Client, _ []string, q url.Values) (*Page[Channel], error) {
		var options []ChannelsOption
		if q.Has("member") {
			options = append(options, OfMember(q.Get("member")))
		}
		if q.Has("type") {
			options = append(options, OfType(ChannelType(q.Get("type"))))
		}
		return c.ListChannels(x, pageOf(q), options...)
	}),
	one("GET /v1/channels/{}", func(x context.Context, c *Client, p []string, _ body) (*Channel, error) { return c.GetChannel(x, p[0]) }),
	one("PATCH /v1/channels/{}", func(x context.Context, c *Client, p []string, b body) (*Channel, error) {
		return c.UpdateChannel(x, p[0], requestOf[ChannelPatch](b))
	}),
	none("DELETE /v1/channels/{}", func(x context.Context, c *Client, p []string, _ url.Values) error { return c.DeleteChannel(x, p[0]) }),
	many("GET /v1/channels/{}/members", "members", func(x context.Context, c *Client, p []string, q url.Values) (*Page[Member], error) {
		var options []MembersOption
		if q.Has("q") {
			options = append(options, Named(q.Get("q")))
		}
		return c.ListChannelMembers(x, p[0], pageOf(q), options...)
	}),
	one("POST /v1/channels/{}/members", func(x context.Context, c *Client, p []string, b body) (*MembersChanged, error) {
		r := requestOf[addMembersRequest](b)
		var options []MemberOption
		if r.Role == RoleAdmin {
			options = append(options, AsAdmin())
		}
		return c.AddChannelMembers(x, p[0], r.ExternalIDs, options...)
	}),
	one("PATCH /v1/channels/{}/members/{}", func(x context.Context, c *Client, p []string, b body) (*MembersChanged, error) {
		return c.UpdateChannelMember(x, p[0], p[1], requestOf[updateMemberRequest](b).Role)
	}),
	one("DELETE /v1/channels/{}/members/{}", func(x context.Context, c *Client, p []string, _ body) (*MembersChanged, error) {
		return c.RemoveChannelMember(x, p[0], p[1])
	}),
}

var goldenMessages = []goldenCall{
	one("POST /v1/channels/{}/messages", func(x context.Context, c *Client, p []string, b body) (*Message, error) {
		return c.SendMessage(x, p[0], requestOf[SendMessageRequest](b))
	}),
	many("GET /v1/channels/{}/messages", "messages", func(x context.Context, c *Client, p []string, q url.Values) (*Page[Message], error) {
		var options []MessagesOption
		for name, option := range map[string]func(string) MessagesOption{"before": Before, "after": After, "around": Around} {
			if q.Has(name) {
				options = append(options, option(q.Get(name)))
			}
		}
		return c.ListMessages(x, p[0], pageOf(q), options...)
	}),
	many("GET /v1/channels/{}/pins", "messages", func(x context.Context, c *Client, p []string, _ url.Values) (*Page[Message], error) {
		return c.Pins(x, p[0])
	}),
	one("GET /v1/channels/{}/messages/{}", func(x context.Context, c *Client, p []string, _ body) (*Message, error) {
		return c.GetMessage(x, p[0], p[1])
	}),
	none("DELETE /v1/channels/{}/messages/{}", func(x context.Context, c *Client, p []string, _ url.Values) error {
		return c.DeleteMessage(x, p[0], p[1])
	}),
	many("GET /v1/channels/{}/messages/{}/reactions", "reactions",
		func(x context.Context, c *Client, p []string, q url.Values) (*Page[MessageReaction], error) {
			return c.ListReactions(x, p[0], p[1], pageOf(q))
		}),
}

var goldenWebhooks = []goldenCall{
	one("POST /v1/webhooks", func(x context.Context, c *Client, _ []string, b body) (*WebhookWithSecret, error) {
		return c.CreateWebhook(x, requestOf[CreateWebhookRequest](b))
	}),
	one("POST /v1/webhooks/{}/rotate-secret", func(x context.Context, c *Client, p []string, _ body) (*WebhookWithSecret, error) {
		return c.RotateWebhookSecret(x, p[0], "")
	}),
	many("GET /v1/webhooks", "webhooks", func(x context.Context, c *Client, _ []string, q url.Values) (*Page[Webhook], error) {
		return c.ListWebhooks(x, pageOf(q))
	}),
	one("GET /v1/webhooks/{}", func(x context.Context, c *Client, p []string, _ body) (*Webhook, error) { return c.GetWebhook(x, p[0]) }),
	one("PATCH /v1/webhooks/{}", func(x context.Context, c *Client, p []string, b body) (*Webhook, error) {
		return c.UpdateWebhook(x, p[0], requestOf[WebhookPatch](b))
	}),
	none("DELETE /v1/webhooks/{}", func(x context.Context, c *Client, p []string, _ url.Values) error { return c.DeleteWebhook(x, p[0]) }),
	many("GET /v1/webhooks/{}/deliveries", "deliveries", func(x context.Context, c *Client, p []string, q url.Values) (*Page[Delivery], error) {
		return c.ListWebhookDeliveries(x, p[0], pageOf(q))
	}),
	one("POST /v1/webhooks/{}/deliveries/{}/retry", func(x context.Context, c *Client, p []string, _ body) (*Delivery, error) {
		return c.RetryDelivery(x, p[0], p[1])
	}),
	none("POST /v1/webhooks/{}/ping", func(x context.Context, c *Client, p []string, _ url.Values) error { return c.PingWebhook(x, p[0]) }),
}
