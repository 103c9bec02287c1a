#include "protocol/describe/openapi.hpp"

#include <doctest/doctest.h>
#include <utf8proc.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cariosan/webhooks.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "core/paging.hpp"
#include "core/text/content_types.hpp"
#include "core/text/emoji.hpp"
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"
#include "core/text/web_url.hpp"
#include "protocol/commands/answers.hpp"
#include "protocol/json/json_reader.hpp"
#include "support/source_folder.hpp"

namespace cariosan::protocol {
namespace {

namespace json = boost::json;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(c));
    return out;
}

/// Resolves "#/a/b" within the document.
bool resolves(const json::value& document, std::string_view reference) {
    if (!reference.starts_with("#/")) return false;
    json::error_code error;
    return document.find_pointer({reference.data() + 1, reference.size() - 1}, error) != nullptr;
}

void check_references(const json::value& document, const json::value& value) {
    if (const json::object* object = value.if_object()) {
        if (const json::value* reference = object->if_contains("$ref");
            reference != nullptr && reference->is_string()) {
            const std::string_view text(reference->get_string().data(), reference->get_string().size());
            CAPTURE(text);
            CHECK(resolves(document, text));
        }
        for (const auto& member : *object) check_references(document, member.value());
    } else if (const json::array* array = value.if_array()) {
        for (const json::value& element : *array) check_references(document, element);
    }
}

const std::vector<std::string> kTypes = {"image/png", "audio/*"};

struct Fixture {
    CommandTable table;
    std::string text = openapi_document(table, Limits{}, kTypes);
    json::value document = json::parse(text);

    const json::value& schema(std::string_view name) {
        return document.at("components").at("schemas").at(json::string_view(name.data(), name.size()));
    }
};

TEST_CASE_FIXTURE(Fixture, "the document is JSON in which every reference resolves") {
    JsonDocument strict;
    CHECK(strict.parse(text));
    CHECK(document.at("openapi").as_string() == "3.1.0");
    check_references(document, document);
}

TEST_CASE_FIXTURE(Fixture, "every row of the table is in the document") {
    const json::object& paths = document.at("paths").as_object();
    std::set<std::string> operations;
    std::set<std::string> tags;
    for (const json::value& tag : document.at("tags").as_array()) tags.insert(std::string(tag.at("name").as_string()));
    for (const CommandRow& row : table.rows()) {
        for (const Route& route : row.routes) {
            CAPTURE(row.name);
            REQUIRE(paths.contains(json::string_view(route.path.data(), route.path.size())));
            const json::object& item =
                paths.at(json::string_view(route.path.data(), route.path.size())).as_object();
            REQUIRE(item.contains(lower(route.method)));
            const json::value& operation = item.at(lower(route.method));
            CHECK(operations.insert(std::string(operation.at("operationId").as_string())).second);
            CHECK_FALSE(operation.at("security").as_array().empty());
            CHECK_FALSE(operation.at("summary").as_string().empty());
            CHECK_FALSE(operation.at("description").as_string().empty());
            CHECK(operation.at("responses").as_object().contains("503"));
            const std::string tag(operation.at("tags").as_array().at(0).as_string());
            CHECK(tags.contains(tag));
        }
    }
    for (const std::string_view path : {"/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json"}) {
        CHECK(paths.contains(json::string_view(path.data(), path.size())));
    }
}

TEST_CASE_FIXTURE(Fixture, "the addresses of files that the server keeps are described") {
    const json::value& file = document.at("paths").at("/v1/files/{workspace}/{year}/{month}/{file}/{filename}");
    for (const std::string_view method : {"get", "head", "put"}) {
        CAPTURE(method);
        const json::value& operation = file.at(json::string_view(method.data(), method.size()));
        CHECK(operation.at("security").as_array().empty());
        CHECK(operation.at("responses").as_object().contains("200"));
    }
    std::set<std::string> of_upload;
    for (const json::value& parameter : file.at("put").at("parameters").as_array()) {
        if (parameter.at("in").as_string() == "query") of_upload.insert(std::string(parameter.at("name").as_string()));
    }
    CHECK(of_upload == std::set<std::string>{"type", "size", "expires", "signature"});
}

TEST_CASE_FIXTURE(Fixture, "fields are described where they are read from") {
    const json::value& send = document.at("paths").at("/v1/channels/{channel}/messages").at("post");
    REQUIRE(send.at("parameters").as_array().size() == 1);
    CHECK(send.at("parameters").as_array()[0].at("in").as_string() == "path");
    const json::value& schema = send.at("requestBody").at("content").at("application/json").at("schema");
    CHECK(schema.at("properties").as_object().contains("content"));
    CHECK_FALSE(schema.at("properties").as_object().contains("channel"));
    REQUIRE(schema.at("required").as_array().size() == 1);
    CHECK(schema.at("required").as_array()[0].as_string() == "content");

    const json::value& list = document.at("paths").at("/v1/channels/{channel}/messages").at("get");
    CHECK_FALSE(list.as_object().contains("requestBody"));
    std::set<std::string> in_query;
    for (const json::value& parameter : list.at("parameters").as_array()) {
        if (parameter.at("in").as_string() == "query")
            in_query.insert(std::string(parameter.at("name").as_string()));
    }
    CHECK(in_query == std::set<std::string>{"before", "after", "around", "limit", "cursor"});
}

