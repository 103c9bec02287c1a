#include "core/channels/sync_state.hpp"

#include <algorithm>
#include <utility>

#include "encoding/base64.hpp"

namespace cariosan::core {
namespace {

/// The first byte, so that another format can be told from this one.
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kLongestEpoch = 255;
constexpr std::size_t kMostDone = Sync::kMostChannels + kMaxSummaries;

/// Numbers are big endian.
class StateWriter {
  public:
    template <class T>
    void number(T value) {
        const auto bits = static_cast<std::uint64_t>(value);
        for (std::size_t byte = sizeof(T); byte-- > 0;) out_ += static_cast<char>((bits >> (8 * byte)) & 0xffU);
    }
    void id(ChannelId id) {
        for (const std::uint8_t byte : id.uuid.bytes) out_ += static_cast<char>(byte);
    }
    void text(std::string_view text) {
        number(static_cast<std::uint8_t>(text.size()));
        out_ += text;
    }
    std::string take() { return std::move(out_); }

  private:
    std::string out_;
};

/// Reads nothing more after the first fault.
class StateReader {
  public:
    explicit StateReader(std::string_view in) : in_(in) {}

    template <class T>
    T number() {
        std::uint64_t bits = 0;
        for (const char byte : take(sizeof(T))) bits = (bits << 8U) | static_cast<std::uint8_t>(byte);
        return static_cast<T>(bits);
    }
    ChannelId id() {
        ChannelId id;
        std::ranges::copy(take(id.uuid.bytes.size()), id.uuid.bytes.begin());
        return id;
    }
    std::string text() { return std::string(take(number<std::uint8_t>())); }
    void fail() { good_ = false; }
    bool good() const { return good_; }
    bool ended() const { return good_ && in_.empty(); }

  private:
    std::string_view take(std::size_t count) {
        if (count > in_.size()) good_ = false;
        if (!good_) return {};
        const std::string_view taken = in_.substr(0, count);
        in_.remove_prefix(count);
        return taken;
    }

    std::string_view in_;
    bool good_ = true;
};

SyncState::Left read_left(StateReader& in) {
    SyncState::Left left;
    left.held.channel = in.id();
    left.held.rev = in.number<std::int64_t>();
    left.held.receipt_rev = in.number<std::int64_t>();
    const auto origin = in.number<std::uint8_t>();
    if (left.held.rev < 0 || left.held.receipt_rev < 0 || origin > 2) in.fail();
    left.origin = static_cast<SyncState::Origin>(origin);
    return left;
}

std::size_t read_count(StateReader& in, std::size_t most) {
    const std::size_t count = in.number<std::uint16_t>();
    if (count > most) in.fail();
    return in.good() ? count : 0;
}

}  // namespace

SyncState begin_sync(const Sync& command, std::string_view epoch) {
    using enum SyncState::Origin;
    const SyncState::Origin origin = command.epoch.empty() ? unknown : command.epoch == epoch ? known : foreign;
    SyncState state{.epoch = std::string(epoch), .complete = command.complete};
    state.left.reserve(command.channels.size());
    for (const HeldChannel& held : command.channels) state.left.push_back({held, origin});
    return state;
}

std::string encode(const SyncState& state) {
    StateWriter out;
    out.number(kFormat);
    out.text(std::string_view(state.epoch).substr(0, kLongestEpoch));
    out.number(static_cast<std::uint8_t>(state.complete ? 1 : 0));
    out.number(static_cast<std::uint16_t>(state.summaries));
    out.number(static_cast<std::uint16_t>(state.left.size()));
    for (const SyncState::Left& left : state.left) {
        out.id(left.held.channel);
        out.number(left.held.rev);
        out.number(left.held.receipt_rev);
        out.number(static_cast<std::uint8_t>(left.origin));
    }
    out.number(static_cast<std::uint16_t>(state.done.size()));
    for (const ChannelId channel : state.done) out.id(channel);
    return encoding::encode_base64url(out.take());
}

std::optional<SyncState> decode_sync_state(std::string_view text) {
    const auto bytes = encoding::decode_base64url(text);
    if (!bytes) return std::nullopt;
    StateReader in(*bytes);
    if (in.number<std::uint8_t>() != kFormat) return std::nullopt;
    SyncState state{.epoch = in.text()};
    const auto complete = in.number<std::uint8_t>();
    if (complete > 1) in.fail();
    state.complete = complete == 1;
    state.summaries = in.number<std::uint16_t>();
    const std::size_t left = read_count(in, Sync::kMostChannels);
    for (std::size_t i = 0; i < left && in.good(); ++i) state.left.push_back(read_left(in));
    const std::size_t done = read_count(in, kMostDone);
    for (std::size_t i = 0; i < done && in.good(); ++i) state.done.push_back(in.id());
    if (!in.ended()) return std::nullopt;
    return state;
}

}  // namespace cariosan::core
