// Where users get push notifications.
#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {

std::optional<Batch::DeviceOwner> Batch::find_device(std::int64_t workspace, const std::string& token) {
    Rows rows = sql_.find_device.query(workspace, token);
    if (!rows.next()) return std::nullopt;
    DeviceOwner owner;
    owner.id = rows.integer();
    owner.user = rows.integer();
    owner.platform = rows.code<DevicePlatform>();
    owner.created_at = rows.timestamp();
    return owner;
}

Result<Committed> Batch::apply(const mutation::RegisterDevice& request) {
    const auto workspace = find_workspace(request.workspace);
    if (!workspace) return not_found("workspace");
    const auto user = find_user(workspace->id, request.user);
    if (!user) return not_found("user");
    const auto known = find_device(workspace->id, request.token);
    const bool own = known && known->user == user->id;
    Device device{.token = request.token, .platform = request.platform, .created_at = own ? known->created_at : request.at};
    Committed done;
    done.created = !own;
    done.changed = !own || known->platform != request.platform;
    if (own) {
        sql_.update_device.run(known->id, request.platform, request.at);
    } else {
        if (known) sql_.drop_device.run(known->id);
        if (request.max_devices > 0) sql_.drop_unused_devices.run(user->id, request.max_devices - 1);
        sql_.insert_device.run(workspace->id, user->id, device.platform, device.created_at, device.token);
    }
    state_.wrote = true;
    done.object = std::move(device);
    return done;
}

Result<Committed> Batch::apply(const mutation::RemoveDevice& request) {
    const auto workspace = find_workspace(request.workspace);
    if (!workspace) return not_found("workspace");
    const auto user = find_user(workspace->id, request.user);
    if (!user) return not_found("user");
    const auto known = find_device(workspace->id, request.token);
    Committed done;
    done.changed = known && known->user == user->id;
    if (done.changed) {
        sql_.drop_device.run(known->id);
        state_.wrote = true;
    }
    return done;
}

}  // namespace cariosan::sqlite
