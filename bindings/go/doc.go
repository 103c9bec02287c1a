// Package cariosan is the server side of a Cariosan chat: what an application's own backend does with its API key.
// It makes users and issues their tokens, creates channels and changes who is in them, sends messages, moderates, and
// registers webhooks. Package webhook, beside this one, receives what they deliver.
//
//	client := cariosan.New(apiKey, apiSecret, "https://chat.example.com")
//	user, err := client.UpsertUser(ctx, cariosan.UpsertUserRequest{ExternalID: "alice", Name: "Alice"})
//
// A user or channel is named by its internal id or by the application's own id for it, its external id. Every call
// takes a context, repeats what is safe to repeat (see [WithMaxRetries]) and fails with an error that [errors.Is]
// compares with [ErrNotFound] and its like, and that [errors.As] finds as an [*Error].
//
// Times that the server answers as null are the zero [time.Time], texts are empty, numbers are zero; where null means
// something else than that, the field is an [Optional]. Members of an answer that this version does not know are
// ignored, and enumerations are string types that may hold values without a constant here.
package cariosan
