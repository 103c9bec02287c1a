/// The fields of a command, as declared in its row of the command table. One declaration both reads the field, from JSON or a URL,
/// and describes it in /openapi.json.
#pragma once

#include <cariosan/commands.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/paging.hpp"
#include "protocol/commands/input.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {

/// The token to issue for the user that a command returns.
struct TokenRequest {
    std::chrono::seconds life{0};            ///< 0: the default
    std::optional<std::string> external_id;  ///< if set, the user must have exactly this one
};

/// The longest time a request may wait for news: short enough for proxies that cut silent ones at 30 seconds.
inline constexpr std::chrono::seconds kLongestWait{25};

/// A requested command, with the parts that only the protocol layer handles.
struct Invocation {
    Command command;
    TokenRequest token;
    std::chrono::seconds wait{0};  ///< how long the answer may wait for news; at most `kLongestWait`
};

struct Field {
    std::string_view name;
    std::string_view description;
    std::string schema;  ///< JSON Schema, as text
    bool required = false;
    std::function<Result<Done>(const Input&, Invocation&)> read;
    bool null_is_absent = false;  ///< JSON only; if null has its own meaning, the schema says so
    std::string_view header{};    ///< REST takes it from this header field instead
    bool waits = false;           ///< only over HTTP: a host has the engine's events instead
};

/// A field's description, and the name of its schema in openapi_values.cpp. Without a schema, any value of its C++ type is
/// allowed.
struct Shape {
    constexpr Shape(const char* meaning) : description(meaning) {}
    constexpr Shape(std::string_view meaning, std::string_view name) : description(meaning), schema(name) {}

    std::string_view description;
    std::string_view schema{};
};

/// The JSON Schema of a field's type.
template <class T>
struct SchemaOf;
template <>
struct SchemaOf<std::string> {
    static constexpr std::string_view text = R"({"$ref":"#/components/schemas/Text"})";
};
template <>
struct SchemaOf<std::int64_t> {
    static constexpr std::string_view text = R"({"type":"integer","format":"int64"})";
};
template <>
struct SchemaOf<bool> {
    static constexpr std::string_view text = R"({"type":"boolean"})";
};
template <>
struct SchemaOf<std::vector<std::string>> {
    static constexpr std::string_view text = R"({"type":"array","items":{"$ref":"#/components/schemas/Text"}})";
};
template <>
struct SchemaOf<std::vector<HeldChannel>> {
    static constexpr std::string_view text = R"({"$ref":"#/components/schemas/HeldChannels"})";
};
template <>
struct SchemaOf<std::vector<NamedMention>> {
    static constexpr std::string_view text = R"({"$ref":"#/components/schemas/Mentions"})";
};
template <>
struct SchemaOf<ChannelType> {
    static constexpr std::string_view text = R"({"$ref":"#/components/schemas/ChannelType"})";
};
template <>
struct SchemaOf<Role> {
    static constexpr std::string_view text = R"({"$ref":"#/components/schemas/Role"})";
};
template <>
struct SchemaOf<DevicePlatform> {
    static constexpr std::string_view text = R"({"$ref":"#/components/schemas/DevicePlatform"})";
};
template <>
struct SchemaOf<MessageType> {
    static constexpr std::string_view text = R"({"$ref":"#/components/schemas/MessageType"})";
};
template <>
struct SchemaOf<ReportStatus> {
    static constexpr std::string_view text = R"({"$ref":"#/components/schemas/ReportStatus"})";
};
template <class Tag>
struct SchemaOf<Id<Tag>> {
    static constexpr std::string_view text = R"({"$ref":"#/components/schemas/Id"})";
};
template <>
struct SchemaOf<Timestamp> {
    static constexpr std::string_view text = R"({"$ref":"#/components/schemas/Time"})";
};
template <>
struct SchemaOf<std::chrono::seconds> {
    static constexpr std::string_view text = R"({"type":"integer","minimum":0})";
};

inline constexpr std::string_view kCursorText = "`next_cursor` of the page before. Opaque; its format may change.";