TEST_CASE_FIXTURE(Fixture, "every answer has a schema") {
    const json::object& schemas = document.at("components").at("schemas").as_object();
    for (const CommandRow& row : table.rows()) {
        if (row.routes.empty() || row.answer.schema.empty()) continue;
        if (row.lines) continue;  // the records one by one, not their page
        CAPTURE(row.name);
        CHECK(schemas.contains(json::string_view(row.answer.schema.data(), row.answer.schema.size())));
    }
}

/// Whether the schema, or a part of its `allOf`, requires the member.
bool requires_member(const json::value& schema, std::string_view member) {
    if (const json::value* parts = schema.as_object().if_contains("allOf")) {
        return std::ranges::any_of(parts->as_array(), [&](const json::value& part) { return requires_member(part, member); });
    }
    const json::value* required = schema.as_object().if_contains("required");
    return required != nullptr && std::ranges::any_of(required->as_array(), [&](const json::value& each) {
               return std::string_view(each.as_string().data(), each.as_string().size()) == member;
           });
}

TEST_CASE_FIXTURE(Fixture, "the schemas of answers require an epoch where the encoder writes one") {
    const json::object& schemas = document.at("components").at("schemas").as_object();
    std::size_t found = 0;
    for (const CommandRow& row : table.rows()) {
        if (row.routes.empty() || row.answer.schema.empty() || row.lines || row.issues_token) continue;
        CAPTURE(row.name);
        const bool has_epoch = std::visit(
            []<class C>(const C&) {
                using Answered = typename C::Answer;
                return kNeedsEpoch<Answered> || requires(const Answered& answer) { answer.epoch; };
            },
            row.make());
        CHECK(requires_member(schemas.at(json::string_view(row.answer.schema.data(), row.answer.schema.size())), "epoch") == has_epoch);
        if (has_epoch) ++found;
    }
    CHECK(found > 0);
}

