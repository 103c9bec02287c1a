//go:build unix

package cariosan

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/cariosan/cariosan-go/internal/testserver"
)

// project copies what a newcomer has of this project to a folder of the test.
func project(t *testing.T) string {
	root := t.TempDir()
	for _, folder := range []string{"bindings/go", "examples/go"} {
		from := filepath.Join("../..", folder)
		if _, err := os.Stat(from); err != nil {
			t.Skipf("skipped: %s is not here", folder)
		}
		if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	os.Remove(filepath.Join(root, "examples/go/webhook.json"))
	return root
}

// typed are the commands of a README, with other text in places that they must have.
func typed(t *testing.T, commands string, replaced ...string) string {
	t.Helper()
	for i := 0; i < len(replaced); i += 2 {
		if !strings.Contains(commands, replaced[i]) {
			t.Fatalf("no %s in %s", replaced[i], commands)
		}
	}
	return strings.NewReplacer(replaced...).Replace(commands)
}

func blockWith(t *testing.T, blocks []block, words string) string {
	t.Helper()
	at := slices.IndexFunc(blocks, func(b block) bool { return strings.Contains(b.code, words) })
	if at < 0 {
		t.Fatalf("no block with %s", words)
	}
	return blocks[at].code
}

// keyOf are the key and the secret of the demo workspace.
func keyOf(t *testing.T, root string) (string, string) {
	text, err := os.ReadFile(filepath.Join(root, "data/cariosan.db.demo-key"))
	if err != nil {
		t.Fatal(err)
	}
	key, secret, _ := strings.Cut(strings.TrimSpace(string(text)), ":")
	return key, secret
}

// TestFirstMessageFromAnEmptyFolder types what the README says.
func TestFirstMessageFromAnEmptyFolder(t *testing.T) {
	root := project(t)
	server := testserver.StartDemo(t, root)
	blocks := blocksOf(t, "README.md")
	start := blockWith(t, blocks, "go mod init")
	program := typed(t, blockWith(t, blocks, "package main"), "http://localhost:8080", server.URL)
	script := typed(t, start, "$HOME/libcariosan", root) + "cat > main.go <<'END'\n" + program + "END\n" + blockWith(t, blocks, "go run .")
	folder := t.TempDir()
	shell := exec.Command("bash", "-euc", script)
	shell.Dir = folder
	output, err := shell.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "is message 1 of Hello") {
		t.Fatalf("%v: %s", err, output)
	}
	key, secret := keyOf(t, root)
	messages := all(t, New(key, secret, server.URL).Messages(context.Background(), "hello"))
	if len(messages) != 1 || messages[0].Content != "Halo, Budi!" || messages[0].User.Name != "Alice" {
		t.Errorf("the channel has %+v", messages)
	}
}

// shopProcess is the example, started by the commands of its README.
type shopProcess struct {
	t       *testing.T
	command *exec.Cmd
	lines   chan string
}

func startShop(t *testing.T, root, url string) *shopProcess {
	t.Helper()
	commands := blockWith(t, blocksOf(t, "../../examples/go/README.md"), "go run -C examples/go")
	if strings.Count(commands, "\n") != 2 {
		t.Errorf("these are not two commands: %s", commands)
	}
	s := &shopProcess{t, exec.Command("bash", "-euc", commands), make(chan string)}
	s.command.Dir = root
	s.command.Env = append(os.Environ(), "CHAT_URL="+url, "SHOP_ADDRESS=127.0.0.1:0")
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output, err := s.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.lines)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			s.lines <- lines.Text()
		}
	}()
	t.Cleanup(s.stop)
	return s
}

// stop is Ctrl-C, which a terminal sends to the whole group.
func (s *shopProcess) stop() {
	if s.command.ProcessState != nil {
		return
	}
	syscall.Kill(-s.command.Process.Pid, syscall.SIGINT)
	for range s.lines {
	}
	s.command.Wait()
}

// until waits until each pattern was found in a line, in any order, and returns what was found last.
func (s *shopProcess) until(patterns ...string) (found []string) {
	s.t.Helper()
	var seen []string
	for len(patterns) > 0 {
		line, more := <-s.lines
		if !more {
			s.t.Fatalf("the shop ended without %s: %s", patterns, strings.Join(seen, "\n"))
		}
		seen = append(seen, line)
		patterns = slices.DeleteFunc(patterns, func(pattern string) bool {
			match := regexp.MustCompile(pattern).FindStringSubmatch(line)
			if match != nil {
				found = match
			}
			return match != nil
		})
	}
	return found
}

