// Where users get push notifications.
#include "adapters/sqlite/batch.hpp"

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
        if (done.changed) sql_.update_device.run(known->id, request.platform);
    } else {
        if (!may_add_device(user->id, request.max_devices)) return too_many("token", request.max_devices, "devices");
        if (known) sql_.drop_device.run(known->id);
        sql_.insert_device.run(workspace->id, user->id, device.platform, device.created_at, device.token);
    }
    state_.wrote = state_.wrote || done.changed;
    done.object = std::move(device);
    return done;
}

bool Batch::may_add_device(std::int64_t user, std::int64_t limit) {
    if (limit <= 0) return true;
    Rows rows = sql_.count_devices.query(user, limit);
    return rows.next() && rows.integer() < limit;
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
