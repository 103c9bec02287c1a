package cariosan

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// A MessageType says what a message is.
type MessageType string

// The types of messages. Only a backend sends system messages.
const (
	MessageText   MessageType = "text"
	MessageImage  MessageType = "image"
	MessageFile   MessageType = "file"
	MessageSystem MessageType = "system"
)

// A Message is one message as a moderator sees it. An unsent one has a DeletedAt and no content.
type Message struct {
	ID                string          `json:"id"`
	ChannelID         string          `json:"channel_id"`
	ChannelExternalID string          `json:"channel_external_id"`
	Seq               int64           `json:"seq"` // its place in the channel
	Rev               int64           `json:"rev"` // the channel's revision of its last change
	User              UserSummary     `json:"user"`
	Type              MessageType     `json:"type"`
	Content           string          `json:"content"`
	AttachmentURL     string          `json:"attachment_url"`
	Metadata          map[string]any  `json:"metadata"`
	ParentID          string          `json:"parent_id,omitempty"` // of a reply
	QuotedMessage     Optional[Quote] `json:"quoted_message,omitempty"`
	Mentions          []Mention       `json:"mentions,omitempty"`
	PinnedAt          time.Time       `json:"pinned_at,omitempty"` // zero: it is not pinned
	PinnedBy          UserSummary     `json:"pinned_by,omitempty"`
	Reactions         []Reaction      `json:"reactions"`
	IdempotencyKey    string          `json:"idempotency_key,omitempty"` // never shown to a backend
	CreatedAt         time.Time       `json:"created_at"`
	EditedAt          time.Time       `json:"edited_at"`  // zero: never
	DeletedAt         time.Time       `json:"deleted_at"` // zero: it is there

	// Of [Client.SendMessage]: whether the idempotency key was known, so that this is what was sent the first time.
	Duplicate bool `json:"-"`
}

// A Quote is the present state of the message that a reply answers. Hidden is never set for a backend.
type Quote struct {
	ID       string      `json:"id"`
	UserID   string      `json:"user_id,omitempty"`
	UserName string      `json:"user_name,omitempty"`
	Content  string      `json:"content,omitempty"` // at most 200 code points
	Type     MessageType `json:"type,omitempty"`
	Deleted  bool        `json:"deleted,omitempty"`
	Hidden   bool        `json:"hidden,omitempty"`
}

// A Mention is a user whom a message names.
type Mention struct {
	UserID     string `json:"user_id"`
	ExternalID string `json:"external_id"` // empty: the user was deleted
	Name       string `json:"name"`
	Spans      []Span `json:"spans,omitempty"` // where Content names the user; none: not known
}

// A Span is a part of a text: its first code point, counted from 0, and how many there are.
type Span [2]int

// A NamedMention is a user to mention. Spans, which need not be there, say where Content names the user.
type NamedMention struct {
	User  string `json:"user"` // the id or external id of a member
	Spans []Span `json:"spans,omitempty"`
}

// A Reaction is how many users reacted to a message with one emoji. ReactedByMe is never set for a backend.
type Reaction struct {
	Emoji       string `json:"emoji"`
	Count       int64  `json:"count"`
	ReactedByMe bool   `json:"reacted_by_me,omitempty"`
}

// A MessageReaction is one user's reaction.
type MessageReaction struct {
	User  UserSummary `json:"user"`
	Emoji string      `json:"emoji"`
	At    time.Time   `json:"at"`
}

// SendMessageRequest is a message in the name of User, who must be a member of the channel. Only a message with an
// attachment may have no content.
type SendMessageRequest struct {
	User           string         `json:"user,omitempty"` // the author: an id or an external id; required
	Content        string         `json:"content"`
	Type           MessageType    `json:"type,omitempty"` // MessageText if empty
	AttachmentURL  string         `json:"attachment_url,omitempty"`
	ParentID       string         `json:"parent_id,omitempty"`
	Mentions       []NamedMention `json:"mentions,omitempty"`
	IdempotencyKey string         `json:"idempotency_key,omitempty"`
	Metadata       map[string]any `json:"metadata,omitempty"`
}

// SendMessage sends a message; moderation does not judge it. However often it is retried, by this call or by you under
// the same IdempotencyKey, the message is sent once: later answers are the message as it is now, with Duplicate true.
// Without a key it uses a [NewIdempotencyKey].
func (c *Client) SendMessage(ctx context.Context, channel string, message SendMessageRequest) (*Message, error) {
	if message.IdempotencyKey == "" {
		message.IdempotencyKey = NewIdempotencyKey()
	}
	out := &Message{}
	r := request{method: http.MethodPost, path: route("channels", channel, "messages"), body: message}
	status, err := c.call(ctx, r, out)
	if err != nil {
		return nil, err
	}
	out.Duplicate = status == http.StatusOK
	return out, nil
}

// GetMessage returns one message.
func (c *Client) GetMessage(ctx context.Context, channel, message string) (*Message, error) {
	return fetch[Message](ctx, c, request{method: http.MethodGet, path: route("channels", channel, "messages", message)})
}

// DeleteMessage unsends a message: its place in the channel stays, without content.
func (c *Client) DeleteMessage(ctx context.Context, channel, message string) error {
	_, err := c.call(ctx, request{method: http.MethodDelete, path: route("channels", channel, "messages", message)}, nil)
	return err
}

// A MessagesOption says where a list of messages begins. A place is a message's id, or "seq:" and a number.
type MessagesOption func(url.Values)

// Before begins with the newest message older than this place.
func Before(place string) MessagesOption {
	return func(query url.Values) { query.Set("before", place) }
}

// After lists what is newer than this place, page by page towards the present; within each page newest first.
func After(place string) MessagesOption {
	return func(query url.Values) { query.Set("after", place) }
}

// Around begins with the page that has this place in its middle, and goes on with older ones.
func Around(place string) MessagesOption {
	return func(query url.Values) { query.Set("around", place) }
}

func listOfMessages(channel string, options []MessagesOption) list {
	return narrowed("messages", route("channels", channel, "messages"), options)
}

// ListMessages returns a page of a channel's messages, newest first.
func (c *Client) ListMessages(ctx context.Context, channel string, page PageOptions, options ...MessagesOption) (*Page[Message], error) {
	return readPage[Message](ctx, c, listOfMessages(channel, options), page)
}

// Messages yields a channel's messages, newest first.
func (c *Client) Messages(ctx context.Context, channel string, options ...MessagesOption) iter.Seq2[*Message, error] {
	return items[Message](ctx, c, listOfMessages(channel, options))
}

// Pins returns a channel's pinned messages, those pinned last first: all of them in one page.
func (c *Client) Pins(ctx context.Context, channel string) (*Page[Message], error) {
	return readPage[Message](ctx, c, list{name: "messages", path: route("channels", channel, "pins")}, PageOptions{})
}

func listOfReactions(channel, message string) list {
	return list{name: "reactions", path: route("channels", channel, "messages", message, "reactions")}
}

// ListReactions returns a page of who reacted to a message.
func (c *Client) ListReactions(ctx context.Context, channel, message string, page PageOptions) (*Page[MessageReaction], error) {
	return readPage[MessageReaction](ctx, c, listOfReactions(channel, message), page)
}

// Reactions yields who reacted to a message.
func (c *Client) Reactions(ctx context.Context, channel, message string) iter.Seq2[*MessageReaction, error] {
	return items[MessageReaction](ctx, c, listOfReactions(channel, message))
}
