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

// UpdateWorkspace changes the workspace's settings.
func (c *Client) UpdateWorkspace(ctx context.Context, patch WorkspacePatch) (*Workspace, error) {
	return fetch[Workspace](ctx, c, request{method: http.MethodPatch, path: "/v1/workspace", body: patch})
}
