module github.com/cariosan/cariosan-go/embed

go 1.23

require github.com/coder/websocket v1.8.13
