#include "transfer/import/import_entry.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace cariosan::transfer {

namespace {

/// Fields of the command whose names in the file differ.
constexpr std::pair<std::string_view, std::string_view> kFileNames[] = {
    {"at", "ts"}, {"idempotency_key", "id"}, {"parent_key", "reply_to"}};

}  // namespace

std::variant<ImportEntry, ImportFault> ImportEntries::read(std::string_view json, std::int64_t number) const {
    auto parsed = parse_import_line(json);
    if (auto* fault = std::get_if<ImportFault>(&parsed)) return std::move(*fault);
    auto& line = std::get<ImportLine>(parsed);
    // If the file grew between the passes, it may name a new user or channel.
    const auto user = places_.users.find(line.user);
    const auto channel = places_.channels.find(line.channel);
    if (user == places_.users.end()) return ImportFault{"the user was not in the file before"};
    if (channel == places_.channels.end()) return ImportFault{"the channel was not in the file before"};
    if (!user->second.fault.empty()) return ImportFault{"user: " + user->second.fault};
    if (!channel->second.fault.empty()) return ImportFault{"channel: " + channel->second.fault};

    ImportEntry entry{.channel = std::move(line.channel),
                      .name = import_name(line, number),
                      .reply_to = std::move(line.reply_to),
                      .command = {.channel = channel->second.id.to_string(),
                                  .user = user->second.id.to_string(),
                                  .text = std::move(line.text),
                                  .at = line.at}};
    entry.command.idempotency_key = import_key(source_, entry.name);
    if (entry.reply_to) entry.command.parent_key = import_key(source_, *entry.reply_to);
    return entry;
}

std::string import_refusal(const Error& error) {
    for (const auto& [field, name] : kFileNames) {
        if (error.message.starts_with(std::string(field) + " ")) {
            return '"' + std::string(name) + '"' + error.message.substr(field.size());
        }
    }
    return error.message;
}

bool lacks_import_parent(const Error& error) {
    const ErrorDetail* field = error.detail("field");
    return field != nullptr && field->value == decltype(field->value)("parent_key");
}

}  // namespace cariosan::transfer