TEST_CASE_FIXTURE(Fixture, "limits and enumerations are those of the engine described") {
    Limits limits;
    limits.message_bytes = 321;
    limits.page = 7;
    limits.mentions = 9;
    limits.mention_spans = 8;
    limits.members_shown = 3;
    limits.attachment_bytes = 1234;
    document = json::parse(openapi_document(table, limits, kTypes));
    CHECK(schema("MessageText").at("maxLength") == 321);
    CHECK(schema("PageLimit").at("maximum") == 7);
    CHECK(schema("PageLimit").at("default") == 7);
    CHECK(schema("ChangesLimit").at("default") == 7);
    CHECK(schema("MembersShown").at("default") == 3);
    CHECK(schema("Mentions").at("maxItems") == 9);
    CHECK(schema("Spans").at("maxItems") == 8);
    CHECK(schema("FileSize").at("maximum") == 1234);
    const std::set<std::string> events = [&] {
        std::set<std::string> names;
        for (const json::value& name : schema("WebhookEvent").at("enum").as_array()) names.emplace(name.as_string());
        return names;
    }();
    CHECK(events.size() == 19);
    for (const std::string& name : events) CHECK(parse_webhook_event(name));
    CHECK(schema("Error").at("properties").at("error").at("properties").at("code").at("enum").as_array().size() == 21);
    CHECK(text.find("<<") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "every cursor describes its format") {
    for (const CommandRow& row : table.rows()) {
        for (const Field& field : row.fields) {
            if (field.name != "cursor") continue;
            CAPTURE(row.name);
            json::value own = json::parse(field.schema);
            if (const json::value* reference = own.as_object().if_contains("$ref")) {
                own = document.at_pointer(std::string(reference->as_string()).substr(1));
            }
            const json::value* pattern = own.as_object().if_contains("pattern");
            REQUIRE(pattern != nullptr);
            CHECK_FALSE(std::regex_search("no cursor", std::regex(std::string(pattern->as_string()))));
        }
    }
}

TEST_CASE_FIXTURE(Fixture, "null is allowed where it counts as absent or clears the value") {
    const json::value& body =
        document.at("paths").at("/v1/users/{user}").at("patch").at("requestBody").at("content").at("application/json");
    const json::value null = json::parse(R"({"type":"null"})");
    const json::object& properties = body.at("schema").at("properties").as_object();
    const auto takes_null = [&](const char* name) {
        const json::value* any = properties.at(name).as_object().if_contains("anyOf");
        return any != nullptr && std::ranges::find(any->as_array(), null) != any->as_array().end();
    };
    CHECK(takes_null("avatar_url"));
    CHECK(takes_null("metadata"));
    CHECK_FALSE(takes_null("name"));
}

std::wstring wide(std::string_view text) {
    std::wstring out;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    for (utf8proc_ssize_t left = std::ssize(text); left > 0;) {
        utf8proc_int32_t point = 0;
        const utf8proc_ssize_t length = utf8proc_iterate(bytes, left, &point);
        REQUIRE(length > 0);
        out += static_cast<wchar_t>(point);
        bytes += length;
        left -= length;
    }
    return out;
}

TEST_CASE_FIXTURE(Fixture, "patterns accept what the checks accept") {
    // One wide character each, as patterns count them.
    const auto fits = [&](std::string_view name, const std::string& tried) {
        const json::string& pattern = schema(name).at("pattern").as_string();
        return std::regex_search(wide(tried), std::wregex(wide({pattern.data(), pattern.size()})));
    };
    for (const char* url : {"https://example.com", "http://a_b.example:8080/x?y#z", "HTTPS://127.0.0.1/", "http://[::1]:80/",
                            "http://[1:2:3:4:5:6:7:8]", "http://a.example./", "http://", "http://1.2.3", "http://0x7f/",
                            "http://a@b/", "http://-a.example/", "http://a.example:0/", "http://a.example:65536/", "ftp://a/",
                            "http://[1:2]/", "http://256.1.1.1/", "a.example", "http://a..b/", "http://a/|"}) {
        CAPTURE(url);
        CHECK(fits("PictureUrl", url) == (core::judge_web_url(url) == core::UrlFault::none));
    }
    for (const char* type : {"image/png", "audio/ogg", "audio/ogg; codecs=opus", "image/gif", "image", "audio/*", "xaudio/ogg"}) {
        CAPTURE(type);
        CHECK(fits("ContentType", type) == (core::is_content_type(type) && core::allows_content_type(kTypes, type)));
    }
    for (const char* emoji : {"👍", "👍🏽", "❤️", "🇮🇩", "5️⃣", "👩‍❤️‍💋‍👨", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a", "👍👍", "🇮", "", "5"}) {
        CAPTURE(emoji);
        CHECK(fits("Emoji", emoji) == core::is_emoji(emoji));
    }
    for (const char* name : {"Alice", " A ", "Ł", "日本", " ", "\u200b\u2800", "a\u202eb", "a\nb", "", "\U000E0020", "\U000E01F0"}) {
        CAPTURE(name);
        const bool good = !core::shows_nothing(name) && !core::has_control(name) && !core::has_separator(name) &&
                          !core::has_direction_change(name);
        CHECK(fits("Name", name) == good);
    }
    const std::string id = "01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b11";
    CHECK(fits("Position", id));
    CHECK(fits("Position", "seq:12"));
    CHECK_FALSE(fits("Position", "seq:"));
    CHECK_FALSE(fits("NewExternalId", ".."));
    CHECK(fits("NewExternalId", "..."));
    for (const char* blank : {"\u200b", " ", "\u2800\ufeff"}) {
        CAPTURE(blank);
        for (const char* kind : {"NewExternalId", "IdempotencyKey", "SearchQuery", "RemovedEmoji"}) CHECK_FALSE(fits(kind, blank));
    }
    const std::string cursor = core::encode_cursor(core::ListOf::users, Uuid{});
    CHECK(std::regex_match(cursor, std::regex(core::cursor_pattern(core::ListOf::users))));
    CHECK_FALSE(std::regex_match(cursor, std::regex(core::cursor_pattern(core::ListOf::channels))));
}

/// The operation of a path without its parameters, such as "/v1/users/bob".
const json::value* operation_of(const json::value& document, std::string_view method, std::string_view path) {
    for (const auto& [pattern, item] : document.at("paths").as_object()) {
        std::string expression = "^";
        bool inside = false;
        for (const char c : pattern) {
            if (c == '{') expression += "[^/]+";
            inside = c == '{' || (inside && c != '}');
            if (!inside && c != '}') expression += c == '.' ? std::string("\\.") : std::string(1, c);
        }
        const std::regex whole(expression + "$");
        const std::string lowered = lower(method);
        if (!std::regex_match(path.begin(), path.end(), whole)) continue;
        if (const json::value* found = item.as_object().if_contains(lowered)) return found;
    }
    return nullptr;
}

TEST_CASE_FIXTURE(Fixture, "every status recorded in the golden files is described") {
    std::size_t seen = 0;
    for (const auto& entry : std::filesystem::directory_iterator(test::source_folder() / "tests/golden")) {
        if (entry.path().extension() != ".json") continue;
        std::ifstream file(entry.path());
        const json::value golden = json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
        for (const json::value& step : golden.at("steps").as_array()) {
            if (!step.as_object().contains("request")) continue;
            const std::string line(step.at("request").as_string());
            const std::string method = line.substr(0, line.find(' '));
            const std::string path = line.substr(method.size() + 1, line.find('?') - method.size() - 1);
            const std::int64_t status = step.at("status").as_int64();
            const json::value* operation = operation_of(document, method, path);
            if (operation == nullptr) continue;
            CAPTURE(line);
            CAPTURE(status);
            CHECK(operation->at("responses").as_object().contains(std::to_string(status)));
            ++seen;
        }
    }
    CHECK(seen > 50);
}

}  // namespace
}  // namespace cariosan::protocol
