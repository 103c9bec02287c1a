#pragma once

#include <atomic>
#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "capi/items/outputs.hpp"

namespace cariosan::capi {

/// The connection of a session mounted in the host: what the session sends becomes output for `cariosan_poll`.
///
/// The `SessionSink` part belongs to the polling thread; the counters may be used from any thread.
class MountedConnection final : public SessionSink, public std::enable_shared_from_this<MountedConnection> {
  public:
    /// A session that was above this learns when it is below again; see `Session::writable`.
    static constexpr std::size_t kWritable = 256 << 10;

    MountedConnection(std::uint64_t number, Outputs& outputs) : number_(number), outputs_(outputs) {}

    std::uint64_t number() const noexcept { return number_; }

    /// How much of the output the host has not sent yet. Returns whether to call `Session::writable`.
    bool set_unsent(std::size_t bytes) noexcept;
    /// A text was handed out. Returns whether to call `Session::writable`.
    bool handed_out(std::size_t bytes) noexcept;

    /// The host's connection is gone: pending output is dropped.
    void forget() noexcept { forgotten_ = true; }
    bool forgotten() const noexcept { return forgotten_; }

    void send(const FrameRef& frame) override;
    void ping() override;
    std::size_t backlog() const override { return waiting_ + unsent_; }
    void close(std::uint16_t code, std::string_view reason) override;
    bool closing() const noexcept { return closing_; }

    /// Texts waiting to be received, and their bytes.
    std::atomic<std::size_t> texts_in{0};
    std::atomic<std::size_t> bytes_in{0};
    /// Whether one of these is pending already: one is enough.
    std::atomic<bool> alive_waits{false};
    std::atomic<bool> writable_waits{false};
    std::atomic<bool> too_big_waits{false};

    /// Null before it is opened and after it has ended.
    std::unique_ptr<Session> session;

  private:
    bool fell_below() noexcept;

    const std::uint64_t number_;
    Outputs& outputs_;
    std::atomic<std::size_t> waiting_{0};  // bytes not handed out yet
    std::atomic<std::size_t> unsent_{0};   // bytes the host still holds
    std::atomic<bool> above_{false};
    std::atomic<bool> forgotten_{false};
    bool closing_ = false;
};
using MountedConnectionRef = std::shared_ptr<MountedConnection>;

}  // namespace cariosan::capi
