// Package cariosan is the server SDK of a Cariosan chat: what your backend does with its API key.
// It creates users and issues their tokens, creates channels and manages their members, sends messages, moderates, and
// registers webhooks. The package webhook receives what they deliver.
//
//	client := cariosan.New(apiKey, apiSecret, "https://chat.example.com")
//	user, err := client.UpsertUser(ctx, cariosan.UpsertUserRequest{ExternalID: "alice", Name: "Alice"})
//
// A user or channel is named by its internal id or by your own id for it, its external id. Every call
// takes a context, retries what is safe to retry (see [WithMaxRetries]) and fails with an error that [errors.Is]
// compares with [ErrNotFound] and its like, and that [errors.As] finds as an [*Error].
//
// Where the server answers null, a time is the zero [time.Time], a text is empty and a number is 0; a field is an
// [Optional] only where null means something else. Members of an answer that this version does not know are ignored,
// and enumerations are string types, which may hold values that have no constant here.
package cariosan
