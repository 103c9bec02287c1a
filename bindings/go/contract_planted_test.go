package cariosan

import (
	"strings"
	"testing"

	"github.com/cariosan/cariosan-go/internal/testserver"
)

// Each way in which a server can be ahead of this module is seen, and whoever made it so learns what to write.
func TestContractSaysWhatToWrite(t *testing.T) {
	server, source := testserver.Start(t), readSource(t)
	type object = map[string]any
	for name, planted := range map[string]struct {
		change func(paths, schemas object)
		told   []string // of the problem and its remedy
	}{
		"a member of an answer": {
			func(_, schemas object) {
				member(member(schemas, "Mute"), "properties")["lifted_at"] = object{"type": []any{"string", "null"}, "format": "date-time"}
			},
			[]string{`Mute has the member "lifted_at"`, "type Mute of moderation.go", "LiftedAt time.Time `json:\"lifted_at,omitempty\"`"},
		},
		"a member of a request": {
			func(paths, _ object) {
				schema := bodySchema(member(member(member(paths, "/v1/workspace"), "patch"), "requestBody"))
				member(schema, "properties")["icon_url"] = object{"type": "string"}
			},
			[]string{`the member "icon_url"`, "type WorkspacePatch of workspace.go", "IconURL Optional[string] `json:\"icon_url\"`"},
		},
		"a member that may now be absent": {
			func(_, schemas object) {
				token := member(schemas, "Token")
				token["required"] = []any{"token"}
			},
			[]string{"Token.expires_at: required is false", "omitempty"},
		},
		"a member that is gone": {
			func(_, schemas object) { delete(member(member(schemas, "Token"), "properties"), "expires_at") },
			[]string{`Token has no member "expires_at"`, "Take the field out in type Token of tokens.go"},
		},
		"a member of another type": {
			func(_, schemas object) {
				member(member(schemas, "Token"), "properties")["token"] = object{"type": "integer"}
			},
			[]string{"Token.token is integer, not a string", "int64"},
		},
		"a value of an enumeration": {
			func(_, schemas object) {
				role := member(schemas, "Role")
				role["enum"] = append(role["enum"].([]any), "guest")
			},
			[]string{"Role has", "constants of Role in members.go", `Role = "guest"`},
		},
		"a code of errors": {
			func(_, schemas object) {
				code := member(member(member(member(member(schemas, "Error"), "properties"), "error"), "properties"), "code")
				code["enum"] = append(code["enum"].([]any), "ASLEEP")
			},
			[]string{"Code has", "errors.go", `"ASLEEP"`},
		},
		"a route": {
			func(paths, schemas object) {
				schemas["Badge"] = object{"type": "object", "required": []any{"id"}, "properties": object{"id": object{"type": "string"}}}
				paths["/v1/users/{user}/badge"] = object{"put": object{
					"operationId": "badgeSet", "security": []any{object{"apiKey": []any{}}},
					"parameters":  []any{object{"in": "header", "name": "Idempotency-Key"}},
					"requestBody": object{"content": object{"application/json": object{"schema": object{"type": "object"}}}},
					"responses": object{"200": object{"content": object{"application/json": object{
						"schema": object{"$ref": "#/components/schemas/Badge"}}}}},
				}}
			},
			[]string{"PUT /v1/users/{user}/badge (badgeSet) has no method", `"badgeSet": {"BadgeSet", typeOf[BadgeSetRequest](), "Badge"}`,
				`"PUT /v1/users/{}/badge"`, "users.go", "headers [Idempotency-Key]"},
		},
		"an object in an answer": {
			func(_, schemas object) {
				schemas["Badge"] = object{"type": "object", "properties": object{"icon_url": object{"type": "string"}}}
				member(member(schemas, "Mute"), "properties")["badge"] = object{"$ref": "#/components/schemas/Badge"}
			},
			[]string{`the member "badge"`, "Badge Badge `json:\"badge,omitempty\"`"},
		},
		"another answer": {
			func(paths, schemas object) {
				content := member(member(member(member(member(member(paths, "/v1/users/{user}"), "get"), "responses"), "200"), "content"), "application/json")
				content["schema"] = object{"$ref": "#/components/schemas/Profile"}
				schemas["Profile"] = object{"type": "object"}
			},
			[]string{"answers Profile, not User", "schemas"},
		},
		"a parameter": {
			func(paths, _ object) {
				list := member(member(paths, "/v1/channels"), "get")
				list["parameters"] = append(list["parameters"].([]any), object{"in": "query", "name": "name"})
			},
			[]string{"the query has [cursor limit member name type]", `"channelList": []string{"cursor", "limit", "member", "name", "type"},`},
		},
		"a header": {
			func(paths, _ object) {
				list := member(member(paths, "/v1/channels"), "get")
				list["parameters"] = append(list["parameters"].([]any), object{"in": "header", "name": "If-Match"})
			},
			[]string{"the header has [If-Match]", "in headers"},
		},
		"a route that is gone": {
			func(paths, _ object) { delete(member(paths, "/v1/users/{user}/export"), "get") },
			[]string{"the server has no operation userExport", "Take it out"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			document := server.OpenAPI()
			planted.change(member(document, "paths"), member(member(document, "components"), "schemas"))
			var told []string
			checkContract(document, source, func(problem, remedy string) { told = append(told, problem+"\n"+remedy) })
			for _, words := range planted.told {
				if !strings.Contains(strings.Join(told, "\n"), words) {
					t.Errorf("nobody was told %q, but: %s", words, strings.Join(told, "\n"))
				}
			}
		})
	}
}

// A request that may have several forms needs no change here: whoever sends it chooses.
func TestContractLetsARequestHaveSeveralForms(t *testing.T) {
	server, source := testserver.Start(t), readSource(t)
	for _, union := range []string{"anyOf", "oneOf"} {
		document := server.OpenAPI()
		schemas := member(member(document, "components"), "schemas")
		member(schemas, "Mentions")["items"] = map[string]any{union: []any{
			map[string]any{"type": "integer"}, map[string]any{"type": "string"},
			map[string]any{"$ref": "#/components/schemas/NamedMention"},
		}}
		checkContract(document, source, func(problem, remedy string) { t.Errorf("%s: %s %s", union, problem, remedy) })
	}
}
