package cariosan

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"
)

// A RecordKind says what a [UserRecord] is.
type RecordKind string

// The kinds of records.
const (
	RecordUser       RecordKind = "user"
	RecordMembership RecordKind = "membership"
	RecordMessage    RecordKind = "message"
	RecordReaction   RecordKind = "reaction"
	RecordMention    RecordKind = "mention"
	RecordMute       RecordKind = "mute"
	RecordBlock      RecordKind = "block"
	RecordModeration RecordKind = "moderation"
	RecordDevice     RecordKind = "device"
	RecordReport     RecordKind = "report"
)

// A UserRecord is one thing that is stored about a user. Memberships, reactions and mentions are in the fields here;
// of the other kinds [UserRecord.Decode] reads the object.
type UserRecord struct {
	Kind              RecordKind        `json:"kind"`
	ChannelID         string            `json:"channel_id,omitempty"`
	ChannelExternalID string            `json:"channel_external_id,omitempty"`
	Role              Role              `json:"role,omitempty"`
	Muted             bool              `json:"muted,omitempty"`
	Archived          bool              `json:"archived,omitempty"`
	Pinned            bool              `json:"pinned,omitempty"`
	MarkedUnread      bool              `json:"marked_unread,omitempty"`
	PreferencesRev    int64             `json:"preferences_rev,omitempty"`
	Left              bool              `json:"left,omitempty"`
	JoinedAt          time.Time         `json:"joined_at,omitempty"`
	Receipt           Optional[Receipt] `json:"receipt,omitempty"`
	MessageID         string            `json:"message_id,omitempty"`
	Emoji             string            `json:"emoji,omitempty"`

	// The whole record as it came.
	Raw json.RawMessage `json:"-"`
}

// A Receipt is how far a user has read a channel.
type Receipt struct {
	UserID           string    `json:"user_id"`
	LastReadSeq      int64     `json:"last_read_seq,omitempty"`
	LastReadAt       time.Time `json:"last_read_at,omitempty"`
	LastDeliveredSeq int64     `json:"last_delivered_seq"`
	LastDeliveredAt  time.Time `json:"last_delivered_at"`
}

// Decode reads the record as the object that its kind names, into a *[User], *[Message], *[Mute] and so on.
func (r UserRecord) Decode(into any) error { return json.Unmarshal(r.Raw, into) }

// longestRecord bounds a line of an export.
const longestRecord = 1 << 20

// ExportUser yields everything that is stored about a user, as it arrives. Only the start is retried: an export
// that is interrupted ends with an error.
func (c *Client) ExportUser(ctx context.Context, user string) iter.Seq2[UserRecord, error] {
	r := request{method: http.MethodGet, path: route("users", user, "export")}
	return func(yield func(UserRecord, error) bool) {
		stream, err := c.open(ctx, r)
		if err != nil {
			yield(UserRecord{}, err)
			return
		}
		defer stream.Close()
		lines := bufio.NewScanner(stream)
		lines.Buffer(nil, longestRecord)
		for lines.Scan() {
			record := UserRecord{Raw: append(json.RawMessage(nil), lines.Bytes()...)}
			if err := json.Unmarshal(record.Raw, &record); err != nil {
				// The end of a line that is cut off looks like this too, and its cause says more.
				yield(UserRecord{}, cmp.Or(lines.Err(), protocolError(r.method, r.path, err.Error())))
				return
			}
			if !yield(record, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(UserRecord{}, fmt.Errorf("cariosan: %s %s: %w", r.method, r.path, err))
		}
	}
}

// open retries until a good answer begins, and returns its body.
func (c *Client) open(ctx context.Context, r request) (io.ReadCloser, error) {
	if _, err := c.encode(&r); err != nil {
		return nil, err
	}
	for number := 0; ; number++ {
		stream, failure := c.attemptStream(ctx, &r, number)
		if failure == nil {
			return stream, nil
		}
		if number == c.maxRetries || !failure.transient || ctx.Err() != nil {
			return nil, failure.err
		}
		if err := c.pause(ctx, &r, number, failure.err); err != nil {
			return nil, err
		}
	}
}

func (c *Client) attemptStream(ctx context.Context, r *request, number int) (io.ReadCloser, *failure) {
	watch := watchBody(ctx, c.timeout)
	response, err := c.send(watch.ctx, r, nil)
	if err != nil {
		err = watch.cause(err)
		watch.end()
		c.log(ctx, r, number, 0, "", err)
		return nil, lost(r, err)
	}
	c.log(ctx, r, number, response.StatusCode, response.Header.Get("X-Request-Id"), nil)
	watch.body = response.Body
	if response.StatusCode == http.StatusOK {
		return watch, nil
	}
	defer watch.Close()
	text, err := readAnswer(response)
	if err != nil {
		return nil, lost(r, watch.cause(err))
	}
	return nil, refused(errorOf(response, text, c.now()))
}

// watchedBody ends a request of which nothing has come for a while, however long it takes as a whole.
type watchedBody struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	body    io.ReadCloser
	timer   *time.Timer // nil: without limit
	timeout time.Duration
}

func watchBody(parent context.Context, timeout time.Duration) *watchedBody {
	b := &watchedBody{timeout: timeout}
	b.ctx, b.cancel = context.WithCancelCause(parent)
	if timeout > 0 {
		b.timer = time.AfterFunc(timeout, func() { b.cancel(context.DeadlineExceeded) })
	}
	return b
}

// cause is why reading failed: the time limit, if it was that.
func (b *watchedBody) cause(err error) error {
	if b.ctx.Err() != nil {
		return context.Cause(b.ctx)
	}
	return err
}

func (b *watchedBody) Read(into []byte) (int, error) {
	n, err := b.body.Read(into)
	if err != nil && err != io.EOF {
		return n, b.cause(err)
	}
	if err == nil && b.timer != nil {
		b.timer.Reset(b.timeout)
	}
	return n, err
}

func (b *watchedBody) Close() error {
	b.end()
	return b.body.Close()
}

func (b *watchedBody) end() {
	if b.timer != nil {
		b.timer.Stop()
	}
	b.cancel(nil)
}