// tokenOf fetches a token as a user's app would, with this password.
func tokenOf(t *testing.T, shop, user, password string) (int, string) {
	request, _ := http.NewRequest(http.MethodPost, shop+"/token", nil)
	request.SetBasicAuth(user, password)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var token Token
	json.NewDecoder(answer.Body).Decode(&token)
	return answer.StatusCode, token.Token
}

// typedByHand fetches a token with the command of the README.
func typedByHand(t *testing.T, shop string) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Log("skipped: curl is not installed")
		return
	}
	command := typed(t, blockWith(t, blocksOf(t, "../../examples/go/README.md"), "curl"), "http://127.0.0.1:3000", shop)
	output, err := exec.Command("bash", "-euc", command).Output()
	var token Token
	if err != nil || json.Unmarshal(output, &token) != nil || token.Token == "" {
		t.Errorf("%s: %v: %s", command, err, output)
	}
}

// TestShopBesideTheDemo starts the example by its two commands, and again after its end.
func TestShopBesideTheDemo(t *testing.T) {
	root, ctx := project(t), context.Background()
	server := testserver.StartDemo(t, root, "CARIOS_WEBHOOK_ALLOW_PRIVATE=true")
	key, secret := keyOf(t, root)
	chat := New(key, secret, server.URL)
	const opened = `the shop is open at (http://\S+)$`

	shop := startShop(t, root, server.URL)
	address := shop.until(opened)[1]
	for user, password := range map[string]string{"alice": "", "nobody": "", "budi": "secret of alice"} {
		if status, _ := tokenOf(t, address, user, password); status != http.StatusUnauthorized {
			t.Errorf("%s with the password %q: %d", user, password, status)
		}
	}
	status, token := tokenOf(t, address, "alice", "secret of alice")
	if status != http.StatusOK || !signsIn(t, server.URL, token) {
		t.Fatalf("alice has no token: %d", status)
	}
	typedByHand(t, address)
	sendAs(t, server.URL, "order_42", token, `{"content":"What is the status?"}`, http.StatusCreated)
	shop.until("^Alice in order_42: What is the status", "^Shop in order_42: It is packed")
	shop.stop()

	// While it is closed the question waits; the webhook and its secret are those of the first start.
	sendAs(t, server.URL, "order_42", token, `{"content":"And the STATUS now?"}`, http.StatusCreated)
	shop = startShop(t, root, server.URL)
	shop.until(opened)
	sendAs(t, server.URL, "order_1", token, `{"content":"The status of other orders is not the shop's business."}`, http.StatusCreated)
	hooks := all(t, chat.Webhooks(ctx))
	if len(hooks) != 1 {
		t.Fatalf("%d webhooks", len(hooks))
	}
	for delivery, err := range chat.WebhookDeliveries(ctx, hooks[0].ID) {
		if err == nil { // what waits would be tried in half a minute, and the rest comes twice
			_, err = chat.RetryDelivery(ctx, hooks[0].ID, delivery.EventID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	shop.until("^Alice in order_42: And the STATUS now", "^Alice in order_42: What is the status", "^Alice in order_1: ")
	shop.stop() // after what it is at
	replies := map[string]int{}
	for _, message := range all(t, chat.Messages(ctx, "order_42")) {
		if quote, isReply := message.QuotedMessage.Get(); isReply && message.User.ExternalID == "shop" {
			replies[quote.Content]++
		}
	}
	if len(replies) != 2 || replies["What is the status?"] != 1 || replies["And the STATUS now?"] != 1 {
		t.Errorf("the shop has answered %v", replies)
	}
}

// TestShopSaysWhyItHearsNothing: a server delivers to public addresses alone unless configured otherwise.
func TestShopSaysWhyItHearsNothing(t *testing.T) {
	root := project(t)
	server := testserver.StartDemo(t, root)
	shop := startShop(t, root, server.URL)
	shop.until(`^The chat cannot deliver its events here: the address is not public\.$`)
	shop.until("CARIOS_WEBHOOK_ALLOW_PRIVATE=true")
}
