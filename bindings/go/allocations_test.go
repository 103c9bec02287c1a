package cariosan

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

const (
	benchUser = `{"id":"01980d2a-7c11-7d9e-a7a0-000000000001","external_id":"alice","name":"Alice","avatar_url":null,"metadata":{},` +
		`"created_at":"2026-01-31T08:15:00.123Z","updated_at":"2026-01-31T08:15:00.123Z"}`
	benchBody = `{"external_id":"alice","name":"Alice"}`
	// Over net/http's own, with the request made by hand and the answer decoded with encoding/json.
	mostAllocations = 15
)

// canned answers without a network, so that only what happens in this process is counted.
type canned struct{}

func (canned) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	return &http.Response{
		StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte(benchUser))),
		ContentLength: int64(len(benchUser)), Request: r,
	}, nil
}

// bareCall is what a program without this package would write.
func bareCall(client *http.Client, method, path string, body []byte) error {
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, "http://chat.example"+path, content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer pk:sk")
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &User{})
}

// pairs are calls of this package and the same by hand.
func pairs() map[string][2]func() error {
	ctx, bare := context.Background(), &http.Client{Transport: canned{}}
	client := New("pk", "sk", "http://chat.example", WithHTTPClient(bare))
	return map[string][2]func() error{
		"GetUser": {
			func() error { _, err := client.GetUser(ctx, "alice"); return err },
			func() error { return bareCall(bare, http.MethodGet, "/v1/users/alice", nil) },
		},
		"UpsertUser": {
			func() error {
				_, err := client.UpsertUser(ctx, UpsertUserRequest{ExternalID: "alice", Name: "Alice"})
				return err
			},
			func() error { return bareCall(bare, http.MethodPost, "/v1/users", []byte(benchBody)) },
		},
	}
}

func TestACallAllocatesLittle(t *testing.T) {
	for name, pair := range pairs() {
		var allocations [2]float64
		for i, call := range pair {
			allocations[i] = testing.AllocsPerRun(200, func() {
				if err := call(); err != nil {
					t.Fatal(err)
				}
			})
		}
		more := allocations[0] - allocations[1]
		t.Logf("%s: %.0f allocations, by hand %.0f: %+.0f (at most %d)", name, allocations[0], allocations[1], more, mostAllocations)
		if more > mostAllocations {
			t.Errorf("%s makes %.0f allocations more than net/http alone", name, more)
		}
	}
}

func BenchmarkCall(b *testing.B) {
	for name, pair := range pairs() {
		for i, way := range []string{"cariosan", "net/http"} {
			b.Run(name+"/"+way, func(b *testing.B) {
				b.ReportAllocs()
				for range b.N {
					if err := pair[i](); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
