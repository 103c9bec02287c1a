// Shop is the backend of a shop with a chat: it tells the chat who its users are, issues tokens for their apps, and answers
// their questions.
package main

import (
	"cmp"
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	cariosan "github.com/cariosan/cariosan-go"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	key, secret, _ := strings.Cut(os.Getenv("CHAT_KEY"), ":")
	chat := cariosan.New(key, secret, cmp.Or(os.Getenv("CHAT_URL"), "http://localhost:8080"))
	if err := prepare(ctx, chat); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("SHOP_ADDRESS"), "127.0.0.1:3000"))
	if err != nil {
		return err
	}
	hook, err := register(ctx, chat, "http://"+listener.Addr().String()+"/hooks/chat")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/token", chat.TokenHandler(signedIn, time.Hour))
	mux.Handle("/hooks/chat", receiver(chat, hook.Secret))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stopped <- server.Shutdown(context.Background())
	}()
	go warnIfUnreachable(ctx, chat, hook.ID)
	log.Printf("the shop is open at http://%s", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// prepare creates the shop's users and the channel of an order. If they exist already, nothing changes.
func prepare(ctx context.Context, chat *cariosan.Client) error {
	for id, name := range map[string]string{"shop": "Shop", "alice": "Alice", "budi": "Budi"} {
		if _, err := chat.UpsertUser(ctx, cariosan.UpsertUserRequest{ExternalID: id, Name: name}); err != nil {
			return err
		}
	}
	_, err := chat.CreateChannel(ctx, cariosan.CreateChannelRequest{
		Type: cariosan.ChannelGroup, ExternalID: order, Name: "Order #42", MemberExternalIDs: []string{"shop", "alice", "budi"},
	})
	return err
}

// passwords stands in for the accounts of your application.
var passwords = map[string]string{"alice": "secret of alice", "budi": "secret of budi"}

// signedIn returns the user who makes the request. Look at what your other handlers look at: a session, a cookie.
func signedIn(r *http.Request) (string, error) {
	user, password, _ := r.BasicAuth()
	if want, known := passwords[user]; !known || password != want {
		return "", errors.New("nobody is signed in")
	}
	return user, nil
}
