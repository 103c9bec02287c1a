// Package embed runs the chat engine inside a Go program: commands, events, and the whole REST and WebSocket protocol as an
// http.Handler. It links libcariosan.so, which pkg-config must find.
//
//	engine, err := embed.Open(embed.Options{"storage": "sqlite:chat.db", "jwt_secret": secret})
//	...
//	mux.Handle("/chat/", http.StripPrefix("/chat", engine.Handler()))
//
// It converts and forwards, and knows no command by name: bindings/COMMANDS.md lists them, with their fields and answers.
//
// Everything here may be used by several goroutines at once.
package embed
