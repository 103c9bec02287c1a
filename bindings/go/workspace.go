package cariosan

import (
	"context"
	"net/http"
	"time"
)

// A Workspace is everything one API key reaches, and its settings.
type Workspace struct {
	ID                  string    `json:"id"`
	Name                string    `json:"name"`
	Test                bool      `json:"test"`
	ReadReceiptsEnabled bool      `json:"read_receipts_enabled"`
	CreatedAt           time.Time `json:"created_at"`

	// How long an author may edit a message; null: without limit.
	EditWindowSeconds Optional[int64] `json:"edit_window_seconds"`

	Moderation Moderation `json:"moderation"`
}

// WorkspacePatch changes a workspace's settings; absent fields keep their value. A null EditWindowSeconds removes the
// limit.
type WorkspacePatch struct {
	Name                Optional[string]          `json:"name"`
	ReadReceiptsEnabled Optional[bool]            `json:"read_receipts_enabled"`
	EditWindowSeconds   Optional[int64]           `json:"edit_window_seconds"`
	Moderation          Optional[ModerationPatch] `json:"moderation"`
}

// MarshalJSON leaves out what is absent.
func (p WorkspacePatch) MarshalJSON() ([]byte, error) { return marshalPatch(p) }

// GetWorkspace returns the workspace of the API key.
func (c *Client) GetWorkspace(ctx context.Context) (*Workspace, error) {
	return fetch[Workspace](ctx, c, request{method: http.MethodGet, path: "/v1/workspace"})
}

// WorkspaceFigures say how much there is in a workspace. Counting ends at CountedTo: a number that has reached it means "at least
// so many".
type WorkspaceFigures struct {
	Users             int64 `json:"users"`
	Channels          int64 `json:"channels"`
	Messages          int64 `json:"messages"` // of the channels counted, unsent ones included; not bounded itself
	OpenReports       int64 `json:"open_reports"`
	Webhooks          int64 `json:"webhooks"`
	WebhooksDisabled  int64 `json:"webhooks_disabled"`
	PendingDeliveries int64 `json:"pending_deliveries"` // of the webhooks counted; not bounded itself
	CountedTo         int64 `json:"counted_to"`
}

// GetWorkspaceFigures returns how much there is in the workspace of the API key.
func (c *Client) GetWorkspaceFigures(ctx context.Context) (*WorkspaceFigures, error) {
	return fetch[WorkspaceFigures](ctx, c, request{method: http.MethodGet, path: "/v1/workspace/figures"})
}

// UpdateWorkspace changes the workspace's settings.
func (c *Client) UpdateWorkspace(ctx context.Context, patch WorkspacePatch) (*Workspace, error) {
	return fetch[Workspace](ctx, c, request{method: http.MethodPatch, path: "/v1/workspace", body: patch})
}
