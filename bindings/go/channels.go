package cariosan

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// A ChannelType says who may be in a channel.
type ChannelType string

// The types of channels: two users and nobody else, or any number with roles.
const (
	ChannelDirect ChannelType = "direct"
	ChannelGroup  ChannelType = "group"
)

// A Channel is a conversation.
type Channel struct {
	ID         string         `json:"id"`
	ExternalID string         `json:"external_id"` // the application's own id; a direct channel may have none
	Type       ChannelType    `json:"type"`
	Name       string         `json:"name"`
	AvatarURL  string         `json:"avatar_url"`
	Metadata   map[string]any `json:"metadata"`

	// How long a member who is no admin waits between two messages; 0: no slow mode.
	SlowModeSeconds int64 `json:"slow_mode_seconds"`
	Frozen          bool  `json:"frozen"` // only the backend and the group's admins write

	MemberCount int64     `json:"member_count"`
	Rev         int64     `json:"rev"`          // one more with every durable change
	SettingsRev int64     `json:"settings_rev"` // the rev that changed the settings last
	ReceiptRev  int64     `json:"receipt_rev"`
	LastSeq     int64     `json:"last_seq"` // of the newest message
	CreatedAt   time.Time `json:"created_at"`

	// The history that the revisions belong to; revisions of another epoch mean nothing. Empty in lists, which have it
	// once, as [Page.Epoch].
	Epoch string `json:"epoch,omitempty"`

	// Of [Client.CreateChannel] and [Client.DirectChannel]: whether the channel was not there before.
	Created bool `json:"-"`
}

// CreateChannelRequest describes a channel. A group needs an ExternalID. Its first admin is CreatedBy, who becomes a
// member too, or else the first of MemberExternalIDs, of which there may be 100.
type CreateChannelRequest struct {
	Type              ChannelType    `json:"type"`
	ExternalID        string         `json:"external_id,omitempty"`
	Name              string         `json:"name,omitempty"`
	AvatarURL         string         `json:"avatar_url,omitempty"`
	MemberExternalIDs []string       `json:"member_external_ids"`
	CreatedBy         string         `json:"created_by,omitempty"`
	Metadata          map[string]any `json:"metadata,omitempty"`
}

// ChannelPatch changes a channel's settings; absent fields keep their value, and a null avatar or null metadata are
// cleared.
type ChannelPatch struct {
	Name      Optional[string]         `json:"name"`
	AvatarURL Optional[string]         `json:"avatar_url"`
	Metadata  Optional[map[string]any] `json:"metadata"`

	SlowModeSeconds Optional[int64] `json:"slow_mode_seconds"` // 0 ends slow mode
	Frozen          Optional[bool]  `json:"frozen"`
}

// MarshalJSON leaves out what is absent.
func (p ChannelPatch) MarshalJSON() ([]byte, error) { return marshalPatch(p) }

// CreateChannel creates a channel. If there is a direct channel of the same two users already, or a group with this
// external id, it returns that one unchanged, with Created false.
func (c *Client) CreateChannel(ctx context.Context, channel CreateChannelRequest) (*Channel, error) {
	if channel.MemberExternalIDs == nil {
		channel.MemberExternalIDs = []string{}
	}
	out := &Channel{}
	status, err := c.call(ctx, request{method: http.MethodPost, path: "/v1/channels", body: channel}, out)
	if err != nil {
		return nil, err
	}
	out.Created = status == http.StatusCreated
	return out, nil
}

// DirectChannel returns the conversation of two users, who are named by their external ids, and creates it if
// necessary.
func (c *Client) DirectChannel(ctx context.Context, a, b string) (*Channel, error) {
	return c.CreateChannel(ctx, CreateChannelRequest{Type: ChannelDirect, MemberExternalIDs: []string{a, b}})
}

// GetChannel returns a channel, by internal or external id.
func (c *Client) GetChannel(ctx context.Context, channel string) (*Channel, error) {
	return fetch[Channel](ctx, c, request{method: http.MethodGet, path: route("channels", channel)})
}

// UpdateChannel changes a channel's settings.
func (c *Client) UpdateChannel(ctx context.Context, channel string, patch ChannelPatch) (*Channel, error) {
	return fetch[Channel](ctx, c, request{method: http.MethodPatch, path: route("channels", channel), body: patch})
}

// DeleteChannel deletes a channel with its messages.
func (c *Client) DeleteChannel(ctx context.Context, channel string) error {
	_, err := c.call(ctx, request{method: http.MethodDelete, path: route("channels", channel)}, nil)
	return err
}

// A ChannelsOption narrows a list of channels.
type ChannelsOption func(url.Values)

// OfMember lists only the channels of this user.
func OfMember(user string) ChannelsOption {
	return func(query url.Values) { query.Set("member", user) }
}

// OfType lists only channels of this type.
func OfType(channelType ChannelType) ChannelsOption {
	return func(query url.Values) { query.Set("type", string(channelType)) }
}

func listOfChannels(options []ChannelsOption) list {
	return narrowed("channels", "/v1/channels", options)
}

// ListChannels returns a page of the workspace's channels.
func (c *Client) ListChannels(ctx context.Context, page PageOptions, options ...ChannelsOption) (*Page[Channel], error) {
	return readPage[Channel](ctx, c, listOfChannels(options), page)
}

// Channels yields the workspace's channels.
func (c *Client) Channels(ctx context.Context, options ...ChannelsOption) iter.Seq2[*Channel, error] {
	return items[Channel](ctx, c, listOfChannels(options))
}
