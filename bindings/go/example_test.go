package cariosan_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	cariosan "github.com/cariosan/cariosan-go"
)

func ExampleNew() {
	chat := cariosan.New("pk_live_1", "sk_1", "https://chat.example.com", cariosan.WithTimeout(5*time.Second))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second) // all attempts together
	defer cancel()
	workspace, err := chat.GetWorkspace(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(workspace.Name)
}

func ExampleClient_Users() {
	for user, err := range chat.Users(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.ExternalID, user.Name)
	}
	// Output:
	// alice Alice
	// budi Budi
}

func ExampleClient_ListUsers() {
	page, err := chat.ListUsers(ctx, cariosan.PageOptions{Limit: 1})
	if err == nil && page.HasMore {
		page, err = chat.ListUsers(ctx, cariosan.PageOptions{Limit: 1, Cursor: page.NextCursor})
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page.Items[0].Name, page.HasMore)
	// Output: Budi false
}

func ExampleClient_Messages() {
	for message, err := range chat.Messages(ctx, "order_42", cariosan.Before("seq:100")) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(message.Seq, message.User.Name, message.Content)
	}
	// Output: 99 Budi Ready.
}

func ExampleClient_UpdateUser() {
	user, err := chat.UpdateUser(ctx, "alice", cariosan.UserPatch{
		Name:      cariosan.Set("Alice S."),
		AvatarURL: cariosan.Null[string](), // cleared; all other fields stay as they are
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %q\n", user.Name, user.AvatarURL)
	// Output: Alice S. ""
}

func ExampleClient_SendMessage() {
	message, err := chat.SendMessage(ctx, "order_42", cariosan.SendMessageRequest{
		User: "shop", Content: "Your parcel is on its way.", IdempotencyKey: "shipped:42",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(message.Seq, message.Content)
	// Output: 100 Your parcel is on its way.
}

func ExampleError() {
	_, err := chat.GetChannel(ctx, "order_42")
	var failure *cariosan.Error
	switch {
	case errors.Is(err, cariosan.ErrNotFound):
		fmt.Println("there is no such channel")
	case errors.As(err, &failure):
		fmt.Println(failure.Code, failure.Message, failure.RequestID) // the server's log has the id too
	case err != nil:
		fmt.Println("no answer:", err)
	}
	// Output: there is no such channel
}
