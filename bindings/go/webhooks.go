package cariosan

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// A WebhookEvent is the name of something that webhooks are informed of.
type WebhookEvent string

// The events. EventAll subscribes to all of them; EventPing cannot be subscribed to, it comes after
// [Client.PingWebhook].
const (
	EventAll              WebhookEvent = "*"
	EventPing             WebhookEvent = "ping"
	EventMessageCreated   WebhookEvent = "message.created"
	EventMessageUpdated   WebhookEvent = "message.updated"
	EventMessageDeleted   WebhookEvent = "message.deleted"
	EventReactionAdded    WebhookEvent = "message.reaction.added"
	EventReactionRemoved  WebhookEvent = "message.reaction.removed"
	EventMessageMentioned WebhookEvent = "message.mentioned"
	EventMessageModerated WebhookEvent = "message.moderated"
	EventChannelCreated   WebhookEvent = "channel.created"
	EventChannelUpdated   WebhookEvent = "channel.updated"
	EventChannelDeleted   WebhookEvent = "channel.deleted"
	EventMemberJoined     WebhookEvent = "member.joined"
	EventMemberLeft       WebhookEvent = "member.left"
	EventMemberUpdated    WebhookEvent = "member.updated"
	EventUserCreated      WebhookEvent = "user.created"
	EventUserUpdated      WebhookEvent = "user.updated"
	EventUserDeleted      WebhookEvent = "user.deleted"
	EventUserSuspended    WebhookEvent = "user.suspended"
	EventUserRestored     WebhookEvent = "user.restored"
	EventReportCreated    WebhookEvent = "report.created"
)

// A Webhook is an address that events are delivered to.
type Webhook struct {
	ID             string         `json:"id"`
	URL            string         `json:"url"`
	Events         []WebhookEvent `json:"events"`
	Enabled        bool           `json:"enabled"`
	DisabledReason string         `json:"disabled_reason"` // empty: it is enabled, or its owner disabled it
	DisabledAt     time.Time      `json:"disabled_at"`
	CreatedAt      time.Time      `json:"created_at"`
	UpdatedAt      time.Time      `json:"updated_at"`
}

// A WebhookWithSecret is a webhook with a new secret, which is returned only here; keep it for package webhook.
type WebhookWithSecret struct {
	Webhook
	SigningSecret string `json:"signing_secret"`
}

// CreateWebhookRequest names an http or https address and the events it is to receive.
type CreateWebhookRequest struct {
	URL    string         `json:"url"`
	Events []WebhookEvent `json:"events"`
	// Whoever repeats the request under the same key within 24 hours gets the same webhook and secret. Empty: a
	// [NewIdempotencyKey].
	IdempotencyKey string `json:"-"`
}

// WebhookPatch changes a webhook; absent fields keep their value.
type WebhookPatch struct {
	URL     Optional[string]         `json:"url"`
	Events  Optional[[]WebhookEvent] `json:"events"`
	Enabled Optional[bool]           `json:"enabled"` // true revives one that was disabled
}

// MarshalJSON leaves out what is absent.
func (p WebhookPatch) MarshalJSON() ([]byte, error) { return marshalPatch(p) }

// A DeliveryStatus says whether an event has arrived.
type DeliveryStatus string

// The states of a delivery.
const (
	DeliveryPending   DeliveryStatus = "pending"
	DeliveryDelivered DeliveryStatus = "delivered"
	DeliveryFailed    DeliveryStatus = "failed"
)

// A Delivery is one event on its way to a webhook.
type Delivery struct {
	EventID        string         `json:"event_id"`
	Event          WebhookEvent   `json:"event"`
	Status         DeliveryStatus `json:"status"`
	Attempts       int64          `json:"attempts"`
	LastStatusCode int            `json:"last_status_code"` // 0: nothing was answered yet
	LastError      string         `json:"last_error"`
	NextAttemptAt  time.Time      `json:"next_attempt_at"`
	CreatedAt      time.Time      `json:"created_at"`
	DeliveredAt    time.Time      `json:"delivered_at"`
}

