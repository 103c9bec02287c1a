package cariosan

import (
	"fmt"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// What to write where for what the server has and this module has not: the remedies of the contract test. They are
// meant for whoever changed the server and has never written a line of Go.

// newOperation says how to add a call.
func (c *contract) newOperation(where, id string, described map[string]any) string {
	method, route, _ := strings.Cut(where, " ")
	body, answer := "nil", ""
	if schema := bodySchema(described["requestBody"]); schema != nil {
		body = "typeOf[" + exported(id) + "Request]()"
	}
	for _, status := range []string{"200", "201"} {
		if response := member(member(described, "responses"), status); response != nil && answer == "" {
			if reference, ok := bodySchema(response)["$ref"].(string); ok {
				answer = path.Base(reference)
			}
		}
	}
	entry := fmt.Sprintf("%q: {%q, %s, %q},", id, exported(id), body, answer)
	golden := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(method+" "+route, "{}")
	return fmt.Sprintf("1. Write a method of Client for it, beside those of its kind (%s.go is named for the second part of the path).\n"+
		"2. In operations in contract_test.go, with the name you gave it: %s\n"+
		"3. In golden_calls_test.go an entry for %q, and in integration_test.go a call.\n"+
		"Its query has %v, its headers %v.",
		strings.Split(route, "/")[2], entry, golden, namesOfParameters(described, "query"), namesOfParameters(described, "header"))
}

// newType is the declaration of a schema's type.
func (c *contract) newType(name string) string {
	properties, required := map[string]any{}, []string{}
	c.members(member(c.schemas, name), properties, &required)
	var lines []string
	for member, schema := range properties {
		lines = append(lines, c.newField(member, schema.(map[string]any), slices.Contains(required, member), false))
	}
	slices.Sort(lines)
	return fmt.Sprintf("Write the type, and in schemas in contract_test.go %q: typeOf[%s](). It may be:\ntype %s struct {\n%s\n}",
		name, name, name, strings.Join(lines, "\n"))
}

// newField is the line of a struct for a member.
func (c *contract) newField(name string, schema map[string]any, required, patch bool) string {
	option := ""
	if !required && !patch {
		option = ",omitempty"
	}
	return fmt.Sprintf("\t%s %s `json:\"%s%s\"`", exported(name), c.goType(schema, patch), name, option)
}

func (c *contract) newConstants(typeName string, got, want []string) string {
	var lines []string
	for _, value := range want {
		if !slices.Contains(got, value) {
			lines = append(lines, fmt.Sprintf("\t... %s = %q", typeName, value))
		}
	}
	for _, value := range got {
		if !slices.Contains(want, value) {
			lines = append(lines, fmt.Sprintf("\t(take out %q)", value))
		}
	}
	return fmt.Sprintf("Change the constants of %s in %s (events also in webhook/events.go and data.go):\n%s",
		typeName, c.source.files[typeName], strings.Join(lines, "\n"))
}

// in names a type and its file, for the middle of a sentence.
func (c *contract) in(goType reflect.Type) string {
	if file := c.source.files[goType.Name()]; file != "" {
		return " in type " + goType.Name() + " of " + file
	}
	return " in " + goType.String()
}

// goType is what a field for this schema should be: null is a zero value, but where a patch tells it from absence.
func (c *contract) goType(schema map[string]any, patch bool) string {
	if patch {
		return "Optional[" + c.goType(schema, false) + "]"
	}
	if choices, ok := schema["anyOf"].([]any); ok {
		for _, choice := range choices {
			if one := choice.(map[string]any); one["type"] != "null" {
				return c.goType(one, false)
			}
		}
	}
	if all, ok := schema["allOf"].([]any); ok && len(all) == 1 {
		return c.goType(all[0].(map[string]any), false)
	}
	if reference, ok := schema["$ref"].(string); ok {
		name := path.Base(reference)
		if known := schemas[name]; known != nil {
			return known.Name()
		}
		target := member(c.schemas, name)
		if name != "Metadata" && (c.kind(target) == "object" || texts(target["enum"]) != nil) {
			return name
		}
		return c.goType(target, false)
	}
	switch kind := c.kind(schema); kind {
	case "string":
		if schema["format"] == "date-time" {
			return "time.Time"
		}
		return "string"
	case "integer":
		return "int64"
	case "boolean":
		return "bool"
	case "array":
		if length, fixed := fixedLength(schema); fixed {
			return fmt.Sprintf("[%d]", length) + c.goType(member(schema, "items"), false)
		}
		return "[]" + c.goType(member(schema, "items"), false)
	case "number":
		return "float64"
	default:
		return "map[string]any"
	}
}

// exported is a name of the server as Go would have it.
func exported(name string) string {
	var out strings.Builder
	for _, part := range strings.Split(name, "_") {
		switch upper := strings.ToUpper(part); upper {
		case "ID", "URL", "TTL":
			out.WriteString(upper)
		default:
			out.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return out.String()
}

func namesOfParameters(described map[string]any, place string) []string {
	names := []string{}
	list, _ := described["parameters"].([]any)
	for _, one := range list {
		if p := one.(map[string]any); p["in"] == place {
			names = append(names, p["name"].(string))
		}
	}
	slices.Sort(names)
	return names
}
