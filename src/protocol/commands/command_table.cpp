#include "protocol/commands/command_table.hpp"

#include <boost/json/object.hpp>

#include "core/propagate.hpp"

namespace cariosan::protocol {

Result<Done> check_caller(const CommandRow& row, Caller::Kind caller) {
    if (row.callers.contains(caller)) return Done{};
    if (row.callers.contains(Caller::Kind::user) && !row.callers.contains(Caller::Kind::backend)) {
        return Error(ErrorCode::forbidden, "this needs the token of a user");
    }
    if (row.callers.contains(Caller::Kind::backend)) {
        return Error(ErrorCode::forbidden, "this needs an API key");
    }
    return Error(ErrorCode::forbidden, "only the host itself may do this");
}

Error detail::missing(std::string_view name) {
    return invalid_field(std::string(name), std::string(name) + " is missing");
}

CommandTable::CommandTable() : rows_(command_rows()) {
    for (const CommandRow& row : rows_) by_name_.emplace(row.name, &row);
}

const CommandRow* CommandTable::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

const CommandRow* CommandTable::find_frame(std::string_view type, const boost::json::object* data) const {
    const CommandRow* usual = find(type);
    if (usual == nullptr || usual->ack == Ack::none) return nullptr;
    if (data == nullptr) return usual;
    for (const CommandRow& row : rows_) {
        const auto& [frame, member] = row.frame;
        if (frame == type && data->contains(boost::json::string_view(member.data(), member.size()))) return &row;
    }
    return usual;
}

Result<Invocation> decode(const CommandRow& row, Caller::Kind caller, const Input& input) {
    CARIOSAN_TRY_DONE(check_caller(row, caller));
    Invocation invocation;
    invocation.command = row.make();
    for (const Field& field : row.fields) {
        CARIOSAN_TRY_DONE(field.read(input, invocation));
    }
    return invocation;
}

}  // namespace cariosan::protocol
