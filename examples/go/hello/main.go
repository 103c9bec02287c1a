// Hello sends a first message.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	cariosan "github.com/cariosan/cariosan-go"
)

func main() {
	log.SetFlags(0)
	key, secret, _ := strings.Cut(os.Getenv("CHAT_KEY"), ":")
	chat := cariosan.New(key, secret, "http://localhost:8080")
	ctx := context.Background()

	for id, name := range map[string]string{"alice": "Alice", "budi": "Budi"} {
		if _, err := chat.UpsertUser(ctx, cariosan.UpsertUserRequest{ExternalID: id, Name: name}); err != nil {
			log.Fatal(err)
		}
	}
	channel, err := chat.CreateChannel(ctx, cariosan.CreateChannelRequest{
		Type: cariosan.ChannelGroup, ExternalID: "hello", Name: "Hello", MemberExternalIDs: []string{"alice", "budi"},
	})
	if err != nil {
		log.Fatal(err)
	}
	message, err := chat.SendMessage(ctx, channel.ID, cariosan.SendMessageRequest{User: "alice", Content: "Halo, Budi!"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s is message %d of %s\n", message.ID, message.Seq, channel.Name)
}
