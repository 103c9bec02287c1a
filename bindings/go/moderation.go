package cariosan

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// An ActionTaken is what moderation does with a message.
type ActionTaken string

// What moderation does: deliver and record; deliver with *** instead of the match; refuse; refuse and mute the author.
const (
	ActionFlag     ActionTaken = "flag"
	ActionMask     ActionTaken = "mask"
	ActionReject   ActionTaken = "reject"
	ActionAutoMute ActionTaken = "auto_mute"
)

// A ModerationRule is what a message broke.
type ModerationRule string

// The rules. RuleModerator is the host's own moderator.
const (
	RuleProfanity ModerationRule = "profanity"
	RuleBlocklist ModerationRule = "blocklist"
	RulePhone     ModerationRule = "phone"
	RuleLink      ModerationRule = "link"
	RuleFlood     ModerationRule = "flood"
	RuleModerator ModerationRule = "moderator"
)

// A Severity is how bad a word is.
type Severity string

// The severities.
const (
	SeverityMild    Severity = "mild"
	SeverityStrong  Severity = "strong"
	SeverityExtreme Severity = "extreme"
)

// Moderation is how a workspace's messages are judged.
type Moderation struct {
	Enabled         bool            `json:"enabled"`
	Rules           ModerationRules `json:"rules"`
	Blocklist       []string        `json:"blocklist"`
	Allowlist       []string        `json:"allowlist"` // wins over everything else
	AutoMuteSeconds int64           `json:"auto_mute_seconds"`
}

// ModerationRules are the settings of each rule.
type ModerationRules struct {
	Profanity ProfanityRule `json:"profanity"`
	Link      Rule          `json:"link"`
	Phone     Rule          `json:"phone"`
	Flood     FloodRule     `json:"flood"`
}

// A Rule is whether a rule is on, and what follows.
type Rule struct {
	Enabled bool        `json:"enabled"`
	Action  ActionTaken `json:"action"`
}

// A ProfanityRule looks for words of at least this severity.
type ProfanityRule struct {
	Enabled     bool        `json:"enabled"`
	Action      ActionTaken `json:"action"`
	MinSeverity Severity    `json:"min_severity"`
}

// A FloodRule lets so many equal texts pass within the window.
type FloodRule struct {
	Enabled       bool        `json:"enabled"`
	Action        ActionTaken `json:"action"`
	MaxRepeats    int64       `json:"max_repeats"`
	WindowSeconds int64       `json:"window_seconds"`
}

// ModerationPatch changes how messages are judged. What is absent stays as it is; null goes back to the default.
type ModerationPatch struct {
	Enabled         Optional[bool]       `json:"enabled"`
	Rules           Optional[RulesPatch] `json:"rules"`
	Blocklist       Optional[[]string]   `json:"blocklist"`
	Allowlist       Optional[[]string]   `json:"allowlist"`
	AutoMuteSeconds Optional[int64]      `json:"auto_mute_seconds"`
}

// MarshalJSON leaves out what is absent.
func (p ModerationPatch) MarshalJSON() ([]byte, error) { return marshalPatch(p) }

// RulesPatch changes rules.
type RulesPatch struct {
	Profanity Optional[ProfanityPatch] `json:"profanity"`
	Link      Optional[RulePatch]      `json:"link"`
	Phone     Optional[RulePatch]      `json:"phone"`
	Flood     Optional[FloodPatch]     `json:"flood"`
}

// MarshalJSON leaves out what is absent.
func (p RulesPatch) MarshalJSON() ([]byte, error) { return marshalPatch(p) }

// RulePatch changes a [Rule].
type RulePatch struct {
	Enabled Optional[bool]        `json:"enabled"`
	Action  Optional[ActionTaken] `json:"action"`
}

// MarshalJSON leaves out what is absent.
func (p RulePatch) MarshalJSON() ([]byte, error) { return marshalPatch(p) }

// ProfanityPatch changes a [ProfanityRule].
type ProfanityPatch struct {
	Enabled     Optional[bool]        `json:"enabled"`
	Action      Optional[ActionTaken] `json:"action"`
	MinSeverity Optional[Severity]    `json:"min_severity"`
}

// MarshalJSON leaves out what is absent.
func (p ProfanityPatch) MarshalJSON() ([]byte, error) { return marshalPatch(p) }

// FloodPatch changes a [FloodRule].
type FloodPatch struct {
	Enabled       Optional[bool]        `json:"enabled"`
	Action        Optional[ActionTaken] `json:"action"`
	MaxRepeats    Optional[int64]       `json:"max_repeats"`
	WindowSeconds Optional[int64]       `json:"window_seconds"`
}

// MarshalJSON leaves out what is absent.
func (p FloodPatch) MarshalJSON() ([]byte, error) { return marshalPatch(p) }

