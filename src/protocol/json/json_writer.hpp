/// Appends JSON text directly to a string; no tree is built between an event and the wire.
#pragma once

#include <cariosan/types.hpp>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan::protocol {

/// Appends `text`, which must be valid UTF-8, as a quoted JSON string.
void append_json_string(std::string& out, std::string_view text);
void append_json_integer(std::string& out, std::int64_t value);
/// Appends the 36 characters without quotes.
void append_uuid(std::string& out, const Uuid& uuid);

/// Writes the members of one JSON object. Keys are names of the protocol: plain ASCII that needs no escaping. The caller writes
/// the braces; see `write_object`.
class ObjectWriter {
  public:
    explicit ObjectWriter(std::string& out) : out_(out) {}

    /// Writes the key; the caller appends the value to the returned string.
    std::string& key(std::string_view name) {
        if (first_) {
            first_ = false;
        } else {
            out_ += ',';
        }
        out_ += '"';
        out_ += name;
        out_ += "\":";
        return out_;
    }
    void string(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
    void string_or_null(std::string_view name, const std::optional<std::string>& value) {
        if (value) {
            string(name, *value);
        } else {
            null(name);
        }
    }
    void integer(std::string_view name, std::int64_t value) { append_json_integer(key(name), value); }
    void integer_or_null(std::string_view name, const std::optional<std::int64_t>& value) {
        if (value) {
            integer(name, *value);
        } else {
            null(name);
        }
    }
    void boolean(std::string_view name, bool value) { key(name) += value ? "true" : "false"; }
    void null(std::string_view name) { key(name) += "null"; }
    /// `json` must be the text of a JSON value.
    void raw(std::string_view name, std::string_view json) { key(name) += json; }
    void time(std::string_view name, Timestamp value) { string(name, value.to_string()); }
    void time_or_null(std::string_view name, const std::optional<Timestamp>& value) {
        if (value) {
            time(name, *value);
        } else {
            null(name);
        }
    }
    template <class Tag>
    void id(std::string_view name, const Id<Tag>& value) {
        std::string& out = key(name);
        out += '"';
        append_uuid(out, value.uuid);
        out += '"';
    }

  private:
    std::string& out_;
    bool first_ = true;
};

/// Appends an object; `members` writes its members.
template <std::invocable<ObjectWriter&> F>
void write_object(std::string& out, F&& members) {
    out += '{';
    ObjectWriter writer(out);
    members(writer);
    out += '}';
}

/// Appends an array; `item` appends each element.
template <class Range, class F>
void write_array(std::string& out, const Range& range, F&& item) {
    out += '[';
    bool first = true;
    for (const auto& element : range) {
        if (!first) out += ',';
        first = false;
        item(out, element);
    }
    out += ']';
}

}  // namespace cariosan::protocol
