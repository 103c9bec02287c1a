// Devices that get a user's push notifications.
#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"

namespace cariosan::commit {

Result<Committed> decide(BatchRows& rows, const mutation::RegisterDevice& request) {
    const auto workspace = rows.workspaces.find(request.workspace);
    if (!workspace) return not_found("workspace");
    const auto user = rows.users.find(workspace->id, request.user);
    if (!user) return not_found("user");
    const auto known = rows.devices.find(workspace->id, request.token);
    const bool own = known && known->user == user->id;
    Device device{
        .token = request.token, .platform = request.platform, .created_at = own ? known->created_at : request.at};
    Committed done;
    done.created = !own;
    done.changed = !own || known->platform != request.platform;
    if (own) {
        rows.devices.update(known->id, request.platform, request.at);
    } else {
        if (known) rows.devices.remove(known->id);
        if (request.max_devices > 0) rows.devices.remove_unused(user->id, request.max_devices - 1);
        rows.devices.insert(workspace->id, user->id, device);
    }
    rows.wrote();
    done.object = std::move(device);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::RemoveDevice& request) {
    const auto workspace = rows.workspaces.find(request.workspace);
    if (!workspace) return not_found("workspace");
    const auto user = rows.users.find(workspace->id, request.user);
    if (!user) return not_found("user");
    const auto known = rows.devices.find(workspace->id, request.token);
    Committed done;
    done.changed = known && known->user == user->id;
    if (done.changed) {
        rows.devices.remove(known->id);
        rows.wrote();
    }
    return done;
}

}  // namespace cariosan::commit
