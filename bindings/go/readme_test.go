package cariosan

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// A block of code in a README.
type block struct{ language, code string }

var fenced = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

func blocksOf(t *testing.T, file string) (out []block) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range fenced.FindAllSubmatch(text, -1) {
		out = append(out, block{string(found[1]), string(found[2])})
	}
	return out
}

// unindented has each line without the white space before it, which is all that a snippet may change.
func unindented(code string) string {
	lines := strings.Split(strings.TrimSpace(code), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

// TestReadmeShowsCodeThatIsCompiled looks for every snippet in the example, which is built and run by
// TestShopBesideTheDemo, and in the examples of the package.
func TestReadmeShowsCodeThatIsCompiled(t *testing.T) {
	var compiled []string
	for _, pattern := range []string{"example_test.go", "../../examples/go/*.go", "../../examples/go/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Skipf("skipped: %s is not here", pattern)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			compiled = append(compiled, unindented(string(text)))
		}
	}
	snippets := 0
	for _, block := range blocksOf(t, "README.md") {
		if block.language != "go" {
			continue
		}
		snippets++
		if !strings.Contains(strings.Join(compiled, ""), unindented(block.code)) {
			t.Errorf("neither the example nor example_test.go has this snippet:\n%s", block.code)
		}
	}
	if snippets < 10 {
		t.Errorf("there are only %d snippets", snippets)
	}
}

// TestReadmeNamesEveryCall keeps the table of calls complete.
func TestReadmeNamesEveryCall(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Every call")
	named := map[string]bool{}
	for _, found := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(table, -1) {
		named[found[1]] = true
	}
	client := reflect.TypeFor[*Client]()
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if !named[name] && !strings.HasPrefix(name, "List") {
			t.Errorf("the README does not name %s", name)
		}
		delete(named, name)
	}
	for name := range named {
		t.Errorf("the README names %s, which Client has not", name)
	}
}
