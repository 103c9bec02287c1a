// Plantfaults plants one fault after the other into a copy of the module and runs the test that must see it:
//
//	go run ./internal/plantfaults [words of a fault's name]
//
// It is started in the folder of the module, with the variables that the tests want.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	wanted, missed := strings.Join(os.Args[1:], " "), 0
	for _, f := range faults {
		if !strings.Contains(f.name, wanted) {
			continue
		}
		said, err := f.seen()
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", f.name, err)
			os.Exit(2)
		}
		if said == "" {
			missed++
			said = "MISSED"
		}
		fmt.Printf("%-50s %-40s %s\n", f.name, f.test, said)
	}
	if missed > 0 {
		fmt.Fprintf(os.Stderr, "%d faults were missed\n", missed)
		os.Exit(1)
	}
}

// seen returns what the test said of the fault; nothing if it passed.
func (f fault) seen() (string, error) {
	root, err := os.MkdirTemp("", "cariosan-faults-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(root)
	for _, folder := range []string{"bindings/go", "examples/go", "tests/golden"} {
		if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join("../..", folder))); err != nil {
			return "", err
		}
	}
	module := filepath.Join(root, "bindings/go")
	path := filepath.Join(module, f.file)
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if strings.Count(string(text), f.find) != 1 {
		return "", fmt.Errorf("%s does not have this once: %s", f.file, f.find)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), f.find, f.plant, 1)), 0o600); err != nil {
		return "", err
	}
	arguments := []string{"test", "-count=1", "-timeout=1m", "-run", "^" + f.test + "$"}
	if f.race {
		arguments = append(arguments, "-race")
	}
	test := exec.Command("go", append(arguments, f.folder())...)
	test.Dir = module
	output, err := test.CombinedOutput()
	if err == nil {
		return "", nil
	}
	if strings.Contains(string(output), "[build failed]") || !strings.Contains(string(output), "FAIL") {
		return "", fmt.Errorf("the fault does not compile: %s", output)
	}
	return summary(string(output)), nil
}

// folder is that of the package whose test must see the fault.
func (f fault) folder() string {
	if filepath.Dir(f.file) == "webhook" {
		return "./webhook"
	}
	return "."
}

// summary is the first line in which a test says what is wrong.
func summary(output string) string {
	for _, line := range strings.Split(output, "\n") {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "_test.go:") || strings.HasPrefix(line, "panic:") || strings.Contains(line, "DATA RACE") {
			return "seen: " + line[:min(len(line), 110)]
		}
	}
	return "seen"
}
