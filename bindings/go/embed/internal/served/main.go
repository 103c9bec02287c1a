// Served is a server with an engine mounted at /chat, or at the second argument, for tests that talk to it from outside: the options of
// the engine are the first. It prints {"base","key"} of a new workspace, takes lines "drain MILLISECONDS", and ends when its input does.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/cariosan/cariosan-go/embed"
)

func main() {
	prefix := "/chat"
	if len(os.Args) > 2 {
		prefix = os.Args[2]
	}
	if err := serve(os.Args[1], prefix); err != nil {
		log.Fatal(err)
	}
}

func serve(text, prefix string) error {
	var options embed.Options
	if err := json.Unmarshal([]byte(text), &options); err != nil {
		return err
	}
	engine, err := embed.Open(options)
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close(context.Background()) }()
	var made struct {
		Key    string `json:"api_key"`
		Secret string `json:"api_secret"`
	}
	if err := engine.Call(context.Background(), embed.Caller{}, "workspace.create", map[string]any{"name": "Shop"}, &made); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", http.StripPrefix(prefix, engine.Handler()))
	go func() { _ = http.Serve(listener, mux) }()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{
		"base": fmt.Sprintf("http://%s%s", listener.Addr(), prefix), "key": made.Key + ":" + made.Secret}); err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var milliseconds int
		if _, err := fmt.Sscanf(lines.Text(), "drain %d", &milliseconds); err == nil {
			if err := engine.Drain(time.Duration(milliseconds) * time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}
