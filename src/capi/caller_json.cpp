#include "capi/caller_json.hpp"

#include <optional>
#include <string>

#include "core/propagate.hpp"
#include "protocol/json/json_reader.hpp"

namespace cariosan::capi {

Result<WorkspaceId> parse_workspace(std::string_view text) {
    const auto workspace = WorkspaceId::parse(text);
    if (!workspace) return invalid_field("workspace", "this is not the id of a workspace");
    return *workspace;
}

Result<Caller> parse_caller(std::string_view json) {
    protocol::JsonDocument document;
    CARIOSAN_TRY_DONE(document.parse(json));
    const boost::json::object* object = document.root().if_object();
    if (object == nullptr) return invalid_field("caller", "a caller is a JSON object");

    std::optional<std::string_view> workspace;
    std::optional<std::string_view> user;
    for (const auto& member : *object) {
        const std::string_view name(member.key().data(), member.key().size());
        if (name != "workspace" && name != "user") {
            return invalid_field(std::string(name), "a caller has no member \"" + std::string(name) + "\"");
        }
        const boost::json::string* text = member.value().if_string();
        if (text == nullptr) return invalid_field(std::string(name), std::string(name) + " must be a string");
        (name == "user" ? user : workspace) = std::string_view(text->data(), text->size());
    }
    if (!workspace) {
        if (user) return invalid_field("workspace", "a user needs a workspace, which is missing");
        return Caller::host();
    }
    CARIOSAN_TRY(const WorkspaceId id, parse_workspace(*workspace));
    return user ? Caller::user(id, std::string(*user)) : Caller::backend(id);
}

}  // namespace cariosan::capi
