package webhook

import (
	"context"

	cariosan "github.com/cariosan/cariosan-go"
)

// A function that is registered for an event replaces the one that was there. What it returns decides whether the event
// is delivered again, see [Handler].

// On registers a function for any event, also one that this version does not know: it reads [Event.Data] itself.
func (h *Handler) On(name cariosan.WebhookEvent, function func(context.Context, Event) error) {
	h.functions[name] = function
}

// on registers a function that gets its data decoded.
func on[T any](h *Handler, name cariosan.WebhookEvent, function func(context.Context, Event, T) error) {
	h.On(name, func(ctx context.Context, event Event) error {
		var data T
		if err := event.Decode(&data); err != nil {
			return err
		}
		return function(ctx, event, data)
	})
}

// OnMessageCreated is called when a message was sent.
func (h *Handler) OnMessageCreated(function func(context.Context, Event, MessageCreated) error) {
	on(h, cariosan.EventMessageCreated, function)
}

// OnMessageUpdated is called when a message was edited.
func (h *Handler) OnMessageUpdated(function func(context.Context, Event, MessageUpdated) error) {
	on(h, cariosan.EventMessageUpdated, function)
}

// OnMessageDeleted is called when a message was unsent.
func (h *Handler) OnMessageDeleted(function func(context.Context, Event, MessageDeleted) error) {
	on(h, cariosan.EventMessageDeleted, function)
}

// OnReactionAdded is called when a user reacted to a message.
func (h *Handler) OnReactionAdded(function func(context.Context, Event, ReactionChanged) error) {
	on(h, cariosan.EventReactionAdded, function)
}

// OnReactionRemoved is called when a reaction was taken back.
func (h *Handler) OnReactionRemoved(function func(context.Context, Event, ReactionChanged) error) {
	on(h, cariosan.EventReactionRemoved, function)
}

// OnMessageMentioned is called when a message names users.
func (h *Handler) OnMessageMentioned(function func(context.Context, Event, MessageMentioned) error) {
	on(h, cariosan.EventMessageMentioned, function)
}

// OnMessageModerated is called when moderation found something.
func (h *Handler) OnMessageModerated(function func(context.Context, Event, MessageModerated) error) {
	on(h, cariosan.EventMessageModerated, function)
}

// OnChannelCreated is called when a channel was made.
func (h *Handler) OnChannelCreated(function func(context.Context, Event, ChannelChanged) error) {
	on(h, cariosan.EventChannelCreated, function)
}

// OnChannelUpdated is called when the settings of a channel were changed.
func (h *Handler) OnChannelUpdated(function func(context.Context, Event, ChannelChanged) error) {
	on(h, cariosan.EventChannelUpdated, function)
}

// OnChannelDeleted is called when a channel was deleted.
func (h *Handler) OnChannelDeleted(function func(context.Context, Event, ChannelChanged) error) {
	on(h, cariosan.EventChannelDeleted, function)
}

// OnMemberJoined is called when a user joined a channel.
func (h *Handler) OnMemberJoined(function func(context.Context, Event, MemberChanged) error) {
	on(h, cariosan.EventMemberJoined, function)
}

// OnMemberLeft is called when a user left a channel, or was removed.
func (h *Handler) OnMemberLeft(function func(context.Context, Event, MemberChanged) error) {
	on(h, cariosan.EventMemberLeft, function)
}

// OnMemberUpdated is called when a member got another role.
func (h *Handler) OnMemberUpdated(function func(context.Context, Event, MemberChanged) error) {
	on(h, cariosan.EventMemberUpdated, function)
}

// OnUserCreated is called when a user was made.
func (h *Handler) OnUserCreated(function func(context.Context, Event, UserChanged) error) {
	on(h, cariosan.EventUserCreated, function)
}

// OnUserUpdated is called when a user was changed.
func (h *Handler) OnUserUpdated(function func(context.Context, Event, UserChanged) error) {
	on(h, cariosan.EventUserUpdated, function)
}

// OnUserDeleted is called when a user was deleted.
func (h *Handler) OnUserDeleted(function func(context.Context, Event, UserChanged) error) {
	on(h, cariosan.EventUserDeleted, function)
}

// OnUserSuspended is called when a user was suspended.
func (h *Handler) OnUserSuspended(function func(context.Context, Event, UserChanged) error) {
	on(h, cariosan.EventUserSuspended, function)
}

// OnUserRestored is called when a suspension was lifted, and not when it ends by itself.
func (h *Handler) OnUserRestored(function func(context.Context, Event, UserChanged) error) {
	on(h, cariosan.EventUserRestored, function)
}

// OnReportCreated is called when a user has reported a message or another user.
func (h *Handler) OnReportCreated(function func(context.Context, Event, ReportCreated) error) {
	on(h, cariosan.EventReportCreated, function)
}

// OnPing is called after [cariosan.Client.PingWebhook].
func (h *Handler) OnPing(function func(context.Context, Event) error) {
	h.On(cariosan.EventPing, function)
}
