package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	cariosan "github.com/cariosan/cariosan-go"
	"github.com/cariosan/cariosan-go/webhook"
)

const (
	order = "order_42"
	// The chat returns the signing secret only once, so it is kept in this file.
	secretFile = "webhook.json"
)

// receiver handles the chat's webhook.
func receiver(chat *cariosan.Client, secret string) http.Handler {
	hooks := webhook.NewHandler([]string{secret})
	hooks.OnMessageCreated(func(ctx context.Context, _ webhook.Event, data webhook.MessageCreated) error {
		return answer(ctx, chat, data.Message)
	})
	return hooks
}

// answer replies to those who ask for the status of the order. The same event may arrive twice, but with the same
// idempotency key the reply is sent once. If answer returns an error, the chat delivers the event again.
func answer(ctx context.Context, chat *cariosan.Client, message cariosan.Message) error {
	log.Printf("%s in %s: %s", message.User.Name, message.ChannelExternalID, message.Content)
	if message.ChannelExternalID != order || message.User.ExternalID == "shop" ||
		!strings.Contains(strings.ToLower(message.Content), "status") {
		return nil
	}
	_, err := chat.SendMessage(ctx, message.ChannelID, cariosan.SendMessageRequest{
		User:           "shop",
		Content:        "It is packed and leaves today.",
		ParentID:       message.ID,
		IdempotencyKey: "status:" + message.ID,
	})
	return err
}

// A hook is a registered webhook.
type hook struct{ ID, Secret string }

// register updates the webhook that an earlier run has registered, or creates one.
func register(ctx context.Context, chat *cariosan.Client, url string) (hook, error) {
	var kept hook
	if text, err := os.ReadFile(secretFile); err == nil {
		if err := json.Unmarshal(text, &kept); err != nil {
			return hook{}, fmt.Errorf("%s: %w", secretFile, err)
		}
		_, err := chat.UpdateWebhook(ctx, kept.ID, cariosan.WebhookPatch{URL: cariosan.Set(url), Enabled: cariosan.Set(true)})
		if !errors.Is(err, cariosan.ErrNotFound) {
			return kept, err
		}
	}
	made, err := chat.CreateWebhook(ctx, cariosan.CreateWebhookRequest{
		URL: url, Events: []cariosan.WebhookEvent{cariosan.EventMessageCreated},
	})
	if err != nil {
		return hook{}, err
	}
	kept = hook{ID: made.ID, Secret: made.SigningSecret}
	text, err := json.Marshal(kept)
	if err != nil {
		return hook{}, err
	}
	return kept, os.WriteFile(secretFile, text, 0o600)
}

// warnIfUnreachable sends a ping and logs why it does not arrive. On your own machine the usual reason is that a chat
// delivers to public addresses only.
func warnIfUnreachable(ctx context.Context, chat *cariosan.Client, id string) {
	if err := chat.PingWebhook(ctx, id); err != nil {
		log.Print(err)
		return
	}
	problem := "no attempt within five seconds"
	for range 50 {
		page, err := chat.ListWebhookDeliveries(ctx, id, cariosan.PageOptions{Limit: 1})
		if err != nil || len(page.Items) == 0 || page.Items[0].Status == cariosan.DeliveryDelivered {
			return
		}
		if newest := page.Items[0]; newest.Attempts > 0 {
			problem = newest.LastError
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	log.Printf("The chat cannot deliver its events here: %s.", problem)
	log.Print("If it runs on this machine, start it with CARIOS_WEBHOOK_ALLOW_PRIVATE=true in its environment.")
}