namespace detail {

template <class T>
struct Unwrap {
    using type = T;
};
template <class T>
struct Unwrap<std::optional<T>> {
    using type = T;
};
/// `T` without the `optional`s around it.
template <class T>
using Bare = typename Unwrap<typename Unwrap<T>::type>::type;

inline std::string schema_reference(std::string_view name) {
    return R"({"$ref":"#/components/schemas/)" + std::string(name) + R"("})";
}

inline std::string or_null(const std::string& schema) { return R"({"anyOf":[)" + schema + R"(,{"type":"null"}]})"; }

template <class T>
std::string schema_of(const Shape& shape) {
    return shape.schema.empty() ? std::string(SchemaOf<Bare<T>>::text) : schema_reference(shape.schema);
}

/// Reads a present value into `target`, which may be wrapped in `optional`s.
template <class T>
Result<Done> read_into(std::string_view name, InputValue value, T& target) {
    Bare<T> bare{};
    auto read = read_value(name, value, bare);
    if (read) target = std::move(bare);
    return read;
}

Error missing(std::string_view name);

}  // namespace detail

/// Required. Null is refused as a wrong type.
template <class C, class T>
Field required(std::string_view name, T C::*member, Shape shape) {
    auto read = [name, member](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find(name);
        if (value.absent()) return detail::missing(name);
        return detail::read_into(name, value, std::get<C>(invocation.command).*member);
    };
    return {name, shape.description, detail::schema_of<T>(shape), true, std::move(read)};
}

/// Optional; null counts as absent.
template <class C, class T>
Field optional(std::string_view name, T C::*member, Shape shape) {
    auto read = [name, member](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find(name);
        if (value.absent() || value.null()) return Done{};
        return detail::read_into(name, value, std::get<C>(invocation.command).*member);
    };
    return {name, shape.description, detail::schema_of<T>(shape), false, std::move(read), true};
}

/// Optional; a field of the request's head.
template <class C, class T>
Field in_header(std::string_view header, std::string_view name, T C::*member, Shape shape) {
    Field field = optional(name, member, shape);
    field.header = header;
    return field;
}

/// Optional: absent leaves the value unchanged, null clears it.
template <class C, class T>
Field clearable(std::string_view name, std::optional<std::optional<T>> C::*member, Shape shape) {
    auto read = [name, member](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find(name);
        if (value.absent()) return Done{};
        auto& target = std::get<C>(invocation.command).*member;
        if (value.null()) {
            target.emplace(std::nullopt);
            return Done{};
        }
        return detail::read_into(name, value, target.emplace(T{}));
    };
    return {name, shape.description, detail::or_null(detail::schema_of<T>(shape)), false, std::move(read)};
}

/// Optional: absent leaves the value unchanged. Null has no meaning here and is refused as a wrong type.
template <class C, class T>
Field changeable(std::string_view name, std::optional<T> C::*member, Shape shape) {
    auto read = [name, member](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find(name);
        if (value.absent()) return Done{};
        return detail::read_into(name, value, std::get<C>(invocation.command).*member);
    };
    return {name, shape.description, detail::schema_of<T>(shape), false, std::move(read)};
}

/// A JSON object kept as text; the command checks its size and shape. Null means an empty object.
template <class C, class T>
Field metadata(std::string_view name, T C::*member, Shape shape) {
    auto read = [name, member](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find(name);
        if (value.absent()) return Done{};
        if (value.null()) {
            std::get<C>(invocation.command).*member = "{}";
            return Done{};
        }
        std::string text;
        auto done = read_json(name, value, text);
        if (done) std::get<C>(invocation.command).*member = std::move(text);
        return done;
    };
    return {name, shape.description, detail::or_null(detail::schema_of<T>(shape)), false, std::move(read)};
}

/// The schema of a cursor that matches the pattern.
inline std::string cursor_schema(std::string_view pattern) {
    std::string schema = R"({"type":"string","pattern":)";
    append_json_string(schema, "^(?:" + std::string(pattern) + ")$");
    return schema + '}';
}

/// `limit` and `cursor` of a list.
template <class C>
std::vector<Field> range_and(ListRange C::*member, std::string_view cursor_pattern, std::vector<Field> others = {}) {
    const auto part = [member](std::string_view name, auto ListRange::*field) {
        return [name, member, field](const Input& input, Invocation& invocation) -> Result<Done> {
            const InputValue value = input.find(name);
            if (value.absent() || value.null()) return Done{};
            return detail::read_into(name, value, (std::get<C>(invocation.command).*member).*field);
        };
    };
    others.push_back({"limit", "The maximum number of items.", detail::schema_reference("PageLimit"), false,
                      part("limit", &ListRange::limit), true});
    others.push_back({"cursor", kCursorText, cursor_schema(cursor_pattern), false, part("cursor", &ListRange::cursor), true});
    return others;
}

template <class C>
std::vector<Field> range_and(ListRange C::*member, core::ListOf list, std::vector<Field> others = {}) {
    return range_and(member, core::cursor_pattern(list), std::move(others));
}

}  // namespace cariosan::protocol
