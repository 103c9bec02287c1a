#include "protocol/commands/input.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <limits>

#include "protocol/json/json_reader.hpp"

namespace cariosan::protocol {
namespace {

namespace json = boost::json;

Error wrong_type(std::string_view name, std::string_view expected) {
    return invalid_field(std::string(name), std::string(name) + " must be " + std::string(expected));
}

std::optional<std::string_view> text_of(InputValue value) {
    if (value.text != nullptr) return *value.text;
    if (value.json == nullptr || !value.json->is_string()) return std::nullopt;
    const json::string& string = value.json->get_string();
    return std::string_view(string.data(), string.size());
}

/// Whether a number is whole depends on its value, not on its notation: 5.0 is 5.
std::optional<std::int64_t> whole(double number) {
    constexpr double kEnd = 9'223'372'036'854'775'808.0;
    if (number < -kEnd || number >= kEnd || number != std::floor(number)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> integer_of(InputValue value) {
    if (value.json != nullptr) {
        if (value.json->is_double()) return whole(value.json->get_double());
        return value.json->is_int64() ? std::optional(value.json->get_int64()) : std::nullopt;
    }
    if (value.text == nullptr) return std::nullopt;
    std::int64_t number = 0;
    const char* const end = value.text->data() + value.text->size();
    const auto [stopped, error] = std::from_chars(value.text->data(), end, number);
    return error == std::errc() && stopped == end ? std::optional(number) : std::nullopt;
}

template <class T>
Result<Done> read_name(std::string_view name, InputValue value,
                       std::optional<T> (*parse)(std::string_view) noexcept, std::string_view expected,
                       T& out) {
    const auto text = text_of(value);
    const std::optional<T> parsed = text ? parse(*text) : std::nullopt;
    if (!parsed) return wrong_type(name, expected);
    out = *parsed;
    return Done{};
}

}  // namespace

bool InputValue::null() const noexcept { return json != nullptr && json->is_null(); }

InputValue Input::find(std::string_view name) const {
    for (const Parameter& parameter : parameters_) {
        if (parameter.name == name) return {.json = nullptr, .text = &parameter.value};
    }
    if (object_ == nullptr) return {};
    return {.json = object_->if_contains(json::string_view(name.data(), name.size())), .text = nullptr};
}

Result<Done> read_value(std::string_view name, InputValue value, std::string& out) {
    const auto text = text_of(value);
    if (!text) return wrong_type(name, "a string");
    out = *text;
    return Done{};
}

Result<Done> read_value(std::string_view name, InputValue value, std::int64_t& out) {
    const auto number = integer_of(value);
    if (!number) return wrong_type(name, "a whole number");
    out = *number;
    return Done{};
}

Result<Done> read_value(std::string_view name, InputValue value, bool& out) {
    if (value.json != nullptr && value.json->is_bool()) {
        out = value.json->get_bool();
        return Done{};
    }
    if (value.text != nullptr && (*value.text == "true" || *value.text == "false")) {
        out = *value.text == "true";
        return Done{};
    }
    return wrong_type(name, "true or false");
}

Result<Done> read_value(std::string_view name, InputValue value, std::vector<std::string>& out) {
    const json::array* array = value.json != nullptr ? value.json->if_array() : nullptr;
    if (array == nullptr) return wrong_type(name, "an array of strings");
    std::vector<std::string> strings;
    strings.reserve(array->size());
    for (const json::value& element : *array) {
        if (!element.is_string()) return wrong_type(name, "an array of strings");
        strings.emplace_back(element.get_string().data(), element.get_string().size());
    }
    out = std::move(strings);
    return Done{};
}

namespace {

bool read_span(const json::value& value, TextSpan& out) {
    const json::array* pair = value.if_array();
    if (pair == nullptr || pair->size() != 2) return false;
    const auto start = integer_of({.json = &(*pair)[0], .text = nullptr});
    const auto length = integer_of({.json = &(*pair)[1], .text = nullptr});
    if (start && length) out = {.start = *start, .length = *length};
    return start && length;
}

bool read_mention(const json::value& value, NamedMention& out) {
    const json::object* object = value.if_object();
    const json::value* user = object != nullptr ? object->if_contains("user") : &value;
    if (user == nullptr || !user->is_string()) return false;
    out.user.assign(user->get_string().data(), user->get_string().size());
    const json::value* spans = object != nullptr ? object->if_contains("spans") : nullptr;
    if (spans == nullptr || spans->is_null()) return true;
    return spans->is_array() && std::ranges::all_of(spans->get_array(), [&](const json::value& each) {
               return read_span(each, out.spans.emplace_back());
           });
}

}  // namespace

Result<Done> read_value(std::string_view name, InputValue value, std::vector<NamedMention>& out) {
    constexpr std::string_view kExpected = "an array of strings, or of objects with user and spans: [[start, length], …]";
    const json::array* array = value.json != nullptr ? value.json->if_array() : nullptr;
    if (array == nullptr) return wrong_type(name, kExpected);
    std::vector<NamedMention> mentions(array->size());
    for (std::size_t i = 0; i < mentions.size(); ++i) {
        if (!read_mention((*array)[i], mentions[i])) return wrong_type(name, kExpected);
    }
    out = std::move(mentions);
    return Done{};
}

Result<Done> read_value(std::string_view name, InputValue value, ChannelType& out) {
    return read_name(name, value, parse_channel_type, R"("direct" or "group")", out);
}

Result<Done> read_value(std::string_view name, InputValue value, Role& out) {
    return read_name(name, value, parse_role, R"("member" or "admin")", out);
}

Result<Done> read_value(std::string_view name, InputValue value, DevicePlatform& out) {
    return read_name(name, value, parse_device_platform, R"("ios", "android" or "web")", out);
}

Result<Done> read_value(std::string_view name, InputValue value, MessageType& out) {
    return read_name(name, value, parse_message_type, R"("text", "image", "file" or "system")", out);
}

Result<Done> read_value(std::string_view name, InputValue value, ReportStatus& out) {
    return read_name(name, value, parse_report_status, R"("open", "resolved" or "dismissed")", out);
}

Result<Done> read_value(std::string_view name, InputValue value, ModerationAction& out) {
    return read_name(name, value, parse_moderation_action, R"("flag", "mask", "reject" or "auto_mute")", out);
}

Result<Done> read_value(std::string_view name, InputValue value, ModerationSeverity& out) {
    return read_name(name, value, parse_moderation_severity, R"("mild", "strong" or "extreme")", out);
}

Result<Done> read_value(std::string_view name, InputValue value, WorkspaceId& out) {
    return read_name(name, value, WorkspaceId::parse, "an internal id", out);
}

Result<Done> read_value(std::string_view name, InputValue value, ChannelId& out) {
    return read_name(name, value, ChannelId::parse, "an internal id", out);
}

Result<Done> read_value(std::string_view name, InputValue value, Timestamp& out) {
    return read_name(name, value, Timestamp::parse, "a time such as 2026-01-31T08:15:00.000Z", out);
}

Result<Done> read_value(std::string_view name, InputValue value, std::chrono::seconds& out) {
    // Far beyond any duration in use, and small enough not to overflow in any unit.
    constexpr std::int64_t kMostSeconds = std::int64_t{100} * 365 * 24 * 3600;
    const auto number = integer_of(value);
    if (!number || *number < 0 || *number > kMostSeconds) return wrong_type(name, "a number of seconds");
    out = std::chrono::seconds(*number);
    return Done{};
}

Result<Done> read_texts(std::string_view name, InputValue value,
                        const std::function<void(std::string, std::string)>& take) {
    const json::object* object = value.json != nullptr ? value.json->if_object() : nullptr;
    const auto is_text = [](const json::key_value_pair& each) { return each.value().is_string(); };
    if (object == nullptr || !std::ranges::all_of(*object, is_text)) return wrong_type(name, "an object of strings");
    for (const json::key_value_pair& each : *object) {
        const json::string& text = each.value().get_string();
        take({each.key().data(), each.key().size()}, {text.data(), text.size()});
    }
    return Done{};
}

Result<Done> read_json(std::string_view name, InputValue value, std::string& out) {
    if (value.json == nullptr) return wrong_type(name, "a JSON value");
    out = canonical_json(*value.json);
    return Done{};
}

}  // namespace cariosan::protocol
