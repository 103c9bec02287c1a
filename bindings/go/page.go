package cariosan

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// PageOptions say which page of a list is wanted. The zero value is the first page, of the server's usual size.
type PageOptions struct {
	Limit  int    // at most so many; 50 if 0, at most 100
	Cursor string // NextCursor of the page before
}

// A Page is a part of a list.
type Page[T any] struct {
	Items      []*T
	HasMore    bool
	NextCursor string // for PageOptions.Cursor; empty on the last page

	// Of lists of members and messages: the state of the channel they were read from, all in one snapshot. Of lists of
	// channels: the epoch of their revisions.
	Rev        int64
	ReceiptRev int64
	Epoch      string
}

// list names a list of the server and the parameters that stay the same from page to page.
type list struct {
	name   string // of the member of the answer that holds the items
	path   string
	filter url.Values
}

// The list with what the caller's options ask of it.
func narrowed[Option ~func(url.Values)](name, path string, options []Option) list {
	l := list{name: name, path: path, filter: url.Values{}}
	for _, option := range options {
		option(l.filter)
	}
	return l
}

func (l list) request(page PageOptions) request {
	query := make(url.Values, len(l.filter)+2)
	for name, values := range l.filter {
		query[name] = values
	}
	if page.Limit != 0 {
		query.Set("limit", strconv.Itoa(page.Limit))
	}
	if page.Cursor != "" {
		query.Set("cursor", page.Cursor)
		// A cursor holds its own place.
		for _, place := range []string{"before", "after", "around"} {
			query.Del(place)
		}
	}
	return request{method: http.MethodGet, path: l.path, query: query.Encode()}
}

// readPage reads one page.
func readPage[T any](ctx context.Context, c *Client, l list, options PageOptions) (*Page[T], error) {
	r := l.request(options)
	var members map[string]json.RawMessage
	if _, err := c.call(ctx, r, &members); err != nil {
		return nil, err
	}
	page := &Page[T]{}
	if members[l.name] == nil {
		return nil, protocolError(r.method, r.path, "there is no list of "+l.name)
	}
	for name, to := range map[string]any{
		l.name: &page.Items, "has_more": &page.HasMore, "next_cursor": &page.NextCursor,
		"rev": &page.Rev, "receipt_rev": &page.ReceiptRev, "epoch": &page.Epoch,
	} {
		if text := members[name]; text != nil {
			if err := json.Unmarshal(text, to); err != nil {
				return nil, protocolError(r.method, r.path, name+": "+err.Error())
			}
		}
	}
	if page.HasMore && (page.NextCursor == "" || page.NextCursor == options.Cursor) {
		return nil, protocolError(r.method, r.path, "there is more, but the cursor leads nowhere")
	}
	return page, nil
}

// items reads page after page, each when it is needed; an error is the last thing it yields.
func items[T any](ctx context.Context, c *Client, l list) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		options := PageOptions{Limit: 100}
		for {
			page, err := readPage[T](ctx, c, l, options)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if !page.HasMore {
				return
			}
			options.Cursor = page.NextCursor
		}
	}
}
