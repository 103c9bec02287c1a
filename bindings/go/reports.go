package cariosan

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// A Suspension keeps a user out: their tokens are refused.
type Suspension struct {
	Until     time.Time `json:"until"` // zero: until it is lifted
	Reason    string    `json:"reason"`
	CreatedAt time.Time `json:"created_at"`
}

// SuspensionRequest says for how long and why.
type SuspensionRequest struct {
	For    time.Duration // rounded up to a second; 0: until it is lifted
	Reason string        // one line
}

type suspensionBody struct {
	Seconds int64  `json:"seconds,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// SuspendUser keeps a user out: their tokens are refused, and their connections are closed. It replaces a suspension.
func (c *Client) SuspendUser(ctx context.Context, user string, suspension SuspensionRequest) (*User, error) {
	body := suspensionBody{Seconds: wholeSeconds(suspension.For), Reason: suspension.Reason}
	return fetch[User](ctx, c, request{method: http.MethodPut, path: route("users", user, "suspension"), body: body})
}

// RestoreUser lifts a suspension. It is no error if there is none.
func (c *Client) RestoreUser(ctx context.Context, user string) (*User, error) {
	return fetch[User](ctx, c, request{method: http.MethodDelete, path: route("users", user, "suspension")})
}

// A ReportStatus is what became of a report.
type ReportStatus string

// What becomes of reports.
const (
	ReportOpen      ReportStatus = "open"
	ReportResolved  ReportStatus = "resolved"
	ReportDismissed ReportStatus = "dismissed"
)

// A Report is a user's report of a message, or of another user.
type Report struct {
	ID                string            `json:"id"`
	At                time.Time         `json:"at"`
	Reporter          UserSummary       `json:"reporter"`
	ChannelID         string            `json:"channel_id,omitempty"` // empty: a user is reported
	ChannelExternalID string            `json:"channel_external_id,omitempty"`
	MessageID         string            `json:"message_id,omitempty"`
	Message           Optional[Message] `json:"message,omitempty"` // as it is now
	User              UserSummary       `json:"user"`              // who is reported: of a message its author
	Reason            string            `json:"reason"`
	Note              string            `json:"note"` // the moderator's or, until there is one, the reporter's
	ReporterNote      string            `json:"reporter_note"`
	Status            ReportStatus      `json:"status"`
}

// ReportPatch says what became of a report; absent fields keep their value.
type ReportPatch struct {
	Status Optional[ReportStatus] `json:"status"`
	Note   Optional[string]       `json:"note"`
}

// MarshalJSON leaves out what is absent.
func (p ReportPatch) MarshalJSON() ([]byte, error) { return marshalPatch(p) }

// A ReportsOption narrows a list of reports.
type ReportsOption func(url.Values)

// WithStatus lists only reports of which this became.
func WithStatus(status ReportStatus) ReportsOption {
	return func(query url.Values) { query.Set("status", string(status)) }
}

func listOfReports(options []ReportsOption) list {
	return narrowed("reports", "/v1/reports", options)
}

// ListReports returns a page of the users' reports, newest first.
func (c *Client) ListReports(ctx context.Context, page PageOptions, options ...ReportsOption) (*Page[Report], error) {
	return readPage[Report](ctx, c, listOfReports(options), page)
}

// Reports yields the users' reports, newest first.
func (c *Client) Reports(ctx context.Context, options ...ReportsOption) iter.Seq2[*Report, error] {
	return items[Report](ctx, c, listOfReports(options))
}

// UpdateReport says what became of a report.
func (c *Client) UpdateReport(ctx context.Context, report string, patch ReportPatch) (*Report, error) {
	return fetch[Report](ctx, c, request{method: http.MethodPatch, path: route("reports", report), body: patch})
}
