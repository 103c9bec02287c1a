#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "protocol/commands/input.hpp"
#include "protocol/socket/sync_runner.hpp"

namespace cariosan::protocol {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxChannels = 500;

Error bad_channels() {
    return invalid_field("channels", "channels must map internal ids to [rev, receipt_rev], both at least 0");
}

std::optional<SyncRequest::Entry> read_entry(const json::key_value_pair& member) {
    const auto channel = ChannelId::parse({member.key().data(), member.key().size()});
    const json::array* revisions = member.value().if_array();
    if (!channel || revisions == nullptr || revisions->size() != 2) return std::nullopt;
    const std::int64_t* rev = (*revisions)[0].if_int64();
    const std::int64_t* receipt_rev = (*revisions)[1].if_int64();
    if (rev == nullptr || receipt_rev == nullptr || *rev < 0 || *receipt_rev < 0) return std::nullopt;
    return SyncRequest::Entry{*channel, *rev, *receipt_rev};
}

Result<Done> read_channels(InputValue value, std::vector<SyncRequest::Entry>& entries) {
    const json::object* channels = value.json->if_object();
    if (channels == nullptr) return bad_channels();
    if (channels->size() > kMaxChannels) {
        return over_limit("channels", kMaxChannels, "a sync frame has too many", "channels");
    }
    entries.reserve(channels->size());
    for (const json::key_value_pair& member : *channels) {
        const auto entry = read_entry(member);
        if (!entry) return bad_channels();
        entries.push_back(*entry);
    }
    return Done{};
}

}  // namespace

Result<SyncRequest> read_sync_request(const json::object* data) {
    const Input input(data, {});
    SyncRequest request;
    Result<Done> read = Done{};
    if (const InputValue epoch = input.find("epoch"); !epoch.absent() && !epoch.null()) {
        read = read_value("epoch", epoch, request.epoch);
    }
    if (const InputValue complete = input.find("complete"); read && !complete.absent() && !complete.null()) {
        read = read_value("complete", complete, request.complete);
    }
    if (const InputValue channels = input.find("channels"); read && !channels.absent() && !channels.null()) {
        read = read_channels(channels, request.channels);
    }
    if (!read) return std::move(read).error();
    return request;
}

}  // namespace cariosan::protocol