// A ModerationAction is one match of a rule.
type ModerationAction struct {
	ID                string         `json:"id"`
	At                time.Time      `json:"at"`
	Rule              ModerationRule `json:"rule"`
	Action            ActionTaken    `json:"action"`
	ChannelID         string         `json:"channel_id"`
	ChannelExternalID string         `json:"channel_external_id"`
	UserID            string         `json:"user_id"`
	MessageID         string         `json:"message_id,omitempty"` // empty: no message was stored
	Excerpt           string         `json:"excerpt"`              // with every match masked
}

// An ActionsOption narrows a list of moderation actions.
type ActionsOption func(url.Values)

// ByUser lists only what this user wrote.
func ByUser(user string) ActionsOption {
	return func(query url.Values) { query.Set("user", user) }
}

// InChannel lists only what was written in this channel.
func InChannel(channel string) ActionsOption {
	return func(query url.Values) { query.Set("channel", channel) }
}

func listOfActions(options []ActionsOption) list {
	return narrowed("actions", "/v1/moderation/actions", options)
}

// ListModerationActions returns a page of what moderation found in the last 90 days, newest first.
func (c *Client) ListModerationActions(ctx context.Context, page PageOptions, options ...ActionsOption) (*Page[ModerationAction], error) {
	return readPage[ModerationAction](ctx, c, listOfActions(options), page)
}

// ModerationActions yields what moderation found in the last 90 days, newest first.
func (c *Client) ModerationActions(ctx context.Context, options ...ActionsOption) iter.Seq2[*ModerationAction, error] {
	return items[ModerationAction](ctx, c, listOfActions(options))
}

// A Mute keeps a user from sending and editing.
type Mute struct {
	User              UserSummary `json:"user"`
	ChannelID         string      `json:"channel_id"` // empty: the whole workspace
	ChannelExternalID string      `json:"channel_external_id"`
	Until             time.Time   `json:"until"` // zero: until it is lifted
	Reason            string      `json:"reason"`
	CreatedAt         time.Time   `json:"created_at"`
}

// MuteRequest says for how long and where.
type MuteRequest struct {
	For     time.Duration // rounded up to a second; 0: until it is lifted
	Channel string        // empty: the whole workspace
	Reason  string        // one line
}

type muteBody struct {
	Channel string `json:"channel,omitempty"`
	Seconds int64  `json:"seconds,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// MuteUser keeps a user from sending and editing. It replaces a mute of the same place.
func (c *Client) MuteUser(ctx context.Context, user string, mute MuteRequest) (*Mute, error) {
	body := muteBody{Channel: mute.Channel, Seconds: wholeSeconds(mute.For), Reason: mute.Reason}
	return fetch[Mute](ctx, c, request{method: http.MethodPut, path: route("users", user, "mute"), body: body})
}

// UnmuteUser lifts the mute of a channel, or, if channel is empty, that of the workspace. It is no error if there is
// none.
func (c *Client) UnmuteUser(ctx context.Context, user, channel string) error {
	query := url.Values{}
	if channel != "" {
		query.Set("channel", channel)
	}
	_, err := c.call(ctx, request{method: http.MethodDelete, path: route("users", user, "mute"), query: query.Encode()}, nil)
	return err
}

func listOfMutes() list { return list{name: "mutes", path: "/v1/mutes"} }

// ListMutes returns a page of the mutes that hold now.
func (c *Client) ListMutes(ctx context.Context, page PageOptions) (*Page[Mute], error) {
	return readPage[Mute](ctx, c, listOfMutes(), page)
}

// Mutes yields the mutes that hold now.
func (c *Client) Mutes(ctx context.Context) iter.Seq2[*Mute, error] {
	return items[Mute](ctx, c, listOfMutes())
}

type checkTextRequest struct {
	Content string `json:"content"`
}

// A TextVerdict is what the rules of the workspace would do with a text.
type TextVerdict struct {
	Action  ActionTaken       `json:"action"`  // the most severe one; empty: the text breaks no rule
	Rule    ModerationRule    `json:"rule"`    // which demands it
	Content Optional[string]  `json:"content"` // what would be stored; null: nothing
	Matches []ModerationMatch `json:"matches"`
}

// A ModerationMatch is a place in a text that breaks a rule.
type ModerationMatch struct {
	Rule    ModerationRule `json:"rule"`
	Action  ActionTaken    `json:"action"`
	Excerpt string         `json:"excerpt"`
}

// CheckText returns what the rules of the workspace would do with a text that a user sends now, and stores nothing. The flood
// rule, which counts what someone has sent, has no say.
func (c *Client) CheckText(ctx context.Context, content string) (*TextVerdict, error) {
	return fetch[TextVerdict](ctx, c, request{
		method: http.MethodPost, path: "/v1/moderation/check", body: checkTextRequest{Content: content},
	})
}
