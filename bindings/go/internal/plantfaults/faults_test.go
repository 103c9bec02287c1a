package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Faults are planted by hand, so each run of the tests looks whether they could be.
func TestEveryFaultHasItsPlaceAndItsTest(t *testing.T) {
	const module = "../.."
	for _, f := range faults {
		text, err := os.ReadFile(filepath.Join(module, f.file))
		if os.IsNotExist(err) && strings.HasPrefix(f.file, "../") {
			continue // the module alone, without the project
		}
		if err != nil {
			t.Fatal(err)
		}
		if count := strings.Count(string(text), f.find); count != 1 {
			t.Errorf("%s: %s has this %d times: %s", f.name, f.file, count, f.find)
		}
		tests, err := filepath.Glob(filepath.Join(module, f.folder(), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, file := range tests {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(text), "func "+f.test+"(")
		}
		if !found {
			t.Errorf("%s: there is no test %s", f.name, f.test)
		}
	}
}
