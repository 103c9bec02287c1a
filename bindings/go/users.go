package cariosan

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// A User is someone who chats.
type User struct {
	ID         string         `json:"id"`
	ExternalID string         `json:"external_id"` // the application's own id
	Name       string         `json:"name"`
	AvatarURL  string         `json:"avatar_url"`
	Metadata   map[string]any `json:"metadata"`
	CreatedAt  time.Time      `json:"created_at"`
	UpdatedAt  time.Time      `json:"updated_at"`

	// The last suspension that was not lifted, even if it has ended.
	Suspension Optional[Suspension] `json:"suspension,omitempty"`

	// Of [Client.UpsertUser]: whether the user was not there before.
	Created bool `json:"-"`
}

// A UserSummary is a user inside another object. Of a deleted one only the ID is left.
type UserSummary struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
	AvatarURL  string `json:"avatar_url,omitempty"`
	Deleted    bool   `json:"deleted,omitempty"`
	// That of the [User]: of two copies the later is newer. Zero if Deleted.
	UpdatedAt time.Time `json:"updated_at,omitempty"`
}

// UpsertUserRequest creates or updates a user. Absent fields keep their value; a new user needs a name.
type UpsertUserRequest struct {
	ExternalID string                   `json:"external_id"`
	Name       string                   `json:"name,omitempty"`
	AvatarURL  Optional[string]         `json:"avatar_url"`
	Metadata   Optional[map[string]any] `json:"metadata"` // replaces what is there
}

// MarshalJSON leaves out what is absent.
func (r UpsertUserRequest) MarshalJSON() ([]byte, error) { return marshalPatch(r) }

// UserPatch changes a user; absent fields keep their value. Only an avatar and metadata can be null.
type UserPatch struct {
	Name      Optional[string]         `json:"name"`
	AvatarURL Optional[string]         `json:"avatar_url"`
	Metadata  Optional[map[string]any] `json:"metadata"`
}

// MarshalJSON leaves out what is absent.
func (p UserPatch) MarshalJSON() ([]byte, error) { return marshalPatch(p) }

// UpsertUser creates a user, or updates the one that has this external id: the easy way to keep the chat's users in
// step with your own. User.Created tells which it was.
func (c *Client) UpsertUser(ctx context.Context, user UpsertUserRequest) (*User, error) {
	out := &User{}
	status, err := c.call(ctx, request{method: http.MethodPost, path: "/v1/users", body: user}, out)
	if err != nil {
		return nil, err
	}
	out.Created = status == http.StatusCreated
	return out, nil
}

// UpdateUser changes an existing user.
func (c *Client) UpdateUser(ctx context.Context, user string, patch UserPatch) (*User, error) {
	return fetch[User](ctx, c, request{method: http.MethodPatch, path: route("users", user), body: patch})
}

// GetUser returns a user, by internal or external id.
func (c *Client) GetUser(ctx context.Context, user string) (*User, error) {
	return fetch[User](ctx, c, request{method: http.MethodGet, path: route("users", user)})
}

// A DeleteUserOption says what goes with a user.
type DeleteUserOption func(url.Values)

// EraseMessages unsends everything the user wrote. Without it the messages stay, under the user's old id.
func EraseMessages() DeleteUserOption {
	return func(query url.Values) { query.Set("messages", "erase") }
}

// DeleteUser deletes a user with their memberships and devices, and ends their connections. An external id that is used
// again afterwards is a new user.
func (c *Client) DeleteUser(ctx context.Context, user string, options ...DeleteUserOption) error {
	query := url.Values{}
	for _, option := range options {
		option(query)
	}
	_, err := c.call(ctx, request{method: http.MethodDelete, path: route("users", user), query: query.Encode()}, nil)
	return err
}

// A UsersOption narrows a list of users.
type UsersOption func(url.Values)

// Called lists only those of whose name a word begins so, or whose external id does. A page may then hold few, or none,
// without being the last.
func Called(beginning string) UsersOption {
	return func(query url.Values) { query.Set("q", beginning) }
}

func listOfUsers(options []UsersOption) list { return narrowed("users", "/v1/users", options) }

// ListUsers returns a page of the workspace's users.
func (c *Client) ListUsers(ctx context.Context, page PageOptions, options ...UsersOption) (*Page[User], error) {
	return readPage[User](ctx, c, listOfUsers(options), page)
}

// Users yields the workspace's users.
func (c *Client) Users(ctx context.Context, options ...UsersOption) iter.Seq2[*User, error] {
	return items[User](ctx, c, listOfUsers(options))
}

// fetch makes a call whose answer is one object.
func fetch[T any](ctx context.Context, c *Client, r request) (*T, error) {
	out := new(T)
	if _, err := c.call(ctx, r, out); err != nil {
		return nil, err
	}
	return out, nil
}
