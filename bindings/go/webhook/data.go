package webhook

import (
	"time"

	cariosan "github.com/cariosan/cariosan-go"
)

// A body is made when it is delivered, from what is there then. So a message that was unsent in the meantime arrives
// with its ids and DeletedAt, whatever the event, and other things that are gone with their ids and Deleted.

// MessageCreated describes a new message.
type MessageCreated struct {
	Message cariosan.Message `json:"message"`
}

// MessageUpdated describes an edit.
type MessageUpdated struct {
	Message MessageText `json:"message"`
}

// MessageText is what an edit changes. DeletedAt is set, and Content empty, if the message was unsent since.
type MessageText struct {
	ID                string    `json:"id"`
	ChannelID         string    `json:"channel_id"`
	ChannelExternalID string    `json:"channel_external_id"`
	Content           string    `json:"content"`
	EditedAt          time.Time `json:"edited_at"`
	DeletedAt         time.Time `json:"deleted_at"`
}

// MessageDeleted describes a message that was unsent.
type MessageDeleted struct {
	Message DeletedMessage `json:"message"`
}

// DeletedMessage is what is left of a message.
type DeletedMessage struct {
	ID                string    `json:"id"`
	ChannelID         string    `json:"channel_id"`
	ChannelExternalID string    `json:"channel_external_id"`
	DeletedAt         time.Time `json:"deleted_at"`
}

// ReactionChanged describes a reaction that was added or removed.
type ReactionChanged struct {
	Reaction Reaction `json:"reaction"`
}

// Reaction is one user's reaction.
type Reaction struct {
	MessageID         string `json:"message_id"`
	ChannelID         string `json:"channel_id"`
	ChannelExternalID string `json:"channel_external_id"`
	UserID            string `json:"user_id"`
	Emoji             string `json:"emoji"`
}

// MessageMentioned lists the users a message mentions.
type MessageMentioned struct {
	MessageID         string               `json:"message_id"`
	ChannelID         string               `json:"channel_id"`
	ChannelExternalID string               `json:"channel_external_id"`
	ByUser            cariosan.UserSummary `json:"by_user"`
	Mentions          []cariosan.Mention   `json:"mentions"`
}

// MessageModerated describes a match of a rule. MessageID is empty if no message was stored.
type MessageModerated struct {
	ChannelID         string                  `json:"channel_id"`
	ChannelExternalID string                  `json:"channel_external_id"`
	UserID            string                  `json:"user_id"`
	MessageID         string                  `json:"message_id"`
	Rule              cariosan.ModerationRule `json:"rule"`
	Action            cariosan.ActionTaken    `json:"action"`
	Excerpt           string                  `json:"excerpt"`
}

// ChannelChanged describes a channel that was created, updated or deleted.
type ChannelChanged struct {
	Channel Channel `json:"channel"`
}

// Channel is a channel; of a deleted one only the ids, the type and the name.
type Channel struct {
	cariosan.Channel
	Deleted bool `json:"deleted"`
}

// MemberChanged describes a member who joined or left a channel, or whose role changed.
type MemberChanged struct {
	ChannelID string        `json:"channel_id"`
	UserID    string        `json:"user_id"`
	Role      cariosan.Role `json:"role"`
}

// ReportCreated is what a user reports, as it is now.
type ReportCreated struct {
	Report cariosan.Report `json:"report"`
}

// UserChanged describes a user who was created, updated or deleted.
type UserChanged struct {
	User User `json:"user"`
}

// User is a user; of a deleted one only the ids and the name.
type User struct {
	cariosan.User
	Deleted bool `json:"deleted"`
}
