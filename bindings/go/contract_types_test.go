package cariosan

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func member(object map[string]any, name string) map[string]any {
	found, _ := object[name].(map[string]any)
	return found
}

func texts(list any) []string {
	var out []string
	values, _ := list.([]any)
	for _, value := range values {
		if text, ok := value.(string); ok { // null says only that the value may be absent
			out = append(out, text)
		}
	}
	return out
}

// bodySchema is the schema of the one media type of a request or response.
func bodySchema(holder any) map[string]any {
	object, _ := holder.(map[string]any)
	for _, media := range member(object, "content") {
		return member(media.(map[string]any), "schema")
	}
	return nil
}

// source is what of the package cannot be seen by reflection.
type source struct {
	constants map[string][]string // their values by the name of their type; those of error codes by "Code"
	files     map[string]string   // where each type is, by its name
}

func readSource(t *testing.T) source {
	packages, err := parser.ParseDir(token.NewFileSet(), ".", func(file fs.FileInfo) bool {
		return !strings.HasSuffix(file.Name(), "_test.go")
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := source{map[string][]string{}, map[string]string{"Code": "errors.go"}}
	for name, file := range packages["cariosan"].Files {
		ast.Inspect(file, func(node ast.Node) bool {
			switch spec := node.(type) {
			case *ast.TypeSpec:
				found.files[spec.Name.Name] = name
			case *ast.ValueSpec:
				found.constant(spec)
			}
			return true
		})
	}
	return found
}

func (s source) constant(spec *ast.ValueSpec) {
	if len(spec.Values) != 1 {
		return
	}
	literal, isLiteral := spec.Values[0].(*ast.BasicLit)
	if !isLiteral || literal.Kind != token.STRING {
		return
	}
	value, _ := strconv.Unquote(literal.Value)
	if name, typed := spec.Type.(*ast.Ident); typed {
		s.constants[name.Name] = append(s.constants[name.Name], value)
	} else if strings.HasPrefix(spec.Names[0].Name, "Code") {
		s.constants["Code"] = append(s.constants["Code"], value)
	}
}

func (c *contract) enumeration(where string, values []string, typeName string) {
	if typeName == "string" { // only Error.Code is no type of its own
		typeName = "Code"
	}
	got := slices.Clone(c.source.constants[typeName])
	// A list of events to subscribe to has "*", a delivery may be a ping; both are events here.
	if typeName == "WebhookEvent" {
		got = slices.DeleteFunc(got, func(value string) bool {
			return value == "*" || value == "ping" && !slices.Contains(values, value)
		})
	}
	slices.Sort(got)
	values = slices.Sorted(slices.Values(values))
	if !slices.Equal(got, values) {
		c.wrong(fmt.Sprintf("%s may be %v, and %s has %v", where, values, typeName, got), c.newConstants(typeName, got, values))
	}
}

// request compares a body with the struct it is made of.
func (c *contract) request(where string, schema map[string]any, goType reflect.Type) {
	if schema == nil || goType == nil {
		c.wrong(fmt.Sprintf("%s: only one side has a body: %v and %v", where, schema, goType),
			"Give the operation the type of its request in operations in contract_test.go, or nil, and its method the argument.")
		return
	}
	c.sending = true
	c.structure(where, schema, goType, true)
	c.sending = false
}

// value compares a schema with a Go type, after references and null are taken away.
func (c *contract) value(where string, schema map[string]any, goType reflect.Type) {
	if inner, optional := optionalOf(goType); optional {
		goType = inner
	}
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	for _, union := range []string{"anyOf", "oneOf"} {
		if choices, ok := schema[union].([]any); ok {
			schema = c.notNull(where, choices, goType)
		}
	}
	if reference, ok := schema["$ref"].(string); ok {
		c.reference(where, strings.TrimPrefix(reference, "#/components/schemas/"), goType)
		return
	}
	if all, ok := schema["allOf"].([]any); ok && len(all) == 1 {
		c.value(where, all[0].(map[string]any), goType)
		return
	}
	if values := texts(schema["enum"]); values != nil {
		c.enumeration(where, values, goType.Name())
	}
	if kind := c.kind(schema); !kindFits(kind, schema, goType) {
		c.wrong(fmt.Sprintf("%s is %s, not a %s", where, kind, goType), "Its type should be "+c.goType(schema, false)+".")
	}
	switch {
	case goType.Kind() == reflect.Slice || goType.Kind() == reflect.Array:
		if items := member(schema, "items"); items != nil {
			c.value(where+"[]", items, goType.Elem())
		}
	case goType.Kind() == reflect.Struct && goType != timeType:
		c.structure(where, schema, goType, strings.HasSuffix(goType.Name(), "Patch"))
	}
}

// notNull is the one choice that is not null. Of several forms that a request may have, one is enough for whoever sends it.
func (c *contract) notNull(where string, choices []any, goType reflect.Type) map[string]any {
	var left []map[string]any
	for _, choice := range choices {
		// "*" stands for all events.
		if one := choice.(map[string]any); one["type"] != "null" && one["const"] != "*" {
			left = append(left, one)
		}
	}
	for _, one := range left {
		target := one
		if reference, ok := one["$ref"].(string); ok {
			target = member(c.schemas, strings.TrimPrefix(reference, "#/components/schemas/"))
		}
		if len(left) > 1 && c.sending && kindFits(c.kind(target), target, goType) {
			return one
		}
	}
	if len(left) != 1 {
		c.wrong(fmt.Sprintf("%s is one of %v", where, choices), "No answer had several forms before: write a type that reads each of them, and teach notNull in contract_types_test.go.")
		return map[string]any{}
	}
	return left[0]
}

func (c *contract) reference(where, name string, goType reflect.Type) {
	schema := member(c.schemas, name)
	if c.kind(schema) == "object" && name != "Metadata" {
		c.named(where, name, goType)
		return
	}
	c.value(where, schema, goType)
}

// kind is the type of a schema that is not null.
func (c *contract) kind(schema map[string]any) string {
	switch kind := schema["type"].(type) {
	case string:
		return kind
	case []any:
		for _, one := range kind {
			if one != "null" {
				return one.(string)
			}
		}
	}
	if schema["properties"] != nil || schema["allOf"] != nil {
		return "object"
	}
	return ""
}

func kindFits(kind string, schema map[string]any, goType reflect.Type) bool {
	switch kind {
	case "string":
		if schema["format"] == "date-time" {
			return goType == timeType
		}
		return goType.Kind() == reflect.String
	case "integer":
		return goType.Kind() == reflect.Int64 || goType.Kind() == reflect.Int
	case "boolean":
		return goType.Kind() == reflect.Bool
	case "array":
		if length, fixed := fixedLength(schema); fixed {
			return goType.Kind() == reflect.Array && goType.Len() == length
		}
		return goType.Kind() == reflect.Slice
	case "object":
		return goType.Kind() == reflect.Struct && goType != timeType || goType == typeOf[map[string]any]()
	}
	return false
}

// fixedLength is how many items an array has, if they are always as many.
func fixedLength(schema map[string]any) (int, bool) {
	least, bounded := schema["minItems"].(float64)
	return int(least), bounded && schema["maxItems"] == least
}

// optionalOf is the type inside an Optional.
func optionalOf(goType reflect.Type) (reflect.Type, bool) {
	if goType.Kind() != reflect.Struct || !strings.HasPrefix(goType.Name(), "Optional[") {
		return nil, false
	}
	return goType.Field(0).Type, true
}

// structure compares members both ways. One that may be absent is tagged omitempty or, in a request, an Optional.
func (c *contract) structure(where string, schema map[string]any, goType reflect.Type, request bool) {
	properties, required := map[string]any{}, []string{}
	c.members(schema, properties, &required)
	for _, field := range reflect.VisibleFields(goType) {
		name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" || field.Anonymous {
			continue
		}
		onlyAlone := slices.Contains(alone[goType], name)
		property, there := properties[name].(map[string]any)
		if !there {
			if !onlyAlone {
				c.wrong(fmt.Sprintf("%s has no member %q, which %s has", where, name, goType), "Take the field out"+c.in(goType)+
					", or, if only some answers have it, list it in alone in contract_test.go.")
			}
			continue
		}
		delete(properties, name)
		_, optional := optionalOf(field.Type)
		mayMiss := option == "omitempty" || request && optional
		if mayMiss == slices.Contains(required, name) && !onlyAlone {
			c.wrong(fmt.Sprintf("%s.%s: required is %t", where, name, mayMiss),
				"Give the field"+c.in(goType)+" the tag omitempty if it may be absent, and take it away if it may not.")
		}
		c.value(where+"."+name, property, field.Type)
	}
	for name, property := range properties {
		line := c.newField(name, property.(map[string]any), slices.Contains(required, name), strings.HasSuffix(goType.Name(), "Patch"))
		c.wrong(fmt.Sprintf("%s has the member %q, which %s lacks", where, name, goType), "Write"+c.in(goType)+", and say what it is:\n"+line)
	}
}

// members collects the members of a schema and of those it is made of.
func (c *contract) members(schema map[string]any, properties map[string]any, required *[]string) {
	if reference, ok := schema["$ref"].(string); ok {
		schema = member(c.schemas, strings.TrimPrefix(reference, "#/components/schemas/"))
	}
	all, _ := schema["allOf"].([]any)
	for _, part := range all {
		c.members(part.(map[string]any), properties, required)
	}
	for name, property := range member(schema, "properties") {
		properties[name] = property
	}
	*required = append(*required, texts(schema["required"])...)
}
