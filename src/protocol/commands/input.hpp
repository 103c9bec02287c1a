/// The source of a command's fields: the path and query of a URL, or the members of a JSON object.
#pragma once

#include <boost/json/fwd.hpp>
#include <cariosan/channel_commands.hpp>
#include <cariosan/error.hpp>
#include <cariosan/moderation.hpp>
#include <cariosan/sync_commands.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::protocol {

/// A part of a URL, percent-decoded; valid UTF-8 without NUL.
struct Parameter {
    std::string name;
    std::string value;
};

/// One field as given: either `json` or `text` is set, or neither if it is absent. Points into the `Input`.
struct InputValue {
    const boost::json::value* json = nullptr;
    const std::string* text = nullptr;

    bool absent() const noexcept { return json == nullptr && text == nullptr; }
    bool null() const noexcept;
};

/// The input of a command. Borrows everything.
class Input {
  public:
    /// `object` may be null: there was no body. A parameter hides a member of the same name.
    Input(const boost::json::object* object, std::span<const Parameter> parameters)
        : object_(object), parameters_(parameters) {}

    InputValue find(std::string_view name) const;

  private:
    const boost::json::object* object_;
    std::span<const Parameter> parameters_;
};

// Read a value that is present and not null. `VALIDATION_ERROR` with `details.field` for a wrong type.
Result<Done> read_value(std::string_view name, InputValue value, std::string& out);
Result<Done> read_value(std::string_view name, InputValue value, std::int64_t& out);
Result<Done> read_value(std::string_view name, InputValue value, bool& out);
Result<Done> read_value(std::string_view name, InputValue value, std::vector<std::string>& out);
Result<Done> read_value(std::string_view name, InputValue value, std::vector<NamedMention>& out);
Result<Done> read_value(std::string_view name, InputValue value, ChannelType& out);
Result<Done> read_value(std::string_view name, InputValue value, Role& out);
Result<Done> read_value(std::string_view name, InputValue value, DevicePlatform& out);
Result<Done> read_value(std::string_view name, InputValue value, MessageType& out);
Result<Done> read_value(std::string_view name, InputValue value, ReportStatus& out);
Result<Done> read_value(std::string_view name, InputValue value, ModerationAction& out);
Result<Done> read_value(std::string_view name, InputValue value, ModerationSeverity& out);
Result<Done> read_value(std::string_view name, InputValue value, WorkspaceId& out);
Result<Done> read_value(std::string_view name, InputValue value, ChannelId& out);
Result<Done> read_value(std::string_view name, InputValue value, Timestamp& out);
Result<Done> read_value(std::string_view name, InputValue value, std::chrono::seconds& out);
/// An object that maps internal ids of channels to `[rev, receipt_rev]`.
Result<Done> read_value(std::string_view name, InputValue value, std::vector<HeldChannel>& out);
/// An object whose members are strings: `take` gets each with its name.
Result<Done> read_texts(std::string_view name, InputValue value,
                        const std::function<void(std::string, std::string)>& take);
/// Any JSON value, as canonical text.
Result<Done> read_json(std::string_view name, InputValue value, std::string& out);

}  // namespace cariosan::protocol
