package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	cariosan "github.com/cariosan/cariosan-go"
)

// What verifying can fail with, by [errors.Is].
var (
	ErrSignature = errors.New("webhook: the signature is missing or wrong")
	ErrStale     = errors.New("webhook: the delivery is too old, or from the future")
	ErrBody      = errors.New("webhook: the body is no event")
	ErrSecret    = errors.New("webhook: a signing secret is malformed, or there is none")
)

// DefaultTolerance is how far the time of a delivery may be from ours.
const DefaultTolerance = 5 * time.Minute

const (
	secretPrefix = "whsec_"
	// A key that is guessed would verify anything, so what is shorter is taken for a mistake.
	shortestKey = 16
	// While a secret is being rotated there are two.
	mostSignatures = 16
)

// An Event is a verified delivery.
type Event struct {
	ID          string                `json:"event_id"` // the same in each repetition
	Name        cariosan.WebhookEvent `json:"event"`
	WorkspaceID string                `json:"workspace_id"`
	CreatedAt   time.Time             `json:"created_at"`
	Data        json.RawMessage       `json:"data"`
}

// Decode reads Data, for example into a *[MessageCreated].
func (e Event) Decode(into any) error { return json.Unmarshal(e.Data, into) }

// Verify checks that a delivery was signed with one of the secrets within the last five minutes, and reads it. body is
// the request's body exactly as it came. With the headers of Standard Webhooks the signature covers the time; without
// them X-Cariosan-Signature is checked, which covers the body alone, so that only its id tells a repeated event. Where
// both are there, only the former counts. Comparing takes the same time wherever the difference is.
func Verify(header http.Header, body []byte, secrets ...string) (Event, error) {
	v, err := newVerifier(secrets)
	if err != nil {
		return Event{}, err
	}
	return v.verify(header, body)
}

// signingKey is a secret in both forms: the bytes it encodes, and its text.
type signingKey struct {
	decoded []byte
	text    []byte
}

type verifier struct {
	keys      []signingKey
	tolerance time.Duration
	now       func() time.Time
}

func newVerifier(secrets []string) (*verifier, error) {
	v := &verifier{tolerance: DefaultTolerance, now: time.Now}
	if len(secrets) == 0 {
		return nil, ErrSecret
	}
	for i, secret := range secrets {
		decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
		if err != nil || len(decoded) < shortestKey {
			return nil, fmt.Errorf("%w: number %d", ErrSecret, i+1)
		}
		v.keys = append(v.keys, signingKey{decoded: decoded, text: []byte(secret)})
	}
	return v, nil
}

func (v *verifier) verify(header http.Header, body []byte) (Event, error) {
	standard := header.Get("webhook-signature") != ""
	id, sentAt := header.Get("webhook-id"), header.Get("webhook-timestamp")
	signed := standard && v.standardSignature(header, id, sentAt, body)
	if !standard {
		id, sentAt = header.Get("X-Cariosan-Event-Id"), header.Get("X-Cariosan-Timestamp")
		signed = v.bodySignature(header, body)
	}
	if !signed {
		return Event{}, ErrSignature
	}
	// Without a signature over it the time is but a hint, which may be missing.
	if (standard || sentAt != "") && !v.recent(sentAt) {
		return Event{}, ErrStale
	}
	var event Event
	if err := json.Unmarshal(body, &event); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrBody, err)
	}
	if event.ID == "" || event.Name == "" {
		return Event{}, fmt.Errorf("%w: it has no event_id or no event", ErrBody)
	}
	if standard && event.ID != id {
		return Event{}, fmt.Errorf("%w: its id is not that of the headers", ErrBody)
	}
	return event, nil
}

// standardSignature compares every signature with every key, so that the time taken tells nothing of either.
func (v *verifier) standardSignature(header http.Header, id, sentAt string, body []byte) bool {
	var given [][]byte
	for _, each := range strings.Fields(header.Get("webhook-signature")) {
		version, text, _ := strings.Cut(each, ",")
		signature, err := base64.StdEncoding.DecodeString(text)
		if version == "v1" && err == nil && len(given) < mostSignatures {
			given = append(given, signature)
		}
	}
	found := false
	for _, key := range v.keys {
		mac := hmac.New(sha256.New, key.decoded)
		mac.Write([]byte(id + "." + sentAt + "."))
		mac.Write(body)
		wanted := mac.Sum(nil)
		for _, signature := range given {
			found = hmac.Equal(signature, wanted) || found
		}
	}
	return found
}

func (v *verifier) bodySignature(header http.Header, body []byte) bool {
	text, tagged := strings.CutPrefix(header.Get("X-Cariosan-Signature"), "sha256=")
	given, err := hex.DecodeString(text)
	if !tagged || err != nil {
		return false
	}
	found := false
	for _, key := range v.keys {
		mac := hmac.New(sha256.New, key.text)
		mac.Write(body)
		found = hmac.Equal(given, mac.Sum(nil)) || found
	}
	return found
}

func (v *verifier) recent(sentAt string) bool {
	seconds, err := strconv.ParseInt(sentAt, 10, 64)
	// Beyond the year 9999 the difference would not fit a Duration.
	if err != nil || seconds < 0 || seconds > 253402300799 {
		return false
	}
	return v.now().Sub(time.Unix(seconds, 0)).Abs() <= v.tolerance
}