// CreateWebhook registers an address. However often it is retried, by this call or by you under the same
// IdempotencyKey, one webhook is made, and every answer has its secret.
func (c *Client) CreateWebhook(ctx context.Context, webhook CreateWebhookRequest) (*WebhookWithSecret, error) {
	key := webhook.IdempotencyKey
	if key == "" {
		key = NewIdempotencyKey()
	}
	return fetch[WebhookWithSecret](ctx, c, request{method: http.MethodPost, path: "/v1/webhooks", body: webhook, key: key})
}

// RotateWebhookSecret makes a new signing secret. For 24 hours deliveries are signed with the old one, too: give the
// handler both, and take the old one out after that. Under the same idempotencyKey it answers the same secret for 24
// hours; an empty one is a [NewIdempotencyKey].
func (c *Client) RotateWebhookSecret(ctx context.Context, id, idempotencyKey string) (*WebhookWithSecret, error) {
	if idempotencyKey == "" {
		idempotencyKey = NewIdempotencyKey()
	}
	return fetch[WebhookWithSecret](ctx, c, request{
		method: http.MethodPost, path: route("webhooks", id, "rotate-secret"), body: struct{}{}, key: idempotencyKey,
	})
}

// GetWebhook returns a webhook.
func (c *Client) GetWebhook(ctx context.Context, id string) (*Webhook, error) {
	return fetch[Webhook](ctx, c, request{method: http.MethodGet, path: route("webhooks", id)})
}

// UpdateWebhook changes a webhook, or enables it again.
func (c *Client) UpdateWebhook(ctx context.Context, id string, patch WebhookPatch) (*Webhook, error) {
	return fetch[Webhook](ctx, c, request{method: http.MethodPatch, path: route("webhooks", id), body: patch})
}

// DeleteWebhook deletes a webhook with its deliveries.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	_, err := c.call(ctx, request{method: http.MethodDelete, path: route("webhooks", id)}, nil)
	return err
}

func listOfWebhooks() list { return list{name: "webhooks", path: "/v1/webhooks"} }

// ListWebhooks returns a page of the workspace's webhooks.
func (c *Client) ListWebhooks(ctx context.Context, page PageOptions) (*Page[Webhook], error) {
	return readPage[Webhook](ctx, c, listOfWebhooks(), page)
}

// Webhooks yields the workspace's webhooks.
func (c *Client) Webhooks(ctx context.Context) iter.Seq2[*Webhook, error] {
	return items[Webhook](ctx, c, listOfWebhooks())
}

func listOfDeliveries(id string) list {
	return list{name: "deliveries", path: route("webhooks", id, "deliveries")}
}

// ListWebhookDeliveries returns a page of a webhook's deliveries, newest first.
func (c *Client) ListWebhookDeliveries(ctx context.Context, id string, page PageOptions) (*Page[Delivery], error) {
	return readPage[Delivery](ctx, c, listOfDeliveries(id), page)
}

// WebhookDeliveries yields a webhook's deliveries, newest first.
func (c *Client) WebhookDeliveries(ctx context.Context, id string) iter.Seq2[*Delivery, error] {
	return items[Delivery](ctx, c, listOfDeliveries(id))
}

// RetryDelivery delivers an event once more, or one that waits at once.
func (c *Client) RetryDelivery(ctx context.Context, id, eventID string) (*Delivery, error) {
	return fetch[Delivery](ctx, c, request{
		method: http.MethodPost, path: route("webhooks", id, "deliveries", eventID, "retry"), body: struct{}{},
	})
}

// PingWebhook delivers the event ping.
func (c *Client) PingWebhook(ctx context.Context, id string) error {
	_, err := c.call(ctx, request{method: http.MethodPost, path: route("webhooks", id, "ping"), body: struct{}{}}, nil)
	return err
}
