// The row of `sync` over HTTP, and how a client says what it holds, there and in the frame.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <utility>

#include "protocol/commands/command_rows.hpp"

namespace cariosan::protocol {
namespace {

std::optional<HeldChannel> read_held(const boost::json::key_value_pair& member) {
    const auto channel = ChannelId::parse({member.key().data(), member.key().size()});
    const boost::json::array* revisions = member.value().if_array();
    if (!channel || revisions == nullptr || revisions->size() != 2) return std::nullopt;
    const std::int64_t* rev = (*revisions)[0].if_int64();
    const std::int64_t* receipt_rev = (*revisions)[1].if_int64();
    if (rev == nullptr || receipt_rev == nullptr || *rev < 0 || *receipt_rev < 0) return std::nullopt;
    return HeldChannel{*channel, *rev, *receipt_rev};
}

Field wait_seconds() {
    auto read = [](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find("wait_seconds");
        if (value.absent() || value.null()) return Done{};
        auto done = read_value("wait_seconds", value, invocation.wait);
        if (done && invocation.wait > kLongestWait) {
            return over_limit("wait_seconds", kLongestWait.count(), "wait_seconds is too large", "seconds");
        }
        return done;
    };
    return {"wait_seconds",
            "Over HTTP: how long the answer may wait until something has moved; with 0 it never waits, nor does the answer to `next`.",
            detail::schema_reference("SyncWait"), false, std::move(read), true, {}, true};
}

}  // namespace

Result<Done> read_value(std::string_view name, InputValue value, std::vector<HeldChannel>& out) {
    const boost::json::object* channels = value.json != nullptr ? value.json->if_object() : nullptr;
    const auto bad = [name] {
        return invalid_field(std::string(name), std::string(name) + " must map internal ids to [rev, receipt_rev], both at least 0");
    };
    if (channels == nullptr) return bad();
    if (channels->size() > Sync::kMostChannels) {
        return over_limit(std::string(name), Sync::kMostChannels, "a sync lists too many", "channels");
    }
    out.reserve(channels->size());
    for (const boost::json::key_value_pair& member : *channels) {
        const auto held = read_held(member);
        if (!held) return bad();
        out.push_back(*held);
    }
    return Done{};
}

void add_sync(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "me.sync",
                    .summary = "What has changed in the caller's channels since the client's last request.",
                    .routes = {{"POST", "/v1/me/sync"}},
                    .callers = kUser,
                    .fields = {optional("epoch", &Sync::epoch, {"The epoch these revisions belong to; empty: not known.", "SyncEpoch"}),
                               optional("channels", &Sync::channels,
                                        {"Per channel id the rev and receipt_rev that the client holds.", "HeldChannels"}),
                               optional("complete", &Sync::complete,
                                        "true: also summaries of channels that are not listed, the 200 most recent."),
                               optional("blocks_rev", &Sync::blocks_rev,
                                        {"That of the list of blocks that the client holds; another one ends the wait.", "Count"}),
                               optional("preferences_rev", &Sync::preferences_rev,
                                        {"That of the preferences that the client holds; another one ends the wait.", "Count"}),
                               wait_seconds(),
                               optional("next", &Sync::next,
                                        {"`next` of the answer before, for the rest of it; the other fields then mean nothing.",
                                         "SyncNext"})},
                    .make = make<Sync>,
                    .answer = {Status::ok, "Synced"},
                    .reads = true});
}

}  // namespace cariosan::protocol
