// Package testserver runs the real server for tests. CARIOSAN_SERVER names its program; without it they are skipped.
package testserver

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// A Server is a running server on a database of its own, which both end with the test.
type Server struct {
	t       testing.TB
	program string
	options []string
	environ []string
	command *exec.Cmd
	URL     string // changes with Restart only if the port was taken meanwhile
}

// A Workspace is an API key.
type Workspace struct {
	Key    string `json:"api_key"`
	Secret string `json:"api_secret"`
}

// Start starts a server whose environment has these variables too, as "NAME=value".
func Start(t testing.TB, variables ...string) *Server {
	t.Helper()
	return start(t, filepath.Join(t.TempDir(), "chat.db"), nil, variables)
}

// StartDemo starts a server as for a first look, on the database that examples/run.sh would give it if the project were
// in folder.
func StartDemo(t testing.TB, folder string, variables ...string) *Server {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(folder, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	return start(t, filepath.Join(folder, "data", "cariosan.db"), []string{"--demo"}, variables)
}

func start(t testing.TB, database string, options, variables []string) *Server {
	t.Helper()
	program := os.Getenv("CARIOSAN_SERVER")
	if program == "" {
		t.Skip("skipped: CARIOSAN_SERVER does not name the server's program")
	}
	s := &Server{t: t, program: program, options: options}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "CARIOS") {
			s.environ = append(s.environ, variable)
		}
	}
	s.environ = append(s.environ, "CARIOS_ENV=test", "CARIOS_DATABASE_URL=sqlite:"+database, "CARIOS_RATE_LIMITS=off",
		"CARIOS_JWT_SECRET=a secret of the tests, long enough for HS256")
	s.environ = append(s.environ, variables...)
	s.launch("0")
	t.Cleanup(func() { s.end(syscall.SIGTERM) })
	return s
}

var readyLine = regexp.MustCompile(`ready: (http://[^/]*:\d+)/`)

func (s *Server) launch(port string) {
	s.t.Helper()
	s.command = exec.Command(s.program, s.options...)
	s.command.Env = append(s.environ, "CARIOS_HTTP_PORT="+port)
	output, err := s.command.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		s.t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if found := readyLine.FindStringSubmatch(lines.Text()); found != nil {
			s.URL = found[1]
			return
		}
	}
	s.t.Fatalf("the server did not start: %v", s.command.Wait())
}

func (s *Server) end(signal os.Signal) {
	if s.command.ProcessState != nil {
		return
	}
	s.command.Process.Signal(signal)
	if err := s.command.Wait(); err != nil && signal == syscall.SIGTERM {
		s.t.Errorf("the server ended with %v", err)
	}
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Restart starts it again, at the same port.
func (s *Server) Restart() {
	s.t.Helper()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.launch(port)
}

// Workspace makes a new workspace through the command line.
func (s *Server) Workspace() Workspace {
	s.t.Helper()
	command := exec.Command(s.program, "workspace", "create", "--name", "Shop", "--allow-duplicate", "--json")
	command.Env = s.environ
	output, err := command.Output()
	if err != nil {
		s.t.Fatal(err)
	}
	var made Workspace
	if err := json.Unmarshal(output, &made); err != nil || made.Key == "" || made.Secret == "" {
		s.t.Fatalf("%v in %s", err, output)
	}
	return made
}

// OpenAPI is the server's description of itself.
func (s *Server) OpenAPI() map[string]any {
	s.t.Helper()
	answer, err := http.Get(s.URL + "/openapi.json")
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var document map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&document); err != nil {
		s.t.Fatal(err)
	}
	return document
}
