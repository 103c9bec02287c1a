/// How a row of the command table says which fields a command has. One declaration reads the field, from JSON or from a
/// URL, and describes it in /openapi.json.
#pragma once

#include <cariosan/commands.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/input.hpp"

namespace cariosan::protocol {

/// Which token is to be made for the user that a command finds.
struct TokenRequest {
    std::chrono::seconds life{0};            ///< 0: the usual one
    std::optional<std::string> external_id;  ///< the user must have exactly this one
};

/// A command as it was asked for, with what the protocol adds to it.
struct Invocation {
    Command command;
    TokenRequest token;
};

struct Field {
    std::string_view name;
    std::string_view description;
    std::string schema;  ///< JSON Schema, as text
    bool required = false;
    std::function<Result<Done>(const Input&, Invocation&)> read;
};

/// The JSON Schema of a field's type.
template <class T>
struct SchemaOf;
template <>
struct SchemaOf<std::string> {
    static constexpr std::string_view text = R"({"type":"string"})";
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
    static constexpr std::string_view text = R"({"type":"array","items":{"type":"string"}})";
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

inline constexpr std::string_view kMetadataSchema = R"({"$ref":"#/components/schemas/Metadata"})";

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

template <class T>
std::string schema_of() {
    return std::string(SchemaOf<Bare<T>>::text);
}

/// Reads a present value into `target`, through whatever `optional`s are around it.
template <class T>
Result<Done> read_into(std::string_view name, InputValue value, T& target) {
    Bare<T> bare{};
    auto read = read_value(name, value, bare);
    if (read) target = std::move(bare);
    return read;
}

Error missing(std::string_view name);

}  // namespace detail

/// Must be there. Null is a wrong type.
template <class C, class T>
Field required(std::string_view name, T C::*member, std::string_view description) {
    auto read = [name, member](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find(name);
        if (value.absent()) return detail::missing(name);
        return detail::read_into(name, value, std::get<C>(invocation.command).*member);
    };
    return {name, description, detail::schema_of<T>(), true, std::move(read)};
}

/// May be absent; null counts as absent.
template <class C, class T>
Field optional(std::string_view name, T C::*member, std::string_view description) {
    auto read = [name, member](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find(name);
        if (value.absent() || value.null()) return Done{};
        return detail::read_into(name, value, std::get<C>(invocation.command).*member);
    };
    return {name, description, detail::schema_of<T>(), false, std::move(read)};
}

/// May be absent, which leaves things as they are, or null, which clears them.
template <class C, class T>
Field clearable(std::string_view name, std::optional<std::optional<T>> C::*member,
                std::string_view description) {
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
    return {name, description, R"({"anyOf":[)" + detail::schema_of<T>() + R"(,{"type":"null"}]})", false,
            std::move(read)};
}

/// May be absent, which leaves things as they are. Null is a wrong type: there is nothing it could stand for.
template <class C, class T>
Field changeable(std::string_view name, std::optional<T> C::*member, std::string_view description) {
    auto read = [name, member](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find(name);
        if (value.absent()) return Done{};
        return detail::read_into(name, value, std::get<C>(invocation.command).*member);
    };
    return {name, description, detail::schema_of<T>(), false, std::move(read)};
}

/// A JSON object that is kept as text; its size and shape are checked by the command itself. Null stands for an empty one.
template <class C, class T>
Field metadata(std::string_view name, T C::*member, std::string_view description) {
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
    return {name, description, R"({"anyOf":[)" + std::string(kMetadataSchema) + R"(,{"type":"null"}]})", false, std::move(read)};
}

/// `limit` and `cursor` of a list.
template <class C>
std::vector<Field> range_and(ListRange C::*member, std::vector<Field> others = {}) {
    const auto part = [member](std::string_view name, auto ListRange::*field) {
        return [name, member, field](const Input& input, Invocation& invocation) -> Result<Done> {
            const InputValue value = input.find(name);
            if (value.absent() || value.null()) return Done{};
            return detail::read_into(name, value, (std::get<C>(invocation.command).*member).*field);
        };
    };
    others.push_back({"limit", "How many at most.",
                      R"({"type":"integer","minimum":1,"maximum":100,"default":50})", false,
                      part("limit", &ListRange::limit)});
    others.push_back({"cursor", "`next_cursor` of the page before.", R"({"type":"string"})", false,
                      part("cursor", &ListRange::cursor)});
    return others;
}

}  // namespace cariosan::protocol
