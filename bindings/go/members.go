package cariosan

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// A Role is what a member of a group may do.
type Role string

// The roles.
const (
	RoleMember Role = "member"
	RoleAdmin  Role = "admin"
)

// A Member is a user in a channel. Of one who has left only UserID, Left and Rev are set.
type Member struct {
	User     UserSummary `json:"user,omitempty"`
	Role     Role        `json:"role,omitempty"`
	JoinedAt time.Time   `json:"joined_at,omitempty"`
	Rev      int64       `json:"rev"` // the channel's revision of the last change
	UserID   string      `json:"user_id,omitempty"`
	Left     bool        `json:"left,omitempty"`
}

// MembersChanged is how the named members are after a change, and the channel's revision.
type MembersChanged struct {
	Members []*Member `json:"members"`
	Rev     int64     `json:"rev"`
}

// membersPerCall is how many members the server takes at once.
const membersPerCall = 100

type addMembersRequest struct {
	ExternalIDs []string `json:"external_ids"`
	Role        Role     `json:"role,omitempty"`
}

type updateMemberRequest struct {
	Role Role `json:"role"`
}

// A MemberOption says how members are added.
type MemberOption func(*addMembersRequest)

// AsAdmin adds them as admins of the group.
func AsAdmin() MemberOption {
	return func(r *addMembersRequest) { r.Role = RoleAdmin }
}

// AddChannelMembers adds users, named by their external ids, to a group. Existing members stay as they
// are. More than 100 are added 100 at a time: an error then comes with the result of the ones before, and the same call
// may be made again.
func (c *Client) AddChannelMembers(ctx context.Context, channel string, users []string, options ...MemberOption) (*MembersChanged, error) {
	body := addMembersRequest{}
	for _, option := range options {
		option(&body)
	}
	all := &MembersChanged{}
	if len(users) == 0 {
		users = []string{} // let the server say what is wrong with it
	}
	for first := true; first || len(users) > 0; first = false {
		count := min(len(users), membersPerCall)
		body.ExternalIDs, users = users[:count], users[count:]
		r := request{method: http.MethodPost, path: route("channels", channel, "members"), body: body}
		changed, err := fetch[MembersChanged](ctx, c, r)
		if err != nil {
			return all, err
		}
		all.Members, all.Rev = slices.Concat(all.Members, changed.Members), changed.Rev
	}
	return all, nil
}

// UpdateChannelMember changes a member's role. The last admin of a group cannot be demoted while others are in it.
func (c *Client) UpdateChannelMember(ctx context.Context, channel, user string, role Role) (*MembersChanged, error) {
	return fetch[MembersChanged](ctx, c, request{
		method: http.MethodPatch, path: route("channels", channel, "members", user), body: updateMemberRequest{Role: role},
	})
}

// RemoveChannelMember takes a user out of a group.
func (c *Client) RemoveChannelMember(ctx context.Context, channel, user string) (*MembersChanged, error) {
	return fetch[MembersChanged](ctx, c, request{method: http.MethodDelete, path: route("channels", channel, "members", user)})
}

// A MembersOption narrows a list of members.
type MembersOption func(url.Values)

// Named lists only those of whose name a word begins so, or whose external id does. A page may then hold few, or none,
// without being the last.
func Named(beginning string) MembersOption {
	return func(query url.Values) { query.Set("q", beginning) }
}

func listOfMembers(channel string, options []MembersOption) list {
	return narrowed("members", route("channels", channel, "members"), options)
}

// ListChannelMembers returns a page of a channel's members.
func (c *Client) ListChannelMembers(ctx context.Context, channel string, page PageOptions, options ...MembersOption) (*Page[Member], error) {
	return readPage[Member](ctx, c, listOfMembers(channel, options), page)
}

// ChannelMembers yields a channel's members.
func (c *Client) ChannelMembers(ctx context.Context, channel string, options ...MembersOption) iter.Seq2[*Member, error] {
	return items[Member](ctx, c, listOfMembers(channel, options))
}
